#include "formats/container/syslog_parts.hpp"

#include <algorithm>
#include <array>
#include <charconv>

#include "formats/container/log_time.hpp"

namespace digue::formats {

namespace {

/// Names that begin a line of Dovecot's own file: its services, and the levels that versions before 1.2 wrote first.
constexpr std::array<std::string_view, 38> dovecot_services{"Debug",
                                                            "Error",
                                                            "Fatal",
                                                            "IMAP",
                                                            "Info",
                                                            "POP3",
                                                            "Panic",
                                                            "Warning",
                                                            "anvil",
                                                            "auth",
                                                            "auth-worker",
                                                            "config",
                                                            "deliver",
                                                            "dict",
                                                            "doveadm",
                                                            "dovecot-auth",
                                                            "imap",
                                                            "imap-login",
                                                            "imap-hibernate",
                                                            "indexer",
                                                            "indexer-worker",
                                                            "ipc",
                                                            "lda",
                                                            "lmtp",
                                                            "log",
                                                            "managesieve",
                                                            "managesieve-login",
                                                            "master",
                                                            "pop3",
                                                            "pop3-login",
                                                            "quota-status",
                                                            "replicator",
                                                            "script-login",
                                                            "ssl-params",
                                                            "stats",
                                                            "submission",
                                                            "submission-login",
                                                            "Warn"};

bool is_name(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-';
}

bool is_dovecot_own(std::string_view rest) {
  std::size_t end = 0;
  while (end < rest.size() && end < 24 && is_name(rest[end])) ++end;
  if (end == 0 || end >= rest.size() || (rest[end] != ':' && rest[end] != '(')) return false;
  const auto name = rest.substr(0, end);
  return std::find(dovecot_services.begin(), dovecot_services.end(), name) != dovecot_services.end();
}

/// Length of "program[pid]:" (the colon may be missing behind a pid) at the start; 0 when there is no such tag.
std::size_t tag_length(std::string_view text, std::size_t& name_length) {
  std::size_t at = 0;
  while (at < text.size() && text[at] != ' ' && text[at] != ':' && text[at] != '[') ++at;
  name_length = at;
  if (at == 0 || at >= text.size() || text[at] == ' ') return 0;
  if (text[at] == '[') {
    const auto close = text.find(']', at);
    if (close == std::string_view::npos) return 0;
    at = close + 1;
    if (at < text.size() && text[at] != ':') return text[at] == ' ' ? at : 0;
  }
  return std::min(at + 1, text.size());
}

std::string_view without_blanks(std::string_view text) {
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  return text;
}

bool take_tag(std::string_view text, Line& out) {
  std::size_t name = 0;
  const auto length = tag_length(text, name);
  if (length == 0) return false;
  out.program = text.substr(0, name);
  out.message = without_blanks(text.substr(length));
  return true;
}

}  // namespace

void split_names(std::string_view rest, Line& out) {
  if (rest.starts_with(':')) rest.remove_prefix(1);
  rest = without_blanks(rest);
  out.host = {};
  out.program = {};
  out.message = rest;
  if (rest.empty() || repeat_count(rest) > 0) return;
  if (is_dovecot_own(rest)) {
    out.program = "dovecot";
    return;
  }
  const auto blank = rest.find(' ');
  const auto word = rest.substr(0, blank);
  if (word.back() == ':') {
    take_tag(rest, out);
    return;
  }
  out.host = word;
  out.message = blank == std::string_view::npos ? std::string_view{} : without_blanks(rest.substr(blank));
  if (repeat_count(out.message) == 0) take_tag(out.message, out);
}

void split_output(std::string_view text, Line& out) {
  while (!text.empty() && (text.back() == '\n' || text.back() == '\r')) text.remove_suffix(1);
  Stamp stamp;
  if (take_stamp(text, stamp)) {
    split_names(text, out);
    return;
  }
  out.host = {};
  out.program = {};
  out.message = without_blanks(text);
  if (is_dovecot_own(out.message))
    out.program = "dovecot";
  else
    take_tag(out.message, out);
}

std::uint32_t repeat_count(std::string_view message) {
  if (message.starts_with("--- ")) message.remove_prefix(4);
  // syslogd: "last message repeated 3 times"; syslog-ng: "Last message 'warning: unkn' repeated 3 times, suppressed by syslog-ng on host".
  if (message.starts_with("last message repeated ")) {
    message.remove_prefix(22);
  } else if (message.starts_with("Last message '")) {
    const auto at = message.rfind("' repeated ");
    if (at == std::string_view::npos || message.find(" times, suppressed by ", at) == std::string_view::npos) return 0;
    message.remove_prefix(at + 11);
  } else {
    return 0;
  }
  std::uint32_t count = 0;
  const auto [end, error] = std::from_chars(message.data(), message.data() + message.size(), count);
  const auto rest = message.substr(static_cast<std::size_t>(end - message.data()));
  return error == std::errc{} && rest.starts_with(" time") ? count : 0;
}

}  // namespace digue::formats
