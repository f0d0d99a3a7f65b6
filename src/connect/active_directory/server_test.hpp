#pragma once

#include <memory>
#include <string>

#include "base/loopback_test.hpp"
#include "containment/connector.hpp"

namespace digue::ldap {

/// A domain controller of this test run: Debian's Samba, LDAPS alone, on a loopback address of its own, domain chu.test.
class TestDomain {
 public:
  /// Started by the first call; null, said once, where Debian's programs are not installed or this is not root.
  static TestDomain* instance();
  TestDomain();
  ~TestDomain();
  TestDomain(const TestDomain&) = delete;
  TestDomain& operator=(const TestDomain&) = delete;

  /// A new user with the password "Secret-of-<name>-1". Gives its distinguished name.
  std::string user(const std::string& name, const std::string& more = {}) const;
  void add(const std::string& ldif) const;
  void modify(const std::string& ldif) const;
  void rename(const std::string& dn, const std::string& rdn) const;
  /// Lets everybody who signed in write what is below a unit.
  void open_to_all(const std::string& unit) const;
  /// The entry as ldapsearch shows it, without what every change changes.
  std::string entry(const std::string& dn) const;
  /// What the server says of a sign-in: "" when it lets in.
  std::string sign_in(const std::string& dn, const std::string& password) const;

  containment::Settings settings() const;
  std::unique_ptr<containment::Connector> connector() const;
  std::unique_ptr<containment::Connector> connector(const containment::Settings& settings) const;

 private:
  std::string run(const std::string& program, const std::string& arguments, const std::string& input = {}) const;
  void done(const std::string& said) const;

  testing::Folder folder_;
  std::string address_;
  pid_t server_ = 0;
};

}  // namespace digue::ldap
