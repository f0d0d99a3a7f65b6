#include "base/sandbox/sandbox.hpp"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <thread>

using namespace digue;

TEST_CASE("Jail: reads what it was given, and nothing else is possible") {
  const std::filesystem::path folder = std::filesystem::temp_directory_path() / ("digue-jail-" + std::to_string(::getpid()));
  std::filesystem::create_directories(folder / "given");
  std::ofstream(folder / "given" / "log") << "x";
  std::ofstream(folder / "other") << "x";
  const pid_t child = ::fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    int bad = 0;
    const auto jail = enter_jail({(folder / "given").string()}, false);
    if (!jail) ::_exit(jail.error().code == ErrorCode::forbidden ? 77 : 100);
    if (::open((folder / "given" / "log").c_str(), O_RDONLY) < 0) bad |= 1;
    if (::open((folder / "other").c_str(), O_RDONLY) >= 0) bad |= 2;
    if (::open((folder / "given" / "log").c_str(), O_WRONLY) >= 0) bad |= 4;
    if (::open((folder / "given" / "new").c_str(), O_WRONLY | O_CREAT, 0600) >= 0) bad |= 8;
    if (::socket(AF_INET, SOCK_STREAM, 0) >= 0) bad |= 16;
    if (::ptrace(PTRACE_TRACEME, 0, nullptr, nullptr) == 0) bad |= 32;
    ::execl("/bin/true", "true", nullptr);
    bool thread_ran = false;
    std::thread([&] { thread_ran = true; }).join();
    if (!thread_ran) bad |= 64;
    ::_exit(bad);
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  std::filesystem::remove_all(folder);
  REQUIRE(WIFEXITED(status));
  if (WEXITSTATUS(status) == 77) {
    MESSAGE("skipped: this kernel has no Landlock");
    return;
  }
  CHECK(WEXITSTATUS(status) == 0);
}

TEST_CASE("Jail: a program that was named may take this one's place, no other") {
  const auto run = [](const char* program) {
    const pid_t child = ::fork();
    if (child == 0) {
      const auto jail = enter_jail({"/usr/lib", "/lib", "/lib64", "/etc/ld.so.cache"}, false,
                                   {"/bin/true", "/lib64/ld-linux-x86-64.so.2", "/lib/ld-linux-aarch64.so.1"});
      if (!jail) ::_exit(jail.error().code == ErrorCode::forbidden ? 77 : 100);
      ::execl(program, program, nullptr);
      ::_exit(errno == EACCES ? 13 : 99);
    }
    int status = 0;
    ::waitpid(child, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  };
  const int named = run("/bin/true");
  if (named == 77) {
    MESSAGE("skipped: this kernel has no Landlock");
    return;
  }
  CHECK(named == 0);
  CHECK(run("/bin/ls") == 13);
}
