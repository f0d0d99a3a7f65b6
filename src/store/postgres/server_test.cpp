#include "store/postgres/server_test.hpp"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <pwd.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <memory>
#include <thread>
#include <vector>

#include "store/postgres/database.hpp"

namespace digue::postgres {

namespace {

/// PostgreSQL does not run as root: there it is the account of its Debian package.
const passwd* owner() {
  return ::getuid() == 0 ? ::getpwnam("postgres") : ::getpwuid(::getuid());
}

pid_t begin(const std::string& program, std::vector<std::string> arguments, const std::string& log) {
  std::vector<char*> list{const_cast<char*>(program.c_str())};
  for (auto& argument : arguments) list.push_back(argument.data());
  list.push_back(nullptr);
  const auto* user = owner();
  const pid_t child = ::fork();
  if (child != 0) return child;
  const int out = ::open(log.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0600);
  ::dup2(out, 1);
  ::dup2(out, 2);
  if (::getuid() == 0 && (::setgid(user->pw_gid) != 0 || ::setuid(user->pw_uid) != 0)) ::_exit(126);
  ::prctl(PR_SET_PDEATHSIG, SIGQUIT);
  ::execv(program.c_str(), list.data());
  ::_exit(127);
}

std::string programs() {
  std::string found;
  std::error_code problem;
  for (std::filesystem::directory_iterator at("/usr/lib/postgresql", problem), end; !problem && at != end; at.increment(problem))
    if (std::filesystem::exists(at->path() / "bin/initdb")) found = std::max(found, (at->path() / "bin").string());
  return owner() != nullptr ? found : std::string();
}

}  // namespace

TestServer* TestServer::instance() {
  static const auto server = []() -> std::unique_ptr<TestServer> {
    const auto where = programs();
    if (where.empty()) {
      MESSAGE("skipped: the case store on PostgreSQL: the package postgresql is not installed");
      return nullptr;
    }
    std::string folder = (std::filesystem::temp_directory_path() / "digue-pg-XXXXXX").string();
    REQUIRE(::mkdtemp(folder.data()) != nullptr);
    return std::make_unique<TestServer>(where, folder);
  }();
  return server.get();
}

TestServer::TestServer(std::string programs, std::string folder) : programs_(std::move(programs)), folder_(std::move(folder)) {
  const auto* user = owner();
  REQUIRE(::chown(folder_.c_str(), user->pw_uid, user->pw_gid) == 0);
  int status = 0;
  ::waitpid(begin(programs_ + "/initdb",
                  {"-D", folder_ + "/data", "-U", "digue", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "--locale-provider=icu",
                   "--icu-locale=fr"},
                  folder_ + "/log"),
            &status, 0);
  REQUIRE(status == 0);
  start();
}

TestServer::~TestServer() {
  stop();
  std::filesystem::remove_all(folder_);
}

void TestServer::start() {
  // After an immediate stop, the many files of the many databases are synced by one call instead of one by one.
  server_ = begin(programs_ + "/postgres",
                  {"-D", folder_ + "/data", "-k", folder_, "-c", "listen_addresses=", "-c", "recovery_init_sync_method=syncfs"},
                  folder_ + "/log");
  const auto target = Target::parse(uri("postgres")).value();
  while (!Database::connect(target)) {
    REQUIRE(::waitpid(server_, nullptr, WNOHANG) == 0);
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
  }
}

void TestServer::stop() {
  ::kill(server_, SIGQUIT);
  ::waitpid(server_, nullptr, 0);
}

std::string TestServer::uri(const std::string& database, const std::string& more) const {
  return "postgresql://digue@/" + database + "?host=" + folder_ + more;
}

std::string TestServer::new_database() {
  const auto name = "digue_" + std::to_string(++databases_);
  const auto server = Database::connect(Target::parse(uri("postgres")).value());
  REQUIRE(server);
  REQUIRE((*server)->run("CREATE DATABASE " + name));
  return uri(name);
}

}  // namespace digue::postgres
