#include <algorithm>
#include <array>
#include <charconv>

#include "base/text.hpp"
#include "formats/postfix/parts.hpp"

namespace digue::formats {

namespace postfix {

namespace {

bool is_hex_upper(char c) {
  return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'F');
}

bool is_base52(char c) {
  if (c >= '0' && c <= '9') return true;
  const char lower = c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
  return lower >= 'a' && lower <= 'z' && lower != 'a' && lower != 'e' && lower != 'i' && lower != 'o' && lower != 'u';
}

bool claims(std::string_view program) {
  return program.starts_with("postfix");
}

}  // namespace

std::optional<IpAddress> client_address(std::string_view text) {
  const auto close = text.rfind(']');
  if (close == std::string_view::npos) return std::nullopt;
  const auto open = text.rfind('[', close);
  if (open == std::string_view::npos) return std::nullopt;
  return parse_ip(text.substr(open + 1, close - open - 1));
}

std::string_view component(std::string_view program) {
  return program.substr(program.rfind('/') + 1);
}

std::string_view service(std::string_view program) {
  if (program.find("/submission") != std::string_view::npos) return "submission";
  return program.find("/smtps") != std::string_view::npos ? "smtps" : "smtp";
}

std::string_view take_queue_id(std::string_view& message) {
  std::size_t end = 0;
  bool hex = true;
  bool base52 = true;
  for (; end < message.size() && end < 24 && message[end] != ':'; ++end) {
    hex = hex && is_hex_upper(message[end]);
    base52 = base52 && is_base52(message[end]);
    if (!hex && !base52) return {};
  }
  if (!message.substr(end).starts_with(": ")) return {};
  if (!(hex && end >= 5) && !(base52 && end >= 10)) return {};
  const auto id = message.substr(0, end);
  message.remove_prefix(end + 2);
  return id;
}

bool read_reject(std::string_view text, Event& event, Arena& arena) {
  const auto from = text.find(" from ");
  const auto named = text.find("]", from == std::string_view::npos ? 0 : from);
  if (from == std::string_view::npos || named == std::string_view::npos) return false;
  event.ip = client_address(text.substr(from + 6, named + 1 - from - 6));
  const auto colon = text.find(": ", named);
  if (colon == std::string_view::npos) return false;
  auto reply = text.substr(colon + 2);
  // What the client named stands behind the server's reply, in this order; a sender may hold anything, a HELO name no blank.
  if (const auto details = reply.find("; from=<"); details != std::string_view::npos) {
    const auto named_by_client = reply.substr(details + 8);
    reply = reply.substr(0, details);
    auto sender = named_by_client.substr(0, named_by_client.rfind(" proto="));
    if (sender.ends_with(',')) sender.remove_suffix(1);
    if (const auto to = sender.rfind("to=<"); to != std::string_view::npos) {
      auto recipient = sender.substr(to + 4);
      if (recipient.ends_with('>')) recipient.remove_suffix(1);
      event.set(Field::recipients, arena.lower(clip(recipient, longest_name)));
      sender = sender.substr(0, to);
      while (sender.ends_with(' ') || sender.ends_with(',')) sender.remove_suffix(1);
    }
    if (sender.ends_with('>')) sender.remove_suffix(1);
    event.set(Field::sender, arena.lower(clip(sender, longest_name)));
  }
  // An account that sends under other names: "Sender address rejected: not owned by user marie@ch-exemple.fr".
  if (const auto owner = reply.rfind(": not owned by user "); owner != std::string_view::npos)
    event.account = arena.lower(clip(trim(reply.substr(owner + 20)), longest_name));
  std::size_t code = 0;
  while (code < reply.size() && code < 3 && reply[code] >= '0' && reply[code] <= '9') ++code;
  if (code == 3) event.set(Field::error_code, reply.substr(0, 3));
  event.set(Field::error_text, clip(reply, longest_text));
  event.outcome = Outcome::failure;
  return true;
}

namespace {

/// Reasons are often the server's base64 prompt ("Password:"): noise.
std::string_view reason_of(std::string_view reason) {
  return reason.find(' ') == std::string_view::npos ? std::string_view("authentication failed") : clip(reason, longest_text);
}

/// "host[ip]: SASL LOGIN authentication failed: reason, sasl_username=name" behind "warning: ".
Parsed parse_sasl_failure(std::string_view text, const Line& line, Context& context, Sink& sink) {
  static constexpr std::string_view failed = " authentication failed: ";
  const auto sasl = text.find(": SASL ");
  if (sasl == std::string_view::npos) return {Status::other};
  const auto rest = text.substr(sasl + 7);
  const auto words = rest.find(failed);
  if (words == std::string_view::npos) return {Status::other};
  auto reason = rest.substr(words + failed.size());
  std::string_view user;
  if (const auto at = reason.find(", sasl_username="); at != std::string_view::npos) {
    user = reason.substr(at + 16);
    reason = reason.substr(0, at);
    if (user == "(unavailable)") user = {};
  }
  Event event;
  from_line(line, event);
  event.activity = Activity::sign_in;
  event.outcome = reason.find("emporary") == std::string_view::npos ? Outcome::failure : Outcome::interrupted;
  event.operation = "sasl";
  event.account = context.arena.lower(clip(trim(user), longest_name));
  event.ip = client_address(text.substr(0, sasl));
  event.set(Field::client, service(line.program));
  event.set(Field::auth_method, clip(rest.substr(0, words), 64));
  event.set(Field::error_text, reason_of(reason));
  sink.event(event);
  return {};
}

/// "disconnect from host[ip] ehlo=1 auth=1/4 quit=1 commands=3/6": succeeded/tried. The failures were told one by one before.
Parsed parse_counters(std::string_view text, const Line& line, Context& context, Sink& sink) {
  const auto close = text.find(']');
  const auto at = text.find(" auth=", close == std::string_view::npos ? 0 : close);
  if (close == std::string_view::npos || at == std::string_view::npos) return {Status::other};
  const char* const end = text.data() + text.size();
  std::uint32_t good = 0;
  std::uint32_t tried = 0;
  const auto first = std::from_chars(text.data() + at + 6, end, good);
  if (first.ec != std::errc{} || first.ptr == end || *first.ptr != '/') return {Status::other};
  if (std::from_chars(first.ptr + 1, end, tried).ec != std::errc{} || tried <= good) return {Status::other};
  std::array<char, 12> digits{};
  const auto written = std::to_chars(digits.data(), digits.data() + digits.size(), tried - good).ptr;
  Event event;
  from_line(line, event);
  event.outcome = Outcome::failure;
  event.operation = "disconnect";
  event.ip = client_address(text.substr(0, close + 1));
  event.set(Field::client, service(line.program));
  event.set(Field::attempts, context.arena.copy({digits.data(), static_cast<std::size_t>(written - digits.data())}));
  event.set(Field::error_text, "authentication failed");
  sink.event(event);
  return {};
}

Parsed parse_reject(std::string_view text, const Line& line, Context& context, Sink& sink) {
  Event event;
  from_line(line, event);
  event.operation = step::rejected;
  event.set(Field::client, service(line.program));
  if (!read_reject(text, event, context.arena)) return {Status::other};
  sink.event(event);
  return {};
}

Parsed parse(const Line& line, Context& context, Sink& sink) {
  auto text = line.message;
  if (const auto id = take_queue_id(text); !id.empty()) return parse_queued(id, text, line, context, sink);
  if (component(line.program) != "smtpd") return {Status::other};
  if (text.starts_with("warning: ")) return parse_sasl_failure(text.substr(9), line, context, sink);
  if (text.starts_with("disconnect from ")) return parse_counters(text, line, context, sink);
  if (text.starts_with("NOQUEUE: reject: ")) return parse_reject(text.substr(17), line, context, sink);
  if (text.starts_with("NOQUEUE: reject_warning: ")) return parse_reject(text.substr(25), line, context, sink);
  return {Status::other};
}

}  // namespace

}  // namespace postfix

extern const LineFormat postfix_line;
const LineFormat postfix_line{"postfix", "Postfix", postfix::claims, postfix::parse, postfix::join};

}  // namespace digue::formats
