#pragma once

#include <optional>
#include <span>
#include <string_view>

#include "formats/format.hpp"

/// Parts of the Postfix format: lines that stand alone, lines that belong to a queued message, and the joining of the latter.
namespace digue::formats::postfix {

inline constexpr std::size_t longest_name = 320;
inline constexpr std::size_t longest_text = 512;

/// What a fragment's line is, told by its event's `operation`.
namespace step {
inline constexpr std::string_view client = "client";    ///< smtpd took the message from a client
inline constexpr std::string_view pickup = "pickup";    ///< a local program submitted it
inline constexpr std::string_view cleanup = "cleanup";  ///< its Message-ID
inline constexpr std::string_view header = "header";    ///< its subject, where header checks log it
inline constexpr std::string_view queued = "qmgr";      ///< sender, size, number of recipients
inline constexpr std::string_view expired = "expired";  ///< given up, returned to the sender
inline constexpr std::string_view removed = "removed";  ///< left the queue: the id is free again
inline constexpr std::string_view bounce = "bounce";    ///< a notification was sent about it
inline constexpr std::string_view rejected = "reject";  ///< one of its recipients was refused
}  // namespace step

/// The address inside the last brackets of "host[192.0.2.1]" or "host[192.0.2.1]:port".
std::optional<IpAddress> client_address(std::string_view text);

/// "postfix/submission/smtpd" -> "smtpd".
std::string_view component(std::string_view program);
/// What the client spoke to: "submission", "smtps", else "smtp".
std::string_view service(std::string_view program);

/// "ABC123DEF: text": the queue id (short: upper-case hexadecimal, long: base 52 without vowels) and the text behind; empty for others.
std::string_view take_queue_id(std::string_view& message);

/// The parts of a refusal behind "reject: " ("RCPT from host[ip]: 554 5.7.1 text; from=<> to=<> proto=ESMTP helo=<>"), put into the event.
bool read_reject(std::string_view text, Event& event, Arena& arena);

/// A line of a queued message -> a fragment with key host/queue id.
Parsed parse_queued(std::string_view queue_id, std::string_view text, const Line& line, Context& context, Sink& sink);

/// The messages that one queue id stood for, in turn.
void join(std::span<const Event> fragments, Arena& arena, Sink& sink);

}  // namespace digue::formats::postfix
