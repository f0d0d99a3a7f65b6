#include "connect/host/host.hpp"

#include <doctest/doctest.h>
#include <signal.h>
#include <unistd.h>

#include <filesystem>
#include <memory>
#include <thread>

#include "base/files.hpp"
#include "connect/host/sshd_test.hpp"

using namespace digue;
using namespace digue::connect;
using namespace digue::testing;
using std::chrono::milliseconds;

namespace {

constexpr milliseconds plenty{60'000};

/// Arguments as a hostile person names accounts and queue entries.
const std::vector<std::string>& hostile() {
  static const std::vector<std::string> all{"plain@chu.example",
                                            "",
                                            "o'brien",
                                            "''",
                                            "$(touch gone)",
                                            "`id`",
                                            "a\nb\n",
                                            "-rf",
                                            "\\'",
                                            "\"",
                                            "a b  c ",
                                            "*?[a]",
                                            "\xff\xfe",
                                            "\x01\x1b[2J",
                                            "é\u202e",
                                            "~",
                                            "=x",
                                            "; exit 3",
                                            std::string(20'000, 'x')};
  return all;
}

/// Says its arguments, each ended by NUL, then its input; on the other stream a word.
constexpr auto echo = "#!/bin/sh\nprintf '%s\\0' \"$@\"\ncat\necho aside >&2\nexit 7\n";

std::string expected_echo(std::string_view input) {
  std::string out;
  for (const auto& one : hostile()) out.append(one).push_back('\0');
  return out.append(input);
}

void check_echo(Host& host) {
  const std::string input = "line\n\xff" + std::string(300'000, 'y');
  const auto answer = host.run(hostile(), input, plenty);
  REQUIRE(answer);
  CHECK(answer->exit == 7);
  CHECK(answer->out == expected_echo(input));
  CHECK(answer->err == "aside\n");
  const auto refused = host.run({std::string("a\0b", 3)}, {}, plenty);
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code == ErrorCode::bad_input);
}

std::unique_ptr<Host> local(const std::string& program) {
  return host_of({{"helper", program}}, {}).value();
}

}  // namespace

TEST_CASE("host: a program of this machine gets arguments and input byte for byte") {
  Folder folder;
  check_echo(*local(write_program(folder.path, "echo", echo)));
  CHECK_FALSE(file_exists("gone"));
}

TEST_CASE("host: a program that does not end is ended with all it started") {
  Folder folder;
  const auto host = local(write_program(folder.path, "slow", "#!/bin/sh\nsleep 1000 &\necho $! >" + folder.path + "/pid\nwait\n"));
  const auto answer = host->run({}, {}, milliseconds(5'000));
  REQUIRE_FALSE(answer);
  CHECK(answer.error().code == ErrorCode::io);
  CHECK(answer.error().help.find("ignore") != std::string::npos);
  const pid_t child = std::stoi(read_file(folder.path + "/pid", 100).value());
  // An orphan that nobody waits for may stay as a zombie: it does not run any more.
  bool over = false;
  for (int tries = 0; tries < 500 && !over; ++tries) {
    const auto state = read_file("/proc/" + std::to_string(child) + "/stat", 4096);
    over = !state || state->find(") Z ") != std::string::npos || state->find(") X ") != std::string::npos;
    if (!over) std::this_thread::sleep_for(milliseconds(20));
  }
  CHECK(over);
}

TEST_CASE("host: one that closes its streams and stays is not waited for") {
  Folder folder;
  const auto host = local(write_program(folder.path, "stay", "#!/bin/sh\nexec >&- 2>&-\nsleep 1000\n"));
  const auto answer = host->run({}, {}, milliseconds(500));
  REQUIRE_FALSE(answer);
  CHECK(answer.error().code == ErrorCode::io);
}

TEST_CASE("host: answers are bounded, and failures say what is unknown") {
  Folder folder;
  auto answer = local(write_program(folder.path, "long", "#!/bin/sh\nhead -c 70000000 /dev/zero\n"))->run({}, {}, plenty);
  REQUIRE_FALSE(answer);
  CHECK(answer.error().code == ErrorCode::limit);
  answer = local(folder.path + "/absent")->run({}, {}, plenty);
  REQUIRE_FALSE(answer);
  CHECK(answer.error().code == ErrorCode::io);
  CHECK(answer.error().help == "Rien n’a été fait.");
  answer = local(write_program(folder.path, "dies", "#!/bin/sh\nkill -9 $$\n"))->run({}, {}, plenty);
  REQUIRE_FALSE(answer);
  CHECK(answer.error().help.find("On ignore") == 0);
  // Input that it does not read is no error: its exit code says what it did.
  answer = local(write_program(folder.path, "deaf", "#!/bin/sh\nexit 3\n"))->run({}, std::string(1 << 20, 'x'), plenty);
  REQUIRE(answer);
  CHECK(answer->exit == 3);
}

TEST_CASE("host: settings are checked by name") {
  const auto field = [](json::Object settings, std::string_view identity = {}) {
    const auto host = host_of(settings, identity);
    return host ? std::string() : host.error().where;
  };
  const std::string pin = "SHA256:" + std::string(43, 'A');
  CHECK(field({}) == "");
  CHECK(field({{"helper", "digue-mail-host"}}) == "helper");
  CHECK(field({{"host", "mx.chu.example"}, {"host_key", pin}}) == "user");
  CHECK(field({{"host", "mx.chu.example"}, {"user", "digue"}}) == "host_key");
  CHECK(field({{"host", "-oProxyCommand=id"}, {"user", "digue"}, {"host_key", pin}}) == "host");
  CHECK(field({{"host", "mx"}, {"user", "a b"}, {"host_key", pin}}) == "user");
  CHECK(field({{"host", "mx"}, {"user", "digue"}, {"host_key", "MD5:00"}}) == "host_key");
  CHECK(field({{"host", "mx"}, {"user", "digue"}, {"host_key", pin}, {"port", 0}}) == "port");
  CHECK(field({{"host", "mx"}, {"user", "digue"}, {"host_key", pin}}, "no key") == "identity");
}

TEST_CASE("host: through sudo, the configuration of the environment does not count") {
  if (::getuid() != 0 || !std::filesystem::exists("/usr/bin/sudo") || std::filesystem::exists("/etc/digue/mail-host.conf")) {
    MESSAGE("skipped: sudo: not root, not installed, or a configuration stands in /etc/digue");
    return;
  }
  Folder folder;
  REQUIRE(write_file(folder.path + "/conf", "passwd /etc/passwd\n"));
  const std::string program = std::string(DIGUE_SOURCE_DIR) + "/packaging/host/digue-mail-host";
  const auto wrapper =
      write_program(folder.path, "wrapper", "#!/bin/sh\nDIGUE_MAIL_HOST_CONF=" + folder.path + "/conf exec " + program + " \"$@\"\n");
  CHECK(local(wrapper)->run({"version"}, {}, plenty)->exit == 0);
  const auto refused = host_of({{"helper", wrapper}, {"sudo", true}}, {}).value()->run({"version"}, {}, plenty);
  REQUIRE(refused);
  CHECK(refused->exit == 5);
  CHECK(refused->err.find("/etc/digue/mail-host.conf is not there") != std::string::npos);
}

TEST_CASE("host: SSH carries arguments and input byte for byte") {
  const auto server = SshServer::start();
  if (!server) return;
  Folder folder;
  const auto host = host_of(server->settings(write_program(folder.path, "echo", echo)), server->identity());
  REQUIRE(host);
  check_echo(**host);
  CHECK_FALSE(file_exists("gone"));
}

TEST_CASE("host: another host key than the pinned one is refused before anything is sent") {
  const auto server = SshServer::start();
  if (!server) return;
  auto settings = server->settings("/bin/true");
  settings["host_key"] = "SHA256:" + std::string(43, 'A');
  const auto answer = host_of(settings, server->identity()).value()->run({"map-set"}, "secret", plenty);
  REQUIRE_FALSE(answer);
  CHECK(answer.error().code == ErrorCode::forbidden);
  CHECK(answer.error().message.find("SHA256:" + std::string(43, 'A')) != std::string::npos);
  const auto log = server->log();
  CHECK(log.find("Connection from 127.0.0.1") != std::string::npos);
  CHECK(log.find("userauth-request") == std::string::npos);
}

TEST_CASE("host: SSH says what failed, and whether something may have been done") {
  const auto server = SshServer::start();
  if (!server) return;
  Folder folder;
  const auto code_of = [](const Result<HostAnswer>& answer) { return answer ? std::string("none") : answer.error().help; };
  // Another key.
  output_of("ssh-keygen -q -t ed25519 -N '' -f " + folder.path + "/other");
  const auto other = read_file(folder.path + "/other", 8192).value();
  auto answer = host_of(server->settings("/bin/true"), other).value()->run({}, {}, plenty);
  REQUIRE_FALSE(answer);
  CHECK(answer.error().code == ErrorCode::forbidden);
  // A key that asks for a passphrase.
  output_of("ssh-keygen -q -t ed25519 -N secret -f " + folder.path + "/locked");
  CHECK_FALSE(host_of(server->settings("/bin/true"), read_file(folder.path + "/locked", 8192).value()));
  // Cut while the program runs.
  const auto cutting = write_program(folder.path, "cut", "#!/bin/sh\necho part\nkill -9 $PPID\nsleep 5\n");
  answer = host_of(server->settings(cutting), server->identity()).value()->run({}, {}, plenty);
  CHECK(code_of(answer).find("On ignore") == 0);
  // A program that does not end.
  const auto slow = write_program(folder.path, "slow", "#!/bin/sh\nexec sleep 1000\n");
  answer = host_of(server->settings(slow), server->identity()).value()->run({}, {}, milliseconds(8'000));
  CHECK(code_of(answer).find("On ignore") == 0);
  // Too long an answer.
  const auto flood = write_program(folder.path, "flood", "#!/bin/sh\nhead -c 70000000 /dev/zero\n");
  answer = host_of(server->settings(flood), server->identity()).value()->run({}, {}, plenty);
  REQUIRE_FALSE(answer);
  CHECK(answer.error().code == ErrorCode::limit);
  // Nobody there; somebody who says nothing.
  auto settings = server->settings("/bin/true");
  settings["port"] = static_cast<int>(closed_port());
  answer = host_of(settings, server->identity()).value()->run({}, {}, plenty);
  CHECK(code_of(answer) == "Rien n’a été fait.");
  RawServer silent([](const Peer& peer) { peer.wait_for_close(); });
  settings["port"] = static_cast<int>(silent.port());
  answer = host_of(settings, server->identity()).value()->run({}, {}, milliseconds(700));
  CHECK(code_of(answer) == "Rien n’a été fait.");
}

TEST_CASE("host: as a forced command, only the fixed verbs are reached") {
  Folder folder;
  const std::string program = std::string(DIGUE_SOURCE_DIR) + "/packaging/host/digue-mail-host";
  REQUIRE(write_file(folder.path + "/conf", "passwd " + folder.path + "/users\n"));
  REQUIRE(write_file(folder.path + "/users", "o'b$(id)@chu.example:{SHA512-CRYPT}$6$a$b::::::\n"));
  const auto server = SshServer::start("DIGUE_MAIL_HOST_CONF=" + folder.path + "/conf " + program + " forced");
  if (!server) return;
  auto settings = server->settings(program);
  if (::getuid() == 0) settings["sudo"] = true;  // the forced command reads past it
  const auto host = host_of(settings, server->identity()).value();
  auto answer = host->run({"passwd-read", folder.path + "/users", "o'b$(id)@chu.example"}, {}, plenty);
  REQUIRE(answer);
  CHECK(answer->exit == 0);
  CHECK(answer->out.find("\"found\":true") != std::string::npos);
  CHECK(host->run({"passwd-read", "/etc/shadow", "root"}, {}, plenty)->exit == 5);
  for (const auto& arguments : std::vector<std::vector<std::string>>{{"sh"}, {"forced"}, {"version\nid"}, {"-c", "id"}, {}})
    CHECK(host->run(arguments, {}, plenty)->exit == 2);
}
