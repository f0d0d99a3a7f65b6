#include <doctest/doctest.h>

#include <deque>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <optional>
#include <string>

#include "formats/container/syslog.hpp"
#include "formats/format.hpp"

namespace digue::formats {
extern const LineFormat dovecot_line;
}

using namespace digue;
using namespace digue::formats;

namespace {

struct Taken {
  Activity activity{};
  Outcome outcome{};
  std::string account, operation, uid, ip;
  std::map<Field, std::string> fields;
  std::uint32_t repeats = 1;
  std::string operator[](Field field) const {
    const auto at = fields.find(field);
    return at == fields.end() ? std::string() : at->second;
  }
};

class Collector final : public Sink {
 public:
  void event(const Event& event) override {
    Taken taken{event.activity, event.outcome, std::string(event.account), std::string(event.operation), std::string(event.uid), {}, {},
                event.repeats};
    if (event.ip) taken.ip = to_text(*event.ip);
    for (std::size_t i = 0; i < event.fields_used; ++i) taken.fields.emplace(event.fields[i].first, event.fields[i].second);
    events.push_back(taken);
  }
  void fragment(std::string_view, const Event&) override { FAIL("Dovecot has no fragments"); }
  std::vector<Taken> events;
};

struct Answer {
  Cut cut = Cut::nothing;
  Status status = Status::not_mine;
  std::optional<Taken> event;
};

/// One log line through transport and format.
Answer read(std::string raw) {
  const auto size = raw.size();
  raw.append(JsonReader::padding, '\0');
  JsonReader json;
  LineCutter cutter(json);
  Arena arena;
  Tally tally{};
  Context context{arena, json, tally};
  Collector sink;
  Line line;
  Answer out;
  out.cut = cutter.cut(std::string_view(raw).substr(0, size), {0, static_cast<std::uint32_t>(size), 0}, line);
  if (out.cut != Cut::line || !dovecot_line.claims(line.program)) return out;
  out.status = dovecot_line.parse(line, context, sink).status;
  CHECK(sink.events.size() == (out.status == Status::event ? 1u : 0u));
  if (!sink.events.empty()) out.event = sink.events[0];
  return out;
}

Taken event_of(const std::string& message) {
  const auto result = read("Sep  8 07:46:30 mx1 dovecot: " + message);
  CAPTURE(message);
  REQUIRE(result.event);
  return *result.event;
}

Status status_of(const std::string& message) {
  return read("Sep  8 07:46:30 mx1 dovecot: " + message).status;
}

std::vector<std::string> sample(const char* name) {
  const std::filesystem::path path = std::filesystem::path(DIGUE_SOURCE_DIR) / "../shared/samples" / name;
  std::ifstream file(path, std::ios::binary);
  if (!file) MESSAGE("skipped: no sample " << name);
  std::vector<std::string> lines;
  for (std::string line; std::getline(file, line);) lines.push_back(line);
  return lines;
}

}  // namespace

TEST_CASE("dovecot: sign-ins of 2.2, 2.3 and 2.4") {
  const auto old = event_of(
      "imap-login: Info: Login: user=<Marie.Martin@CH-exemple.fr>, method=PLAIN, rip=198.51.100.7, lip=192.0.2.25, mpid=18, TLS, "
      "session=<PeYcgjjO/+sEQAB>");
  CHECK(old.activity == Activity::sign_in);
  CHECK(old.outcome == Outcome::success);
  CHECK(old.account == "marie.martin@ch-exemple.fr");
  CHECK(old.ip == "198.51.100.7");
  CHECK(old[Field::session] == "PeYcgjjO/+sEQAB");
  CHECK(old.uid == "PeYcgjjO/+sEQAB");
  CHECK(old[Field::client] == "imap");
  CHECK(old[Field::auth_method] == "PLAIN");
  CHECK(old[Field::host] == "mx1");
  const auto recent = event_of(
      "submission-login: Logged in: user=<m@ch-exemple.fr>, method=PLAIN, rip=2001:db8::5, lip=2001:db8::1, mpid=77, TLS, session=<S>");
  CHECK(recent.outcome == Outcome::success);
  CHECK(recent.ip == "2001:db8::5");
  CHECK(recent[Field::client] == "submission");
  const auto mapped =
      event_of("managesieve-login: Login: user=<m@ch-exemple.fr>, method=PLAIN, rip=::ffff:198.51.100.7, lip=::ffff:192.0.2.1, mpid=1");
  CHECK(mapped.ip == "198.51.100.7");
  CHECK(mapped[Field::client] == "managesieve");
  const auto proxied = event_of(
      "imap-login: proxy(m@ch-exemple.fr,192.0.2.30:143): Started proxying to <192.0.2.30> (0.003 secs): user=<m@ch-exemple.fr>, "
      "method=PLAIN, rip=198.51.100.7, lip=192.0.2.1, TLS, session=<P>");
  CHECK(proxied.outcome == Outcome::success);
  CHECK(proxied.account == "m@ch-exemple.fr");
}

TEST_CASE("dovecot: one line of failures stands for its attempts") {
  const auto pop = event_of(
      "pop3-login: Disconnected: Connection closed (auth failed, 2 attempts in 30 secs): user=<p@ch-exemple.fr>, method=PLAIN, "
      "rip=203.0.113.4, lip=192.0.2.1, TLS: Connection closed, session=<oE>");
  CHECK(pop.outcome == Outcome::failure);
  CHECK(pop[Field::attempts] == "2");
  CHECK(pop[Field::error_text] == "auth failed");
  const auto recent = event_of(
      "imap-login: Login aborted: Connection closed (auth failed, 3 attempts in 16 secs) (auth_failed): user=<test>, method=PLAIN, "
      "rip=203.0.113.4, lip=192.0.2.1, TLS, session=<9Z>");
  CHECK(recent[Field::attempts] == "3");
  const auto read_error = event_of(
      "imap-login: Disconnected: Connection closed: read(size=1003) failed: Connection reset by peer (auth failed, 1 attempts in 0 secs): "
      "user=<t@ch-exemple.fr>, rip=203.0.113.4, lip=192.0.2.1, session=<L>");
  CHECK(read_error[Field::attempts] == "1");
  CHECK(read_error.account == "t@ch-exemple.fr");
  CHECK(read_error[Field::auth_method].empty());
  const auto nameless =
      event_of("imap-login: Disconnected (auth failed, 1 attempts): method=PLAIN, rip=203.0.113.4, lip=192.0.2.1, TLS: Disconnected");
  CHECK(nameless.account.empty());
  CHECK(nameless.ip == "203.0.113.4");
  CHECK(event_of("imap-login: Disconnected (tried to use disallowed plaintext auth): user=<>, rip=203.0.113.4, lip=192.0.2.1").outcome ==
        Outcome::failure);
}

TEST_CASE("dovecot: no auth attempts is no failure") {
  for (const char* message :
       {"pop3-login: Disconnected: Too many bad commands (no auth attempts in 22 secs): user=<>, rip=203.0.113.4, lip=192.0.2.1, TLS, "
        "session=<H>",
        "imap-login: Login aborted: Connection closed (no auth attempts in 1 secs) (no_auth_attempts): user=<>, rip=203.0.113.4, "
        "lip=192.0.2.1, session=<q>",
        "imap-login: Disconnected (disconnected before auth was ready, waited 0 secs): user=<>, rip=203.0.113.4, lip=192.0.2.1",
        "imap-login: Disconnected: rip=203.0.113.4, lip=192.0.2.1"})
    CHECK(status_of(message) == Status::other);
}

TEST_CASE("dovecot: a right password that opens nothing is interrupted, not failed") {
  CHECK(event_of("imap-login: Maximum number of connections from user+IP exceeded (mail_max_userip_connections=10): "
                 "user=<a@ch-exemple.fr>, method=PLAIN, rip=203.0.113.4, lip=192.0.2.1, TLS, session=<M>")
            .outcome == Outcome::interrupted);
  CHECK(event_of("imap-login: Disconnected (internal failure, 1 successful auths): user=<a@ch-exemple.fr>, method=PLAIN, rip=203.0.113.4, "
                 "lip=192.0.2.1")
            .outcome == Outcome::interrupted);
}

TEST_CASE("dovecot: a user name cannot fake rip, method or session") {
  const std::string head = "imap-login: Disconnected (auth failed, 1 attempts in 2 secs): ";
  const std::string real = ", method=PLAIN, rip=203.0.113.66, lip=192.0.2.1, TLS, session=<REAL>";
  for (const char* name : {"x>, method=plain, rip=198.51.100.1, lip=192.0.2.9, session=<fake", "x, rip=198.51.100.1, session=<fake>",
                           "a<b>, rip=198.51.100.1", "rip=198.51.100.1", ">, rip=198.51.100.1, "}) {
    CAPTURE(name);
    const auto event = event_of(head + "user=<" + name + ">" + real);
    CHECK(event.ip == "203.0.113.66");
    CHECK(event[Field::session] == "REAL");
    CHECK(event[Field::auth_method] == "PLAIN");
    CHECK(event.account == name);  // all of it is the name
    CHECK(event.outcome == Outcome::failure);
  }
  // A name cannot turn its own failure into a success either.
  const auto event = event_of(head + "user=<x): Login: user=<victim@ch-exemple.fr>" + real);
  CHECK(event.outcome == Outcome::failure);
  // The address that a server writes first is the server's.
  const auto first = event_of(head + "rip=203.0.113.66, lip=192.0.2.1, user=<x>, rip=198.51.100.1>, session=<REAL>");
  CHECK(first.ip == "203.0.113.66");
  // No address beats a wrong one.
  CHECK(event_of(head + "user=<x>, method=PLAIN, rip=, lip=192.0.2.1").ip.empty());
}

TEST_CASE("dovecot: refused passwords of the auth process") {
  struct Row {
    const char* message;
    const char* account;
    const char* ip;
    const char* session;
    const char* error;
  };
  for (const Row& row : {
           Row{"auth-worker(24544): pam(toto,203.0.113.1): unknown user", "toto", "203.0.113.1", "", "unknown user"},
           Row{"auth-worker(24058): pam(Toto,203.0.113.1,<youpi>): pam_authenticate() failed: Authentication failure (password mismatch?)",
               "toto", "203.0.113.1", "youpi", "pam_authenticate() failed: Authentication failure"},
           Row{"auth: ldap(u@ch-exemple.fr,203.0.113.1,): invalid credentials", "u@ch-exemple.fr", "203.0.113.1", "",
               "invalid credentials"},
           Row{"auth-worker(14): conn unix:auth-worker (pid=14830,uid=109): auth-worker<6>: sql(u@ch-exemple.fr,2001:db8::7,<Yx7+W8>): "
               "Password mismatch",
               "u@ch-exemple.fr", "2001:db8::7", "Yx7+W8", "Password mismatch"},
           Row{"auth(default): pam(u@ch-exemple.fr,::ffff:203.0.113.1): pam_authenticate() failed: User not known to the underlying "
               "authentication module",
               "u@ch-exemple.fr", "203.0.113.1", "", "pam_authenticate() failed: User not known to the underlying authentication module"},
           Row{"auth(u@ch-exemple.fr,203.0.113.1,sasl:login)<CvN+E>: Info: sql: Password mismatch", "u@ch-exemple.fr", "203.0.113.1",
               "CvN+E", "Password mismatch"},
           Row{"auth: login(?,203.0.113.1,<s>): Username character disallowed by auth_username_chars: 0x3c (username: a<b)", "",
               "203.0.113.1", "s", "Username character disallowed by auth_username_chars"},
       }) {
    CAPTURE(row.message);
    const auto event = event_of(row.message);
    CHECK(event.outcome == Outcome::failure);
    CHECK(event.account == row.account);
    CHECK(event.ip == row.ip);
    CHECK(event[Field::session] == row.session);
    CHECK(event[Field::error_text] == row.error);
    // With a session the login line counts the failure; without one this line is the only trace.
    CHECK(event.activity == (*row.session != 0 ? Activity::other : Activity::sign_in));
  }
  CHECK(status_of("auth(default): userdb(u,::ffff:127.0.0.1): user not found from userdb") == Status::other);
  CHECK(status_of("auth: Error: ldap(u,203.0.113.1): connect() failed") == Status::other);
}

TEST_CASE("dovecot: a given password or its hash reaches no field") {
  for (const char* message :
       {"auth: ldap(u@ch-exemple.fr,203.0.113.1,<S>): unknown user (SHA1 of given password: f638ff)",
        "auth-worker(1): conn unix:auth-worker (pid=9,uid=112): auth-worker<1>: sql(u@ch-exemple.fr,203.0.113.1): unknown user (given "
        "password: Secret123$)",
        "auth: sql(u@ch-exemple.fr,203.0.113.1): Password mismatch (for LDAP bind) (SHA1 of given password: f638ff)",
        "auth(u@ch-exemple.fr,203.0.113.1,sasl:login)<S>: Info: sql: Password mismatch (given password: Secret123$)",
        "auth-worker(1): pam(u@ch-exemple.fr,203.0.113.1): pam_authenticate() failed: Authentication failure (password mismatch?) (given "
        "password: Secret123$)",
        "auth: sql(u@ch-exemple.fr,203.0.113.1): unknown user (given password: Secret123$,198.51.100.1): unknown user"}) {
    CAPTURE(message);
    const auto event = event_of(message);
    for (const auto& [field, value] : event.fields) {
      CHECK(value.find("Secret123") == std::string::npos);
      CHECK(value.find("f638ff") == std::string::npos);
    }
    CHECK(event.account.find("secret123") == std::string::npos);
    CHECK(event.ip != "198.51.100.1");
  }
}

TEST_CASE("dovecot: an auth user name cannot fake its address") {
  const auto event = event_of("auth: sql(x,198.51.100.1): unknown user,203.0.113.66,<REAL>): unknown user");
  CHECK(event.ip == "203.0.113.66");
  CHECK(event[Field::session] == "REAL");
  const auto recent =
      event_of("auth(x,198.51.100.1,sasl:plain)<F>: sql: unknown user,203.0.113.66,sasl:plain)<REAL>: Info: sql: unknown user");
  CHECK(recent.ip == "203.0.113.66");
  // Behind "given password" nobody can tell which part is real: no address, no account, still a failure.
  const auto unclear = event_of("auth: sql(x,198.51.100.1): unknown user (given password: y,203.0.113.66,<REAL>): unknown user");
  CHECK(unclear.outcome == Outcome::failure);
  CHECK(unclear.ip.empty());
  CHECK(unclear.account.empty());
}

TEST_CASE("dovecot: PAM's line takes rhost from behind the client's text") {
  const auto event = event_of(
      "pam_unix(dovecot:auth): authentication failure; logname= uid=0 euid=0 tty=dovecot ruser=rhost=198.51.100.1 rhost=203.0.113.66");
  CHECK(event.activity == Activity::other);
  CHECK(event.outcome == Outcome::failure);
  CHECK(event.ip == "203.0.113.66");
  const auto known =
      event_of("pam_unix(dovecot:auth): authentication failure; logname= uid=0 euid=0 tty=dovecot ruser=web rhost=203.0.113.66  user=root");
  CHECK(known.account == "root");
}

TEST_CASE("dovecot: the end of a session tells what left") {
  const auto imap = event_of(
      "imap(m@ch-exemple.fr)<4711><SESS>: Disconnected: Logged out in=540 out=7680123 deleted=2 expunged=12 trashed=0 hdr_count=50 "
      "hdr_bytes=4000 body_count=40 body_bytes=7600000");
  CHECK(imap.activity == Activity::sign_out);
  CHECK(imap.account == "m@ch-exemple.fr");
  CHECK(imap[Field::session] == "SESS");
  CHECK(imap[Field::bytes] == "7680123");
  CHECK(imap[Field::count] == "40");
  CHECK(imap[Field::property] == "expunged");
  CHECK(imap[Field::new_value] == "12");
  const auto old = event_of("IMAP(m@ch-exemple.fr): Disconnected: Logged out bytes=59/566");
  CHECK(old[Field::bytes] == "566");
  CHECK(old[Field::client] == "imap");
  const auto pop = event_of("pop3(m@ch-exemple.fr)<1><S>: Disconnected: Logged out top=0/0, retr=120/9000000, del=3/120, size=9100000");
  CHECK(pop[Field::count] == "120");
  CHECK(pop[Field::bytes] == "9000000");
  CHECK(pop[Field::property] == "deleted");
  CHECK(pop[Field::new_value] == "3");
}

TEST_CASE("dovecot: mail_log lines, whatever a sender wrote into Message-ID or subject") {
  const std::string who = "imap(m@ch-exemple.fr)<4711><SESS>: ";
  const auto gone = event_of(who + "expunge: box=INBOX, uid=12, msgid=<a@ch-exemple.fr>, size=1234");
  CHECK(gone.activity == Activity::mail_purge);
  CHECK(gone[Field::folder] == "INBOX");
  CHECK(gone[Field::message_id] == "<a@ch-exemple.fr>");
  CHECK(gone[Field::bytes] == "1234");
  CHECK(gone[Field::session] == "SESS");
  CHECK(event_of(who + "delete: box=INBOX, uid=12, msgid=<a>, size=1").activity == Activity::mail_delete);
  CHECK(event_of(who + "undelete: box=INBOX, uid=12, msgid=<a>, size=1").activity == Activity::mail_update);
  CHECK(event_of(who + "save: box=Brouillons, uid=12, msgid=<a>, size=1").activity == Activity::mail_create);
  CHECK(event_of(who + "flag_change: box=INBOX, uid=12, msgid=<a>, size=1, flags=(\\Seen)").activity == Activity::mail_update);
  const auto copied = event_of(who + "copy from INBOX: box=Flux RSS, uid=3, msgid=<a@b>, size=99");
  CHECK(copied.activity == Activity::mail_move);
  CHECK(copied[Field::folder] == "INBOX");
  CHECK(copied[Field::dest_folder] == "Flux RSS");
  const auto full = event_of(who + "delete: uid=7, msgid=<a@b>, size=10, from=X <x@y>, subject=Facture, size=999, flags=(\\Deleted)");
  CHECK(full[Field::bytes] == "10");
  CHECK(full[Field::subject] == "Facture, size=999");
  CHECK(full[Field::sender] == "x <x@y>");
  const auto renamed = event_of(who + "Mailbox renamed: Archives -> .x");
  CHECK(renamed[Field::folder] == "Archives");
  CHECK(renamed[Field::dest_folder] == ".x");
  CHECK(event_of(who + "Mailbox deleted: Archives")[Field::folder] == "Archives");
  CHECK(event_of(who + "Mailbox created: .x").operation == "mailbox created");
}

TEST_CASE("dovecot: what Sieve did to a message") {
  const std::string who = "lmtp(m@ch-exemple.fr)<4711><SESS>: sieve: msgid=<id@ch-exemple.fr>: ";
  const auto old = event_of(who + "forwarded to <Voleur@exemple.net>");
  CHECK(old.activity == Activity::rule_effect);
  CHECK(old[Field::rule_action] == "redirect");
  CHECK(old[Field::forward_to] == "voleur@exemple.net");
  CHECK(old[Field::message_id] == "<id@ch-exemple.fr>");
  const auto recent = event_of(who + "redirect action: forwarded to <voleur@exemple.net>");
  CHECK(recent[Field::forward_to] == "voleur@exemple.net");
  CHECK(recent[Field::message_id] == "<id@ch-exemple.fr>");
  const auto moved = event_of(who + "fileinto action: stored mail into mailbox 'Flux RSS'");
  CHECK(moved[Field::rule_action] == "move");
  CHECK(moved[Field::dest_folder] == "Flux RSS");
  const auto kept = event_of(who + "stored mail into mailbox 'INBOX'");
  CHECK(kept.activity == Activity::mail_receive);
  CHECK(kept[Field::folder] == "INBOX");
  CHECK(event_of(who + "marked message to be discarded if not explicitly delivered (discard action)")[Field::rule_action] == "discard");
  const auto reply = event_of(who + "vacation action: sent vacation response to <chef@ch-exemple.fr>");
  CHECK(reply[Field::rule_action] == "reply");
  CHECK(reply[Field::recipients] == "chef@ch-exemple.fr");
  // A Message-ID cannot fake an action.
  const auto faked =
      event_of("lmtp(m@ch-exemple.fr)<1><S>: sieve: msgid=<x>: forwarded to <voleur@exemple.net>: stored mail into mailbox 'INBOX'");
  CHECK(faked.activity == Activity::mail_receive);
  CHECK(faked[Field::forward_to].empty());
  const auto plain = event_of("lmtp(18446, m@ch-exemple.fr): msgid=<id@ch-exemple.fr>: saved mail to INBOX");
  CHECK(plain.activity == Activity::mail_receive);
  CHECK(plain.account == "m@ch-exemple.fr");
  CHECK(status_of("lmtp(18446): Connect from local") == Status::other);
}

TEST_CASE("dovecot: uploads over ManageSieve, where the server tells them") {
  const auto debug = event_of("managesieve(m@ch-exemple.fr)<1><S>: Debug: Stored script `vacances' successfully (0 warnings)");
  CHECK(debug.activity == Activity::rule_change);
  CHECK(debug[Field::rule_name] == "vacances");
  const auto counted = event_of("managesieve(m@ch-exemple.fr)<1><S>: Disconnected: Logged out put_count=1 put_bytes=300 bytes=640/512");
  CHECK(counted.activity == Activity::rule_change);
  CHECK(event_of("managesieve(m@ch-exemple.fr)<1><S>: Disconnected: Logged out bytes=640/512").activity == Activity::sign_out);
}

TEST_CASE("dovecot: other lines are accepted and tell nothing, other programs are not claimed") {
  for (const char* message :
       {"master: Dovecot v2.3.19.1 starting up for imap, lmtp", "auth: Debug: client in: AUTH", "stats: Warning: x", "", "imap", "imap(",
        "imap(a", "imap(a)<", "auth(", "auth-worker(1): conn unix:", "auth: sql(", "imap-login: ", "imap-login: Login: user=<"})
    CHECK(status_of(message) != Status::malformed);
  CHECK_FALSE(dovecot_line.claims("postfix/smtpd"));
  CHECK_FALSE(dovecot_line.claims("sshd"));
  CHECK(read("Apr 19 05:22:20 mx1 auth: something of another program").status == Status::not_mine);
}

TEST_CASE("dovecot: every prefix of hostile lines is survived") {
  const std::string lines[] = {
      "imap-login: Disconnected (auth failed, 99999999999999999999 attempts): user=<x>, method=, rip=[, session=<",
      "auth(a,b,c)<d>: sql: unknown user (given password: )",
      "imap(a)<1><b>: copy from x: box=y, uid=, msgid=, size=, vsize=, from=, subject=, flags=(",
      "lmtp(a)<1><b>: sieve: msgid=: forwarded to <",
      "pop3(a): Disconnected: Logged out top=/, retr=/, del=/",
  };
  for (const auto& line : lines)
    for (std::size_t length = 0; length <= line.size(); ++length) CHECK(status_of(line.substr(0, length)) != Status::malformed);
}

TEST_CASE("dovecot: real samples, crowdsec") {
  // From parser.assert of the same folder: 13 failures with these addresses, one line without attempts, one login.
  const std::map<std::size_t, std::string> expected{
      {0, "1.1.1.1"},          {1, "1.1.1.1"},      {2, "1.1.1.1"},      {3, "172.17.0.1"},    {4, "172.17.0.1"},
      {5, "172.17.0.1"},       {6, "172.17.0.1"},   {9, "5.34.207.151"}, {10, "5.34.207.161"}, {11, "220.169.110.101"},
      {12, "220.169.110.101"}, {13, "192.168.1.1"}, {14, "192.168.1.1"}};
  const std::map<std::size_t, std::string> users{
      {0, "toto"}, {2, "toto@toto.com"}, {9, "caliph@customdomaine.com"}, {11, "contact"}, {14, "karen@co.uk"}};
  const auto lines = sample("crowdsec/dovecot-logs/dovecot-logs.log");
  for (std::size_t i = 0; i < lines.size(); ++i) {
    CAPTURE(lines[i]);
    const auto result = read(lines[i]);
    const bool failed = result.event && result.event->outcome == Outcome::failure;
    CHECK(failed == (expected.count(i) == 1));
    if (failed) CHECK(result.event->ip == expected.at(i));
    if (users.count(i) != 0) CHECK(result.event->account == users.at(i));
    if (i == 8) {
      REQUIRE(result.event);
      CHECK(result.event->outcome == Outcome::success);
      CHECK(result.event->account == "test@yourdomain.net");
    }
  }
  // scenario.assert: four failures of one source and account, ten minutes apart.
  std::size_t slow = 0;
  for (const auto& raw : sample("crowdsec/dovecot-slow-bf/dovecot-slow-bf.log"))
    if (const auto result = read(raw); result.event && result.event->ip == "192.0.2.1" && result.event->account == "admin@example.com")
      ++slow;
  CHECK((slow == 4 || slow == 0));
  // scenario.assert: three sources with four failed lines each.
  std::map<std::string, int> sources;
  for (const auto& raw : sample("crowdsec/dovecot-spam/dovecot-spam.log"))
    if (const auto result = read(raw); result.event && result.event->outcome == Outcome::failure) ++sources[result.event->ip];
  if (!sources.empty()) CHECK(sources == std::map<std::string, int>{{"1.1.1.1", 4}, {"172.17.0.1", 4}, {"2.2.2.2", 4}});
}

TEST_CASE("dovecot: real samples, fail2ban with its negative cases") {
  bool aggressive = false;
  std::size_t matched = 0;
  std::string note;
  for (const auto& raw : sample("fail2ban/dovecot.log")) {
    if (raw.find("\"mode\": \"aggressive\"") != std::string::npos) aggressive = true;
    if (raw.find("failJSON") != std::string::npos) note = raw;
    if (raw.empty() || raw.front() == '#' || note.empty()) continue;
    // Its aggressive mode bans connections that tried no password; for us they stay no failures.
    const bool failure = !aggressive && note.find("\"match\": true") != std::string::npos;
    CAPTURE(raw);
    const auto result = read(raw);
    CHECK((result.event && result.event->outcome == Outcome::failure) == failure);
    if (failure && result.event) {
      const auto at = note.find("\"host\": \"") + 9;
      CHECK(result.event->ip == note.substr(at, note.find('"', at) - at));
      ++matched;
    }
    note.clear();
  }
  CHECK((matched == 0 || matched >= 35));
}

TEST_CASE("dovecot: real samples, wazuh") {
  std::string group;
  for (const auto& raw : sample("wazuh/dovecot.ini")) {
    if (raw.starts_with("[")) group = raw;
    if (!raw.starts_with("log ")) continue;
    const auto result = read(raw.substr(raw.find(" = ") + 3));
    CAPTURE(raw);
    CHECK(result.cut == Cut::line);
    const bool failure = result.event && result.event->outcome == Outcome::failure;
    if (group == "[auth failed]" || group == "[dovecot auth failed]" || group == "[unknown user]" || group == "[XXX unknown 1002]")
      CHECK(failure);
    if (group == "[dovecot is starting]" || group == "[session disconnected]" || group == "[fatal error]")
      CHECK_FALSE(result.event.has_value());
    if (group == "[XXX logged out]")
      CHECK((result.event && result.event->activity == Activity::sign_out && result.event->account == "username"));
    if (group == "[auth failed]" && result.event && raw.find("thousands") != std::string::npos)
      CHECK((*result.event)[Field::attempts] == "7");
  }
}
