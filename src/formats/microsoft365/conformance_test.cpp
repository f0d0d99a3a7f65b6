#include <doctest/doctest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "formats/microsoft365/testing.hpp"

/// Real records of others, read where they lie; the file names say what was done.

using namespace digue;
using namespace digue::formats;
using testing::Trial;

namespace {

namespace fs = std::filesystem;

std::string slurp(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

/// The samples' folder; says so when it is absent.
fs::path samples(std::string_view folder) {
  const fs::path path = fs::path(DIGUE_SOURCE_DIR) / ".." / "shared" / "samples" / folder;
  if (fs::is_directory(path)) return path;
  MESSAGE("skipped: no sample folder " << folder);
  return {};
}

/// The objects of a text that begin at a brace, from `from` on, braces matched outside strings.
std::vector<std::string> objects_of(std::string_view text, std::string_view behind = "") {
  std::vector<std::string> out;
  for (std::size_t at = 0; at < text.size();) {
    if (!behind.empty()) at = std::min(text.find(behind, at), text.size());
    at = std::min(text.find('{', at), text.size());
    int depth = 0;
    bool quoted = false;
    std::size_t end = at;
    for (; end < text.size(); ++end) {
      const char c = text[end];
      if (quoted && c == '\\')
        ++end;
      else if (c == '"')
        quoted = !quoted;
      else if (!quoted && c == '{')
        ++depth;
      else if (!quoted && c == '}' && --depth == 0)
        break;
    }
    if (end < text.size()) out.emplace_back(text.substr(at, end + 1 - at));
    at = end + 1;
  }
  return out;
}

std::vector<std::vector<std::string>> rows_of(std::string_view text) {
  std::vector<std::vector<std::string>> rows;
  std::vector<std::string> row;
  std::string cell;
  bool quoted = false;
  for (std::size_t at = 0; at < text.size(); ++at) {
    const char c = text[at];
    if (quoted && c == '"' && at + 1 < text.size() && text[at + 1] == '"')
      cell += text[at++];
    else if (c == '"')
      quoted = !quoted;
    else if (quoted || (c != ',' && c != '\n' && c != '\r'))
      cell += c;
    else if (c != '\r') {
      row.push_back(std::exchange(cell, {}));
      if (c == '\n') rows.push_back(std::exchange(row, {}));
    }
  }
  if (!cell.empty() || !row.empty()) row.push_back(cell);
  if (!row.empty()) rows.push_back(row);
  std::erase_if(rows, [](const auto& one) { return one.size() == 1 && one[0].empty(); });
  return rows;
}

/// Events of a file of the audit log, every record of which must be accepted.
std::vector<std::unique_ptr<Trial>> parse_file(const fs::path& path) {
  const std::string text = slurp(path);
  std::vector<std::unique_ptr<Trial>> out;
  if (path.extension() == ".csv") {
    const auto rows = rows_of(text);
    for (std::size_t i = 1; i < rows.size(); ++i) {
      out.push_back(std::make_unique<Trial>());
      out.back()->row(microsoft365_ual_csv, rows[0], rows[i]);
    }
  } else {
    for (const auto& object : objects_of(text)) {
      out.push_back(std::make_unique<Trial>());
      out.back()->json(microsoft365_ual, object);
    }
  }
  CHECK_FALSE(out.empty());
  for (const auto& one : out) {
    CHECK_MESSAGE(one->parsed.status == Status::event, one->parsed.reason);
    CHECK(one->event().own_id);
  }
  return out;
}

Activity expected_of(std::string_view name) {
  const auto has = [name](std::string_view part) { return name.find(part) != std::string_view::npos; };
  if (has("administrator_role")) return Activity::role_add;
  if (has("Remove-Admin")) return Activity::role_remove;
  if (has("t1098.002")) return Activity::delegation_add;
  if (has("t1110.003")) return Activity::sign_in;
  if (has("t1114.002")) return Activity::protocol_enable;
  if (has("Forward")) return Activity::forwarding_set;
  if (has("app_registration")) return Activity::app_create;
  if (has("t1556")) return Activity::mfa_disable;
  if (has("t1562")) return Activity::audit_disable;
  if (has("t1564.008")) return Activity::rule_create;
  return Activity::other;
}

}  // namespace

TEST_CASE("conformance: every file of the detection samples shows the technique of its name") {
  const fs::path folder = samples("det-eng-samples");
  if (folder.empty()) return;
  std::size_t files = 0;
  for (const auto& entry : fs::directory_iterator(folder)) {
    const std::string name = entry.path().filename().string();
    if (name == "LICENSE") continue;
    CAPTURE(name);
    ++files;
    const auto trials = parse_file(entry.path());
    const Activity expected = expected_of(name);
    const auto shows = std::ranges::count_if(trials, [&](const auto& t) { return t->event().activity == expected; });
    CHECK(expected != Activity::other);
    CHECK(shows > 0);
    if (expected == Activity::sign_in) {
      const auto failures =
          std::ranges::count_if(trials, [](const auto& t) { return t->event().outcome == Outcome::failure && t->event().ip; });
      CHECK(failures >= 5);
    }
    if (name.find("delete_email") != std::string::npos) CHECK((*trials[0])[Field::rule_action] == "delete,stop");
    if (name.find("mark_as_read_move") != std::string::npos) CHECK((*trials[0])[Field::rule_action] == "move,mark_read,stop");
    if (expected == Activity::forwarding_set) CHECK_FALSE((*trials[0])[Field::forward_to].empty());
  }
  CHECK(files == 19);
}

TEST_CASE("conformance: Log Analytics records of mail access") {
  const fs::path folder = samples("otrf");
  if (folder.empty()) return;
  const auto trials = parse_file(folder / "OfficeActivityEvents.json");
  for (const auto& t : trials) {
    CHECK(t->event().activity == Activity::mail_read);
    CHECK((*t)[Field::folder] == "\\Inbox");
    CHECK((*t)[Field::message_id].starts_with("<"));
    CHECK(t->event().ip);
  }
}

TEST_CASE("conformance: rule tests of others, audit log") {
  const fs::path folder = samples("panther/microsoft_rules");
  if (folder.empty()) return;
  const auto events = [&](const char* file) { return objects_of(slurp(folder / file), "\"event\""); };
  const auto mfa = events("microsoft365_mfa_disabled.tests.json");
  REQUIRE(mfa.size() == 2);
  CHECK(Trial().json(microsoft365_ual, mfa[0]).event().activity == Activity::mfa_add);
  CHECK(Trial().json(microsoft365_ual, mfa[1]).event().activity == Activity::mfa_remove);
  const auto login = events("microsoft365_brute_force_login_by_user.tests.json");
  REQUIRE(login.size() == 2);
  CHECK(Trial().json(microsoft365_ual, login[0]).event().outcome == Outcome::failure);
  CHECK(Trial().json(microsoft365_ual, login[1]).event().outcome == Outcome::success);
  for (const auto& alert : events("microsoft_graph_passthrough.tests.json"))
    CHECK(Trial().json(microsoft365_ual, alert).parsed.status == Status::not_mine);
}

TEST_CASE("conformance: rule tests of others, sign-ins") {
  const fs::path folder = samples("panther/azure_signin_rules");
  if (folder.empty()) return;
  std::size_t sign_ins = 0;
  for (const auto& entry : fs::directory_iterator(folder)) {
    CAPTURE(entry.path().filename().string());
    for (const auto& object : objects_of(slurp(entry.path()), "\"event\"")) {
      Trial t;
      t.json(entra_signin, object);
      CHECK(Trial().json(microsoft365_ual, object).parsed.status == Status::not_mine);
      Trial audit;
      audit.json(entra_audit, object);
      CHECK((audit.parsed.status == Status::event) == (t.parsed.status == Status::not_mine));
      const bool mine = object.find("SignInLogs\"") != std::string::npos;
      CHECK((t.parsed.status == Status::event) == mine);
      if (!mine) continue;
      ++sign_ins;
      CHECK_FALSE(t.event().account.empty());
      CHECK(t.event().ip);
      CHECK((t.event().outcome == Outcome::failure) == (object.find("\"errorCode\": 50") != std::string::npos));
    }
  }
  CHECK(sign_ins == 6);
}

TEST_CASE("conformance: Log Analytics records of directory audits") {
  const fs::path folder = samples("otrf");
  if (folder.empty()) return;
  std::vector<Activity> seen;
  for (const auto& object : objects_of(slurp(folder / "AADAuditEvents.json"))) {
    Trial t;
    t.json(entra_audit, object);
    REQUIRE_MESSAGE(t.parsed.status == Status::event, t.parsed.reason);
    CHECK(t.event().account.find('@') != std::string_view::npos);
    CHECK(t.event().outcome == Outcome::success);
    seen.push_back(t.event().activity);
    if (t.event().activity == Activity::consent) CHECK(t[Field::scopes].find("Mail.ReadWrite") != std::string_view::npos);
  }
  CHECK(std::ranges::count(seen, Activity::app_credential_add) > 0);
  CHECK(std::ranges::count(seen, Activity::consent) > 0);
}

TEST_CASE("conformance: rule tests of others, directory audits") {
  const fs::path folder = samples("panther/azure_signin_rules");
  if (folder.empty()) return;
  const auto activities = [&](const char* file) {
    std::vector<Activity> out;
    for (const auto& object : objects_of(slurp(folder / file), "\"event\"")) {
      Trial t;
      out.push_back(t.json(entra_audit, object).event().activity);
    }
    return out;
  };
  using A = Activity;
  CHECK(activities("azure_role_changed_pim.tests.json") == std::vector{A::role_add, A::other, A::role_add});
  CHECK(activities("azure_domain_trust_settings_modified.tests.json") == std::vector{A::policy_change, A::policy_change});
  CHECK(activities("azure_mfa_disabled.tests.json") == std::vector{A::policy_change, A::policy_change, A::policy_change});
  CHECK(activities("azure_policy_changed.tests.json") == std::vector{A::policy_change, A::policy_change, A::policy_change});
  CHECK(activities("azure_service_principal_credentials_added.tests.json") == std::vector{A::app_credential_add, A::app_create});
}
