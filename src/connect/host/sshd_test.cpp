#include "connect/host/sshd_test.hpp"

#include <arpa/inet.h>
#include <doctest/doctest.h>
#include <pwd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <memory>
#include <thread>

#include "base/files.hpp"
#include "base/text.hpp"

namespace digue::testing {

namespace {

bool answers(std::uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  const int socket = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const bool good = ::connect(socket, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0;
  ::close(socket);
  return good;
}

}  // namespace

std::string write_program(const std::string& folder, const std::string& name, const std::string& text) {
  const auto path = folder + "/" + name;
  REQUIRE(write_file(path, text, 0755));
  return path;
}

std::unique_ptr<SshServer> SshServer::start(const std::string& forced, const std::string& user, const std::vector<std::string>& through) {
  if (!std::filesystem::exists("/usr/sbin/sshd")) {
    MESSAGE("skipped: SSH: the package openssh-server is not installed");
    return nullptr;
  }
  // As its service does before it starts.
  if (::getuid() == 0) ::mkdir("/run/sshd", 0755);
  auto server = std::make_unique<SshServer>();
  server->user_ = user.empty() ? ::getpwuid(::getuid())->pw_name : user;
  const auto& folder = server->folder_.path;
  REQUIRE(::chmod(folder.c_str(), 0755) == 0);  // the user's keys are read as the user
  for (const std::string name : {"host", "client", "other"}) output_of("ssh-keygen -q -t ed25519 -N '' -C digue -f " + folder + "/" + name);
  const auto key = read_file(folder + "/client.pub", 4096).value();
  REQUIRE(write_file(folder + "/authorized_keys", (forced.empty() ? "restrict " : "restrict,command=\"" + forced + "\" ") + key, 0644));
  server->port_ = closed_port();
  // SHLVL: a bash that thinks itself inside another one reads no ~/.bashrc of whoever runs the tests.
  REQUIRE(write_file(
      folder + "/sshd_config",
      "ListenAddress 127.0.0.1\nPort " + std::to_string(server->port_) + "\nHostKey " + folder + "/host\nAuthorizedKeysFile " + folder +
          "/authorized_keys\nStrictModes no\nUsePAM no\nPasswordAuthentication no\nLogLevel DEBUG1\nPidFile none\nSetEnv SHLVL=2\n"));
  auto words = through;
  words.insert(words.end(), {"/usr/sbin/sshd", "-D", "-E", folder + "/log", "-f", folder + "/sshd_config"});
  server->server_ = start_program(words, folder + "/out");
  for (int tries = 0; tries < 500 && !answers(server->port_); ++tries) std::this_thread::sleep_for(std::chrono::milliseconds(20));
  REQUIRE(answers(server->port_));
  return server;
}

SshServer::~SshServer() {
  stop_program(server_);
}

json::Object SshServer::settings(const std::string& helper) const {
  const auto line = output_of("ssh-keygen -lf " + folder_.path + "/host.pub");
  const auto at = line.find("SHA256:");
  return {{"host", "127.0.0.1"}, {"port", static_cast<int>(port_)},
          {"user", user_},       {"host_key", line.substr(at, line.find(' ', at) - at)},
          {"helper", helper},    {"sudo", false}};
}

std::string SshServer::identity() const {
  return read_file(folder_.path + "/client", 8192).value();
}

std::string SshServer::log() const {
  return read_file(folder_.path + "/log", std::size_t{1} << 24).value();
}

}  // namespace digue::testing
