#include "connect/active_directory/server_test.hpp"

#include <doctest/doctest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <numeric>
#include <set>
#include <sstream>
#include <thread>

#include "base/crypto/line_client.hpp"
#include "base/encoding.hpp"
#include "connect/connectors.hpp"

namespace digue::ldap {

using namespace testing;

namespace {

constexpr const char* administrator = "-D Administrator@CHU.TEST -w 'Adm1n-Passw0rd!' ";

std::string quoted(const std::string& text) {
  std::string out = "'";
  for (const char c : text) out += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return out + "'";
}

std::string utf16_in_quotes(const std::string& text) {
  std::string out;
  for (const char c : "\"" + text + "\"") out += {c, '\0'};
  return out;
}

}  // namespace

TestDomain* TestDomain::instance() {
  static const auto server = []() -> std::unique_ptr<TestDomain> {
    for (const auto* program : {"/usr/sbin/samba", "/usr/bin/samba-tool", "/usr/share/samba/setup", "/usr/bin/ldapsearch"})
      if (!std::filesystem::exists(program)) {
        MESSAGE("skipped: the connector on a real Active Directory: Debian's samba packages are not installed (" << program << ")");
        return nullptr;
      }
    if (::getuid() != 0) {
      MESSAGE("skipped: the connector on a real Active Directory: Samba starts as root only");
      return nullptr;
    }
    return std::make_unique<TestDomain>();
  }();
  return server.get();
}

TestDomain::TestDomain() {
  const auto& at = folder_.path;
  // Its ports are fixed: an address of its own among those of loopback.
  address_ = "127.77." + std::to_string(::getpid() / 250 % 250) + "." + std::to_string(::getpid() % 250 + 1);
  make_certificate(at, address_);
  const auto said = output_of(
      "samba-tool domain provision --realm=CHU.TEST --domain=CHU --server-role=dc --dns-backend=SAMBA_INTERNAL "
      "--adminpass='Adm1n-Passw0rd!' --targetdir=" +
      at + "/d --host-name=dc1 --host-ip=127.0.0.1 --option='interfaces=lo' --option='bind interfaces only=yes' 2>&1; echo $?");
  INFO(said);
  REQUIRE(said.ends_with("0\n"));
  std::filesystem::create_directories(at + "/d/run");
  std::ifstream made(at + "/d/etc/smb.conf");
  std::string line, text;
  while (std::getline(made, line)) {
    if (line.find("interfaces = lo") != std::string::npos)
      line = "\tinterfaces = " + address_ + "/8\n\tserver services = ldap\n\tpid directory = " + at + "/d/run\n\ttls certfile = " + at +
             "/cert.pem\n\ttls keyfile = " + at + "/key.pem\n\ttls cafile =";
    if (line.find("log file =") != std::string::npos) line = "\tlog file = " + at + "/d/log";
    text += line + "\n";
  }
  std::ofstream(at + "/d/etc/smb.conf") << text;
  server_ = start_program({"/usr/sbin/samba", "-i", "-M", "single", "-s", at + "/d/etc/smb.conf"}, at + "/out");
  while (!LineClient::connect(address_, 636, std::chrono::seconds(1))) {
    REQUIRE(::waitpid(server_, nullptr, WNOHANG) == 0);
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
  }
}

TestDomain::~TestDomain() {
  stop_program(server_);
}

std::string TestDomain::run(const std::string& program, const std::string& arguments, const std::string& input) const {
  std::ofstream(folder_.path + "/input") << input;
  return output_of("LDAPTLS_CACERT=" + folder_.path + "/cert.pem " + program + " -x -H ldaps://" + address_ + " " + arguments + " <" +
                   folder_.path + "/input 2>&1");
}

void TestDomain::done(const std::string& said) const {
  INFO(said);
  REQUIRE(said.find("ldap_") == std::string::npos);
}

void TestDomain::add(const std::string& ldif) const {
  done(run("ldapadd", administrator, ldif));
}
void TestDomain::modify(const std::string& ldif) const {
  done(run("ldapmodify", administrator, ldif));
}
void TestDomain::rename(const std::string& dn, const std::string& rdn) const {
  done(run("ldapmodrdn", administrator + std::string("-r ") + quoted(dn) + " " + quoted(rdn)));
}

void TestDomain::open_to_all(const std::string& unit) const {
  const auto at = folder_.path + "/d/";
  const auto said = output_of("samba-tool dsacl set -s " + at + "etc/smb.conf -H " + at + "private/sam.ldb --objectdn=" + quoted(unit) +
                              " --sddl='(A;CI;RPWP;;;AU)' 2>&1; echo $?");
  INFO(said);
  REQUIRE(said.ends_with("0\n"));
}

std::string TestDomain::user(const std::string& name, const std::string& more) const {
  const auto dn = "CN=" + name + ",CN=Users,DC=chu,DC=test";
  add("dn: " + dn + "\nobjectClass: user\nsAMAccountName: " + name + "\nuserPrincipalName: " + name + "@chu.test\nmail: " + name +
      "@chu.test\nunicodePwd:: " + base64(utf16_in_quotes("Secret-of-" + name + "-1")) + "\nuserAccountControl: 512\n" + more);
  return dn;
}

std::string TestDomain::entry(const std::string& dn) const {
  std::istringstream lines(run("ldapsearch", administrator + std::string("-LLL -o ldif-wrap=no -s base -b ") + quoted(dn) + " '*'"));
  std::string line;
  std::set<std::string> kept;  // Samba gives attributes in any order
  while (std::getline(lines, line)) {
    bool each = false;
    for (const auto* name :
         {"whenChanged:", "uSNChanged:", "lastLogon:", "lastLogonTimestamp:", "logonCount:", "badPwdCount:", "badPasswordTime:"})
      each |= line.starts_with(name);
    if (!each) kept.insert(line + "\n");
  }
  return std::accumulate(kept.begin(), kept.end(), std::string());
}

std::string TestDomain::sign_in(const std::string& dn, const std::string& password) const {
  const auto said = run("ldapsearch", "-LLL -D " + quoted(dn) + " -w " + quoted(password) + " -s base -b '' defaultNamingContext");
  return said.find("ldap_bind") == std::string::npos ? std::string() : said;
}

containment::Settings TestDomain::settings() const {
  containment::Settings out;
  out.name = "annuaire";
  out.kind = "active_directory";
  out.values = {{"url", "ldaps://" + address_},
                {"ca_file", folder_.path + "/cert.pem"},
                {"bind", "Administrator@CHU.TEST"},
                {"base", "DC=chu,DC=test"}};
  out.secrets["password"] = "Adm1n-Passw0rd!";
  return out;
}

std::unique_ptr<containment::Connector> TestDomain::connector() const {
  return connector(settings());
}

std::unique_ptr<containment::Connector> TestDomain::connector(const containment::Settings& settings) const {
  const auto* maker = connect::connector_named("active_directory");
  REQUIRE(maker != nullptr);
  auto made = maker->make(settings);
  if (!made) FAIL(to_text(made.error()));
  return std::move(*made);
}

}  // namespace digue::ldap
