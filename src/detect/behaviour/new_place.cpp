#include "detect/account.hpp"

namespace digue::detect {

namespace {

struct Novelty {
  bool country = false, network = false, device = false;
  bool any() const { return country || network || device; }
};

/// What the session is the first to show. Its first access decides; later rows of a session that moved are another detector's matter.
const Row* first_access(const Account& account, const Session& session) {
  for (const std::uint32_t index : session.rows)
    if (is_access(account.row(index))) return &account.row(index);
  return nullptr;
}

bool is_first(const Habits::Use* use, const Row& row) {
  return use != nullptr && use->first == row.time;
}

void judge(const Account& account, const Row& row, const Novelty& is_new, Finding& finding) {
  const Habits& habits = account.habits();
  const std::string user(account.view().account);
  if (is_new.country) {
    why(finding, "why.new_country", {std::string(row.country), source(row)});
    const World* world = account.view().world;
    if (world != nullptr && world->accounts >= 10 && world->accounts_in(row.country) <= 1) {
      raise(finding, 0.2);
      why(finding, "why.country_unseen_elsewhere", {std::string(row.country), std::to_string(world->accounts)});
    }
  }
  if (is_new.network && !row.network.empty())
    why(finding, "why.new_network", {std::string(row.network), source(row)});
  else if (is_new.network)
    why(finding, "why.new_neighbourhood", {source(row)});
  if (is_new.device) why(finding, "why.new_device", {std::string(row.device)});
  if (is_new.country && !habits.is_new(habits.find(Habits::Kind::country, row.country), row.time)) {
    finding.severity = Severity::low;
    benign(finding, 0.3, "benign.insufficient_history", {std::to_string(Habits::days_before(&habits.activity(), row.time))});
    return;
  }
  if (is_new.country && habits.is_stay(row.country)) benign(finding, 0.3, "benign.stay", {std::string(row.country)});
  if (!is_new.device && is_telling_device(row.device) && Habits::days_before(habits.find(Habits::Kind::device, row.device), row.time) >= 2)
    benign(finding, 0.6, "benign.known_device", {std::string(row.device)});
  if (!is_new.country && !is_new.network && is_new.device) benign(finding, 0.4, "benign.new_device_usual_place", {source(row)});
}

void detect_new_place(const Account& account, std::vector<Finding>& findings) {
  const Habits& habits = account.habits();
  for (const Session& session : account.view().sessions) {
    const Row* row = first_access(account, session);
    if (row == nullptr || habits.activity().first == row->time || account.trusted_source(*row)) continue;
    const auto is_new_here = [&](const Habits::Use* use) { return is_first(use, *row) && habits.is_new(use, row->time); };
    Novelty is_new;
    is_new.country = !row->country.empty() && is_first(habits.find(Habits::Kind::country, row->country), *row);
    is_new.network = is_new_here(habits.place_of(*row));
    is_new.device = !row->device.empty() && is_new_here(habits.find(Habits::Kind::device, row->device));
    if (!is_new.any()) continue;
    Finding finding = make(account, "new_place", is_new.country ? Severity::medium : Severity::low,
                           is_new.country                    ? 0.5
                           : is_new.network && is_new.device ? 0.3
                                                             : 0.15,
                           {"T1078"});
    if (is_new.country && is_new.device) raise(finding, 0.3);
    judge(account, *row, is_new, finding);
    finding.prove(*row);
    findings.push_back(std::move(finding));
  }
}

}  // namespace

const AccountDetector new_place_detector{"new_place", detect_new_place};

}  // namespace digue::detect
