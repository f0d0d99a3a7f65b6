#include "service/story.hpp"

#include <array>
#include <map>
#include <set>

#include "base/json/value.hpp"
#include "base/messages.hpp"
#include "base/text.hpp"

namespace digue::service {

namespace {

constexpr std::int64_t far = std::int64_t{1} << 53;
constexpr std::size_t max_path = std::size_t{64} << 10;

tl::unexpected<Error> malformed(const std::string& where) {
  return fail(ErrorCode::bad_input, tr("analysis.malformed"), where);
}

const json::Array* list_of(const json::Object& object, std::string_view key) {
  const auto* at = object.if_contains(boost::json::string_view(key.data(), key.size()));
  return at == nullptr ? nullptr : at->if_array();
}

bool is_verdict(std::string_view text) {
  return text == "compromised" || text == "suspected" || text == "targeted" || text == "clear";
}

}  // namespace

Result<StoryFacts> read_story(std::string_view analysis) {
  const auto value = json::parse(analysis, {.bytes = max_analysis, .depth = 24});
  if (!value) return malformed(value.error().where);
  const auto* root = value->if_object();
  if (root == nullptr) return malformed("");
  const auto* schema = root->if_contains("schema");
  if (schema == nullptr || !schema->is_string() || schema->get_string() != "digue.analysis/1") return malformed("schema");
  for (const auto* key : {"inputs", "accounts", "sessions", "findings", "indicators", "reach", "completeness"}) {
    const auto* list = list_of(*root, key);
    if (list == nullptr) return malformed(key);
    for (const auto& item : *list)
      if (!item.is_object()) return malformed(key);
  }
  const auto* exposure = root->if_contains("exposure");
  if (exposure == nullptr || !exposure->is_object()) return malformed("exposure");

  StoryFacts facts;
  for (const auto& item : *list_of(*root, "inputs")) {
    json::Fields fields(item);
    StoryFacts::Input input;
    input.path = fields.text_or("path", max_path, "");
    input.format = fields.optional_text("format", 200);
    input.records = fields.integer("records", 0, far);
    input.rejected = fields.integer("rejected", 0, far);
    if (!fields.done()) return malformed("inputs");
    facts.inputs.push_back(std::move(input));
  }
  for (const auto& item : *list_of(*root, "accounts")) {
    json::Fields fields(item);
    StoryFacts::Account account{fields.text("account", 1024), fields.text("verdict", 32)};
    if (!fields.done() || !is_verdict(account.verdict)) return malformed("accounts");
    facts.accounts.push_back(std::move(account));
  }
  facts.findings = list_of(*root, "findings")->size();
  return facts;
}

Result<store::EventRow> read_event(std::string_view line) {
  const auto value = json::parse(line, {.bytes = max_event_line, .depth = 4});
  if (!value) return malformed("events");
  json::Fields fields(*value);
  const auto text = [&](std::string_view key) { return fields.optional_text(key, 16 * 1024); };
  store::EventRow row;
  if (const auto time = text("time")) {
    const auto parsed = parse_iso8601(*time);
    if (!parsed || parsed->offset_minutes != 0) return malformed("events: time");
    row.time = UtcMicros{parsed->civil};
  }
  row.account = text("account");
  row.ocsf_class = fields.optional_integer("class", 0, far);
  const auto* activity = value->is_object() ? value->get_object().if_contains("activity") : nullptr;
  if (activity != nullptr && activity->is_string())
    row.activity = fields.text_or("activity", 256, "");
  else if (const auto number = fields.optional_integer("activity", 0, far))
    row.activity = *number;
  row.operation = text("operation");
  row.outcome = text("outcome");
  row.ip = text("ip");
  row.country = text("country");
  row.device = text("device");
  row.session = text("session");
  row.actor = text("actor");
  row.confidence = fields.optional_number("confidence", 0, 1);
  row.uid = text("uid");
  row.input = fields.integer("input", 0, far);
  row.offset = fields.integer("offset", 0, far);
  row.length = fields.integer("length", 0, far);
  if (auto good = fields.done(); !good) return malformed("events: " + good.error().where);
  return row;
}

std::vector<std::string> unique_names(const std::vector<incident::Exhibit>& exhibits) {
  std::set<std::string> taken;
  for (const auto& exhibit : exhibits) taken.insert(exhibit.name);
  std::set<std::string> given;
  std::vector<std::string> names;
  for (const auto& exhibit : exhibits) {
    std::string name = exhibit.name;
    for (int number = 2; !given.insert(name).second || (number > 2 && taken.contains(name)); ++number)
      name = exhibit.name + " (" + std::to_string(number) + ")";
    names.push_back(std::move(name));
  }
  return names;
}

std::vector<incident::StoryInput> map_inputs(const std::vector<StoryFacts::Input>& inputs, const std::vector<incident::Exhibit>& exhibits,
                                             const std::vector<std::string>& names) {
  std::map<std::string, std::string> by_name;
  for (std::size_t i = 0; i < names.size(); ++i) by_name.emplace(names[i], exhibits[i].id);
  std::vector<incident::StoryInput> out;
  for (const auto& input : inputs) {
    auto at = by_name.find(input.path);
    for (auto mark = input.path.rfind('!'); at == by_name.end() && mark != std::string::npos && mark > 0;
         mark = input.path.rfind('!', mark - 1))
      at = by_name.find(input.path.substr(0, mark));
    out.push_back({at == by_name.end() ? std::string() : at->second, input.path});
  }
  return out;
}

}  // namespace digue::service
