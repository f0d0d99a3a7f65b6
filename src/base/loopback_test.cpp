#include "base/loopback_test.hpp"

#include <arpa/inet.h>
#include <doctest/doctest.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <random>
#include <sstream>

#include "base/ip.hpp"

namespace digue::testing {

namespace {

sockaddr_in loopback(std::uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(port);
  return address;
}

std::uint16_t bound(int socket) {
  auto address = loopback(0);
  socklen_t size = sizeof address;
  REQUIRE(::bind(socket, reinterpret_cast<sockaddr*>(&address), size) == 0);
  REQUIRE(::getsockname(socket, reinterpret_cast<sockaddr*>(&address), &size) == 0);
  return ntohs(address.sin_port);
}

std::string text_of(const std::string& path) {
  std::ifstream file(path);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

}  // namespace

std::string Peer::read_until(std::string_view end) const {
  std::string all;
  char buffer[4096];
  while (all.find(end) == std::string::npos) {
    const auto got = ::recv(socket_, buffer, sizeof buffer, 0);
    if (got <= 0) break;
    all.append(buffer, static_cast<std::size_t>(got));
  }
  return all;
}

void Peer::send(std::string_view bytes) const {
  while (!bytes.empty()) {
    const auto sent = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent <= 0) return;
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
}

void Peer::wait_for_close() const {
  char buffer[4096];
  while (::recv(socket_, buffer, sizeof buffer, 0) > 0) {
  }
}

RawServer::RawServer(std::function<void(const Peer&)> serve) {
  socket_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  port_ = bound(socket_);
  REQUIRE(::listen(socket_, 16) == 0);
  thread_ = std::thread([this, serve = std::move(serve)] {
    while (!ended_) {
      pollfd ready{socket_, POLLIN, 0};
      if (::poll(&ready, 1, 20) <= 0) continue;
      const int one = ::accept4(socket_, nullptr, nullptr, SOCK_CLOEXEC);
      if (one < 0) continue;
      ++connections_;
      serve(Peer(one));
      ::close(one);
    }
  });
}

RawServer::~RawServer() {
  ended_ = true;
  thread_.join();
  ::close(socket_);
}

std::uint16_t closed_port() {
  // Below what the kernel gives to connections: none of those takes it between our look and a server's start, or while it is down.
  constexpr std::uint32_t first = 10'000;
  constexpr std::uint32_t many = 20'000;
  static std::atomic<std::uint32_t> next = std::random_device{}() % many;
  for (;;) {
    sockaddr_in address = loopback(static_cast<std::uint16_t>(first + next++ % many));
    // Tells other tests that run beside this one that the port is taken, for as long as this process lives.
    sockaddr_in claim = address;
    claim.sin_addr.s_addr = htonl(INADDR_LOOPBACK + 1);
    if (::bind(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0), reinterpret_cast<sockaddr*>(&claim), sizeof claim) != 0) continue;
    const int one = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const int again = 1;  // as servers do
    ::setsockopt(one, SOL_SOCKET, SO_REUSEADDR, &again, sizeof again);
    const bool free = ::bind(one, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0;
    ::close(one);
    if (free) return ntohs(address.sin_port);
  }
}

pid_t start_program(const std::vector<std::string>& words, const std::string& log) {
  std::vector<char*> list;
  for (const auto& word : words) list.push_back(const_cast<char*>(word.c_str()));
  list.push_back(nullptr);
  const pid_t child = ::fork();
  if (child != 0) return child;
  const int out = ::open(log.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0600);
  ::dup2(::open("/dev/null", O_RDONLY), 0);
  ::dup2(out, 1);
  ::dup2(out, 2);
  ::prctl(PR_SET_PDEATHSIG, SIGTERM);
  ::execvp(list[0], list.data());
  ::_exit(127);
}

void stop_program(pid_t child) {
  if (child <= 0) return;
  ::kill(child, SIGTERM);
  ::waitpid(child, nullptr, 0);
}

void make_certificate(const std::string& folder, const std::string& name) {
  const std::string names = name.empty() ? "DNS:localhost,IP:127.0.0.1" : (parse_ip(name) ? "IP:" : "DNS:") + name;
  const pid_t child = start_program(
      {"openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-keyout", folder + "/key.pem",
       "-out", folder + "/cert.pem", "-days", "30", "-subj", "/CN=localhost", "-addext", "subjectAltName=" + names},
      folder + "/openssl.log");
  int status = 0;
  ::waitpid(child, &status, 0);
  REQUIRE(status == 0);
}

std::string output_of(const std::string& command) {
  std::string out;
  auto* pipe = ::popen(command.c_str(), "re");
  REQUIRE(pipe != nullptr);
  char buffer[4096];
  for (std::size_t got; (got = std::fread(buffer, 1, sizeof buffer, pipe)) > 0;) out.append(buffer, got);
  ::pclose(pipe);
  return out;
}

std::string pin_of(const std::string& certificate) {
  return "sha256//" + output_of("openssl x509 -in '" + certificate +
                                "' -pubkey -noout | openssl pkey -pubin -outform der | openssl dgst -sha256 -binary | openssl base64 -A");
}

TlsServer::TlsServer(const std::string& folder, const std::vector<std::string>& more) {
  const auto log = folder + "/s_server.log";
  std::filesystem::remove(log);
  std::vector<std::string> words{"openssl", "s_server",          "-accept", "127.0.0.1:0", "-cert", folder + "/cert.pem",
                                 "-key",    folder + "/key.pem", "-www"};
  words.insert(words.end(), more.begin(), more.end());
  child_ = start_program(words, log);
  while (port_ == 0) {
    REQUIRE(::waitpid(child_, nullptr, WNOHANG) == 0);
    const auto said = text_of(log);
    if (const auto at = said.find("ACCEPT 127.0.0.1:"); at != std::string::npos && said.find('\n', at) != std::string::npos)
      port_ = static_cast<std::uint16_t>(std::strtoul(said.c_str() + at + 17, nullptr, 10));
    else
      std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
}

TlsServer::~TlsServer() {
  stop_program(child_);
}

}  // namespace digue::testing
