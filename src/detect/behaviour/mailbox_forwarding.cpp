#include <algorithm>

#include "base/text.hpp"
#include "detect/account.hpp"

namespace digue::detect {

namespace {

void judge_destination(Finding& finding, const Account& account, const Row& row) {
  bool external = false, internal = true;
  const auto addresses = split(row.get(Field::forward_to), ";, ");
  std::string list;
  for (const auto address : addresses) {
    list.append(list.empty() ? "" : ", ").append(clip(address, 120));
    external = external || account.is_external(address);
    internal = internal && address.find('@') != std::string_view::npos;
  }
  const std::string mailbox(row.get(Field::target).empty() ? account.view().account : row.get(Field::target));
  if (external) {
    why(finding, "why.forwarding_outside", {mailbox, list});
  } else {
    why(finding, "why.forwarding_set", {mailbox, list.empty() ? "-" : list});
    finding.severity = Severity::medium;
    finding.confidence = 0.4;
    if (internal && !addresses.empty()) {
      finding.severity = Severity::low;
      benign(finding, 0.4, "benign.internal_address", {list});
    }
  }
  if (iequals(row.get(Field::keep_copy), "false")) {
    why(finding, "why.forwarding_no_copy", {mailbox});
    raise(finding, 0.2);
  }
}

/// Forwarding of a whole mailbox. Set and removed soon after is told too: mail left in between, and somebody tidied up.
void detect_forwarding(const Account& account, std::vector<Finding>& findings) {
  const auto rows = account.of({Activity::forwarding_set, Activity::forwarding_remove});
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const Row& row = account.row(rows[i]);
    if (row.activity != Activity::forwarding_set || row.outcome == Outcome::failure) continue;
    Finding finding = make(account, "mailbox_forwarding", Severity::high, 0.75, {"T1114.003", "T1114"});
    judge_destination(finding, account, row);
    if (row.get(Field::system_actor) == "true") benign(finding, 0.2, "benign.platform_service", {std::string(row.account)});
    judge_place(finding, account, row);
    finding.prove(row);
    for (std::size_t j = i + 1; j < rows.size(); ++j) {
      const Row& later = account.row(rows[j]);
      if (later.time.value - row.time.value > micros_per_day) break;
      if (later.activity != Activity::forwarding_remove || later.get(Field::target) != row.get(Field::target)) continue;
      why(finding, "why.forwarding_removed_soon",
          {when(account, later.time), std::to_string((later.time.value - row.time.value) / micros_per_second)});
      finding.show(later);
      break;
    }
    findings.push_back(std::move(finding));
  }
}

}  // namespace

const AccountDetector mailbox_forwarding_detector{"mailbox_forwarding", detect_forwarding};

}  // namespace digue::detect
