#include "base/text.hpp"
#include "detect/account.hpp"

namespace digue::detect {

namespace {

/// A device registered or joined: it may stand in for the second factor from then on.
void detect_device(const Account& account, std::vector<Finding>& findings) {
  for (const std::uint32_t index : account.of(Activity::device_add)) {
    const Row& row = account.row(index);
    if (row.outcome == Outcome::failure || row.get(Field::system_actor) == "true") continue;
    Finding finding = make(account, "device_added", Severity::low, 0.15, {"T1098.005"});
    const std::string_view name = row.get(Field::device_name).empty() ? row.get(Field::device_id) : row.get(Field::device_name);
    why(finding, "why.device_added", {name.empty() ? "-" : std::string(clip(name, 120)), when(account, row.time)});
    if (const Row* doubt = account.doubtful_before(row.time, micros_per_day)) {
      finding.severity = Severity::high;
      finding.confidence = 0.65;
      why(finding, "why.after_doubtful_access", {source(*doubt), when(account, doubt->time)});
    } else {
      finding.benign.push_back({"benign.no_doubtful_access", {}});
    }
    finding.prove(row);
    findings.push_back(std::move(finding));
  }
}

}  // namespace

const AccountDetector device_added_detector{"device_added", detect_device};

}  // namespace digue::detect
