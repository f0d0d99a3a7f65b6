#include <map>
#include <utility>

#include "detect/account.hpp"
#include "detect/signs.hpp"

namespace digue::detect {

namespace {

/// Programs, not people, that got in: adversary-in-the-middle kits and password tools name themselves. One finding for each program.
void detect_scripts(const Account& account, std::vector<Finding>& findings) {
  std::map<std::string_view, Finding> by_program;
  // People use a few clients, each for many records: a name is looked up once.
  std::map<std::pair<std::string_view, std::string_view>, std::string_view> known;
  for (const Row& row : account.rows()) {
    if (!is_access(row) || row.outcome == Outcome::unknown) continue;
    const auto [name, unknown] = known.try_emplace({row.get(Field::user_agent), row.device});
    if (unknown) name->second = scripted_client_name(row);
    const std::string_view program = name->second;
    if (program.empty()) continue;
    const auto [at, is_new] = by_program.try_emplace(program);
    if (is_new) {
      at->second = make(account, "scripted_client", Severity::medium, 0.5, {"T1078.004"});
      why(at->second, "why.scripted_client", {std::string(program), source(row)});
      if (account.trusted_source(row)) benign(at->second, 0.2, "benign.shared_address", {source(row)});
      if (Habits::other_days(account.habits().find(Habits::Kind::device, row.device), row.time) >= 3)
        benign(at->second, 0.4, "benign.used_for_days", {std::string(program)});
    }
    at->second.prove(row);
  }
  for (auto& [program, finding] : by_program) findings.push_back(std::move(finding));
}

}  // namespace

const AccountDetector scripted_client_detector{"scripted_client", detect_scripts};

}  // namespace digue::detect
