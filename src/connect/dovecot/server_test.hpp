#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/loopback_test.hpp"
#include "connect/dovecot/group.hpp"

namespace digue::dovecot {

/// A Dovecot of this test run: Debian's, on loopback, in a folder of its own, with IMAP, POP3, ManageSieve, submission, LMTP and doveadm's
/// HTTP interface, and accounts <name>@chu.test in a passwd-file that digue-mail-host changes.
class TestServer {
 public:
  /// Started by the first call; null, said once, where Debian's programs are not installed or this is not root.
  static TestServer* instance();
  /// An account that no other test has, with the password "secret of <name>"; "hostile": one whose name a shell would run.
  std::string account(const std::string& purpose);

  containment::Settings settings() const;
  std::unique_ptr<containment::Connector> connector() const;
  std::unique_ptr<containment::Connector> connector(const containment::Settings& settings) const;

  const std::string& folder() const { return folder_.path; }
  std::string users() const { return folder_.path + "/users/passwd"; }
  /// The account's line, as it is.
  std::string line_of(const std::string& account) const;
  /// What a command of doveadm prints: a way of looking that the connector does not use.
  std::string doveadm(const std::string& arguments) const;
  /// Mail through LMTP: to several at once it gets one GUID.
  void deliver(const std::vector<std::string>& accounts, const std::string& from, const std::string& subject, const std::string& message_id,
               const std::string& body = "Hello.\r\n") const;
  void deliver(const std::string& account, const std::string& from, const std::string& subject, const std::string& message_id,
               const std::string& body = "Hello.\r\n") const {
    deliver(std::vector{account}, from, subject, message_id, body);
  }
  std::uint16_t port(const std::string& service) const { return ports_.at(service); }
  /// Whether Dovecot takes the password, asked of its authentication as Postfix does.
  bool takes(const std::string& account, const std::string& password) const;

  /// Beside the usual one: lines of the passdb that asks users(), and other passdbs; "@" stands for the folder, whose users/second holds
  /// the same passwords.
  explicit TestServer(const std::string& own = {}, std::string others = {});
  ~TestServer();
  TestServer(const TestServer&) = delete;
  TestServer& operator=(const TestServer&) = delete;

 private:
  testing::Folder folder_;
  std::map<std::string, std::uint16_t> ports_;
  pid_t server_ = 0;
  std::vector<std::string> spare_;
  std::unique_ptr<testing::RawServer> relay_;
};

/// A word of the shell.
std::string quoted(const std::string& text);

}  // namespace digue::dovecot
