#include "detect/account.hpp"

#include <algorithm>

#include "base/text.hpp"

namespace digue::detect {

Account::Account(const AccountView& view) : view_(&view), habits_(view.rows) {
  for (std::size_t i = 0; i < view.rows.size(); ++i)
    by_activity_[static_cast<std::size_t>(view.rows[i].activity)].push_back(static_cast<std::uint32_t>(i));
  for (std::size_t i = 0; i < view.rows.size(); ++i)
    if (doubtful(view.rows[i])) doubtful_.push_back(static_cast<std::uint32_t>(i));
}

std::vector<std::uint32_t> Account::of(std::initializer_list<Activity> activities) const {
  std::vector<std::uint32_t> all;
  for (const Activity activity : activities) {
    const auto some = of(activity);
    all.insert(all.end(), some.begin(), some.end());
  }
  std::sort(all.begin(), all.end());
  return all;
}

bool Account::trusted_source(const Row& row) const {
  if (row.own_range) return true;
  if (!row.ip || view_->world == nullptr) return false;
  const SourceFacts* facts = view_->world->source(*row.ip);
  return facts != nullptr && facts->shared;
}

bool Account::hostile_source(const Row& row) const {
  if (!row.ip || row.own_range || view_->world == nullptr) return false;
  const SourceFacts* facts = view_->world->source(*row.ip);
  return facts != nullptr && facts->sprayed && !facts->shared;
}

bool Account::is_external(std::string_view address) const {
  const auto at = address.rfind('@');
  if (at == std::string_view::npos) return false;
  const Profile* profile = view_->world != nullptr ? view_->world->profile : nullptr;
  if (profile != nullptr && !profile->own_domains.empty()) return !profile->is_own_address(address);
  const auto own = view_->account.rfind('@');
  return own != std::string_view::npos && address.substr(at) != view_->account.substr(own);
}

bool Account::doubtful(const Row& row) const {
  if (!is_access(row) || trusted_source(row)) return false;
  if (hostile_source(row)) return true;
  if (!row.country.empty() && habits_.is_new(habits_.find(Habits::Kind::country, row.country), row.time)) return true;
  if (!row.ip->is_local() && habits_.is_new(&habits_.outside(), row.time)) return true;
  return habits_.is_new(habits_.place_of(row), row.time) && !row.device.empty() &&
         habits_.is_new(habits_.find(Habits::Kind::device, row.device), row.time);
}

const Row* Account::doubtful_before(UtcMicros time, std::int64_t within) const {
  const auto after =
      std::upper_bound(doubtful_.begin(), doubtful_.end(), time, [&](UtcMicros at, std::uint32_t index) { return at < row(index).time; });
  if (after == doubtful_.begin()) return nullptr;
  const Row& last = row(*(after - 1));
  return time.value - last.time.value <= within ? &last : nullptr;
}

const Row* Account::doubt_about(const Row& row) const {
  if (row.ip) return doubtful(row) ? &row : nullptr;
  return doubtful_before(row.time, micros_per_hour);
}

bool Account::usual(const Row& row) const {
  if (!row.ip) return false;
  return trusted_source(row) || habits_.regular(row) || habits_.regular_before(row);
}

Finding make(const Account& account, std::string_view rule, Severity severity, double confidence,
             std::initializer_list<std::string_view> techniques) {
  Finding finding;
  finding.rule = rule;
  finding.severity = severity;
  finding.confidence = confidence;
  finding.techniques.assign(techniques.begin(), techniques.end());
  finding.account = account.view().account;
  return finding;
}

void why(Finding& finding, std::string_view key, std::vector<std::string> args) {
  finding.why.push_back({std::string(key), std::move(args)});
}

void benign(Finding& finding, double factor, std::string_view key, std::vector<std::string> args) {
  finding.confidence *= factor;
  finding.benign.push_back({std::string(key), std::move(args)});
}

void raise(Finding& finding, double share) {
  finding.confidence += (1 - finding.confidence) * share;
}

void judge_place(Finding& finding, const Account& account, const Row& row) {
  if (const Row* doubt = account.doubt_about(row)) {
    raise(finding, 0.5);
    why(finding, "why.after_doubtful_access", {source(*doubt), when(account, doubt->time)});
  } else if (account.usual(row)) {
    benign(finding, 0.5, "benign.usual_place", {source(row)});
  }
}

std::vector<std::string_view> split(std::string_view list, std::string_view separators) {
  std::vector<std::string_view> parts;
  while (!list.empty()) {
    const auto end = list.find_first_of(separators);
    const std::string_view part = trim(list.substr(0, end));
    if (!part.empty()) parts.push_back(part);
    if (end == std::string_view::npos) break;
    list.remove_prefix(end + 1);
  }
  return parts;
}

bool has_action(const Row& row, std::string_view action) {
  const auto actions = split(row.get(Field::rule_action), ", ;");
  return std::find(actions.begin(), actions.end(), action) != actions.end();
}

std::string when(const Account& account, UtcMicros time) {
  const World* world = account.view().world;
  return world != nullptr && world->zone != nullptr ? to_local(time, *world->zone) : to_iso8601(time);
}

std::string source(const Row& row) {
  if (!row.ip) return "-";
  std::string text = to_text(*row.ip);
  if (!row.country.empty()) text += " (" + std::string(row.country) + ")";
  return text;
}

std::uint64_t items(const Row& row) {
  return row.number(Field::count, 1) * row.repeats;
}

}  // namespace digue::detect
