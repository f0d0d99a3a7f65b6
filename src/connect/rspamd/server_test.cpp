#include "connect/rspamd/server_test.hpp"

#include <doctest/doctest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <thread>

#include "base/http_client.hpp"
#include "base/text.hpp"
#include "connect/connectors.hpp"
#include "connect/ldap/steps_test.hpp"

namespace digue::rspamd {

using namespace testing;

namespace {

constexpr auto patience = std::chrono::seconds(20);

/// Asks until it is so, within `patience`.
template <class Question>
bool comes_true(Question question) {
  for (const auto end = std::chrono::steady_clock::now() + patience; std::chrono::steady_clock::now() < end;) {
    if (question()) return true;
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
  }
  return false;
}

std::string rule(const std::string& name, const std::string& by, const std::string& map) {
  return name + " { " + by + "; map = \"" + map + "\"; prefilter = true; action = \"reject\"; }\n";
}

}  // namespace

containment::Order block(const std::string& capability, const std::string& parameter, const std::string& value) {
  containment::Order out;
  out.capability = capability;
  out.parameters[parameter] = value;
  out.until = UtcMicros{now().value + micros_per_day};
  out.mark = "IR-2026-003";
  return out;
}

containment::Plan undo_of(containment::Connector& connector, const containment::Plan& plan) {
  auto undo = connector.plan_undo(plan, plan.prior);
  if (!undo) FAIL(to_text(undo.error()));
  undo->order = plan.order;
  undo->order.until.reset();
  return std::move(*undo);
}

containment::Plan taken_back(containment::Connector& connector, const containment::Plan& plan) {
  auto undo = undo_of(connector, plan);
  ldap::carry_out(connector, undo);
  ldap::proven(connector, undo);
  return undo;
}

TestRspamd* TestRspamd::instance() {
  static const auto server = []() -> std::unique_ptr<TestRspamd> {
    for (const auto* program : {"/usr/bin/rspamd", "/usr/bin/rspamadm", "/usr/bin/rspamc"})
      if (!std::filesystem::exists(program)) {
        MESSAGE("skipped: the connector on a real Rspamd: Debian's rspamd is not installed (" << program << ")");
        return nullptr;
      }
    return std::make_unique<TestRspamd>();
  }();
  return server.get();
}

TestRspamd::TestRspamd() : worker_port_(closed_port()), controller_port_(closed_port()) {
  const auto& at = folder_.path;
  std::filesystem::create_directories(at + "/maps");
  std::filesystem::create_directories(at + "/db");
  for (const auto* name : {"sender", "domain", "pattern", "locked", "url", "attachment"}) write(name, "");
  std::filesystem::permissions(map("locked"), std::filesystem::perms::owner_read);
  std::ofstream(at + "/suffixes") << "com\nexample\ntest\n";
  const auto hash = [](const std::string& password) { return std::string(trim(output_of("/usr/bin/rspamadm pw -e -p " + password))); };
  const std::string by_sender = "type = \"from\"; filter = \"email:addr\"";
  std::ofstream(at + "/rspamd.conf")
      << "options { pidfile = \"" << at << "/pid\"; control_socket = \"" << at
      << "/control mode=0600\"; disable_hyperscan = true; url_tld = \"" << at << "/suffixes\"; cache_file = \"" << at
      << "/cache\"; history_file = \"" << at << "/history\"; hs_cache_dir = \"" << at << "/db\"; dynamic_conf = \"" << at
      << "/dynamic\"; filters = \"\"; dns { nameserver = [\"127.0.0.1:" << closed_port()
      << "\"]; timeout = 0.1s; retransmits = 1; } }\nlogging { type = \"file\"; filename = \"" << at
      << "/log\"; level = \"info\"; }\nactions { reject = 15; add_header = 6; greylist = 4; }\nmultimap {\n"
      << rule("TEST_SENDER", by_sender, map("sender")) << rule("TEST_DOMAIN", "type = \"from\"; filter = \"email:domain\"", map("domain"))
      << rule("TEST_PATTERN", by_sender + "; regexp = true", map("pattern")) << rule("TEST_LOCKED", by_sender, map("locked"))
      << rule("TEST_HOST", "type = \"url\"", map("url"))
      << rule("TEST_PAGE", "type = \"url\"; filter = \"template:${host}/${path}\"", map("url"))
      << rule("TEST_QUERY", "type = \"url\"; filter = \"template:${host}/${path}?${query}\"", map("url"))
      << rule("TEST_FILE", "type = \"selector\"; selector = \"attachments(hex,sha256)\"", map("attachment"))
      << "}\nmodules { path = \"/usr/share/rspamd/plugins/\"; }\nlua = \"/usr/share/rspamd/rules/rspamd.lua\";\n"
      << "worker { type = \"normal\"; bind_socket = \"127.0.0.1:" << worker_port_
      << "\"; count = 2; }\nworker { type = \"controller\"; bind_socket = \"127.0.0.1:" << controller_port_
      << "\"; count = 1; password = \"" << hash("reader-secret") << "\"; enable_password = \"" << hash("digue-secret")
      << "\"; secure_ip = []; }\n";
  std::vector<std::string> words{"/usr/bin/rspamd", "-f", "-c", at + "/rspamd.conf"};
  if (::geteuid() == 0) {
    REQUIRE(output_of("chown -R _rspamd:_rspamd " + at + " 2>&1").empty());
    words.insert(words.end(), {"-u", "_rspamd", "-g", "_rspamd"});
  }
  server_ = start_program(words, at + "/out");
  const bool ready = comes_true([&] {
    REQUIRE(::waitpid(server_, nullptr, WNOHANG) == 0);
    return answers();
  });
  REQUIRE(ready);
}

TestRspamd::~TestRspamd() {
  if (server_ <= 0) return;
  ::kill(server_, SIGTERM);
  if (comes_true([&] { return ::waitpid(server_, nullptr, WNOHANG) != 0; })) return;
  ::kill(server_, SIGKILL);
  ::waitpid(server_, nullptr, 0);
}

bool TestRspamd::answers() const {
  HttpSettings brief;
  brief.total = std::chrono::seconds(2);
  for (const auto port : {worker_port_, controller_port_})
    if (!ask_http({"GET", "http://127.0.0.1:" + std::to_string(port) + "/ping", {}, {}}, brief)) return false;
  return true;
}

std::string TestRspamd::text(const std::string& name) const {
  std::ifstream file(map(name), std::ios::binary);
  REQUIRE(file);
  std::ostringstream out;
  out << file.rdbuf();
  return out.str();
}

void TestRspamd::write(const std::string& name, const std::string& text) const {
  std::ofstream(map(name), std::ios::binary) << text;
}

std::string TestRspamd::action(const std::string& sender, const std::string& content) const {
  const auto mail = folder_.path + "/mail";
  std::ofstream(mail) << "From: <" << sender << ">\nTo: <a@chu.test>\nSubject: Results\nMessage-ID: <1@chu.test>\nMIME-Version: 1.0\n"
                      << content;
  const auto said = output_of("timeout 20 /usr/bin/rspamc -h 127.0.0.1:" + std::to_string(worker_port_) +
                              " -i 192.0.2.7 -r a@chu.test -F \"" + sender + "\" " + mail + " 2>&1");
  const auto at = said.find("Action: ");
  INFO(said);
  REQUIRE(at != std::string::npos);
  return said.substr(at + 8, said.find('\n', at) - at - 8);
}

std::string TestRspamd::soon(const std::string& sender, const std::string& wanted, const std::string& content) const {
  std::string seen;
  comes_true([&] { return (seen = action(sender, content)) == wanted; });
  return seen;
}

containment::Settings TestRspamd::settings() const {
  containment::Settings out;
  out.name = "antispam";
  out.kind = "rspamd";
  out.values = {{"url", url()},
                {"check_url", "http://127.0.0.1:" + std::to_string(worker_port_)},
                {"sender_map", map("sender")},
                {"domain_map", map("domain")},
                {"url_map", map("url")},
                {"attachment_map", map("attachment")},
                {"domains", json::Array{"chu.test"}}};
  out.secrets["password"] = "digue-secret";
  return out;
}

std::unique_ptr<containment::Connector> TestRspamd::connector(const containment::Settings& settings) const {
  const auto* maker = connect::connector_named("rspamd");
  REQUIRE(maker != nullptr);
  auto made = maker->make(settings);
  if (!made) FAIL(to_text(made.error()));
  return std::move(*made);
}

}  // namespace digue::rspamd
