#include <set>

#include "base/text.hpp"
#include "detect/burst.hpp"

namespace digue::detect {

namespace {

constexpr std::uint64_t files_per_hour = 50;

void detect_download(const Account& account, std::vector<Finding>& findings) {
  std::vector<const Row*> downloads;
  for (const std::uint32_t index : account.of(Activity::file_download))
    if (account.row(index).outcome != Outcome::failure) downloads.push_back(&account.row(index));
  for (const Burst& burst : find_bursts(account, downloads, files_per_hour, items)) {
    const Row& first = *burst.rows.front();
    Finding finding = make(account, "mass_download", Severity::medium, burst.enough_history ? 0.45 : 0.3, {"T1530", "T1213.002"});
    why(finding, "why.mass_download", {std::to_string(burst.amount), std::to_string(burst.peak), std::to_string(burst.usual)});
    bool all_sync = true;
    for (const Row* row : burst.rows) all_sync = all_sync && icontains(row->operation, "sync");
    if (all_sync) benign(finding, 0.6, "benign.file_sync", {});
    if (account.doubt_about(first) != nullptr) finding.severity = Severity::high;
    judge_place(finding, account, first);
    for (const Row* row : burst.rows) finding.prove(*row);
    findings.push_back(std::move(finding));
  }
}

}  // namespace

const AccountDetector mass_download_detector{"mass_download", detect_download};

}  // namespace digue::detect
