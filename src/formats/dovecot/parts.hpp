#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

#include "formats/format.hpp"

/// Parts of the Dovecot format: what stands at the start of a message, and one parser per kind of service.
namespace digue::formats::dovecot {

/// "imap(user)<pid><session>: text", "auth-worker(24544): text", "imap-login: text" and kin.
struct Message {
  std::string_view service;  ///< "imap", "auth", "imap-login"
  std::string_view user;     ///< of the post-login services
  std::string_view session;
  std::string_view text;
};

/// Cuts the service, its user and session from the text; levels (Info, Warning ...) are passed over. Nothing when no service stands there.
std::optional<Message> take_prefix(std::string_view message);

/// Moves behind "Info: ", "Error: " and kin.
std::string_view without_level(std::string_view text);

/// `text` up to `limit` bytes, for fields that an attacker writes.
inline constexpr std::size_t longest_name = 320;
inline constexpr std::size_t longest_text = 512;

/// Fields common to every event of a line; `account` as the log wrote it.
Event event_of(const Line& line, Activity activity, Outcome outcome, std::string_view account, Context& context);

/// "*-login" services.
Parsed parse_login(const Message& message, const Line& line, Context& context, Sink& sink);
/// auth and auth-worker; `text` begins with the service's name.
Parsed parse_auth(std::string_view text, const Line& line, Context& context, Sink& sink);
/// PAM's own line about Dovecot: "pam_unix(dovecot:auth): authentication failure; ...".
Parsed parse_pam(std::string_view text, const Line& line, Context& context, Sink& sink);
/// imap, pop3, lmtp, lda, managesieve, submission: session ends, mail_log, Sieve, deliveries.
Parsed parse_mailbox(const Message& message, const Line& line, Context& context, Sink& sink);

}  // namespace digue::formats::dovecot
