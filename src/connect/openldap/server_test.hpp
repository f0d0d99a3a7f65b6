#pragma once

#include <memory>
#include <string>

#include "base/loopback_test.hpp"
#include "containment/connector.hpp"

namespace digue::ldap {

/// An OpenLDAP of this test run: Debian's slapd, on loopback, in a folder of its own, with the ppolicy overlay, accounts
/// uid=<name>,ou=people,dc=chu,dc=test and a service account for Digue.
class TestDirectory {
 public:
  /// Started by the first call; null, said once, where Debian's programs are not installed.
  static TestDirectory* instance();
  /// `more`: lines of slapd.conf; `overlay`: with ppolicy; `silent`: it does not say why it refuses.
  explicit TestDirectory(const std::string& more = {}, bool overlay = true, bool silent = false);
  ~TestDirectory();
  TestDirectory(const TestDirectory&) = delete;
  TestDirectory& operator=(const TestDirectory&) = delete;

  /// A new person with the password "secret of <uid>"; `more`: further lines of LDIF. Gives its name.
  std::string person(const std::string& uid, const std::string& more = {}) const;
  /// LDIF, as an administrator would.
  void add(const std::string& ldif) const;
  void modify(const std::string& ldif) const;
  /// Moves an entry to another first part.
  void rename(const std::string& dn, const std::string& rdn) const;
  /// The entry, operational attributes too, as ldapsearch shows it; without what every change changes.
  std::string entry(const std::string& dn) const;
  /// What ldapwhoami says of a sign-in.
  std::string sign_in(const std::string& dn, const std::string& password) const;

  containment::Settings settings() const;
  std::unique_ptr<containment::Connector> connector() const;
  std::unique_ptr<containment::Connector> connector(const containment::Settings& settings) const;
  const std::string& folder() const { return folder_.path; }
  std::string url() const { return "ldaps://127.0.0.1:" + std::to_string(tls_port_); }
  std::string plain_url() const { return "ldap://127.0.0.1:" + std::to_string(port_); }

 private:
  std::string run(const std::string& program, const std::string& arguments, const std::string& input = {}) const;

  testing::Folder folder_;
  std::uint16_t port_ = 0, tls_port_ = 0;
  pid_t server_ = 0;
};

}  // namespace digue::ldap
