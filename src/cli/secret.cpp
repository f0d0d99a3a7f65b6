#include "cli/secret.hpp"

#include <fcntl.h>
#include <termios.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <iostream>

#include "base/files.hpp"
#include "base/messages.hpp"

namespace digue::cli {

namespace {

constexpr std::size_t max_secret = 4096;

/// Up to the end of the line. The number of an error; 0: none. `any`: something came, if only an end of line.
int read_line(int fd, std::string& line, bool& any) {
  for (char c = 0; line.size() < max_secret;) {
    const auto got = ::read(fd, &c, 1);
    if (got < 0) return errno;
    if (got == 0) break;
    any = true;
    if (c == '\n' || c == '\r') break;
    line += c;
  }
  return 0;
}

}  // namespace

Result<std::string> read_secret(const std::string& path) {
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) return tl::make_unexpected(system_error("file.open", path, errno));
  const File file(fd, path);
  std::string out;
  bool any = false;
  if (const int number = read_line(fd, out, any); number != 0) return tl::make_unexpected(system_error("file.read", path, number));
  return out;
}

std::optional<std::string> ask_secret(const std::string& question) {
  termios before{};
  if (::isatty(STDIN_FILENO) == 0 || ::tcgetattr(STDIN_FILENO, &before) != 0) return std::nullopt;
  std::cerr << question << ' ' << std::flush;
  // The terminal is put back before the signal ends the program.
  struct sigaction mine{}, theirs{};
  mine.sa_handler = [](int) {};
  ::sigaction(SIGINT, &mine, &theirs);
  auto hidden = before;
  hidden.c_lflag &= ~static_cast<tcflag_t>(ECHO);
  ::tcsetattr(STDIN_FILENO, TCSAFLUSH, &hidden);
  std::string out;
  bool any = false;
  const int number = read_line(STDIN_FILENO, out, any);
  ::tcsetattr(STDIN_FILENO, TCSAFLUSH, &before);
  ::sigaction(SIGINT, &theirs, nullptr);
  std::cerr << '\n';
  if (number == EINTR) std::raise(SIGINT);
  if (number != 0 || !any) return std::nullopt;
  return out;
}

}  // namespace digue::cli
