#include "connect/openldap/server_test.hpp"

#include <doctest/doctest.h>
#include <sys/wait.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <thread>

#include "base/crypto/line_client.hpp"
#include "connect/connectors.hpp"

namespace digue::ldap {

using namespace testing;

namespace {

constexpr const char* tree = R"(dn: dc=chu,dc=test
objectClass: dcObject
objectClass: organization
o: CHU
dc: chu

dn: ou=people,dc=chu,dc=test
objectClass: organizationalUnit
ou: people

dn: ou=groups,dc=chu,dc=test
objectClass: organizationalUnit
ou: groups

dn: ou=services,dc=chu,dc=test
objectClass: organizationalUnit
ou: services

dn: cn=digue,ou=services,dc=chu,dc=test
objectClass: organizationalRole
objectClass: simpleSecurityObject
cn: digue
userPassword: digue-secret

dn: uid=first,ou=people,dc=chu,dc=test
objectClass: inetOrgPerson
uid: first
cn: first
sn: first
mail: first@chu.test
userPassword: secret of first

dn: cn=admins,ou=groups,dc=chu,dc=test
objectClass: groupOfNames
cn: admins
member: cn=digue,ou=services,dc=chu,dc=test

)";

constexpr const char* policies = R"(dn: ou=policies,dc=chu,dc=test
objectClass: organizationalUnit
ou: policies

dn: cn=default,ou=policies,dc=chu,dc=test
objectClass: device
objectClass: pwdPolicy
cn: default
pwdAttribute: userPassword
pwdLockout: TRUE
pwdMaxFailure: 5
pwdMinLength: 12
pwdMustChange: TRUE

)";

void write(const std::string& path, const std::string& text) {
  std::ofstream(path) << text;
}

std::string quoted(const std::string& text) {
  std::string out = "'";
  for (const char c : text) out += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return out + "'";
}

}  // namespace

TestDirectory* TestDirectory::instance() {
  static const auto server = []() -> std::unique_ptr<TestDirectory> {
    for (const auto* program : {"/usr/sbin/slapd", "/usr/sbin/slapadd", "/usr/bin/ldapsearch", "/usr/lib/ldap/ppolicy.la"})
      if (!std::filesystem::exists(program)) {
        MESSAGE("skipped: the connector on a real OpenLDAP: Debian's slapd and ldap-utils are not installed (" << program << ")");
        return nullptr;
      }
    return std::make_unique<TestDirectory>();
  }();
  return server.get();
}

TestDirectory::TestDirectory(const std::string& more, bool overlay, bool silent) : port_(closed_port()), tls_port_(closed_port()) {
  const auto& at = folder_.path;
  make_certificate(at);
  std::filesystem::create_directories(at + "/db");
  std::string text;
  for (const auto* schema : {"core", "cosine", "inetorgperson", "nis"})
    text += "include /etc/ldap/schema/" + std::string(schema) + ".schema\n";
  text +=
      "modulepath /usr/lib/ldap\nmoduleload back_mdb\n" + std::string(overlay ? "moduleload ppolicy\n" : "") + "pidfile " + at +
      "/slapd.pid\nTLSCertificateFile " + at + "/cert.pem\nTLSCertificateKeyFile " + at +
      "/key.pem\ndatabase mdb\nsuffix dc=chu,dc=test\nrootdn cn=root,dc=chu,dc=test\nrootpw root\ndirectory " + at +
      "/db\naccess to attrs=userPassword by dn.exact=cn=digue,ou=services,dc=chu,dc=test write by anonymous auth by self write by * none\n"
      "access to * by dn.exact=cn=digue,ou=services,dc=chu,dc=test write by self read by * none\n";
  if (overlay)
    text += "overlay ppolicy\nppolicy_default cn=default,ou=policies,dc=chu,dc=test\n" + std::string(silent ? "" : "ppolicy_use_lockout\n");
  write(at + "/slapd.conf", text + more);
  write(at + "/tree.ldif", tree + std::string(overlay ? policies : ""));
  write(at + "/root.secret", "root");
  const auto loaded = output_of("/usr/sbin/slapadd -f " + at + "/slapd.conf -l " + at + "/tree.ldif 2>&1; echo $?");
  INFO(loaded);
  REQUIRE(loaded.ends_with("0\n"));
  server_ = start_program({"/usr/sbin/slapd", "-d", "0", "-h", plain_url() + " " + url(), "-f", at + "/slapd.conf"}, at + "/out");
  while (!LineClient::connect("127.0.0.1", tls_port_, std::chrono::seconds(1))) {
    REQUIRE(::waitpid(server_, nullptr, WNOHANG) == 0);
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
}

TestDirectory::~TestDirectory() {
  stop_program(server_);
}

std::string TestDirectory::run(const std::string& program, const std::string& arguments, const std::string& input) const {
  write(folder_.path + "/input", input);
  return output_of("LDAPTLS_CACERT=" + folder_.path + "/cert.pem " + program + " -x -H " + url() + " " + arguments + " <" + folder_.path +
                   "/input 2>&1");
}

void TestDirectory::add(const std::string& ldif) const {
  const auto said = run("ldapadd", "-D cn=root,dc=chu,dc=test -y " + folder_.path + "/root.secret", ldif);
  INFO(said);
  REQUIRE(said.find("ldap_") == std::string::npos);
}

void TestDirectory::modify(const std::string& ldif) const {
  const auto said = run("ldapmodify", "-D cn=root,dc=chu,dc=test -y " + folder_.path + "/root.secret", ldif);
  INFO(said);
  REQUIRE(said.find("ldap_") == std::string::npos);
}

void TestDirectory::rename(const std::string& dn, const std::string& rdn) const {
  const auto said = run("ldapmodrdn", "-r -D cn=root,dc=chu,dc=test -y " + folder_.path + "/root.secret " + quoted(dn) + " " + quoted(rdn));
  INFO(said);
  REQUIRE(said.find("ldap_") == std::string::npos);
}

std::string TestDirectory::person(const std::string& uid, const std::string& more) const {
  const auto dn = "uid=" + uid + ",ou=people,dc=chu,dc=test";
  add("dn: " + dn + "\nobjectClass: inetOrgPerson\nuid: " + uid + "\ncn: " + uid + "\nsn: " + uid + "\nmail: " + uid +
      "@chu.test\nuserPassword: secret of " + uid + "\n" + more);
  return dn;
}

std::string TestDirectory::entry(const std::string& dn) const {
  std::istringstream lines(run("ldapsearch", "-LLL -o ldif-wrap=no -D cn=root,dc=chu,dc=test -y " + folder_.path +
                                                 "/root.secret -s base -b " + quoted(dn) + " '*' '+'"));
  std::string line, out;
  while (std::getline(lines, line)) {
    bool each = false;
    for (const auto* name : {"entryCSN:", "modifyTimestamp:", "modifiersName:"}) each |= line.starts_with(name);
    if (!each) out += line + "\n";
  }
  return out;
}

std::string TestDirectory::sign_in(const std::string& dn, const std::string& password) const {
  return run("ldapwhoami", "-e ppolicy -D " + quoted(dn) + " -w " + quoted(password));
}

containment::Settings TestDirectory::settings() const {
  containment::Settings out;
  out.name = "annuaire";
  out.kind = "openldap";
  out.values = {{"url", url()},
                {"ca_file", folder_.path + "/cert.pem"},
                {"bind", "cn=digue,ou=services,dc=chu,dc=test"},
                {"base", "dc=chu,dc=test"},
                {"admin_groups", json::Array{"cn=admins,ou=groups,dc=chu,dc=test"}}};
  out.secrets["password"] = "digue-secret";
  return out;
}

std::unique_ptr<containment::Connector> TestDirectory::connector() const {
  return connector(settings());
}

std::unique_ptr<containment::Connector> TestDirectory::connector(const containment::Settings& settings) const {
  const auto* maker = connect::connector_named("openldap");
  REQUIRE(maker != nullptr);
  auto made = maker->make(settings);
  if (!made) FAIL(to_text(made.error()));
  return std::move(*made);
}

}  // namespace digue::ldap
