#include <doctest/doctest.h>

#include "formats/container/line_probe.hpp"

namespace digue::formats {
extern const LineFormat dovecot_line;
}

using namespace digue;
using namespace digue::formats;

namespace {

/// The event of one Dovecot message.
struct Told {
  explicit Told(const std::string& message) : event(probe.only("Sep  8 07:46:30 mx1 dovecot: " + message)) {}
  std::string operator[](Field field) const { return std::string(event.get(field)); }
  LineProbe probe{dovecot_line};
  Event event;
};

Status status_of(const std::string& message) {
  LineProbe probe(dovecot_line);
  return probe.read("Sep  8 07:46:30 mx1 dovecot: " + message);
}

}  // namespace

TEST_CASE("dovecot: sign-ins of 2.2, 2.3 and 2.4") {
  const Told old(
      "imap-login: Info: Login: user=<Marie.Martin@CH-exemple.fr>, method=PLAIN, rip=198.51.100.7, lip=192.0.2.25, mpid=18, TLS, "
      "session=<PeYcgjjO/+sEQAB>");
  CHECK(old.event.activity == Activity::sign_in);
  CHECK(old.event.outcome == Outcome::success);
  CHECK(old.event.account == "marie.martin@ch-exemple.fr");
  CHECK(ip_of(old.event) == "198.51.100.7");
  CHECK(old[Field::session] == "PeYcgjjO/+sEQAB");
  CHECK(old.event.uid == "PeYcgjjO/+sEQAB");
  CHECK(old[Field::client] == "imap");
  CHECK(old[Field::auth_method] == "PLAIN");
  CHECK(old[Field::host] == "mx1");
  const Told recent(
      "submission-login: Logged in: user=<m@ch-exemple.fr>, method=PLAIN, rip=2001:db8::5, lip=2001:db8::1, mpid=77, TLS, session=<S>");
  CHECK(recent.event.outcome == Outcome::success);
  CHECK(ip_of(recent.event) == "2001:db8::5");
  CHECK(recent[Field::client] == "submission");
  const Told mapped(
      "managesieve-login: Login: user=<m@ch-exemple.fr>, method=PLAIN, rip=::ffff:198.51.100.7, lip=::ffff:192.0.2.1, mpid=1");
  CHECK(ip_of(mapped.event) == "198.51.100.7");
  CHECK(mapped[Field::client] == "managesieve");
  const Told proxied(
      "imap-login: proxy(m@ch-exemple.fr,192.0.2.30:143): Started proxying to <192.0.2.30> (0.003 secs): user=<m@ch-exemple.fr>, "
      "method=PLAIN, rip=198.51.100.7, lip=192.0.2.1, TLS, session=<P>");
  CHECK(proxied.event.outcome == Outcome::success);
  CHECK(proxied.event.account == "m@ch-exemple.fr");
}

TEST_CASE("dovecot: one line of failures stands for its attempts") {
  const Told pop(
      "pop3-login: Disconnected: Connection closed (auth failed, 2 attempts in 30 secs): user=<p@ch-exemple.fr>, method=PLAIN, "
      "rip=203.0.113.4, lip=192.0.2.1, TLS: Connection closed, session=<oE>");
  CHECK(pop.event.outcome == Outcome::failure);
  CHECK(pop[Field::attempts] == "2");
  CHECK(pop[Field::error_text] == "auth failed");
  const Told recent(
      "imap-login: Login aborted: Connection closed (auth failed, 3 attempts in 16 secs) (auth_failed): user=<test>, method=PLAIN, "
      "rip=203.0.113.4, lip=192.0.2.1, TLS, session=<9Z>");
  CHECK(recent[Field::attempts] == "3");
  const Told read_error(
      "imap-login: Disconnected: Connection closed: read(size=1003) failed: Connection reset by peer (auth failed, 1 attempts in 0 secs): "
      "user=<t@ch-exemple.fr>, rip=203.0.113.4, lip=192.0.2.1, session=<L>");
  CHECK(read_error[Field::attempts] == "1");
  CHECK(read_error.event.account == "t@ch-exemple.fr");
  CHECK(read_error[Field::auth_method].empty());
  const Told nameless(
      "imap-login: Disconnected (auth failed, 1 attempts): method=PLAIN, rip=203.0.113.4, lip=192.0.2.1, TLS: Disconnected");
  CHECK(nameless.event.account.empty());
  CHECK(ip_of(nameless.event) == "203.0.113.4");
  CHECK(Told("imap-login: Disconnected (tried to use disallowed plaintext auth): user=<>, rip=203.0.113.4, lip=192.0.2.1").event.outcome ==
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
  CHECK(Told("imap-login: Maximum number of connections from user+IP exceeded (mail_max_userip_connections=10): "
             "user=<a@ch-exemple.fr>, method=PLAIN, rip=203.0.113.4, lip=192.0.2.1, TLS, session=<M>")
            .event.outcome == Outcome::interrupted);
  CHECK(Told("imap-login: Disconnected (internal failure, 1 successful auths): user=<a@ch-exemple.fr>, method=PLAIN, rip=203.0.113.4, "
             "lip=192.0.2.1")
            .event.outcome == Outcome::interrupted);
}

TEST_CASE("dovecot: a user name cannot fake rip, method or session") {
  const std::string head = "imap-login: Disconnected (auth failed, 1 attempts in 2 secs): ";
  const std::string real = ", method=PLAIN, rip=203.0.113.66, lip=192.0.2.1, TLS, session=<REAL>";
  for (const char* name : {"x>, method=plain, rip=198.51.100.1, lip=192.0.2.9, session=<fake", "x, rip=198.51.100.1, session=<fake>",
                           "a<b>, rip=198.51.100.1", "rip=198.51.100.1", ">, rip=198.51.100.1, "}) {
    CAPTURE(name);
    const Told told(head + "user=<" + name + ">" + real);
    CHECK(ip_of(told.event) == "203.0.113.66");
    CHECK(told[Field::session] == "REAL");
    CHECK(told[Field::auth_method] == "PLAIN");
    CHECK(told.event.account == name);  // all of it is the name
    CHECK(told.event.outcome == Outcome::failure);
  }
  // A name cannot turn its own failure into a success either.
  const Told told(head + "user=<x): Login: user=<victim@ch-exemple.fr>" + real);
  CHECK(told.event.outcome == Outcome::failure);
  // The address that a server writes first is the server's.
  const Told first(head + "rip=203.0.113.66, lip=192.0.2.1, user=<x>, rip=198.51.100.1>, session=<REAL>");
  CHECK(ip_of(first.event) == "203.0.113.66");
  // No address beats a wrong one.
  CHECK_FALSE(Told(head + "user=<x>, method=PLAIN, rip=, lip=192.0.2.1").event.ip.has_value());
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
    const Told told(row.message);
    CHECK(told.event.outcome == Outcome::failure);
    CHECK(told.event.account == row.account);
    CHECK(ip_of(told.event) == row.ip);
    CHECK(told[Field::session] == row.session);
    CHECK(told[Field::error_text] == row.error);
    // With a session the login line counts the failure; without one this line is the only trace.
    CHECK(told.event.activity == (*row.session != 0 ? Activity::other : Activity::sign_in));
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
    const Told told(message);
    for (std::size_t i = 0; i < told.event.fields_used; ++i) {
      CHECK(told.event.fields[i].second.find("Secret123") == std::string_view::npos);
      CHECK(told.event.fields[i].second.find("f638ff") == std::string_view::npos);
    }
    CHECK(told.event.account.find("secret123") == std::string::npos);
    CHECK(ip_of(told.event) != "198.51.100.1");
  }
}

TEST_CASE("dovecot: an auth user name cannot fake its address") {
  const Told told("auth: sql(x,198.51.100.1): unknown user,203.0.113.66,<REAL>): unknown user");
  CHECK(ip_of(told.event) == "203.0.113.66");
  CHECK(told[Field::session] == "REAL");
  const Told recent("auth(x,198.51.100.1,sasl:plain)<F>: sql: unknown user,203.0.113.66,sasl:plain)<REAL>: Info: sql: unknown user");
  CHECK(ip_of(recent.event) == "203.0.113.66");
  // Behind "given password" nobody can tell which part is real: no address, no account, still a failure.
  const Told unclear("auth: sql(x,198.51.100.1): unknown user (given password: y,203.0.113.66,<REAL>): unknown user");
  CHECK(unclear.event.outcome == Outcome::failure);
  CHECK(ip_of(unclear.event).empty());
  CHECK(unclear.event.account.empty());
}

TEST_CASE("dovecot: PAM's line takes rhost from behind the client's text") {
  const Told told(
      "pam_unix(dovecot:auth): authentication failure; logname= uid=0 euid=0 tty=dovecot ruser=rhost=198.51.100.1 rhost=203.0.113.66");
  CHECK(told.event.activity == Activity::other);
  CHECK(told.event.outcome == Outcome::failure);
  CHECK(ip_of(told.event) == "203.0.113.66");
  const Told blank(
      "pam_unix(dovecot:auth): authentication failure; logname= uid=0 euid=0 tty=dovecot ruser=x rhost=198.51.100.1 rhost=203.0.113.66");
  CHECK(ip_of(blank.event) == "203.0.113.66");
  const Told known(
      "pam_unix(dovecot:auth): authentication failure; logname= uid=0 euid=0 tty=dovecot ruser=web rhost=203.0.113.66  user=root");
  CHECK(known.event.account == "root");
}

TEST_CASE("dovecot: the end of a session tells what left") {
  const Told imap(
      "imap(m@ch-exemple.fr)<4711><SESS>: Disconnected: Logged out in=540 out=7680123 deleted=2 expunged=12 trashed=0 hdr_count=50 "
      "hdr_bytes=4000 body_count=40 body_bytes=7600000");
  CHECK(imap.event.activity == Activity::sign_out);
  CHECK(imap.event.account == "m@ch-exemple.fr");
  CHECK(imap[Field::session] == "SESS");
  CHECK(imap[Field::bytes] == "7680123");
  CHECK(imap[Field::count] == "40");
  CHECK(imap[Field::property] == "expunged");
  CHECK(imap[Field::new_value] == "12");
  const Told old("IMAP(m@ch-exemple.fr): Disconnected: Logged out bytes=59/566");
  CHECK(old[Field::bytes] == "566");
  CHECK(old[Field::client] == "imap");
  const Told pop("pop3(m@ch-exemple.fr)<1><S>: Disconnected: Logged out top=0/0, retr=120/9000000, del=3/120, size=9100000");
  CHECK(pop[Field::count] == "120");
  CHECK(pop[Field::bytes] == "9000000");
  CHECK(pop[Field::property] == "deleted");
  CHECK(pop[Field::new_value] == "3");
}

TEST_CASE("dovecot: mail_log lines, whatever a sender wrote into Message-ID or subject") {
  const std::string who = "imap(m@ch-exemple.fr)<4711><SESS>: ";
  const Told gone(who + "expunge: box=INBOX, uid=12, msgid=<a@ch-exemple.fr>, size=1234");
  CHECK(gone.event.activity == Activity::mail_purge);
  CHECK(gone[Field::folder] == "INBOX");
  CHECK(gone[Field::message_id] == "<a@ch-exemple.fr>");
  CHECK(gone[Field::bytes] == "1234");
  CHECK(gone[Field::session] == "SESS");
  CHECK(Told(who + "delete: box=INBOX, uid=12, msgid=<a>, size=1").event.activity == Activity::mail_delete);
  CHECK(Told(who + "undelete: box=INBOX, uid=12, msgid=<a>, size=1").event.activity == Activity::mail_update);
  CHECK(Told(who + "save: box=Brouillons, uid=12, msgid=<a>, size=1").event.activity == Activity::mail_create);
  CHECK(Told(who + "flag_change: box=INBOX, uid=12, msgid=<a>, size=1, flags=(\\Seen)").event.activity == Activity::mail_update);
  const Told copied(who + "copy from INBOX: box=Flux RSS, uid=3, msgid=<a@b>, size=99");
  CHECK(copied.event.activity == Activity::mail_move);
  CHECK(copied[Field::folder] == "INBOX");
  CHECK(copied[Field::dest_folder] == "Flux RSS");
  const Told full(who + "delete: uid=7, msgid=<a@b>, size=10, from=X <x@y>, subject=Facture, size=999, flags=(\\Deleted)");
  CHECK(full[Field::bytes] == "10");
  CHECK(full[Field::subject] == "Facture, size=999");
  CHECK(full[Field::sender] == "x <x@y>");
  const Told renamed(who + "Mailbox renamed: Archives -> .x");
  CHECK(renamed[Field::folder] == "Archives");
  CHECK(renamed[Field::dest_folder] == ".x");
  CHECK(Told(who + "Mailbox deleted: Archives")[Field::folder] == "Archives");
  CHECK(Told(who + "Mailbox created: .x").event.operation == "mailbox created");
}

TEST_CASE("dovecot: what Sieve did to a message") {
  const std::string who = "lmtp(m@ch-exemple.fr)<4711><SESS>: sieve: msgid=<id@ch-exemple.fr>: ";
  const Told old(who + "forwarded to <Voleur@exemple.net>");
  CHECK(old.event.activity == Activity::rule_effect);
  CHECK(old[Field::rule_action] == "redirect");
  CHECK(old[Field::forward_to] == "voleur@exemple.net");
  CHECK(old[Field::message_id] == "<id@ch-exemple.fr>");
  const Told recent(who + "redirect action: forwarded to <voleur@exemple.net>");
  CHECK(recent[Field::forward_to] == "voleur@exemple.net");
  CHECK(recent[Field::message_id] == "<id@ch-exemple.fr>");
  const Told moved(who + "fileinto action: stored mail into mailbox 'Flux RSS'");
  CHECK(moved[Field::rule_action] == "move");
  CHECK(moved[Field::dest_folder] == "Flux RSS");
  const Told kept(who + "stored mail into mailbox 'INBOX'");
  CHECK(kept.event.activity == Activity::mail_receive);
  CHECK(kept[Field::folder] == "INBOX");
  CHECK(Told(who + "marked message to be discarded if not explicitly delivered (discard action)")[Field::rule_action] == "discard");
  const Told reply(who + "vacation action: sent vacation response to <chef@ch-exemple.fr>");
  CHECK(reply[Field::rule_action] == "reply");
  CHECK(reply[Field::recipients] == "chef@ch-exemple.fr");
  // A Message-ID cannot fake an action.
  const Told faked("lmtp(m@ch-exemple.fr)<1><S>: sieve: msgid=<x>: forwarded to <voleur@exemple.net>: stored mail into mailbox 'INBOX'");
  CHECK(faked.event.activity == Activity::mail_receive);
  CHECK(faked[Field::forward_to].empty());
  const Told twice("lmtp(m@ch-exemple.fr)<1><S>: sieve: msgid=<x>: forwarded to <innocent@exemple.org>: forwarded to <voleur@exemple.net>");
  CHECK(twice[Field::forward_to] == "voleur@exemple.net");
  const Told plain("lmtp(18446, m@ch-exemple.fr): msgid=<id@ch-exemple.fr>: saved mail to INBOX");
  CHECK(plain.event.activity == Activity::mail_receive);
  CHECK(plain.event.account == "m@ch-exemple.fr");
  CHECK(status_of("lmtp(18446): Connect from local") == Status::other);
}

TEST_CASE("dovecot: uploads over ManageSieve, where the server tells them") {
  const Told debug("managesieve(m@ch-exemple.fr)<1><S>: Debug: Stored script `vacances' successfully (0 warnings)");
  CHECK(debug.event.activity == Activity::rule_change);
  CHECK(debug[Field::rule_name] == "vacances");
  const Told counted("managesieve(m@ch-exemple.fr)<1><S>: Disconnected: Logged out put_count=1 put_bytes=300 bytes=640/512");
  CHECK(counted.event.activity == Activity::rule_change);
  CHECK(Told("managesieve(m@ch-exemple.fr)<1><S>: Disconnected: Logged out bytes=640/512").event.activity == Activity::sign_out);
}

TEST_CASE("dovecot: other lines are accepted and tell nothing, other programs are not claimed") {
  for (const char* message :
       {"master: Dovecot v2.3.19.1 starting up for imap, lmtp", "auth: Debug: client in: AUTH", "stats: Warning: x", "", "imap", "imap(",
        "imap(a", "imap(a)<", "auth(", "auth-worker(1): conn unix:", "auth: sql(", "imap-login: ", "imap-login: Login: user=<"})
    CHECK(status_of(message) != Status::malformed);
  CHECK_FALSE(dovecot_line.claims("postfix/smtpd"));
  CHECK_FALSE(dovecot_line.claims("sshd"));
  LineProbe other(dovecot_line);
  CHECK(other.read("Apr 19 05:22:20 mx1 auth: something of another program") == Status::not_mine);
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
