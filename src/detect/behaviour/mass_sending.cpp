#include <algorithm>
#include <map>
#include <set>

#include "base/text.hpp"
#include "detect/burst.hpp"

namespace digue::detect {

namespace {

constexpr std::uint64_t recipients_per_hour = 50;
constexpr std::uint64_t same_subject = 50;

std::uint64_t recipients(const Row& row) {
  const std::string_view list = row.get(Field::recipients);
  const std::uint64_t listed = list.empty() ? 1 : 1 + static_cast<std::uint64_t>(std::count(list.begin(), list.end(), ';'));
  return std::max(listed, row.number(Field::count, 1)) * row.repeats;
}

/// How many recipients of the stretch are outside.
std::uint64_t outside(const Account& account, const Burst& burst) {
  std::uint64_t count = 0;
  for (const Row* row : burst.rows)
    for (const auto address : split(row->get(Field::recipients), ";")) count += account.is_external(address);
  return count;
}

/// A mail server tells one message in several lines: those of the queue come before those of each delivery.
void show_other_lines(const Account& account, const Burst& burst, Finding& finding) {
  std::set<std::string_view> queued;
  for (const Row* row : burst.rows)
    if (const auto id = row->get(Field::queue_id); !id.empty()) queued.insert(id);
  if (queued.empty()) return;
  const std::int64_t from = burst.rows.front()->time.value, to = burst.rows.back()->time.value + micros_per_hour;
  for (const bool delivery : {false, true})
    for (const std::uint32_t index : account.of(Activity::other)) {
      const Row& row = account.row(index);
      if (row.time.value >= from && row.time.value <= to && row.get(Field::status).empty() != delivery &&
          queued.contains(row.get(Field::queue_id)))
        finding.show(row);
    }
}

void detect_sending(const Account& account, std::vector<Finding>& findings) {
  std::vector<const Row*> sent;
  for (const std::uint32_t index : account.of(Activity::mail_send))
    if (account.row(index).outcome != Outcome::failure) sent.push_back(&account.row(index));
  for (const Burst& burst : find_bursts(account, sent, recipients_per_hour, recipients)) {
    const Row& first = *burst.rows.front();
    Finding finding = make(account, "mass_sending", Severity::high, burst.enough_history ? 0.5 : 0.35, {"T1534"});
    const bool names_recipients = std::any_of(burst.rows.begin(), burst.rows.end(), [](const Row* row) {
      return !row->get(Field::recipients).empty() || !row->get(Field::count).empty();
    });
    if (names_recipients)
      why(finding, "why.mass_sending",
          {std::to_string(burst.amount), std::to_string(burst.rows.size()), std::to_string(burst.peak), std::to_string(burst.usual)});
    else
      why(finding, "why.mass_sending_mails", {std::to_string(burst.amount), std::to_string(burst.peak), std::to_string(burst.usual)});
    std::map<std::string_view, std::uint64_t> subjects;
    for (const Row* row : burst.rows)
      if (const auto subject = row->get(Field::subject); !subject.empty()) ++subjects[subject];
    const auto most = std::max_element(subjects.begin(), subjects.end(), [](const auto& a, const auto& b) { return a.second < b.second; });
    if (most != subjects.end() && most->second >= same_subject) {
      why(finding, "why.same_subject", {std::to_string(most->second), std::string(clip(most->first, 120))});
      raise(finding, 0.25);
    }
    if (const std::uint64_t out = outside(account, burst); out * 2 > burst.amount) {
      why(finding, "why.sent_outside", {std::to_string(out)});
      raise(finding, 0.2);
      finding.techniques.push_back("T1586.002");
    }
    if (burst.enough_history && burst.peak >= 100 && burst.peak >= 20 * std::max<std::uint64_t>(burst.usual, 1)) raise(finding, 0.4);
    if (!burst.enough_history)
      finding.benign.push_back(
          {"benign.insufficient_history", {std::to_string(Habits::other_days(&account.habits().activity(), first.time))}});
    if (const Row* doubt = account.doubt_about(first)) {
      raise(finding, 0.5);
      why(finding, "why.after_doubtful_access", {source(*doubt), when(account, doubt->time)});
    } else if (account.usual(first)) {
      benign(finding, 0.3, "benign.internal_mailing", {source(first)});
      finding.severity = Severity::low;
    }
    for (const Row* row : burst.rows) finding.prove(*row);
    show_other_lines(account, burst, finding);
    findings.push_back(std::move(finding));
  }
}

}  // namespace

const AccountDetector mass_sending_detector{"mass_sending", detect_sending};

}  // namespace digue::detect
