#include "connect/postfix/server_test.hpp"

#include <doctest/doctest.h>
#include <pwd.h>
#include <sys/stat.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <thread>

#include "base/crypto/line_client.hpp"
#include "base/encoding.hpp"
#include "base/files.hpp"
#include "connect/connectors.hpp"
#include "connect/host/sshd_test.hpp"

namespace digue::testing {

namespace {

using namespace std::chrono_literals;

constexpr std::string_view services = R"(pickup unix n - n 60 1 pickup
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
tlsmgr unix - - n 1000? 1 tlsmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
verify unix - - n - 1 verify
flush unix n - n 1000? 0 flush
proxymap unix - - n - - proxymap
proxywrite unix - - n - 1 proxymap
smtp unix - - n - - smtp
relay unix - - n - - smtp
showq unix n - n - - showq
error unix - - n - - error
retry unix - - n - - error
discard unix - - n - - discard
lmtp unix - - n - - lmtp
anvil unix - - n - 1 anvil
scache unix - - n - 1 scache
postlog unix-dgram n - n - 1 postlogd
)";

void put(const std::string& path, const std::string& text, unsigned mode = 0644) {
  REQUIRE(write_file(path, text, mode));
  REQUIRE(::chmod(path.c_str(), mode) == 0);
}

std::string type_of(const std::string& name) {
  return name == "sender_block" ? "texthash" : name == "both_lmdb" ? "lmdb" : name == "both_cdb" ? "cdb" : "hash";
}

/// Sends one command and gives the last line of the reply.
std::string say(LineClient& client, const std::string& command) {
  if (!command.empty()) REQUIRE(client.send(command + "\r\n"));
  while (true) {
    const auto line = client.line();
    REQUIRE(line);
    if (line->size() < 4 || (*line)[3] != '-') return *line;
  }
}

}  // namespace

PostfixServer* PostfixServer::instance() {
  static const auto server = []() -> std::unique_ptr<PostfixServer> {
    const bool there = std::filesystem::exists("/usr/lib/postfix/sbin/master") && std::filesystem::exists("/usr/sbin/dovecot");
    if (!there || ::getuid() != 0) {
      MESSAGE("skipped: Postfix: the packages postfix and dovecot-core are not installed, or this is not root");
      return nullptr;
    }
    return std::make_unique<PostfixServer>();
  }();
  return server.get();
}

PostfixServer::PostfixServer() : smtp_(closed_port()), submission_(closed_port()) {
  const auto& home = folder_.path;
  ::chmod(home.c_str(), 0755);
  for (const std::string name : {"etc", "spool", "lib", "maps", "dovecot", "dovecot/run", "dovecot/state"})
    REQUIRE(::mkdir((home + "/" + name).c_str(), 0755) == 0);
  REQUIRE(::chown((home + "/lib").c_str(), ::getpwnam("postfix")->pw_uid, 0) == 0);
  make_certificate(home);
  put(home + "/users", "alice@chu.test:{PLAIN}pw-alice::::::\nbob@chu.test:{PLAIN}pw-bob::::::\n");
  put(home + "/dovecot/conf", "base_dir = " + home + "/dovecot/run\nstate_dir = " + home + "/dovecot/state\nlog_path = " + home +
                                  "/dovecot/log\nlisten = 127.0.0.1\nprotocols =\nssl = no\ndisable_plaintext_auth = no\n"
                                  "passdb {\n  driver = passwd-file\n  args = " +
                                  home +
                                  "/users\n}\nuserdb {\n  driver = static\n  args = uid=nobody gid=nogroup home=/nonexistent\n}\n"
                                  "service auth {\n  unix_listener auth-postfix {\n    mode = 0666\n  }\n}\n"
                                  "service anvil {\n  unix_listener anvil-auth-penalty {\n    mode = 0\n  }\n}\n");
  put(file("senders"), "alice@chu.test alice@chu.test\nbob@chu.test bob@chu.test\npostmaster@chu.test bob@chu.test\n");
  std::string more, more_maps;
  for (const auto& name : more_tables()) {
    more += ",\n  check_sasl_access " + table(name) + ", check_sender_access " + table(name);
    more_maps += "\nmap " + table(name);
  }
  put(home + "/etc/main.cf",
      "compatibility_level = 3.6\nqueue_directory = " + home + "/spool\ndata_directory = " + home +
          "/lib\ncommand_directory = /usr/sbin\ndaemon_directory = /usr/lib/postfix/sbin\nmail_owner = postfix\nsetgid_group = postdrop\n"
          "inet_interfaces = 127.0.0.1\ninet_protocols = ipv4\nmyhostname = mx.chu.test\nmydestination =\nmynetworks = 127.0.0.2/32\n"
          "maillog_file = " +
          home + "/lib/mail.log\nmaillog_file_prefixes = /tmp, /var, " + home +
          "\nvirtual_mailbox_domains = chu.test\nvirtual_mailbox_maps = texthash:" + file("senders") +
          "\nvirtual_transport = discard:\ndefault_transport = lmtp:inet:127.0.0.1:" + std::to_string(closed_port()) +
          "\nsmtpd_sasl_type = dovecot\nsmtpd_sasl_path = " + home +
          "/dovecot/run/auth-postfix\nsmtpd_sasl_auth_enable = yes\n"
          "smtpd_relay_restrictions = permit_sasl_authenticated, reject_unauth_destination\nsmtpd_sender_restrictions = "
          "check_sasl_access " +
          table("sasl_block") + ",\n  check_sender_access " + table("sender_block") + ", check_sender_access " + table("sender_hash") +
          more + "\nsmtpd_tls_security_level = may\nsmtpd_tls_cert_file = " + home + "/cert.pem\nsmtpd_tls_key_file = " + home +
          "/key.pem\nalias_maps =\nalias_database =\n");
  put(home + "/etc/master.cf", "127.0.0.1:" + std::to_string(smtp_) + " inet n - n - - smtpd\n127.0.0.1:" + std::to_string(submission_) +
                                   " inet n - n - - smtpd\n  -o smtpd_client_restrictions=permit_sasl_authenticated,reject\n" +
                                   std::string(services));
  for (const std::string name : {"sasl_block", "sender_block", "sender_hash"}) write_table(name, "");
  for (const auto& name : more_tables()) write_table(name, "");
  put(home + "/mail-host.conf", "postfix " + configuration() + "\nmap " + table("sasl_block") + "\nmap " + table("sender_block") +
                                    "\nmap " + table("sender_hash") + more_maps + "\nmap hash:" + home + "/maps/unused\nlog " + home +
                                    "/lib/mail.log\n");
  write_program(
      home, "mail-host",
      "#!/bin/sh\nDIGUE_MAIL_HOST_CONF=" + home + "/mail-host.conf exec " DIGUE_SOURCE_DIR "/packaging/host/digue-mail-host \"$@\"\n");
  dovecot_ = start_program({"/usr/sbin/dovecot", "-F", "-c", home + "/dovecot/conf"}, home + "/dovecot/out");
  output_of("postfix -c " + configuration() + " check 2>&1");
  start();
}

PostfixServer::~PostfixServer() {
  stop();
  stop_program(dovecot_);
}

void PostfixServer::start() {
  if (postfix_ > 0) return;
  postfix_ = start_program(
      {"/bin/sh", "-c",
       "cd " + folder_.path + "/spool && MAIL_CONFIG=" + configuration() + " exec /usr/lib/postfix/sbin/master -d -c " + configuration()},
      folder_.path + "/out");
  const auto socket = folder_.path + "/dovecot/run/auth-postfix";
  for (int tries = 0; tries < 1000; ++tries) {
    auto client = LineClient::connect("127.0.0.1", smtp_, 60s);
    if (client && std::filesystem::exists(socket) && client->line() && std::filesystem::exists(folder_.path + "/lib/mail.log")) return;
    std::this_thread::sleep_for(20ms);
  }
  FAIL("Postfix does not start: " << output_of("cat " + folder_.path + "/out " + folder_.path + "/lib/mail.log"));
}

void PostfixServer::stop() {
  stop_program(postfix_);
  postfix_ = 0;
}

std::vector<std::string> PostfixServer::more_tables() {
  std::vector<std::string> out;
  for (const std::string type : {"lmdb", "cdb"})
    if (std::filesystem::exists("/usr/lib/postfix/postfix-" + type + ".so"))
      out.push_back("both_" + type);
    else
      MESSAGE("skipped: tables of type " << type << ": the package postfix-" << type << " is not installed");
  return out;
}

std::string PostfixServer::table(const std::string& name) const {
  return type_of(name) + ":" + file(name);
}

void PostfixServer::write_table(const std::string& name, const std::string& text) {
  put(file(name), text);
  if (name != "sender_block") {
    // Its time differs in whole seconds, by which smtpd learns of it.
    const auto db = file(name) + (type_of(name) == "hash" ? ".db" : "." + type_of(name));
    output_of("was=$(stat -c %Y " + db + " 2>&1); postmap -c " + configuration() + " " + table(name) + "; [ \"$(stat -c %Y " + db +
              ")\" != \"$was\" ] || { sleep 1; touch " + db + "; }");
  } else if (postfix_ > 0) {
    output_of("postfix -c " + configuration() + " reload 2>&1");
  }
}

std::unique_ptr<containment::Connector> PostfixServer::connector(const json::Object& changes) const {
  containment::Settings settings;
  settings.name = "mx";
  settings.kind = "postfix";
  settings.values = {{"helper", folder_.path + "/mail-host"},
                     {"sasl_block", table("sasl_block")},
                     {"sender_block", table("sender_block")},
                     {"submission", "127.0.0.1:" + std::to_string(submission_)},
                     {"smtp", "127.0.0.1:" + std::to_string(smtp_)},
                     {"ca_file", folder_.path + "/cert.pem"},
                     {"domains", json::Array{"chu.test"}}};
  for (const auto& [name, value] : changes) settings.values[name] = value;
  auto made = connect::connector_named("postfix")->make(settings);
  REQUIRE(made);
  return std::move(*made);
}

std::string PostfixServer::send(const std::string& user, const std::string& sender, const std::string& recipient,
                                const std::string& subject) {
  auto client = LineClient::connect("127.0.0.1", user.empty() ? smtp_ : submission_, 60s);
  REQUIRE(client);
  auto reply = say(*client, "");
  std::vector<std::string> commands{"EHLO [127.0.0.1]"};
  if (!user.empty()) commands.push_back("AUTH PLAIN " + base64('\0' + user + '\0' + "pw-" + user.substr(0, user.find('@'))));
  commands.insert(commands.end(),
                  {"MAIL FROM:<" + sender + ">", "RCPT TO:<" + recipient + ">", "DATA", "Subject: " + subject + "\r\n\r\nbody\r\n."});
  for (const auto& command : commands) {
    reply = say(*client, command);
    if (reply[0] > '3') break;
  }
  (void)client->send("QUIT\r\n");
  return reply;
}

std::string PostfixServer::queue() const {
  return output_of("postqueue -c " + configuration() + " -j");
}

void PostfixServer::empty_queue() const {
  output_of("postsuper -c " + configuration() + " -d ALL 2>&1");
}

}  // namespace digue::testing
