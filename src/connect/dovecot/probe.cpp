#include "connect/dovecot/probe.hpp"

#include "base/crypto/line_client.hpp"
#include "base/encoding.hpp"
#include "base/text.hpp"

namespace digue::dovecot {

namespace {

using Outcome = Trial::Outcome;
constexpr int max_lines = 200;

/// The dialogue of one protocol. Each call gives the last line of an answer.
class Dialogue {
 public:
  explicit Dialogue(LineClient& client) : client_(client) {}
  virtual ~Dialogue() = default;
  virtual Result<std::string> greeting() = 0;
  /// Ends with TLS agreed to: what comes next is the handshake.
  virtual Result<void> ask_tls() = 0;
  virtual Result<void> after_tls() { return {}; }
  virtual Result<std::string> sign_in(const std::string& plain) = 0;
  virtual Outcome outcome(std::string_view answer) const = 0;
  virtual std::string_view goodbye() const = 0;

 protected:
  /// Lines until one that begins with one of `ends`.
  Result<std::string> until(std::initializer_list<std::string_view> ends) {
    for (int i = 0; i < max_lines; ++i) {
      auto line = client_.line();
      if (!line) return line;
      for (const auto end : ends)
        if (line->size() >= end.size() && iequals(std::string_view(*line).substr(0, end.size()), end)) return line;
    }
    return fail(ErrorCode::io, tr("dovecot.door.talks"));
  }
  Result<std::string> say(const std::string& line, std::initializer_list<std::string_view> ends) {
    if (auto sent = client_.send(line + "\r\n"); !sent) return tl::make_unexpected(sent.error());
    return until(ends);
  }
  static tl::unexpected<Error> unexpected_answer(const std::string& line) {
    return fail(ErrorCode::io, tr("dovecot.door.answer", {{"answer", to_utf8_lossy(clip(line, 200))}}));
  }

  LineClient& client_;
};

bool has_code(std::string_view answer, std::string_view open, std::initializer_list<std::string_view> codes) {
  for (const auto code : codes)
    if (icontains(answer, std::string(open) + std::string(code))) return true;
  return false;
}

class Imap final : public Dialogue {
 public:
  using Dialogue::Dialogue;
  Result<std::string> greeting() override {
    auto line = until({"* "});
    if (line && !iequals(std::string_view(*line).substr(0, 4), "* OK")) return unexpected_answer(*line);
    return line;
  }
  Result<void> ask_tls() override {
    const auto line = say("d1 STARTTLS", {"d1 "});
    if (!line) return tl::make_unexpected(line.error());
    if (!iequals(std::string_view(*line).substr(0, 5), "d1 OK")) return unexpected_answer(*line);
    return {};
  }
  Result<std::string> sign_in(const std::string& plain) override {
    const auto more = say("d2 AUTHENTICATE PLAIN", {"+", "d2 "});
    if (!more || !more->starts_with('+')) return more;
    return say(plain, {"d2 "});
  }
  /// RFC 5530: a NO with another code than these may pass by itself.
  Outcome outcome(std::string_view answer) const override {
    if (iequals(answer.substr(0, 5), "d2 OK")) return Outcome::accepted;
    if (!iequals(answer.substr(0, 5), "d2 NO")) return Outcome::unknown;
    const auto rest = trim(answer.substr(5));
    return !rest.starts_with('[') || has_code(rest, "[", {"authenticationfailed", "authorizationfailed", "expired"}) ? Outcome::refused
                                                                                                                     : Outcome::unknown;
  }
  std::string_view goodbye() const override { return "d3 LOGOUT\r\n"; }
};

class Pop3 final : public Dialogue {
 public:
  using Dialogue::Dialogue;
  Result<std::string> greeting() override { return agreed(until({"+OK", "-ERR"})); }
  Result<void> ask_tls() override {
    const auto line = agreed(say("STLS", {"+OK", "-ERR"}));
    if (!line) return tl::make_unexpected(line.error());
    return {};
  }
  Result<std::string> sign_in(const std::string& plain) override {
    const auto more = say("AUTH PLAIN", {"+", "-ERR"});
    if (!more || !more->starts_with('+') || iequals(std::string_view(*more).substr(0, 3), "+OK")) return more;
    return say(plain, {"+OK", "-ERR"});
  }
  /// RFC 2449 and 3206: an -ERR with another code than AUTH is about the mailbox or the moment.
  Outcome outcome(std::string_view answer) const override {
    if (iequals(answer.substr(0, 3), "+OK")) return Outcome::accepted;
    if (!iequals(answer.substr(0, 4), "-ERR")) return Outcome::unknown;
    const auto rest = trim(answer.substr(4));
    // Dovecot gives that code, too, where it looked at no password.
    if (icontains(rest, "disallowed") || icontains(rest, "unsupported")) return Outcome::unknown;
    return !rest.starts_with('[') || has_code(rest, "[", {"auth]"}) ? Outcome::refused : Outcome::unknown;
  }
  std::string_view goodbye() const override { return "QUIT\r\n"; }

 private:
  static Result<std::string> agreed(Result<std::string> line) {
    if (line && !iequals(std::string_view(*line).substr(0, 3), "+OK")) return unexpected_answer(*line);
    return line;
  }
};

class Sieve final : public Dialogue {
 public:
  using Dialogue::Dialogue;
  Result<std::string> greeting() override {
    auto line = until({"OK", "NO", "BYE"});
    if (line && !iequals(std::string_view(*line).substr(0, 2), "OK")) return unexpected_answer(*line);
    return line;
  }
  Result<void> ask_tls() override {
    const auto line = say("STARTTLS", {"OK", "NO", "BYE"});
    if (!line) return tl::make_unexpected(line.error());
    if (!iequals(std::string_view(*line).substr(0, 2), "OK")) return unexpected_answer(*line);
    return {};
  }
  Result<void> after_tls() override {
    const auto line = greeting();  // RFC 5804, section 2.2: capabilities are told again
    if (!line) return tl::make_unexpected(line.error());
    return {};
  }
  Result<std::string> sign_in(const std::string& plain) override {
    return say("AUTHENTICATE \"PLAIN\" \"" + plain + "\"", {"OK", "NO", "BYE"});
  }
  /// RFC 5804, section 1.3.
  Outcome outcome(std::string_view answer) const override {
    if (iequals(answer.substr(0, 2), "OK")) return Outcome::accepted;
    if (!iequals(answer.substr(0, 2), "NO")) return Outcome::unknown;
    return has_code(answer, "(", {"trylater", "encrypt-needed", "transition-needed"}) ? Outcome::unknown : Outcome::refused;
  }
  std::string_view goodbye() const override { return "LOGOUT\r\n"; }
};

class Submission final : public Dialogue {
 public:
  using Dialogue::Dialogue;
  Result<std::string> greeting() override {
    auto line = reply();
    if (line && !line->starts_with("220")) return unexpected_answer(*line);
    return line ? hello() : line;
  }
  Result<void> ask_tls() override {
    const auto line = command("STARTTLS");
    if (!line) return tl::make_unexpected(line.error());
    if (!line->starts_with("220")) return unexpected_answer(*line);
    return {};
  }
  Result<void> after_tls() override {
    const auto line = hello();
    if (!line) return tl::make_unexpected(line.error());
    return {};
  }
  Result<std::string> sign_in(const std::string& plain) override { return command("AUTH PLAIN " + plain); }
  /// RFC 4954, section 6.
  Outcome outcome(std::string_view answer) const override {
    const auto code = answer.substr(0, 3);
    return code == "235" ? Outcome::accepted : code == "535" ? Outcome::refused : Outcome::unknown;
  }
  std::string_view goodbye() const override { return "QUIT\r\n"; }

 private:
  Result<std::string> hello() {
    auto line = command("EHLO digue.invalid");
    if (line && !line->starts_with("250")) return unexpected_answer(*line);
    return line;
  }
  Result<std::string> command(const std::string& text) {
    if (auto sent = client_.send(text + "\r\n"); !sent) return tl::make_unexpected(sent.error());
    return reply();
  }
  Result<std::string> reply() {
    for (int i = 0; i < max_lines; ++i) {
      auto line = client_.line();
      if (!line || line->size() < 4 || (*line)[3] != '-') return line;
    }
    return fail(ErrorCode::io, tr("dovecot.door.talks"));
  }
};

std::unique_ptr<Dialogue> dialogue_of(const Door& door, LineClient& client) {
  if (door.protocol == "imap") return std::make_unique<Imap>(client);
  if (door.protocol == "pop3") return std::make_unique<Pop3>(client);
  if (door.protocol == "managesieve") return std::make_unique<Sieve>(client);
  return std::make_unique<Submission>(client);
}

Result<void> begin(Dialogue& dialogue, LineClient& client, const Door& door, const Setup& setup) {
  if (door.tls == Door::Tls::implicit)
    if (auto safe = client.start_tls(setup.door_trust); !safe) return safe;
  if (auto line = dialogue.greeting(); !line) return tl::make_unexpected(line.error());
  if (door.tls != Door::Tls::starttls) return {};
  if (auto asked = dialogue.ask_tls(); !asked) return asked;
  if (auto safe = client.start_tls(setup.door_trust); !safe) return safe;
  return dialogue.after_tls();
}

}  // namespace

Trial sign_in(const Door& door, const std::string& account, const std::string& secret, const Setup& setup) {
  Trial out;
  if (door.state != Door::State::set) {
    out.seen = tr("dovecot.door.unset");
    return out;
  }
  auto client = LineClient::connect(door.host, door.port, setup.door_limit);
  if (!client) {
    out.seen = to_text(client.error());
    return out;
  }
  out.source = client->source();
  const auto dialogue = dialogue_of(door, *client);
  if (auto begun = begin(*dialogue, *client, door, setup); !begun) {
    out.seen = to_text(begun.error());
    return out;
  }
  std::string plain(1, '\0');
  plain.append(account).append(1, '\0').append(secret);
  const auto answer = dialogue->sign_in(base64(plain));
  if (!answer) {
    out.seen = to_text(answer.error());
    return out;
  }
  out.seen = to_utf8_lossy(clip(*answer, 500));
  out.outcome = dialogue->outcome(*answer);
  if (client->send(dialogue->goodbye())) (void)client->line();
  return out;
}

Result<void> reach(const Door& door, const Setup& setup) {
  auto client = LineClient::connect(door.host, door.port, setup.door_limit);
  if (!client) return tl::make_unexpected(client.error());
  return begin(*dialogue_of(door, *client), *client, door, setup);
}

containment::Probe probe_of_door(const Door& door, const std::string& account, const std::string& secret, Trial::Outcome expected,
                                 const Setup& setup) {
  containment::Probe out;
  out.what = door.protocol;
  out.expected = name(expected);
  out.at = now();
  const auto trial = sign_in(door, account, secret, setup);
  out.seen = std::string(name(trial.outcome)) + ": " + trial.seen;
  out.good = trial.outcome == expected;
  out.source = trial.source;
  return out;
}

std::string_view name(Trial::Outcome outcome) {
  return outcome == Outcome::accepted ? "accepted" : outcome == Outcome::refused ? "refused" : "unknown";
}

}  // namespace digue::dovecot
