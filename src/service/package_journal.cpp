#include "service/package_journal.hpp"

#include <algorithm>

#include "journal/audit.hpp"

namespace digue::service {

namespace {

constexpr json::Bounds bounds{.bytes = journal::max_export_line, .depth = 8};

std::string text_of(const json::Object& object, std::string_view name) {
  const auto* found = object.if_contains(boost::json::string_view(name.data(), name.size()));
  return found != nullptr && found->is_string() ? std::string(found->get_string()) : std::string();
}

}  // namespace

void PackageJournal::take(std::string_view line, std::int64_t number) {
  if (!unreadable_.empty()) return;
  if (const auto taken = reader_.take(line); !taken) {
    unreadable_ = to_text(taken.error());
    return;
  }
  const auto value = json::parse(line, bounds);
  const json::Object none;
  const auto& object = value && value->is_object() ? value->get_object() : none;
  if (number == 1) {
    incident_ = text_of(object, "incident");
    return;
  }
  if (object.contains("checkpoint")) return;
  ++lines_;
  places_.push_back(number);
  const auto* body = object.if_contains("body");
  const auto* links = body != nullptr && body->is_object() ? body->get_object().if_contains("links") : nullptr;
  if (links == nullptr || !links->is_array()) return;
  for (const auto& link : links->get_array())
    if (link.is_object() && text_of(link.get_object(), "kind") == "custody") heads_.emplace_back(number, text_of(link.get_object(), "id"));
}

void PackageJournal::finish(const std::function<void(std::string_view kind, std::int64_t line, std::string message)>& tell) {
  if (!unreadable_.empty()) return tell("unreadable", 1, unreadable_);
  const auto audit = reader_.finish();
  if (!audit) return tell("unreadable", 1, to_text(audit.error()));
  audit_ = journal::to_json(*audit);
  for (const auto& problem : audit->problems) {
    const auto at = static_cast<std::size_t>(std::max<std::int64_t>(problem.first, 1) - 1);
    tell(problem.id, at < places_.size() ? places_[at] : 0, problem.message);
  }
}

}  // namespace digue::service
