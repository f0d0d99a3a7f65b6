#include "connect/dovecot/server_test.hpp"

#include <doctest/doctest.h>
#include <grp.h>
#include <pwd.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <thread>

#include "base/crypto/line_client.hpp"
#include "connect/connectors.hpp"

namespace digue::dovecot {

using namespace testing;

namespace {

constexpr int spares = 40;

void write(const std::string& path, const std::string& text) {
  std::ofstream(path) << text;
}

std::string read(const std::string& path) {
  std::ifstream file(path);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

std::string name_of(int number) {
  return "spare" + std::to_string(number) + "@chu.test";
}

std::string configuration(const std::string& folder, const std::map<std::string, std::uint16_t>& ports, const std::string& passdbs) {
  const auto port = [&](const char* service) { return std::to_string(ports.at(service)); };
  const auto listener = [&](const std::string& service, const std::string& name) {
    return "service " + service + " {\n  inet_listener " + name + " {\n    port = " + port(name.c_str()) + "\n  }\n}\n";
  };
  return "base_dir = " + folder + "/run\nstate_dir = " + folder + "/state\nlog_path = " + folder + "/log/dovecot.log\n" +
         "listen = 127.0.0.1\nprotocols = imap pop3 sieve submission lmtp\nssl = yes\nssl_cert = <" + folder + "/cert.pem\nssl_key = <" +
         folder + "/key.pem\ndisable_plaintext_auth = no\nhostname = localhost\nmail_location = maildir:" + folder +
         "/mail/%u\nmail_uid = mail\nmail_gid = mail\nfirst_valid_uid = 1\nfirst_valid_gid = 1\nmail_plugins = notify mail_log acl\n"
         "auth_verbose = yes\nauth_username_chars =\nauth_failure_delay = 0\nauth_cache_size = 1M\ndoveadm_api_key = test-api-key\n"
         "submission_relay_host = 127.0.0.1\nsubmission_relay_port = " +
         port("relay") + "\nplugin {\n  acl = vfile\n  sieve = file:" + folder + "/sieve/%u;active=" + folder +
         "/sieve/%u/.active\n  mail_log_events = expunge save copy\n}\n" + passdbs +
         "userdb {\n  driver = passwd-file\n  args = " + folder + "/users/passwd\n  override_fields = uid=mail gid=mail home=" + folder +
         "/mail/%u\n}\n" + "service anvil {\n  unix_listener anvil-auth-penalty {\n    mode = 0\n  }\n}\n" +
         "service imap-login {\n  inet_listener imap {\n    port = " + port("imap") +
         "\n  }\n  inet_listener imaps {\n    port = " + port("imaps") + "\n    ssl = yes\n  }\n}\n" +
         "service pop3-login {\n  inet_listener pop3 {\n    port = " + port("pop3") +
         "\n  }\n  inet_listener pop3s {\n    port = 0\n  }\n}\n" + listener("managesieve-login", "sieve") +
         listener("submission-login", "submission") + listener("lmtp", "lmtp") + listener("doveadm", "http") +
         "protocol imap {\n  mail_plugins = notify mail_log acl imap_acl\n}\nprotocol lmtp {\n"
         "  mail_plugins = notify mail_log acl sieve\n}\n";
}

}  // namespace

std::string quoted(const std::string& text) {
  std::string out = "'";
  for (const char c : text) out += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return out + "'";
}

TestServer* TestServer::instance() {
  static const auto server = []() -> std::unique_ptr<TestServer> {
    for (const auto* program : {"/usr/sbin/dovecot", "/usr/lib/dovecot/pop3", "/usr/lib/dovecot/managesieve", "/usr/lib/dovecot/submission",
                                "/usr/lib/dovecot/lmtp"})
      if (!std::filesystem::exists(program)) {
        MESSAGE("skipped: the connector on a real Dovecot: Debian's dovecot packages are not installed (" << program << ")");
        return nullptr;
      }
    if (::getuid() != 0) {
      MESSAGE("skipped: the connector on a real Dovecot: it starts as root only");
      return nullptr;
    }
    return std::make_unique<TestServer>();
  }();
  return server.get();
}

TestServer::TestServer(const std::string& own, std::string others) {
  for (const auto* service : {"imap", "imaps", "pop3", "sieve", "submission", "lmtp", "http"}) ports_[service] = closed_port();
  // Dovecot's submission greets only when the server behind it does.
  relay_ = std::make_unique<RawServer>([](const Peer& peer) {
    peer.send("220 relay.example ESMTP\r\n");
    while (true) {
      const auto said = peer.read_until("\r\n");
      if (said.empty()) return;
      peer.send(said.starts_with("QUIT") ? "221 bye\r\n" : "250 relay.example\r\n");
    }
  });
  ports_["relay"] = relay_->port();
  REQUIRE(::chmod(folder_.path.c_str(), 0755) == 0);
  for (const auto* one : {"run", "state", "mail", "log", "users", "sieve"}) std::filesystem::create_directories(folder_.path + "/" + one);
  const auto* mail = ::getpwnam("mail");
  REQUIRE(mail != nullptr);
  for (const auto* one : {"/mail", "/sieve"}) REQUIRE(::chown((folder_.path + one).c_str(), mail->pw_uid, mail->pw_gid) == 0);
  make_certificate(folder_.path);
  for (auto at = others.find('@'); at != std::string::npos; at = others.find('@')) others.replace(at, 1, folder_.path);
  write(folder_.path + "/dovecot.conf",
        configuration(folder_.path, ports_, "passdb {\n  driver = passwd-file\n  args = " + users() + "\n" + own + "}\n" + others));
  std::string lines;
  for (int i = 0; i < spares; ++i) {
    spare_.push_back(name_of(i));
    lines += name_of(i) + ":{PLAIN}secret of " + name_of(i) + "::::::\n";
  }
  // Names of a shell; fields behind the password; a comment.
  write(users(),
        lines + "quarantine@chu.test:{PLAIN}x::::::\n# a comment\no$(id)&x@chu.test:{PLAIN}secret of o$(id)&x@chu.test:::c:/h::a=b\n");
  write(folder_.path + "/users/second", lines);
  const auto* group = ::getgrnam("dovecot");
  REQUIRE(group != nullptr);
  for (const auto* one : {"/users/passwd", "/users/second"}) {
    REQUIRE(::chown((folder_.path + one).c_str(), 0, group->gr_gid) == 0);
    REQUIRE(::chmod((folder_.path + one).c_str(), 0640) == 0);
  }
  write(folder_.path + "/host.conf", "passwd " + users() + "\ndovecot " + folder_.path + "/dovecot.conf\nmail\n");
  write(folder_.path + "/helper",
        "#!/bin/sh\nDIGUE_MAIL_HOST_CONF=" + folder_.path + "/host.conf exec " DIGUE_SOURCE_DIR "/packaging/host/digue-mail-host \"$@\"\n");
  REQUIRE(::chmod((folder_.path + "/helper").c_str(), 0755) == 0);
  server_ = start_program({"/usr/sbin/dovecot", "-F", "-c", folder_.path + "/dovecot.conf"}, folder_.path + "/out");
  while (read(folder_.path + "/log/dovecot.log").find("starting up") == std::string::npos ||
         !LineClient::connect("127.0.0.1", ports_["http"], std::chrono::seconds(1))) {
    INFO(read(folder_.path + "/out") << read(folder_.path + "/log/dovecot.log"));
    REQUIRE(::waitpid(server_, nullptr, WNOHANG) == 0);
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
}

TestServer::~TestServer() {
  stop_program(server_);
}

std::string TestServer::account(const std::string& purpose) {
  if (purpose == "hostile") return "o$(id)&x@chu.test";
  REQUIRE(!spare_.empty());
  auto out = spare_.back();
  spare_.pop_back();
  return out;
}

containment::Settings TestServer::settings() const {
  containment::Settings out;
  out.name = "mail";
  out.kind = "dovecot";
  const auto at = [&](const char* service) { return "127.0.0.1:" + std::to_string(ports_.at(service)); };
  out.values = {{"url", "http://" + at("http") + "/doveadm/v1"},
                {"imap", at("imap")},
                {"imap_tls", "starttls"},
                {"pop3", at("pop3")},
                {"managesieve", at("sieve")},
                {"managesieve_tls", "starttls"},
                {"submission", at("submission")},
                {"submission_tls", "plain"},
                {"door_ca_file", folder_.path + "/cert.pem"},
                {"passwd_file", users()},
                {"helper", folder_.path + "/helper"},
                {"quarantine", "quarantine@chu.test"}};
  out.secrets["api_key"] = "test-api-key";
  return out;
}

std::unique_ptr<containment::Connector> TestServer::connector() const {
  return connector(settings());
}

std::unique_ptr<containment::Connector> TestServer::connector(const containment::Settings& settings) const {
  const auto* maker = connect::connector_named("dovecot");
  REQUIRE(maker != nullptr);
  auto made = maker->make(settings);
  if (!made) FAIL(to_text(made.error()));
  return std::move(*made);
}

std::string TestServer::line_of(const std::string& account) const {
  std::istringstream lines(read(users()));
  std::string line;
  while (std::getline(lines, line))
    if (line.starts_with(account + ":")) return line;
  return {};
}

std::string TestServer::doveadm(const std::string& arguments) const {
  return output_of("doveadm -c " + folder_.path + "/dovecot.conf " + arguments + " 2>&1");
}

bool TestServer::takes(const std::string& account, const std::string& password) const {
  return doveadm("auth test " + quoted(account) + " " + quoted(password)).find("auth succeeded") != std::string::npos;
}

void TestServer::deliver(const std::vector<std::string>& accounts, const std::string& from, const std::string& subject,
                         const std::string& message_id, const std::string& body) const {
  auto client = LineClient::connect("127.0.0.1", ports_.at("lmtp"), std::chrono::seconds(30));
  REQUIRE(client);
  const auto expect = [&](const std::string& line, const std::string& code) {
    if (!line.empty()) REQUIRE(client->send(line + "\r\n"));
    auto answer = client->line();
    while (answer && answer->size() > 3 && (*answer)[3] == '-') answer = client->line();
    REQUIRE(answer);
    INFO(*answer);
    REQUIRE(answer->starts_with(code));
  };
  expect("", "220");
  expect("LHLO test.example", "250");
  expect("MAIL FROM:<" + from + ">", "250");
  for (const auto& account : accounts) {
    const auto at = account.rfind('@');
    expect("RCPT TO:<\"" + account.substr(0, at) + "\"" + account.substr(at) + ">", "250");
  }
  expect("DATA", "354");
  expect("From: " + from + "\r\nTo: " + accounts.front() + "\r\nSubject: " + subject + "\r\nMessage-ID: " + message_id +
             "\r\nDate: Mon, 24 Nov 2025 10:00:00 +0100\r\n\r\n" + body + ".",
         "250");
  for (std::size_t i = 1; i < accounts.size(); ++i) expect("", "250");  // LMTP answers for each
  expect("QUIT", "221");
}

}  // namespace digue::dovecot
