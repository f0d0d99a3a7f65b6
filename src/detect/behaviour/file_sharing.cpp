#include "base/text.hpp"
#include "detect/account.hpp"

namespace digue::detect {

namespace {

/// Files opened to everybody who has the link, or to an outside address. One finding for each hour.
void detect_sharing(const Account& account, std::vector<Finding>& findings) {
  Finding* open = nullptr;
  UtcMicros since;
  for (const std::uint32_t index : account.of(Activity::file_share)) {
    const Row& row = account.row(index);
    if (row.outcome == Outcome::failure || row.get(Field::system_actor) == "true") continue;
    const bool anonymous = icontains(row.operation, "anonymous");
    const std::string_view to = row.get(Field::target).empty() ? row.get(Field::recipients) : row.get(Field::target);
    bool outside = false;
    for (const auto address : split(to, ";, ")) outside = outside || account.is_external(address);
    if (!anonymous && !outside) continue;
    if (open == nullptr || row.time.value - since.value > micros_per_hour) {
      findings.push_back(make(account, "file_sharing", Severity::low, 0.2, {"T1567"}));
      open = &findings.back();
      since = row.time;
      const std::string file(clip(row.get(Field::file_name), 200));
      if (anonymous)
        why(*open, "why.shared_anonymous", {file});
      else
        why(*open, "why.shared_outside", {file, std::string(clip(to, 200))});
      if (account.doubt_about(row) != nullptr) {
        open->severity = Severity::high;
        open->confidence = 0.5;
      }
      judge_place(*open, account, row);
    }
    open->prove(row);
  }
}

}  // namespace

const AccountDetector file_sharing_detector{"file_sharing", detect_sharing};

}  // namespace digue::detect
