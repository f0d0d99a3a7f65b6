#include "connect/lemonldap/server_test.hpp"

#include <doctest/doctest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <thread>

#include "base/crypto/hash.hpp"
#include "base/http_client.hpp"
#include "base/text.hpp"
#include "connect/connectors.hpp"

namespace digue::lemonldap {

using namespace testing;

namespace {

constexpr auto patience = std::chrono::seconds(40);

std::string read(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream out;
  out << file.rdbuf();
  return out.str();
}

/// Words in front of a program that runs as the portal's user.
std::string as_portal() {
  return ::geteuid() == 0 ? "setpriv --reuid www-data --regid www-data --clear-groups " : "";
}

}  // namespace

TestPortal* TestPortal::instance() {
  static const auto portal = []() -> std::unique_ptr<TestPortal> {
    for (const auto* file : {"/usr/bin/starman", "/usr/bin/setpriv", "/usr/share/perl5/Lemonldap/NG/Portal.pm",
                             "/usr/share/perl5/Convert/Base32.pm", "/usr/share/perl5/Digest/HMAC_SHA1.pm"})
      if (!std::filesystem::exists(file)) {
        MESSAGE("skipped: the connector on a real LemonLDAP::NG: Debian's packages are not installed (" << file << ")");
        return nullptr;
      }
    return std::make_unique<TestPortal>();
  }();
  return portal.get();
}

TestPortal::TestPortal() : port_(closed_port()) {
  const auto& at = folder_.path;
  for (const auto* name : {"conf", "conf.kept", "sessions/lock", "kept/lock", "cache"})
    std::filesystem::create_directories(at + "/" + name);
  configure("conf", "");
  configure("conf.kept", R"(,"disablePersistentStorage":1)");
  std::ofstream(at + "/portal.psgi")
      << "use Lemonldap::NG::Portal;\nuse Lemonldap::NG::Portal::UserDB::Demo;\n"
         "%Lemonldap::NG::Portal::UserDB::Demo::demoAccounts = map { $_ => { uid => lc $_, cn => $_, mail => /paul|jean/ ? "
         "\"$_\\@chu.test; accueil\\@chu.test\" : \"$_\\@chu.test\" } } qw(camille CAMILLE marie paul jean);\n"
         "Lemonldap::NG::Portal->run({});\n";
  std::filesystem::permissions(at, std::filesystem::perms(0755));
  if (::geteuid() == 0) REQUIRE(output_of("chown -R www-data:www-data " + at + " 2>&1").empty());
  std::vector<std::string> words{"/usr/bin/env", "LLNG_DEFAULTCONFFILE=" + at + "/conf.ini", "/usr/bin/starman"};
  if (::geteuid() == 0) words.insert(words.end(), {"--user", "www-data", "--group", "www-data"});
  words.insert(words.end(), {"--workers", "2", "--host", "127.0.0.1", "--port", std::to_string(port_), at + "/portal.psgi"});
  server_ = start_program(words, at + "/log");
  bool ready = false;
  for (const auto limit = std::chrono::steady_clock::now() + patience; !ready && std::chrono::steady_clock::now() < limit;) {
    REQUIRE(::waitpid(server_, nullptr, WNOHANG) == 0);
    if (!(ready = answers())) std::this_thread::sleep_for(std::chrono::milliseconds(100));
  }
  INFO(read(at + "/log"));
  REQUIRE(ready);
}

TestPortal::~TestPortal() {
  if (server_ > 0) stop_program(server_);
}

void TestPortal::configure(const std::string& name, const std::string& more) const {
  const auto& at = folder_.path;
  const auto files = [&](const std::string& folder) {
    return R"("Apache::Session::File",")" + folder + R"(StorageOptions":{"Directory":")" + at + "/" +
           (folder == "global" ? "sessions" : "kept") + R"(","LockDirectory":")" + at + "/" + (folder == "global" ? "sessions" : "kept") +
           R"(/lock"})";
  };
  std::ofstream(at + "/" + name + "/lmConf-1.json")
      << R"({"cfgNum":1,"cfgDate":1700000000,"cfgAuthor":"digue","authentication":"Demo","userDB":"Same","portal":")" << url()
      << R"(","domain":"127.0.0.1","cookieName":"lemonldap","securedCookie":0,"https":0,"key":"0123456789abcdef","requireToken":0,)"
      << R"("globalStorage":)" << files("global") << R"(,"persistentStorage":)" << files("persistent")
      << R"(,"localSessionStorage":"Cache::FileCache","localSessionStorageOptions":{"cache_root":")" << at
      << R"(/cache","namespace":"s","default_expires_in":600,"cache_depth":3,"directory_umask":"007"},"totp2fSelfRegistration":1,)"
      << R"("totp2fActivation":1,"loginHistoryEnabled":1,"whatToTrace":"_whatToTrace","macros":{"_whatToTrace":"$_user"},)"
      << R"("demoExportedVars":{"cn":"cn","mail":"mail","uid":"uid"},"locationRules":{"127.0.0.1":{"default":"accept"}},)"
      << R"("exportedHeaders":{"127.0.0.1":{}})" << more << "}";
  std::ofstream(at + "/" + name + ".ini") << "[all]\nlogLevel=warn\n[configuration]\ntype=File\ndirName=" << at << "/" << name
                                          << "\n[portal]\nlanguages=en\ntemplateDir=/usr/share/lemonldap-ng/portal/templates\n";
}

bool TestPortal::answers() const {
  HttpSettings brief;
  brief.total = std::chrono::seconds(2);
  const auto answer = ask_http({"GET", url() + "ping", {{"Accept", "application/json"}}, {}}, brief);
  return answer && answer->status < 500;
}

std::string TestPortal::sign_in(const std::string& user) const {
  const auto answer = ask_http({"POST",
                                url(),
                                {{"Accept", "application/json"}, {"Content-Type", "application/x-www-form-urlencoded"}},
                                "user=" + user + "&password=" + user},
                               {});
  REQUIRE(answer);
  INFO(answer->body);
  REQUIRE(answer->status == 200);
  const auto value = json::parse(answer->body);
  REQUIRE(value);
  return std::string(value->at("id").as_string());
}

std::string TestPortal::who(const std::string& id) const {
  const auto answer =
      ask_http({"GET", url() + "mysession/?whoami", {{"Accept", "application/json"}, {"Cookie", "lemonldap=" + id}}, {}}, {});
  REQUIRE(answer);
  if (answer->status == 401) return {};
  INFO(answer->body);
  REQUIRE(answer->status == 200);
  return std::string(json::parse(answer->body)->at("result").as_string());
}

void TestPortal::enrol(const std::string& user, const std::string& device, const std::string& id) const {
  auto list = methods(user);
  list = list.empty() || list == "[]" ? "[" + device + "]" : list.substr(0, list.size() - 1) + "," + device + "]";
  write_methods(user, list, id);
}

void TestPortal::write_methods(const std::string& user, const std::string& list, const std::string& id) const {
  std::ofstream(folder_.path + "/list", std::ios::binary) << list;
  std::ofstream(folder_.path + "/write.pl")
      << "use Lemonldap::NG::Common::Session; use Lemonldap::NG::Common::Util qw(getPSessionID); my ($at, $user, $id) = @ARGV;\n"
         "open my $file, '<', \"$at/list\"; local $/; my $list = <$file>;\n"
         "my $write = sub { my ($folder, $id, $force) = @_; my $s = Lemonldap::NG::Common::Session->new({ storageModule => "
         "'Apache::Session::File', storageModuleOptions => { Directory => $folder, LockDirectory => \"$folder/lock\" }, id => $id, force "
         "=> "
         "$force, kind => $force ? 'Persistent' : 'SSO' }); die $s->error if $s->error; $s->update({ _2fDevices => $list, $force ? "
         "(_session_uid => $user) : () }) or die };\n"
         "$write->(\"$at/kept\", getPSessionID($user), 1); $write->(\"$at/sessions\", $id, 0) if $id;\n";
  const auto told = output_of(as_portal() + "perl " + folder_.path + "/write.pl " + folder_.path + " " + user + " " + id + " 2>&1");
  INFO(told);
  REQUIRE(told.empty());
}

std::string TestPortal::methods(const std::string& user) const {
  const auto text = read(folder_.path + "/kept/" + std::string(trim(output_of("printf %s " + user + " | md5sum | cut -c 1-32"))));
  const auto value = json::parse(text);
  const auto* list = value && value->is_object() ? value->get_object().if_contains("_2fDevices") : nullptr;
  return list == nullptr ? "" : std::string(list->as_string());
}

std::string TestPortal::methods_of_session(const std::string& id) const {
  const auto value = json::parse(read(folder_.path + "/sessions/" + id));
  REQUIRE(value);
  const auto* list = value->as_object().if_contains("_2fDevices");
  return list == nullptr ? "" : std::string(list->as_string());
}

std::string TestPortal::program(const std::string& name, const std::string& text) const {
  const auto path = folder_.path + "/" + name;
  std::ofstream(path) << "#!/bin/sh\n" << text << "\n";
  std::filesystem::permissions(path, std::filesystem::perms(0755));
  return path;
}

containment::Settings TestPortal::settings() const {
  containment::Settings out;
  out.name = "sso";
  out.kind = "lemonldap";
  out.values["helper"] = program("sso", "LLNG_DEFAULTCONFFILE=" + folder_.path + "/conf.ini exec " + as_portal() + DIGUE_SOURCE_DIR +
                                            "/packaging/host/digue-sso-host \"$@\"");
  return out;
}

std::unique_ptr<containment::Connector> TestPortal::connector(const containment::Settings& settings) const {
  const auto* maker = connect::connector_named("lemonldap");
  REQUIRE(maker != nullptr);
  auto made = maker->make(settings);
  if (!made) FAIL(to_text(made.error()));
  return std::move(*made);
}

}  // namespace digue::lemonldap
