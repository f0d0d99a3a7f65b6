#include "journal/filter.hpp"

#include <algorithm>

#include "base/searchable.hpp"
#include "base/text.hpp"

namespace digue::journal {

namespace {

bool holds(std::string_view text, const std::string& part) {
  return searchable(text).find(searchable(part)) != std::string::npos;
}

bool any_holds(const std::vector<std::string>& texts, const std::string& part) {
  return std::any_of(texts.begin(), texts.end(), [&](const auto& text) { return holds(text, part); });
}

bool has_words(const Body& body, const std::string& words) {
  std::string text = body.text + "\n" + body.author + "\n" + body.reporter.value_or("");
  for (const auto* list : {&body.machines, &body.accounts})
    for (const auto& one : *list) text += "\n" + one;
  text = searchable(text);
  const std::string asked = searchable(words);
  for (std::size_t at = asked.find_first_not_of(' '); at != std::string::npos;) {
    const auto end = std::min(asked.find(' ', at), asked.size());
    if (text.find(std::string_view(asked).substr(at, end - at)) == std::string::npos) return false;
    at = asked.find_first_not_of(' ', end);
  }
  return true;
}

}  // namespace

bool Filter::empty() const {
  return trim(words).empty() && kinds.empty() && author.empty() && account.empty() && machine.empty() && !from && !to && !rectified;
}

bool matches(const Filter& filter, const Header& header, const Body* body, bool rectified) {
  if (!filter.kinds.empty() && std::find(filter.kinds.begin(), filter.kinds.end(), header.kind) == filter.kinds.end()) return false;
  if (filter.from && header.event_time < *filter.from) return false;
  if (filter.to && header.event_time >= *filter.to) return false;
  if (filter.rectified && !rectified && !header.rectifies) return false;
  const bool asks_words = !trim(filter.words).empty() || !filter.author.empty() || !filter.account.empty() || !filter.machine.empty();
  if (!asks_words) return true;
  if (body == nullptr) return false;
  if (!filter.author.empty() && !holds(body->author, filter.author) && !holds(body->reporter.value_or(""), filter.author)) return false;
  if (!filter.account.empty() && !any_holds(body->accounts, filter.account)) return false;
  if (!filter.machine.empty() && !any_holds(body->machines, filter.machine)) return false;
  return has_words(*body, filter.words);
}

}  // namespace digue::journal
