#include "people/totp.hpp"

#include <array>

#include "base/crypto/hmac.hpp"
#include "base/crypto/random.hpp"
#include "base/encoding.hpp"
#include "people/normal.hpp"

namespace digue::people {

std::int64_t totp_step(UtcMicros time) {
  return time.value / (totp_step_seconds * micros_per_second);
}

std::string totp_code(std::string_view secret, std::int64_t step, int digits) {
  std::string counter(8, '\0');
  for (std::size_t i = 0; i < 8; ++i) counter[7 - i] = static_cast<char>(static_cast<std::uint64_t>(step) >> (8 * i));
  const auto mac = hmac_sha1(secret, counter);
  const auto at = [&](std::size_t i) { return static_cast<std::uint32_t>(static_cast<unsigned char>(mac[i])); };
  const std::size_t offset = at(19) & 15U;
  const std::uint32_t number = ((at(offset) & 0x7fU) << 24U) | (at(offset + 1) << 16U) | (at(offset + 2) << 8U) | at(offset + 3);
  constexpr std::array<std::uint32_t, 9> powers{1, 10, 100, 1'000, 10'000, 100'000, 1'000'000, 10'000'000, 100'000'000};
  const auto text = std::to_string(number % powers.at(static_cast<std::size_t>(digits)));
  return std::string(static_cast<std::size_t>(digits) - text.size(), '0') + text;
}

std::optional<std::int64_t> match_totp(std::string_view secret, std::string_view code, UtcMicros time, std::int64_t last) {
  const auto given = without_blanks(code);
  const auto now = totp_step(time);
  std::optional<std::int64_t> found;
  for (const auto step : {now, now - 1, now + 1})
    if (same_secret(totp_code(secret, step), given) && step > last && !found) found = step;
  return found;
}

std::string new_totp_secret() {
  return random_bytes(20);
}

std::string base32(std::string_view bytes) {
  static constexpr std::string_view letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
  std::string out;
  std::uint32_t held = 0;
  int bits = 0;
  for (const char c : bytes) {
    held = (held << 8U) | static_cast<unsigned char>(c);
    for (bits += 8; bits >= 5; bits -= 5) out += letters[(held >> static_cast<unsigned>(bits - 5)) & 31U];
  }
  if (bits > 0) out += letters[(held << static_cast<unsigned>(5 - bits)) & 31U];
  return out;
}

std::string otpauth_uri(std::string_view secret, std::string_view login) {
  std::string label;
  for (const char c : login) {
    if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '-' || c == '_')
      label += c;
    else
      label += "%" + hex({&c, 1});
  }
  return "otpauth://totp/Digue:" + label + "?secret=" + base32(secret) + "&issuer=Digue&algorithm=SHA1&digits=6&period=30";
}

}  // namespace digue::people
