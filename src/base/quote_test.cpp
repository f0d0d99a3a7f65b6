#include "base/quote.hpp"

#include <doctest/doctest.h>

#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <vector>

#include "base/folder_test.hpp"
#include "base/json/value.hpp"

using namespace digue;

namespace {

/// Names as a hostile person registers them: rules, applications, senders.
const std::vector<std::string>& hostile() {
  static const std::vector<std::string> names{
      "o'brien@x.fr",
      "$(reboot)@x.fr",
      "`id`",
      "a\"b",
      "x;y",
      "-rf",
      "%0a%s%n",
      "Ⓐ ’; Remove-Item -Recurse C:\\",
      "‘‚‛'\"",
      "a\\b\\'c",
      "~root/*?[a-z]{1,2}",
      "!history #comment",
      "$HOME ${IFS} $'x'",
      "a&b|c>d<e",
      "*)(uid=*",
      " two  blanks ",
      "RTL \u202egnp.exe\u202c",
      "zero\u200bwidth\ufeff",
      "tab\there",
      "tag \U000e0041 end",
      "bell\x07",
      std::string(300, 'x') + "'",
      "",
      "{{account}}",
      "=cmd|'/c calc'!A0",
  };
  return names;
}

struct Folder : digue::testing::Folder {
  std::string write(const std::string& name, const std::string& text) const {
    std::ofstream(path + "/" + name, std::ios::binary) << text;
    return path + "/" + name;
  }
};

bool installed(const std::string& program) {
  if (std::system(("PATH=$PATH:/usr/sbin command -v " + program + " >/dev/null 2>&1").c_str()) == 0) return true;
  MESSAGE("skipped: ", program, " is not installed");
  return false;
}

/// What a command prints; its standard error too, so that a failure shows.
std::string output_of(const std::string& command) {
  std::string out;
  FILE* pipe = popen(("PATH=$PATH:/usr/sbin; " + command + " 2>&1").c_str(), "r");
  REQUIRE(pipe != nullptr);
  char buffer[4096];
  for (std::size_t got = 0; (got = fread(buffer, 1, sizeof buffer, pipe)) > 0;) out.append(buffer, got);
  pclose(pipe);
  return out;
}

bool refused(const Result<std::string>& result) {
  return !result && result.error().code == ErrorCode::bad_input && !result.error().message.empty();
}

}  // namespace

TEST_CASE("quote: every shell here reads a hostile name back unchanged") {
  const Folder folder;
  std::string script, expected;
  for (const auto& name : hostile()) {
    const auto word = quote::sh_word(name);
    REQUIRE(word);
    script += "printf '%s\\000' " + *word + "\n";
    script += "printf '%s\\000' before" + *word + "after\n";
    expected += name + '\0' + "before" + name + "after" + '\0';
  }
  const auto file = folder.write("script", script);
  for (const char* shell : {"sh", "dash", "bash", "busybox"}) {
    if (!installed(shell)) continue;
    CAPTURE(shell);
    CHECK(output_of(std::string(shell) + (std::string(shell) == "busybox" ? " sh " : " ") + file) == expected);
  }
  // Nothing that hides or turns text reaches the eye of the person who copies the command.
  CHECK(quote::sh_word("a\u202eb\x07")->find_first_of("\xe2\x07") == std::string::npos);
  CHECK(refused(quote::sh_word("two\nlines")));
  CHECK(refused(quote::sh_word(std::string_view("nul\0", 4))));
  CHECK(refused(quote::sh_word("\xff")));
  CHECK(*quote::sh_word("c.moreau@ch-exemple.fr") == "c.moreau@ch-exemple.fr");
}

TEST_CASE("quote: words for a program's shell hold any bytes but NUL") {
  const Folder folder;
  auto names = hostile();
  names.insert(names.end(), {"two\nlines\n", "\r", "\xff\xfe", "\n", "'\n'"});
  std::string script, expected;
  for (const auto& name : names) {
    script += "printf '%s\\000' " + *quote::sh_bytes(name) + "\n";
    expected += name + '\0';
  }
  const auto file = folder.write("script", script);
  for (const char* shell : {"dash", "bash"})
    if (installed(shell)) CHECK(output_of(std::string(shell) + " " + file) == expected);
  CHECK(refused(quote::sh_bytes(std::string_view("\0", 1))));
}

TEST_CASE("quote: PowerShell literals double each of its five quote characters") {
  // Rules of the language: a single-quoted literal ends at any of ' ‘ ’ ‚ ‛, and two of them in a row stand for the second one.
  const auto read_back = [](std::string text) {
    std::string out;
    const auto quote_at = [&](std::size_t at) -> std::size_t {
      if (text[at] == '\'') return 1;
      const auto three = text.substr(at, 3);
      return three == "‘" || three == "’" || three == "‚" || three == "‛" ? 3 : 0;
    };
    REQUIRE(quote_at(0) == 1);
    for (std::size_t at = 1; at < text.size();) {
      if (const auto size = quote_at(at)) {
        const auto second = at + size < text.size() ? quote_at(at + size) : 0;
        if (second == 0) {
          CHECK(at + size == text.size());
          return out;
        }
        out += text.substr(at + size, second);
        at += size + second;
      } else {
        out += text[at++];
      }
    }
    FAIL("the literal does not end");
    return out;
  };
  for (const auto& name : hostile()) {
    const auto word = quote::powershell_word(name);
    REQUIRE(word);
    if (word->front() == '\'') CHECK(read_back(*word) == name);
  }
  CHECK(*quote::powershell_word("o'brien") == "'o''brien'");
  CHECK(*quote::powershell_word("x’; y") == "'x’’; y'");
  CHECK(*quote::powershell_word("a\u202eb") == "('a' + [char]0x202E + 'b')");
  CHECK(*quote::powershell_word("a\tb") == "('a' + [char]0x0009 + 'b')");
  CHECK(*quote::powershell_word("\U000e0041") == "('' + [char]::ConvertFromUtf32(0xE0041) + '')");
  CHECK(*quote::powershell_word("$(reboot)`n") == "'$(reboot)`n'");
  CHECK(refused(quote::powershell_word("two\nlines")));
  CHECK(refused(quote::powershell_word(std::string_view("\0", 1))));
}

TEST_CASE("quote: JSON texts, also as Python and our own reader see them") {
  const Folder folder;
  std::string list;
  for (const auto& name : hostile()) {
    const auto text = quote::json_text(name);
    REQUIRE(text);
    list += (list.empty() ? "[\"" : ",\"") + *text + "\"";
    CHECK(json::parse("\"" + *text + "\"")->get_string() == name);
  }
  CHECK(*quote::json_text("a\nb") == "a\\u000Ab");
  CHECK(quote::json_text("\u202e")->find('\xe2') == std::string::npos);
  if (!installed("python3")) return;
  std::string expected;
  for (const auto& name : hostile()) expected += name + '\0';
  const auto file = folder.write("list.json", list + "]");
  const auto program = folder.write("read.py",
                                    "import json,sys\nfor x in json.load(open(sys.argv[1],encoding='utf-8')):\n"
                                    "  sys.stdout.buffer.write(x.encode()+b'\\0')\n");
  CHECK(output_of("python3 " + program + " " + file) == expected);
}

TEST_CASE("quote: URL components") {
  CHECK(*quote::url_component("o'brien@x.fr") == "o%27brien%40x.fr");
  CHECK(*quote::url_component("../../admin?x=1&y#z") == "..%2F..%2Fadmin%3Fx%3D1%26y%23z");
  CHECK(*quote::url_component("%0a") == "%250a");
  CHECK(*quote::url_component("é\n") == "%C3%A9%0A");
  CHECK(refused(quote::url_component("..")));
}

TEST_CASE("quote: LDAP filters and names, as slapd reads them") {
  CHECK(*quote::ldap_filter_value("*)(uid=*\\") == "\\2A\\29\\28uid=\\2A\\5C");
  CHECK(*quote::ldap_name_value(" a+b,c=d\"e\\f<g>;#") == "\\ a\\+b\\,c\\=d\\\"e\\\\f\\<g\\>\\;#");
  CHECK(*quote::ldap_name_value("#x ") == "\\#x\\ ");
  CHECK(*quote::ldap_name_value("é") == "\\C3\\A9");
  if (!installed("slapadd") || !installed("slapcat")) return;
  const Folder folder;
  std::filesystem::create_directory(folder.path + "/db");
  const auto config = folder.write("slapd.conf",
                                   "include /etc/ldap/schema/core.schema\nmodulepath /usr/lib/ldap\nmoduleload back_mdb\ndatabase mdb\n"
                                   "suffix \"o=x\"\nrootdn \"cn=a,o=x\"\ndirectory " +
                                       folder.path + "/db\n");
  std::string ldif = "dn: o=x\nobjectClass: organization\no: x\n\n";
  std::vector<std::string> kept;
  for (const auto& name : hostile()) {
    // slapd holds no empty directory string and bounds names to 511 bytes of database key.
    if (name.empty() || name.size() > 200) continue;
    kept.push_back(name);
    ldif += *quote::ldif_line("dn", "cn=" + *quote::ldap_name_value(name) + ",o=x") + "\nobjectClass: person\n" +
            *quote::ldif_line("cn", name) + "\n" + *quote::ldif_line("sn", name) + "\n\n";
  }
  const auto entries = folder.write("entries.ldif", ldif);
  // Without -q, slapadd refuses an entry whose name does not stand in its attributes.
  const auto added = output_of("slapadd -f " + config + " -l " + entries);
  CHECK(added == "");
  for (const auto& name : kept) {
    CAPTURE(name);
    const auto filter = quote::sh_word("(sn=" + *quote::ldap_filter_value(name) + ")").value();
    const auto found = output_of("slapcat -f " + config + " -a " + filter + " 2>/dev/null | grep -c ^dn:");
    CHECK(found == "1\n");
  }
}

TEST_CASE("quote: LDIF lines, as ldapmodify reads them") {
  CHECK(*quote::ldif_line("mail", "o'brien@x.fr") == "mail: o'brien@x.fr");
  CHECK(*quote::ldif_line("cn", "") == "cn:");
  CHECK(*quote::ldif_line("cn", " x") == "cn:: IHg=");
  CHECK(*quote::ldif_line("cn", "<file:///etc/passwd") == "cn:: PGZpbGU6Ly8vZXRjL3Bhc3N3ZA==");
  CHECK(*quote::ldif_line("cn", "a\nuserPassword: x") == "cn:: YQp1c2VyUGFzc3dvcmQ6IHg=");
  if (!installed("ldapmodify")) return;
  const Folder folder;
  std::string ldif;
  for (const auto& name : hostile())
    if (!name.empty()) ldif += "dn: cn=x\nchangetype: modify\nreplace: description\n" + *quote::ldif_line("description", name) + "\n-\n\n";
  const auto shown = output_of("ldapmodify -n -v -f " + folder.write("change.ldif", ldif));
  for (const auto& name : hostile()) {
    CAPTURE(name);
    // Values that are not printable are told by their length only.
    const bool printable = quote::ldif_line("description", name)->find("::") == std::string::npos;
    if (printable && !name.empty()) CHECK(shown.find("\t" + name + "\n") != std::string::npos);
  }
  CHECK(shown.find("!modifying") != std::string::npos);
  CHECK(shown.find("rror") == std::string::npos);
}

TEST_CASE("quote: search languages") {
  CHECK(*quote::odata_text("o'brien") == "o''brien");
  CHECK(*quote::search_phrase("a b") == "\"a b\"");
  CHECK(refused(quote::search_phrase("a\" OR \"")));
}

TEST_CASE("quote: a word is one search value for doveadm, quotes and brackets included") {
  if (!installed("doveadm")) return;
  const Folder folder;
  std::filesystem::create_directories(folder.path + "/mail/cur");
  std::filesystem::create_directories(folder.path + "/mail/new");
  std::filesystem::create_directories(folder.path + "/mail/tmp");
  const std::string wanted = R"(say "hi" \ (and) NOT all ; $(id))";
  folder.write("mail/cur/1:2,S", "Subject: " + wanted + "\n\nx\n");
  folder.write("mail/cur/2:2,S", "Subject: another\n\nx\n");
  const auto config = folder.write("dovecot.conf", "log_path = /dev/stderr\nssl = no\nmail_location = maildir:" + folder.path +
                                                       "/mail\nfirst_valid_uid = 1\nmail_plugin_dir = /nonexistent\n");
  if (geteuid() == 0) {
    // doveadm reads no mail as root.
    std::ofstream(config, std::ios::app) << "mail_uid = nobody\nmail_gid = nogroup\n";
    std::system(("chmod -R a+rwX " + folder.path).c_str());
  }
  const auto word = quote::sh_word(wanted).value();
  const auto found = output_of("USER=root HOME=" + folder.path + " doveadm -c " + config + " fetch uid header subject " + word);
  CHECK(found == "uid: 1\n");
}

TEST_CASE("quote: Postfix table keys, as postmap reads them") {
  for (const char* bad : {"", "#x", "a b", "a\tb", "a\"b", "é@x.fr", "a\nb"}) CHECK(refused(quote::postfix_key(bad)));
  CHECK(*quote::postfix_key("o'brien@x.fr") == "o'brien@x.fr");
  if (!installed("postmap")) return;
  const Folder folder;
  std::string table;
  std::vector<std::string> keys;
  for (const auto& name : hostile())
    if (const auto key = quote::postfix_key(name)) {
      keys.push_back(name);
      table += *key + " REJECT " + std::to_string(keys.size()) + "\n";
    }
  REQUIRE(keys.size() > 5);
  const auto file = folder.write("table", table);
  folder.write("main.cf", "compatibility_level=3.6\n");
  for (std::size_t i = 0; i < keys.size(); ++i)
    CHECK(output_of("postmap -c " + folder.path + " -q " + quote::sh_word(keys[i]).value() + " texthash:" + file) ==
          "REJECT " + std::to_string(i + 1) + "\n");
}
