#include "connect/guided/guided.hpp"

#include <doctest/doctest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "base/assets.hpp"
#include "playbook/load.hpp"

using namespace digue;
using namespace digue::guided;

namespace {

std::string filled(std::string_view text, Shell shell, std::map<std::string_view, std::vector<std::string>> values) {
  const auto parsed = Template::parse(text, shell);
  REQUIRE_MESSAGE(parsed, parsed.error().message);
  const auto command = parsed->fill([&](const Placeholder& what) { return &values.at(what.name); });
  return command ? *command : "refused: " + command.error().message;
}

bool refuses(std::string_view text, Shell shell, std::string_view reason) {
  const auto parsed = Template::parse(text, shell);
  return !parsed && parsed.error().message.find(reason) != std::string::npos;
}

const std::vector<std::string> one_action{"1.a"};

std::string platform(const std::string& steps) {
  return "schema: digue.platform/1\nid: x\nname: X\nabout: {fr: À propos, en: About}\nconnect: []\nactions:\n"
         "  - id: \"1.a\"\n    right: {fr: Droit, en: Right}\n    steps:\n" +
         steps;
}
constexpr const char* verify = "      - {for: verify, fr: Relire, en: Read again, shell: console, see: {fr: vu, en: seen}}\n";

Error load_error(const std::string& text) {
  const std::vector<SourceFile> files{{"x.yaml", text}};
  const auto loaded = load_platforms(files, one_action);
  REQUIRE_FALSE(loaded);
  return loaded.error();
}

}  // namespace

TEST_CASE("guided: a value becomes one word, whatever it holds") {
  CHECK(filled("kick {{account}}", Shell::sh, {{"account", {"a b'c"}}}) == "kick 'a b'\\''c'");
  CHECK(filled("f [[(mail={{account|ldap}})]] x", Shell::sh, {{"account", {"*)(x"}}}) == "f '(mail=\\2A\\29\\28x)' x");
  CHECK(filled("-Filter [[id eq '{{account|odata}}']]", Shell::powershell, {{"account", {"o'b’c"}}}) == "-Filter 'id eq ''o''''b’’c'''");
  CHECK(filled("-d [[{\"v\":\"{{rule|json}}\"}]]", Shell::sh, {{"rule", {"a\"b"}}}) == "-d '{\"v\":\"a\\\"b\"}'");
  CHECK(filled("u=\"$HOST/users/\"{{account|url}}", Shell::sh, {{"account", {"a;b"}}}) == "u=\"$HOST/users/\"a%3Bb");
  CHECK(filled("@({{ips}})", Shell::powershell, {{"ips", {"192.0.2.1", "2001:db8::1"}}}) == "@('192.0.2.1', '2001:db8::1')");
  CHECK(filled("for i in {{ips}}", Shell::sh, {{"ips", {"192.0.2.1", "2001:db8::1"}}}) == "for i in 192.0.2.1 2001:db8::1");
  CHECK(filled("after:{{since|epoch}} {{since|date}}", Shell::sh, {{"since", {"1970-01-02T00:00:01Z"}}}) == "after:86401 1970-01-02");
  CHECK(filled("{{account|local}} {{account|domain}}", Shell::sh, {{"account", {"a@b@c.fr"}}}) == "a@b c.fr");
  // A value is never read again as a template.
  CHECK(filled("{{rule}} {{folder}}", Shell::sh, {{"rule", {"{{folder}}"}}, {"folder", {"x"}}}) == "'{{folder}}' x");
  CHECK(filled("d: x\ndn: {{dn}}\nmail: <{{account}}>\n", Shell::ldif, {{"dn", {"cn=a\nb"}}, {"account", {"x"}}}) ==
        "d: x\ndn:: Y249YQpi\nmail:: PHg+\n");
  CHECK(filled("{{sender}} REJECT {{reference}} until {{expiry|date}}\n", Shell::postfix_map,
               {{"sender", {"a'b@x.fr"}}, {"reference", {"2026-003"}}, {"expiry", {"2026-03-09T00:00:00Z"}}}) ==
        "a'b@x.fr REJECT 2026-003 until 2026-03-09\n");
}

TEST_CASE("guided: what a shell cannot hold is refused, not written") {
  CHECK(filled("x {{rule}}", Shell::sh, {{"rule", {"a\nb"}}}).starts_with("refused"));
  CHECK(filled("x {{rule}}", Shell::powershell, {{"rule", {std::string("\0", 1)}}}).starts_with("refused"));
  CHECK(filled("{{sender}} REJECT", Shell::postfix_map, {{"sender", {"a b@x"}}}).starts_with("refused"));
  // Quotes do not keep a leading dash from being read as an option.
  CHECK(filled("zmprov ga {{account}}", Shell::sh, {{"account", {"-rf"}}}).starts_with("refused"));
  CHECK(filled("grep -F -- {{account}}", Shell::sh, {{"account", {"-rf"}}}) == "grep -F -- -rf");
  CHECK(filled("x [[u={{account}}]]", Shell::sh, {{"account", {"-rf"}}}) == "x u=-rf");
}

TEST_CASE("guided: a template where an encoder would not hold is refused") {
  CHECK(refuses("echo '{{account}}'", Shell::sh, "inside quotes"));
  CHECK(refuses("echo \"{{account}}\"", Shell::powershell, "inside quotes"));
  CHECK(refuses("echo # {{account}}", Shell::sh, "comment"));
  CHECK(refuses("cat <<EOF\n{{account}}\nEOF", Shell::sh, "here-document"));
  CHECK(refuses("echo $x{{account}}", Shell::sh, "touches"));
  CHECK(refuses("Get-X{{account}}", Shell::powershell, "touches"));
  CHECK(refuses("Get-X {{account}}.Name", Shell::powershell, "touches"));
  CHECK(refuses("Get-X {{acount}}", Shell::powershell, "unknown placeholder"));
  CHECK(refuses("Get-X {{account|base65}}", Shell::powershell, "unknown encoding"));
  CHECK(refuses("Get-X [[{{ips}}]]", Shell::powershell, "list"));
  CHECK(refuses("Get-X {{account", Shell::powershell, "does not end"));
  CHECK(refuses("{{account}}: x", Shell::ldif, "no value"));
  CHECK(refuses("x REJECT {{rule}}", Shell::postfix_map, "only keys"));
}

TEST_CASE("guided: one block for each account and address") {
  const std::vector<SourceFile> files{
      {"x.yaml", platform("      - {for: do, fr: Chercher, en: Search, shell: sh, run: \"grep {{account}} {{ip}} {{rule}}\"}\n" +
                          std::string(verify))}};
  const auto loaded = load_platforms(files, one_action);
  REQUIRE_MESSAGE(loaded, to_text(loaded.error()));
  const auto& steps = loaded->front().procedures.front().steps;
  Facts facts;
  facts.accounts = {"a@x.fr", "b@x.fr"};
  facts.ips = {"192.0.2.1", "192.0.2.2", "192.0.2.3"};
  auto out = fill(steps, facts);
  CHECK(out.blocks.size() == 7);
  CHECK(out.blocks.front().missing == std::vector<std::string>{"rule"});
  CHECK(out.blocks.front().command.empty());
  CHECK(asked_of(steps) == std::vector<std::string>{"rule"});
  facts.asked["rule"] = "$(id)";
  out = fill(steps, facts);
  CHECK(out.blocks[5].command == "grep b@x.fr 192.0.2.3 '$(id)'");
  CHECK(out.blocks[5].account == "b@x.fr");
  facts.ips.assign(150, "192.0.2.1");
  out = fill(steps, facts);
  CHECK(out.blocks.size() == max_blocks);
  CHECK(out.left_out == 101);
}

TEST_CASE("guided: values that a person gives are of their placeholder's kind") {
  CHECK(check_value("sender", "o'brien@x.fr"));
  CHECK(check_value("rule", "Ⓐ ’; Remove-Item \u202e"));
  CHECK(check_value("block_domain", "mechant-exemple.com"));
  CHECK(check_value("dn", "cn=o'brien,dc=x"));
  for (const auto& [name, value] : std::vector<std::pair<std::string, std::string>>{{"sender", "nobody"},
                                                                                    {"sender", "a@b c"},
                                                                                    {"rule", "a\nb"},
                                                                                    {"rule", ""},
                                                                                    {"rule", std::string(1025, 'x')},
                                                                                    {"rule", "\xff"},
                                                                                    {"block_domain", "x;y"},
                                                                                    {"server", "-oProxyCommand=x"},
                                                                                    {"application", "$(id)"},
                                                                                    {"dn", "x"},
                                                                                    {"account", "a@b"},
                                                                                    {"nothing", "x"}}) {
    CAPTURE(name);
    CAPTURE(value);
    const auto checked = check_value(name, value);
    CHECK((!checked && checked.error().code == ErrorCode::bad_input && checked.error().where == name));
  }
}

TEST_CASE("guided: a broken platform file is told with file, line and what was expected") {
  const auto error =
      load_error(platform("      - for: do\n        fr: Faire\n        en: Act\n        shell: sh\n        run: |\n          true\n"
                          "          echo {{nobody}}\n" +
                          std::string(verify)));
  CHECK(error.where == "x.yaml:16");
  CHECK(error.message.find("nobody") != std::string::npos);
  CHECK(error.help.starts_with("Expected one of account"));
  CHECK(load_error(platform("      - {for: do, fr: Faire, en: Act, shell: cmd, run: x}\n")).help.find("powershell") != std::string::npos);
  CHECK(load_error(platform("      - {for: do, fr: Faire, shell: sh, run: x}\n")).message.find("\"en\" is missing") != std::string::npos);
  CHECK(load_error(platform("      - {for: do, fr: Même, en: Même, shell: sh, run: x}\n")).message.find("same text") != std::string::npos);
  CHECK(load_error(platform("      - {for: do, fr: Faire, en: Act, shell: sh, run: x}\n")).message.find("verify") != std::string::npos);
  CHECK(load_error(platform("      - {for: do, fr: Faire, en: Act, shell: sh, run: x, irreversible: true}\n" + std::string(verify)))
            .help.find("seal") != std::string::npos);
  CHECK(load_error(platform("      - {for: do, fr: Faire, en: Act, shell: console, run: x}\n")).message.find("no command") !=
        std::string::npos);
  CHECK(load_error("schema: digue.platform/1\nid: x\nname: X\nabout: {fr: a, en: b}\nconnect: []\nactions:\n  - id: \"9.z\"\n    cannot: "
                   "{fr: a, en: b}\n")
            .message.find("unknown action") != std::string::npos);
  CHECK(load_error("schema: digue.platform/1\nid: x\nname: X\nabout: {fr: a, en: b}\nconnect: []\nactions: []\n")
            .message.find("1.a is missing") != std::string::npos);
}

TEST_CASE("guided: the content that is shipped loads, for all actions") {
  std::vector<playbook::SourceFile> book_files;
  std::vector<SourceFile> files;
  for (const auto& asset : assets()) {
    if (asset.path.starts_with("content/playbook/")) book_files.push_back({std::string(asset.path), std::string(asset.data)});
    if (asset.path.starts_with("content/platforms/")) files.push_back({std::string(asset.path), std::string(asset.data)});
  }
  const auto book = playbook::load_playbook(book_files);
  REQUIRE(book);
  std::vector<std::string> actions;
  for (const auto& measure : book->measures)
    for (const auto& action : measure.actions) actions.push_back(action.id);
  const auto loaded = load_platforms(files, actions);
  REQUIRE_MESSAGE(loaded, to_text(loaded.error()));
  CHECK(loaded->size() == 9);
  Facts facts;
  facts.accounts = {"c.moreau@ch-exemple.fr", "o'brien$(id)`id`@x.fr"};
  facts.ips = {"198.51.100.23"};
  facts.since = UtcMicros{1'773'000'000'000'000};
  facts.until = facts.expiry = facts.since;
  facts.reference = "2026-003";
  for (const auto& each : placeholders) {
    if (!each.asked) continue;
    const std::string name(each.name);
    facts.asked[name] = each.kind == Kind::address                             ? "x@y.fr"
                        : each.kind == Kind::domain || each.kind == Kind::host ? "y.example"
                        : each.kind == Kind::message_id                        ? "<1@x>"
                        : each.kind == Kind::distinguished_name                ? "cn=o'brien $(id),dc=x"
                        : each.kind == Kind::text                              ? "’; $(id) `id` & | > x"
                                                                               : "abc";
    CHECK(check_value(name, facts.asked[name]));
  }
  std::string script;
  for (const auto& one : *loaded) {
    CAPTURE(one.id);
    for (const auto& procedure : one.procedures) {
      CAPTURE(procedure.action);
      for (const auto& block : fill(procedure.steps, facts).blocks) {
        CHECK(block.missing.empty());
        CHECK(block.refused == "");
        CHECK(block.command.empty() == (procedure.steps[block.step].shell == Shell::console));
        if (procedure.steps[block.step].shell == Shell::sh) script += block.command + "\n";
      }
    }
  }
  // Whatever the names hold, the shells read whole commands: no quote left open, no word that begins a command of its own.
  auto folder = (std::filesystem::temp_directory_path() / "digue-guided-XXXXXX").string();
  REQUIRE(mkdtemp(folder.data()) != nullptr);
  std::ofstream(folder + "/script") << script;
  for (const char* shell : {"sh", "bash"}) CHECK(std::system((std::string(shell) + " -n " + folder + "/script").c_str()) == 0);
  std::filesystem::remove_all(folder);
}
