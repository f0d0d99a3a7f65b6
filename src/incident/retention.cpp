#include "incident/retention.hpp"

#include <algorithm>
#include <array>

#include "incident/content_fields.hpp"
#include "incident/obligation.hpp"

namespace digue::incident {

namespace {

constexpr int max_months = 1200;
constexpr std::array<std::string_view, 4> needed{"exercise", "unfounded", "incident", "breach"};

RetentionPeriod read_period(YamlFields& fields) {
  RetentionPeriod out;
  fields.required("from");
  out.from = content::optional_date(fields, "from").value_or(Date{});
  out.months = fields.number("months", 0, max_months);
  out.why = content::text(fields, "why");
  out.sources = content::sources(fields);
  out.uncertain = content::texts(fields, "uncertain");
  return out;
}

}  // namespace

const CaseType* Retention::type(std::string_view id) const {
  const auto at = std::find_if(types.begin(), types.end(), [&](const CaseType& one) { return one.id == id; });
  return at == types.end() ? nullptr : &*at;
}

Result<Retention> load_retention(std::string_view text, const std::string& file) {
  Retention out;
  const std::array files{ContentFile{file, std::string(text)}};
  const auto read = content::read_files(files, "digue.retention/1", [&](YamlFields& fields) {
    content::each(fields, "types", "type", [&](YamlFields& item) {
      CaseType type{item.text("type"), content::text(item, "title"), content::text(item, "about"), {}};
      content::each(item, "periods", "period", [&](YamlFields& period) { type.periods.push_back(read_period(period)); });
      auto& periods = type.periods;
      std::stable_sort(periods.begin(), periods.end(), [](const auto& a, const auto& b) { return a.from < b.from; });
      if (periods.empty()) item.problems().complain(item.line(), item.what() + ": no period");
      if (std::adjacent_find(periods.begin(), periods.end(), [](const auto& a, const auto& b) { return a.from == b.from; }) !=
          periods.end())
        item.problems().complain(item.line(), item.what() + ": two periods begin on one day");
      if (out.type(type.id) != nullptr) item.problems().complain(item.line(), "type \"" + type.id + "\" is there twice");
      out.types.push_back(std::move(type));
    });
    for (const auto id : needed)
      if (out.type(id) == nullptr) fields.problems().complain(fields.line(), "file: type \"" + std::string(id) + "\" is missing");
  });
  if (!read) return tl::make_unexpected(read.error());
  return out;
}

std::string_view proposed_type(bool exercise, bool confirmed, bool breach) {
  if (exercise) return "exercise";
  if (breach) return "breach";
  return confirmed ? "incident" : "unfounded";
}

const RetentionPeriod& period_of(const CaseType& type, UtcMicros closed, const Zone& zone) {
  const auto day = date_in(zone, closed);
  const auto* found = &type.periods.front();
  for (const auto& one : type.periods)
    if (one.from <= day) found = &one;
  return *found;
}

UtcMicros keep_until(UtcMicros closed, const RetentionPeriod& period, const Zone& zone) {
  DutyClock clock;
  clock.kind = DutyClock::Kind::months;
  clock.count = period.months;
  return deadline_of(clock, closed, std::nullopt, zone).value_or(closed);
}

}  // namespace digue::incident
