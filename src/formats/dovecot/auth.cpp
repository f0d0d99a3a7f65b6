#include <algorithm>
#include <array>

#include "base/text.hpp"
#include "formats/dovecot/parts.hpp"

namespace digue::formats::dovecot {

namespace {

/// How the reasons of a refused password begin. What follows them may hold the given password or its hash and is never kept.
constexpr std::array<std::string_view, 15> failures{
    "unknown user",
    "Password mismatch",
    "password mismatch",
    "pam_authenticate() failed",
    "pam_acct_mgmt() failed",
    "invalid credentials",
    "Invalid credentials",
    "invalid password",
    "Authentication failure",
    "oauth2 failed",
    "Username character disallowed by auth_username_chars",
    "Empty username",
    "allow_nets check failed",
    "Password expired",
    "User is disabled",
};

constexpr std::string_view given_password = "given password";

/// A place where "(user,ip,<session>): reason" may end its parentheses.
struct Candidate {
  std::string_view user, session, mechanism, reason, tail;
  std::optional<IpAddress> ip;
};

std::string_view known_failure(std::string_view tail) {
  for (const auto failure : failures)
    if (tail.starts_with(failure)) return failure;
  return {};
}

/// Takes the last comma-separated part off.
std::string_view pop(std::string_view& inside) {
  const auto comma = inside.rfind(',');
  if (comma == std::string_view::npos) return {};
  const auto part = inside.substr(comma + 1);
  inside = inside.substr(0, comma);
  return part;
}

/// The parentheses' content, read from its end: the name in front is the client's and may hold commas.
bool read_inside(std::string_view inside, Candidate& out) {
  if (inside.find(',') == std::string_view::npos) {
    out.user = inside;
    return true;
  }
  auto rest = inside;
  auto last = pop(rest);
  if (last.starts_with('<') && last.ends_with('>')) {
    out.session = last.substr(1, last.size() - 2);
    last = pop(rest);
  } else if (last.empty()) {
    last = pop(rest);  // "(user,ip,)": no session
  } else if (last.starts_with("sasl:")) {
    out.mechanism = last.substr(5);
    last = pop(rest);
  }
  out.ip = parse_ip(last);
  out.user = rest;
  return out.ip.has_value();
}

/// The candidate whose parentheses close at `close`; nothing when what stands there is no refused password.
std::optional<Candidate> candidate_at(std::string_view inside, std::size_t close) {
  Candidate out;
  auto tail = inside.substr(close + 1);
  std::string_view session;
  if (tail.starts_with('<')) {
    const auto end = tail.find('>');
    if (end == std::string_view::npos) return std::nullopt;
    session = tail.substr(1, end - 1);
    tail.remove_prefix(end + 1);
  }
  if (!tail.starts_with(": ")) return std::nullopt;
  out.tail = without_level(tail.substr(2));
  out.reason = known_failure(out.tail);
  if (out.reason.empty()) {
    // 2.4 names the backend behind the request: "sql: Password mismatch".
    const auto colon = out.tail.find(": ");
    if (colon == std::string_view::npos || colon > 24 || out.tail.substr(0, colon).find(' ') != std::string_view::npos) return std::nullopt;
    out.tail.remove_prefix(colon + 2);
    out.reason = known_failure(out.tail);
  }
  if (out.reason.empty() || !read_inside(inside.substr(0, close), out)) return std::nullopt;
  if (!session.empty()) out.session = session;
  return out;
}

/// PAM tells its own reason behind the failed call; others are told by the phrase alone.
std::string_view error_of(const Candidate& found) {
  if (!found.reason.starts_with("pam_")) return found.reason;
  return clip(found.tail.substr(0, found.tail.find(" (")), 120);
}

/// Moves to the last "name(" service part: "auth: pam(", "auth(default): pam(", "auth-worker(1): conn unix:...: auth-worker<6>: sql(",
/// or 2.4's own "auth(user,ip,sasl:plain)<session>: ".
std::string_view to_request(std::string_view text) {
  const auto skip_service = [](std::string_view& from) {
    const auto open = from.find_first_of("(: <");
    if (open == std::string_view::npos) return false;
    std::size_t at = open;
    if (from[open] == '(') {
      const auto close = from.find(')', open);
      if (close == std::string_view::npos) return false;
      // A comma: the request itself, not "(default)" or a process id.
      if (from.substr(open, close - open).find(',') != std::string_view::npos) return false;
      at = close + 1;
    } else if (from[open] == '<') {
      const auto close = from.find('>', open);
      if (close == std::string_view::npos) return false;
      at = close + 1;
    }
    if (!from.substr(at).starts_with(": ")) return false;
    from = without_level(from.substr(at + 2));
    return true;
  };
  if (!skip_service(text)) return text;
  if (text.starts_with("conn unix:")) {
    const auto end = text.find("): ");
    if (end == std::string_view::npos) return {};
    text.remove_prefix(end + 3);
    if (text.starts_with("auth-worker<")) skip_service(text);
  }
  return text;
}

}  // namespace

Parsed parse_auth(std::string_view text, const Line& line, Context& context, Sink& sink) {
  const auto request = to_request(text);
  const auto open = request.find('(');
  if (open == std::string_view::npos || open == 0 || open > 24) return {Status::other};
  const auto driver = request.substr(0, open);
  if (driver.find(' ') != std::string_view::npos || driver == "userdb") return {Status::other};
  const auto inside = request.substr(open + 1);
  std::optional<Candidate> found;
  bool ambiguous = false;
  std::size_t tried = 0;
  for (auto close = inside.find(')'); close != std::string_view::npos && tried < 64; close = inside.find(')', close + 1), ++tried) {
    const auto next = candidate_at(inside, close);
    if (!next) continue;
    // Behind a name full of fake requests the last one is real; behind a logged password the first one is. Both: nobody can tell.
    if (found && found->tail.find(given_password) != std::string_view::npos) ambiguous = true;
    found = next;
  }
  if (!found) return {Status::other};
  // A request of a login service has its session, and the login line counts its failures. Without one (Postfix asking for SMTP AUTH) this
  // line is the only trace that names the account.
  const bool told_elsewhere = !found->session.empty();
  const bool named = !ambiguous && found->user != "?";
  Event event = event_of(line, told_elsewhere ? Activity::other : Activity::sign_in, Outcome::failure,
                         named ? found->user : std::string_view{}, context);
  event.operation = "auth";
  if (!ambiguous) {
    event.ip = found->ip;
    event.uid = found->session;
    event.set(Field::session, found->session);
  }
  event.set(Field::client, "auth");
  event.set(Field::auth_method, clip(found->mechanism, 64));
  event.set(Field::error_text, error_of(*found));
  sink.event(event);
  return {};
}

Parsed parse_pam(std::string_view text, const Line& line, Context& context, Sink& sink) {
  if (text.find("authentication failure;") == std::string_view::npos) return {Status::other};
  // ruser= is the client's text, rhost= the server's: the last one is real.
  const auto rhost = text.rfind(" rhost=");
  if (rhost == std::string_view::npos) return {Status::other};
  std::string_view user;
  if (const auto at = text.find(" ruser="); at != std::string_view::npos && at < rhost) user = text.substr(at + 7, rhost - at - 7);
  const auto behind = text.substr(rhost + 7);
  if (const auto at = behind.find(" user="); at != std::string_view::npos) user = behind.substr(at + 6);
  Event event = event_of(line, Activity::other, Outcome::failure, trim(user), context);
  event.operation = "pam_unix";
  event.ip = parse_ip(behind.substr(0, behind.find(' ')));
  event.set(Field::client, "auth");
  event.set(Field::error_text, "authentication failure");
  sink.event(event);
  return {};
}

}  // namespace digue::formats::dovecot
