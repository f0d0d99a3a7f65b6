#include <algorithm>
#include <array>

#include "base/text.hpp"
#include "formats/dovecot/parts.hpp"

namespace digue::formats {

namespace dovecot {

namespace {

bool is_name(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
}

bool all_digits(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

/// Length of "<pid><session>: ", "<session>: " or ": " at the start; npos when none stands there.
std::size_t closing_length(std::string_view text, std::string_view& session) {
  std::size_t at = 0;
  while (at < text.size() && text[at] == '<') {
    const auto end = text.find('>', at);
    if (end == std::string_view::npos) return end;
    session = text.substr(at + 1, end - at - 1);
    at = end + 1;
  }
  if (all_digits(session)) session = {};  // "<pid>" alone
  return text.substr(at).starts_with(": ") ? at + 2 : std::string_view::npos;
}

}  // namespace

std::string_view without_level(std::string_view text) {
  static constexpr std::array<std::string_view, 7> levels{"Info: ", "Warning: ", "Error: ", "Debug: ", "Warn: ", "Fatal: ", "Panic: "};
  if (text.empty() || text.front() < 'A' || text.front() > 'Z') return text;
  for (const auto level : levels)
    if (text.starts_with(level)) return text.substr(level.size());
  return text;
}

std::optional<Message> take_prefix(std::string_view message) {
  message = without_level(message);
  std::size_t end = 0;
  while (end < message.size() && end < 32 && is_name(message[end])) ++end;
  if (end == 0 || end >= message.size()) return std::nullopt;
  Message out;
  out.service = message.substr(0, end);
  if (message.substr(end).starts_with(": ")) {
    out.text = without_level(message.substr(end + 2));
    return out;
  }
  if (message[end] != '(') return std::nullopt;
  const auto inside = message.substr(end + 1);
  for (auto close = inside.find(')'); close != std::string_view::npos; close = inside.find(')', close + 1)) {
    const auto length = closing_length(inside.substr(close + 1), out.session);
    if (length == std::string_view::npos) continue;
    out.user = inside.substr(0, close);
    // Before 2.3 lmtp wrote "lmtp(pid, user)", and "lmtp(pid)" for a connection.
    if (const auto comma = out.user.find(", "); comma != std::string_view::npos && all_digits(out.user.substr(0, comma)))
      out.user.remove_prefix(comma + 2);
    else if (out.service == "lmtp" && all_digits(out.user))
      out.user = {};
    out.text = without_level(inside.substr(close + 1 + length));
    return out;
  }
  return std::nullopt;
}

Event event_of(const Line& line, Activity activity, Outcome outcome, std::string_view account, Context& context) {
  Event event;
  from_line(line, event);
  event.activity = activity;
  event.outcome = outcome;
  event.account = context.arena.lower(clip(account, longest_name));
  return event;
}

namespace {

bool claims(std::string_view program) {
  return program == "dovecot" || program == "dovecot-auth" || program == "auth" || program == "auth-worker";
}

bool is_mailbox_service(std::string_view name) {
  static constexpr std::array<std::string_view, 9> names{"imap", "pop3", "lmtp",       "lda",        "deliver",
                                                         "IMAP", "POP3", "submission", "managesieve"};
  return std::find(names.begin(), names.end(), name) != names.end();
}

Parsed parse(const Line& line, Context& context, Sink& sink) {
  auto text = without_level(line.message);
  for (const std::string_view again : {"dovecot: ", "dovecot-auth: "})
    if (text.starts_with(again)) text = without_level(text.substr(again.size()));
  if (text.starts_with("pam_unix(dovecot:auth): ")) return parse_pam(text, line, context, sink);
  if (line.program == "auth") return {Status::not_mine};
  if (text.starts_with("auth:") || text.starts_with("auth(") || text.starts_with("auth-worker"))
    return parse_auth(text, line, context, sink);
  if (line.program != "dovecot") return {Status::other};
  const auto message = take_prefix(text);
  if (!message) return {Status::other};
  if (message->service.ends_with("-login")) return parse_login(*message, line, context, sink);
  if (is_mailbox_service(message->service)) return parse_mailbox(*message, line, context, sink);
  return {Status::other};
}

}  // namespace

}  // namespace dovecot

extern const LineFormat dovecot_line;
const LineFormat dovecot_line{"dovecot", "Dovecot (IMAP, POP3, ManageSieve, submission, LMTP)", dovecot::claims, dovecot::parse};

}  // namespace digue::formats
