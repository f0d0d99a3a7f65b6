#include <doctest/doctest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>

#include "base/files.hpp"
#include "connect/host/host.hpp"
#include "connect/host/sshd_test.hpp"

using namespace digue;
using namespace digue::connect;
using namespace digue::testing;

namespace {

constexpr std::chrono::milliseconds plenty{60'000};
const std::string program = "/usr/sbin/digue-mail-host";
const std::string source = std::string(DIGUE_SOURCE_DIR) + "/packaging/host/";

/// The lines that the manual has put into /etc/sudoers.d.
std::string sudoers() {
  const auto manual = read_file(source + "README.md", 1 << 16).value();
  const auto named = manual.find("visudo -f /etc/sudoers.d/digue");
  const auto from = manual.find("```\n", named) + 4;
  return manual.substr(from, manual.find("```", from) - from);
}

void append(const std::string& path, const std::string& text) {
  REQUIRE(write_file(path, read_file(path, 1 << 20).value() + text, 0644));
}

/// What the machine would be like with the program installed as the manual says: seen only by what is started through `words`, since its
/// /etc and /usr/sbin are others in a mount namespace of its own.
struct Installed {
  Folder folder;
  std::string users = folder.path + "/users";
  std::vector<std::string> words;

  Installed() {
    const auto& home = folder.path;
    REQUIRE(::chmod(home.c_str(), 0755) == 0);
    for (const auto* one : {"/sbin", "/orig"}) REQUIRE(::mkdir((home + one).c_str(), 0755) == 0);
    output_of("cp -a /etc " + home + "/etc; cd /usr/sbin; for one in *; do ln -s " + home + "/orig/$one " + home + "/sbin/$one; done");
    append(home + "/etc/passwd", "digue-test:x:64123:64123::/:/bin/sh\n");
    append(home + "/etc/group", "digue-test:x:64123:\n");
    append(home + "/etc/shadow", "digue-test:*:19000:0:99999:7:::\n");
    auto lines = sudoers();
    REQUIRE(lines.find("\n   digue ALL=(root) NOPASSWD: " + program + "\n") != std::string::npos);
    lines.replace(lines.find("\n   digue ") + 4, 5, "digue-test");
    REQUIRE(write_file(home + "/etc/sudoers.d/digue", lines, 0440));
    std::filesystem::create_directories(home + "/etc/digue");
    REQUIRE(write_file(home + "/etc/digue/mail-host.conf", "passwd " + users + "\n", 0644));
    REQUIRE(write_file(users, "a@chu.test:{PLAIN}old::::::\n", 0600));
    REQUIRE(write_file(home + "/sbin/digue-mail-host", read_file(source + "digue-mail-host", 1 << 20).value(), 0755));
    const auto apart = write_program(home, "apart",
                                     "#!/bin/sh\nset -e\nmount --bind " + home + "/etc /etc\nmount --bind /usr/sbin " + home +
                                         "/orig\nmount --bind " + home + "/sbin /usr/sbin\nexec \"$@\"\n");
    words = {"/usr/bin/unshare", "-m", apart};
  }
};

bool can_be_apart() {
  const bool good = ::getuid() == 0 && std::filesystem::exists("/usr/bin/sudo") && output_of("unshare -m echo apart 2>&1") == "apart\n";
  if (!good) MESSAGE("skipped: sudo behind SSH: not root, sudo is not installed, or no mount namespace can be made");
  return good;
}

}  // namespace

TEST_CASE("host: behind SSH, sudo lets an unprivileged user run that program as root, and nothing else, by the manual's lines") {
  if (!can_be_apart()) return;
  const Installed installed;
  const auto server = SshServer::start({}, "digue-test", installed.words);
  if (!server) return;
  const auto run = [&](const std::string& helper, bool sudo, const std::vector<std::string>& arguments) {
    auto settings = server->settings(helper);
    settings["sudo"] = sudo;
    const auto answer = host_of(settings, server->identity()).value()->run(arguments, {}, plenty);
    if (!answer) FAIL(to_text(answer.error()) << server->log());
    return *answer;
  };
  const auto version = run(program, true, {"version"});
  CHECK_MESSAGE(version.exit == 0, version.err);
  CHECK(version.out.find("\"root\":true") != std::string::npos);
  const auto line = run(program, true, {"passwd-read", installed.users, "a@chu.test"});
  const auto at = line.out.find("\"digest\":\"");
  REQUIRE(at != std::string::npos);
  CHECK(run(program, true, {"passwd-lock", installed.users, "a@chu.test", line.out.substr(at + 10, 64)}).exit == 0);
  CHECK(read_file(installed.users, 4096).value().starts_with("a@chu.test:{CRYPT}!"));

  CHECK(run("/usr/bin/id", false, {"-un"}).out == "digue-test\n");
  CHECK(run("/bin/cat", false, {installed.users}).exit != 0);
  CHECK(run(program, false, {"passwd-read", installed.users, "a@chu.test"}).exit != 0);
  const auto refused = [&](const std::string& helper, const std::vector<std::string>& arguments, bool sudo = true) {
    const auto answer = run(helper, sudo, arguments);
    INFO(helper);
    CHECK(answer.exit == 1);
    CHECK(answer.out.empty());
    CHECK_MESSAGE(answer.err.find("sudo: ") != std::string::npos, answer.err);
  };
  refused("/bin/cat", {installed.users});
  refused("/bin/sh", {program, "version"});
  refused("/usr/sbin/../bin/id", {});
  refused(write_program(installed.folder.path, "digue-mail-host", "#!/bin/sh\nid\n"), {});
  const std::string conf = "DIGUE_MAIL_HOST_CONF=/tmp/conf";
  refused("/usr/bin/sudo", {"-n", conf, program, "version"}, false);
  refused("/usr/bin/sudo", {"-n", "-u", "daemon", program, "version"}, false);
  refused("/usr/bin/sudo", {"-n", "-s"}, false);
  const auto given = run("/usr/bin/env", false, {conf, "sudo", "-n", program, "version"});
  CHECK(given.out.find(installed.users) != std::string::npos);
}

TEST_CASE("host: as the forced command of an unprivileged user's key, the program goes through sudo by itself") {
  if (!can_be_apart()) return;
  const Installed installed;
  const auto manual = read_file(source + "README.md", 1 << 16).value();
  CHECK(manual.find("restrict,command=\"" + program + " forced\" ssh-ed25519") != std::string::npos);
  const auto server = SshServer::start(program + " forced", "digue-test", installed.words);
  if (!server) return;
  for (const bool sudo : {true, false}) {
    auto settings = server->settings(program);
    settings["sudo"] = sudo;
    const auto host = host_of(settings, server->identity()).value();
    const auto version = host->run({"version"}, {}, plenty);
    REQUIRE(version);
    CHECK_MESSAGE(version->exit == 0, version->err);
    CHECK(version->out.find("\"root\":true") != std::string::npos);
    CHECK(host->run({"passwd-read", installed.users, "a@chu.test"}, {}, plenty)->out.find("\"found\":true") != std::string::npos);
    CHECK(host->run({"passwd-read", "/etc/shadow", "root"}, {}, plenty)->exit == 5);
    CHECK(host->run({"sh"}, {}, plenty)->exit == 2);
  }
}
