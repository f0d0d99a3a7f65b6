#include <algorithm>
#include <array>

#include "detect/account.hpp"

namespace digue::detect {

std::span<const AccountDetector* const> account_detectors() {
#define SOURCE_DETECTOR(name)
#define ACCOUNT_DETECTOR(name) &name##_detector,
  static constexpr const AccountDetector* all[] = {
#include "detect/detectors.def"
  };
#undef SOURCE_DETECTOR
#undef ACCOUNT_DETECTOR
  return all;
}

std::span<const SourceDetector* const> source_detectors() {
#define SOURCE_DETECTOR(name) &name##_detector,
#define ACCOUNT_DETECTOR(name)
  static constexpr const SourceDetector* all[] = {
#include "detect/detectors.def"
  };
#undef SOURCE_DETECTOR
#undef ACCOUNT_DETECTOR
  return all;
}

namespace {

template <class T>
void sort_distinct(std::vector<T>& values) {
  std::sort(values.begin(), values.end());
  values.erase(std::unique(values.begin(), values.end()), values.end());
}

}  // namespace

void finish(Finding& finding) {
  sort_distinct(finding.ips);
  sort_distinct(finding.sessions);
  finding.confidence = std::clamp(finding.confidence, 0.0, 0.99);
  std::string events;
  for (const auto& record : finding.records) events.append(reinterpret_cast<const char*>(record.event.bytes.data()), 16);
  finding.id = id_of({finding.rule, finding.account, events});
}

std::vector<Finding> detect(const AccountView& view) {
  const Account account(view);
  std::vector<Finding> findings;
  for (const AccountDetector* detector : account_detectors()) detector->detect(account, findings);
  for (Finding& finding : findings) finish(finding);
  std::sort(findings.begin(), findings.end(),
            [](const Finding& a, const Finding& b) { return std::tie(a.first, a.rule, a.id) < std::tie(b.first, b.rule, b.id); });
  return findings;
}

bool is_wrong_password(Outcome outcome, std::string_view error_code) {
  if (outcome != Outcome::failure) return false;
  const bool entra =
      error_code.size() >= 5 && error_code.size() <= 7 && error_code.find_first_not_of("0123456789") == std::string_view::npos;
  if (!entra) return true;
  // Microsoft Entra sign-in error codes: bad password, locked or malicious address, unknown user, blank password, expired password given
  // right, credential validation failed, wrong credential at the federated or on-premises side.
  static constexpr std::array<std::string_view, 10> guessing{"50126", "50053", "50034",  "50056", "50064",
                                                             "50020", "80002", "120002", "81016", "50128"};
  return std::find(guessing.begin(), guessing.end(), error_code) != guessing.end();
}

}  // namespace digue::detect
