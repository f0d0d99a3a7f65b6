#include <map>

#include "base/text.hpp"
#include "detect/account.hpp"

namespace digue::detect {

namespace {

constexpr std::uint64_t many_reads = 100;

struct Reading {
  std::vector<const Row*> rows;
  std::uint64_t messages = 0, folders = 0;
  bool throttled = false;
};

/// Mail read or folders copied by an access in doubt; and, whoever read, the moment when the platform stopped recording reads.
void detect_reading(const Account& account, std::vector<Finding>& findings) {
  std::map<std::uint32_t, Reading> by_session;
  Finding stopped = make(account, "mail_access", Severity::low, 0.2, {"T1114.002"});
  for (const std::uint32_t index : account.of({Activity::mail_read, Activity::mail_sync})) {
    const Row& row = account.row(index);
    if (row.outcome == Outcome::failure) continue;
    if (row.get(Field::throttled) == "true") stopped.prove(row);
    if (!account.doubtful(row)) continue;
    Reading& reading = by_session[row.session];
    reading.rows.push_back(&row);
    if (row.activity == Activity::mail_sync)
      reading.folders += 1;
    else
      reading.messages += items(row);
  }
  if (stopped.records_total > 0) {
    why(stopped, "why.reads_throttled", {when(account, stopped.first), when(account, stopped.last)});
    findings.push_back(std::move(stopped));
  }
  for (const auto& [session, reading] : by_session) {
    if (reading.folders == 0 && reading.messages < many_reads) continue;
    Finding finding = make(account, "mail_access", reading.folders > 0 ? Severity::high : Severity::medium, 0.45, {"T1114.002"});
    if (reading.folders > 0) why(finding, "why.folders_copied", {std::to_string(reading.folders), source(*reading.rows.front())});
    if (reading.messages > 0) why(finding, "why.messages_read", {std::to_string(reading.messages), source(*reading.rows.front())});
    for (const Row* row : reading.rows) finding.prove(*row);
    findings.push_back(std::move(finding));
  }
}

}  // namespace

const AccountDetector mail_access_detector{"mail_access", detect_reading};

}  // namespace digue::detect
