#pragma once

#include <memory>
#include <string>

#include "base/loopback_test.hpp"
#include "containment/connector.hpp"

namespace digue::lemonldap {

/// A LemonLDAP::NG portal of this test run: Debian's, on loopback with two processes, in a folder of its own, with sessions in files. Its
/// directory knows camille, marie, paul and jean (NAME@chu.test), and a mailbox that two of them share; a name is its password.
class TestPortal {
 public:
  /// Started by the first call; null, said once, where it is not installed.
  static TestPortal* instance();
  TestPortal();
  ~TestPortal();
  TestPortal(const TestPortal&) = delete;
  TestPortal& operator=(const TestPortal&) = delete;

  /// The identifier of a new session.
  std::string sign_in(const std::string& user) const;
  /// Whom the portal takes the holder of a session for; empty: it refuses.
  std::string who(const std::string& id) const;
  /// Registers a second factor as the portal does: in what it keeps of the account, and in the session `id`.
  void enrol(const std::string& user, const std::string& device, const std::string& id = {}) const;
  /// Takes them all away.
  void clear_methods(const std::string& user) const { write_methods(user, "[]"); }
  /// The list as the portal keeps it.
  std::string methods(const std::string& user) const;
  std::string methods_of_session(const std::string& id) const;

  const std::string& folder() const { return folder_.path; }
  /// A program beside the portal's, run as the connector's.
  std::string program(const std::string& name, const std::string& text) const;
  containment::Settings settings() const;
  std::unique_ptr<containment::Connector> connector() const { return connector(settings()); }
  std::unique_ptr<containment::Connector> connector(const containment::Settings& settings) const;

 private:
  bool answers() const;
  void configure(const std::string& name, const std::string& more) const;
  void write_methods(const std::string& user, const std::string& list, const std::string& id = {}) const;
  std::string url() const { return "http://127.0.0.1:" + std::to_string(port_) + "/"; }

  testing::Folder folder_;
  std::uint16_t port_ = 0;
  pid_t server_ = 0;
};

}  // namespace digue::lemonldap
