#include "service/package_journal.hpp"

#include <algorithm>

#include "base/messages.hpp"
#include "journal/audit.hpp"

namespace digue::service {

void PackageJournal::take(std::string_view line, std::int64_t number) {
  if (!unreadable_.empty()) return;
  const auto taken = reader_.take(line);
  if (!taken) {
    unreadable_ = to_text(taken.error());
    return;
  }
  // One reading for the audit and for custody: no line may say one thing to each.
  if (!*taken) return;
  ++lines_;
  places_.push_back(number);
  const auto body = (*taken)->body ? journal::parse_body(*(*taken)->body) : fail(ErrorCode::not_found, "");
  if (!body) return;
  for (const auto& link : body->links)
    if (link.kind == "custody") heads_.emplace_back(number, link.id);
}

void PackageJournal::finish(const std::function<void(std::string_view kind, std::int64_t line, std::string message)>& tell) {
  if (!unreadable_.empty()) return tell("unreadable", 1, unreadable_);
  const auto audit = reader_.finish();
  if (!audit) return tell("unreadable", 1, to_text(audit.error()));
  audit_ = journal::to_json(*audit);
  incident_ = audit->incident;
  code_ = lines_ == 0 ? std::string() : journal::short_code(audit->head);
  for (const auto& problem : audit->problems) {
    const auto at = static_cast<std::size_t>(std::max<std::int64_t>(problem.first, 1) - 1);
    tell(problem.id, at < places_.size() ? places_[at] : 0, problem.message);
  }
  // Each commit is signed: lines behind the last good checkpoint were not written by the workbench.
  if (const auto first = static_cast<std::size_t>(audit->signed_to); first < places_.size())
    tell("unsigned", places_[first], tr("package.unsigned", {{"line", std::to_string(first + 1)}}));
}

}  // namespace digue::service
