#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/time.hpp"

/// One-time codes by time (RFC 6238): HMAC-SHA-1, 6 digits, 30 seconds, as the applications on telephones expect.
namespace digue::people {

inline constexpr std::int64_t totp_step_seconds = 30;

/// The number of the 30-second step in which an instant lies.
std::int64_t totp_step(UtcMicros time);
/// The code of a step, 6 digits unless told (RFC 4226 section 5.3; at most 8).
std::string totp_code(std::string_view secret, std::int64_t step, int digits = 6);

/// The step whose code was given: that of `time`, the one before, or the one after (clocks differ), and newer than `last`, the step of the
/// last code that was taken. Nothing: the code is wrong or was used. Blanks in the code are ignored.
std::optional<std::int64_t> match_totp(std::string_view secret, std::string_view code, UtcMicros time, std::int64_t last);

/// 160 random bits.
std::string new_totp_secret();

/// RFC 4648 base32, upper case, without padding.
std::string base32(std::string_view bytes);

/// What an application reads from the QR code: otpauth://totp/Digue:login?secret=...
std::string otpauth_uri(std::string_view secret, std::string_view login);

}  // namespace digue::people
