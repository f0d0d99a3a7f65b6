#include "analysis/inputs.hpp"

#include <algorithm>

namespace digue::analysis {

namespace {
constexpr std::size_t max_hours = 200'000;  // 22 years: hostile dates must not grow the table for ever
}

void BlockReport::reject(std::uint64_t offset, std::string reason) {
  ++rejected;
  rejects.push_back({offset, std::move(reason)});
  std::sort(rejects.begin(), rejects.end());
  if (rejects.size() > max_rejects) rejects.resize(max_rejects);
}

void BlockReport::note_offset(int minutes, std::int64_t time) {
  const auto [at, added] = offsets.try_emplace(minutes, time);
  at->second = std::min(at->second, time);
}

std::string Input::format() const {
  if (csv != nullptr) return std::string(csv->id);
  std::string out;
  for (const auto& [id, count] : total.by_format) {
    if (!out.empty()) out += '+';
    out += id;
  }
  return out.empty() && total.other > 0 ? "syslog" : out;
}

std::uint32_t Inputs::add(std::string path, std::uint32_t source) {
  const std::lock_guard lock(mutex_);
  Input& input = inputs_.emplace_back();
  input.path = std::move(path);
  input.source = source;
  return static_cast<std::uint32_t>(inputs_.size() - 1);
}

Input& Inputs::operator[](std::uint32_t index) const {
  const std::lock_guard lock(mutex_);
  return inputs_[index];
}

std::uint32_t Inputs::size() const {
  const std::lock_guard lock(mutex_);
  return static_cast<std::uint32_t>(inputs_.size());
}

void Inputs::merge(std::uint32_t index, const BlockReport& report) {
  const std::lock_guard lock(mutex_);
  BlockReport& total = inputs_[index].total;
  total.records += report.records;
  total.rejected += report.rejected;
  total.other += report.other;
  total.zoneless += report.zoneless;
  for (const auto& [minutes, time] : report.offsets) total.note_offset(minutes, time);
  if (report.latest_dated) total.latest_dated = std::max(total.latest_dated.value_or(*report.latest_dated), *report.latest_dated);
  for (const auto& [domain, accounts] : report.domains) total.domains[domain].insert(accounts.begin(), accounts.end());
  for (const auto& [id, count] : report.by_format) total.by_format[id] += count;
  for (const auto& [format, tally] : report.tallies) {
    auto& sum = total.tallies[format];
    for (std::size_t i = 0; i < tally.size(); ++i) sum[i] += tally[i];
  }
  total.rejects.insert(total.rejects.end(), report.rejects.begin(), report.rejects.end());
  std::sort(total.rejects.begin(), total.rejects.end());
  if (total.rejects.size() > BlockReport::max_rejects) total.rejects.resize(BlockReport::max_rejects);
  if (report.max_wraps > total.max_wraps || (report.max_wraps == total.max_wraps && report.last_yearless > total.last_yearless)) {
    total.max_wraps = report.max_wraps;
    total.last_yearless = report.last_yearless;
  }
}

void Inputs::merge(const std::unordered_map<std::uint32_t, Loaded>& loaded) {
  const std::lock_guard lock(mutex_);
  for (const auto& [index, part] : loaded) {
    Input& input = inputs_[index];
    input.duplicates += part.duplicates;
    if (part.first && (!input.first || *part.first < *input.first)) input.first = part.first;
    if (part.last && (!input.last || *part.last > *input.last)) input.last = part.last;
    for (const auto& [hour, count] : part.hours)
      if (input.hours.size() < max_hours || input.hours.contains(hour)) input.hours[hour] += count;
  }
}

std::optional<UtcMicros> Inputs::latest_dated(UtcMicros limit) const {
  std::optional<UtcMicros> latest;
  for (const Input& input : inputs_)
    if (input.total.latest_dated && *input.total.latest_dated <= limit.value && (!latest || *input.total.latest_dated > latest->value))
      latest = UtcMicros{*input.total.latest_dated};
  return latest;
}

std::vector<std::string> Inputs::likely_own_domains() const {
  static constexpr std::string_view public_services[] = {"gmail.com",   "googlemail.com", "outlook.com", "outlook.fr",    "hotmail.com",
                                                         "hotmail.fr",  "live.com",       "live.fr",     "msn.com",       "yahoo.com",
                                                         "yahoo.fr",    "orange.fr",      "wanadoo.fr",  "free.fr",       "sfr.fr",
                                                         "laposte.net", "icloud.com",     "proton.me",   "protonmail.com"};
  std::map<std::string, std::set<std::size_t>> domains;
  for (const Input& input : inputs_)
    for (const auto& [domain, accounts] : input.total.domains) domains[domain].insert(accounts.begin(), accounts.end());
  std::size_t most = 0;
  std::erase_if(domains, [&](const auto& entry) {
    return std::find(std::begin(public_services), std::end(public_services), entry.first) != std::end(public_services);
  });
  for (const auto& [domain, accounts] : domains) most = std::max(most, accounts.size());
  std::vector<std::string> own;
  for (const auto& [domain, accounts] : domains)
    if (accounts.size() * 5 >= most) own.push_back(domain);
  return own;
}

}  // namespace digue::analysis
