#include <array>
#include <charconv>

#include "base/text.hpp"
#include "formats/dovecot/parts.hpp"

namespace digue::formats::dovecot {

namespace {

/// What login_log_format_elements wrote. The user's name comes from the client and may hold anything, fake elements included; what stands
/// behind it was written by the server.
struct Elements {
  std::string_view user, method, session;
  std::optional<IpAddress> ip;
};

std::optional<IpAddress> address_at(std::string_view text) {
  return parse_ip(text.substr(0, text.find_first_of(", ")));
}

Elements read_elements(std::string_view text) {
  Elements out;
  // In the order of the server's default settings the user comes first, so the last rip= is the real one. A server that writes rip= first
  // wrote the first one itself.
  const bool address_first = text.starts_with("rip=");
  auto rip = address_first ? std::size_t{0} : text.rfind(", rip=");
  if (rip != std::string_view::npos) out.ip = address_at(text.substr(rip + (address_first ? 4 : 6)));
  auto named = text.substr(0, address_first ? text.size() : rip);
  const auto behind = rip == std::string_view::npos ? std::string_view{} : text.substr(rip);
  if (const auto at = behind.rfind("session=<"); at != std::string_view::npos) {
    const auto from = behind.substr(at + 9);
    out.session = from.substr(0, from.find('>'));
  }
  if (address_first) {
    const auto at = named.find(", user=<");
    if (at == std::string_view::npos) return out;
    named.remove_prefix(at + 2);
    if (const auto session = named.rfind(">, session=<"); session != std::string_view::npos) named = named.substr(0, session + 1);
  }
  if (named.starts_with("user=<")) {
    named.remove_prefix(6);
    if (const auto method = named.rfind(">, method="); method != std::string_view::npos) {
      out.method = named.substr(method + 10);
      out.user = named.substr(0, method);
    } else {
      out.user = named.ends_with('>') ? named.substr(0, named.size() - 1) : named;
    }
  } else if (named.starts_with("method=")) {
    out.method = named.substr(7);
  }
  return out;
}

/// N of "(auth failed, N attempts" or "(N authentication attempts"; 0 when the text tells none.
std::uint32_t attempts_in(std::string_view head) {
  if (head.find('(') == std::string_view::npos) return 0;
  for (auto at = head.find(" attempts"); at != std::string_view::npos; at = head.find(" attempts", at + 1)) {
    auto before = head.substr(0, at);
    if (before.ends_with(" authentication")) before.remove_suffix(15);
    std::size_t digits = 0;
    while (digits < before.size() && before[before.size() - 1 - digits] >= '0' && before[before.size() - 1 - digits] <= '9') ++digits;
    std::uint32_t count = 0;
    const char* const end = before.data() + before.size();
    if (digits > 0 && std::from_chars(end - digits, end, count).ec == std::errc{}) return count;
  }
  return 0;
}

struct Reason {
  std::string_view words;
  Outcome outcome;
};

/// Why a login ended, when no count of attempts tells it: client-common.c of Dovecot 2.2 to 2.4.
constexpr std::array<Reason, 15> reasons{{
    {"proxy dest auth failed", Outcome::failure},
    {"tried to use disabled ", Outcome::failure},
    {"tried to use disallowed ", Outcome::failure},
    {"tried to use unsupported ", Outcome::failure},
    {"user disabled", Outcome::failure},
    {"password expired", Outcome::failure},
    {"authorization failed", Outcome::failure},
    {"login disabled", Outcome::failure},
    {"anonymous logins disabled", Outcome::failure},
    {"sent invalid base64", Outcome::failure},
    {"internal failure", Outcome::interrupted},
    {"auth service reported temporary failure", Outcome::interrupted},
    {"auth process communication failure", Outcome::interrupted},
    {"disconnected while finishing login", Outcome::interrupted},
    {"Maximum number of connections from user+IP exceeded", Outcome::interrupted},
}};

/// Outcome and reason of a login line's head, the text before its elements; nothing when nobody tried to sign in. Reasons stand in
/// parentheses, or at the head's start.
std::optional<Reason> judge(std::string_view head, std::uint32_t attempts) {
  if (head == "Login" || head == "Logged in" || head.find("tarted proxying to") != std::string_view::npos)
    return Reason{{}, Outcome::success};
  for (std::size_t at = 0; at != std::string_view::npos;) {
    const auto words = head.substr(at);
    for (const auto& reason : reasons)
      if (words.starts_with(reason.words)) return reason;
    at = head.find('(', at);
    if (at != std::string_view::npos) ++at;
  }
  if (attempts > 0) return Reason{"auth failed", Outcome::failure};
  if (head == "Aborted login") return Reason{"aborted login", Outcome::interrupted};  // 1.0: no more is told
  return std::nullopt;
}

}  // namespace

Parsed parse_login(const Message& message, const Line& line, Context& context, Sink& sink) {
  std::size_t cut = std::string_view::npos;
  for (const std::string_view first : {": user=<", ": method=", ": rip="}) cut = std::min(cut, message.text.find(first));
  if (cut == std::string_view::npos) return {Status::other};
  const auto head = message.text.substr(0, cut);
  const auto attempts = attempts_in(head);
  const auto reason = judge(head, attempts);
  if (!reason) return {Status::other};
  const auto elements = read_elements(message.text.substr(cut + 2));
  // 1.0's bare "Aborted login" of a client that gave no name tried nothing.
  if (reason->outcome == Outcome::interrupted && elements.user.empty()) return {Status::other};
  Event event = event_of(line, Activity::sign_in, reason->outcome, elements.user, context);
  event.operation = message.service;
  event.uid = elements.session;
  event.ip = elements.ip;
  event.set(Field::client, message.service.substr(0, message.service.size() - 6));
  event.set(Field::session, elements.session);
  event.set(Field::auth_method, clip(elements.method, 64));
  event.set(Field::error_text, trim(reason->words));
  std::array<char, 12> digits{};
  if (reason->outcome == Outcome::failure) {
    const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), attempts > 0 ? attempts : 1).ptr;
    event.set(Field::attempts, context.arena.copy({digits.data(), static_cast<std::size_t>(end - digits.data())}));
  }
  sink.event(event);
  return {};
}

}  // namespace digue::formats::dovecot
