#include "incident/establishment.hpp"

#include <algorithm>
#include <array>

#include "base/ip.hpp"
#include "base/messages.hpp"
#include "base/text.hpp"
#include "base/time.hpp"
#include "incident/contact.hpp"

namespace digue::incident {

namespace {

constexpr std::size_t short_text = 200;
constexpr std::size_t long_text = 2000;
constexpr std::size_t max_items = 64;

json::Value person_json(const Person& person) {
  return json::Object{{"name", person.name}, {"role", person.role}, {"phone", person.phone}, {"mail", person.mail}};
}

Person person_of(const json::Value& value, std::string_view key, Result<void>& good) {
  const auto* object = value.if_object();
  const auto* at = object ? object->if_contains(std::string(key)) : nullptr;
  if (at == nullptr || at->is_null()) return {};
  json::Fields fields(*at);
  Person out{fields.text_or("name", short_text, ""), fields.text_or("role", short_text, ""), fields.text_or("phone", short_text, ""),
             fields.text_or("mail", 320, "")};
  if (auto done = fields.done(); !done && good) good = done;
  return out;
}

Result<void> choice(std::string_view field, std::string_view word, std::span<const std::string_view> choices) {
  if (std::find(choices.begin(), choices.end(), word) != choices.end()) return {};
  return fail(ErrorCode::bad_input, tr("field.not_a_choice", {{"field", std::string(field)}}), std::string(field));
}

Result<void> shape(std::string_view field, const std::string& text, std::size_t length, bool letters) {
  const bool good = text.empty() || (text.size() == length && std::all_of(text.begin(), text.end(), [&](char c) {
                                       return (c >= '0' && c <= '9') || (letters && c >= 'A' && c <= 'Z');
                                     }));
  if (good) return {};
  return fail(ErrorCode::bad_input, tr("establishment.number", {{"field", std::string(field)}, {"length", std::to_string(length)}}),
              std::string(field));
}

/// Without the blanks that people put between groups of digits.
std::string squeezed(std::string text) {
  std::erase(text, ' ');
  return text;
}

bool is_domain(std::string_view text) {
  return text.size() <= 253 && text.find('.') != std::string_view::npos && text.front() != '.' && text.back() != '.' &&
         std::all_of(text.begin(), text.end(), [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '-' || static_cast<unsigned char>(c) >= 0x80;
         });
}

Result<void> check(const Establishment& one) {
  constexpr std::array<std::string_view, 2> sectors{"public", "private"};
  auto good = choice("kind", one.kind, establishment_kinds());
  if (good) good = choice("sector", one.sector, sectors);
  for (const auto& status : one.statuses)
    if (good) good = choice("statuses", status, establishment_statuses());
  if (good) good = shape("finess", one.finess, 9, true);
  if (good) good = shape("siren", one.siren, 9, false);
  if (!good) return good;
  for (const auto& domain : one.own_domains)
    if (!is_domain(domain)) return fail(ErrorCode::bad_input, tr("establishment.domain"), "own_domains", domain);
  for (const auto& range : one.own_ranges)
    if (!parse_range(range)) return fail(ErrorCode::bad_input, tr("establishment.range"), "own_ranges", range);
  if (!Zone::named(one.zone)) return fail(ErrorCode::bad_input, tr("journal.unknown_zone", {{"field", "zone"}}), "zone");
  return {};
}

}  // namespace

json::Value to_json(const Establishment& one) {
  return json::Object{
      {"name", one.name},
      {"address", one.address},
      {"finess", one.finess},
      {"siren", one.siren},
      {"kind", one.kind},
      {"sector", one.sector},
      {"statuses", json::array_of(one.statuses)},
      {"region", one.region},
      {"dpo", person_json(one.dpo)},
      {"director", person_json(one.director)},
      {"security", person_json(one.security)},
      {"insurer", one.insurer},
      {"policy", one.policy},
      {"insurer_phone", one.insurer_phone},
      {"insurer_hours", one.insurer_hours ? json::Value(*one.insurer_hours) : json::Value(nullptr)},
      {"mail_operator", one.mail_operator},
      {"mssante_operator", one.mssante_operator},
      {"mssante_phone", one.mssante_phone},
      {"own_domains", json::array_of(one.own_domains)},
      {"own_ranges", json::array_of(one.own_ranges)},
      {"zone", one.zone},
      {"calendar", one.calendar},
  };
}

Result<Establishment> establishment_of(const json::Value& value) {
  json::Fields fields(value);
  Establishment out;
  out.name = std::string(trim(fields.text("name", short_text)));
  out.address = fields.text_or("address", long_text, "");
  out.finess = squeezed(fields.text_or("finess", 32, ""));
  out.siren = squeezed(fields.text_or("siren", 32, ""));
  out.kind = fields.text_or("kind", 32, "health");
  out.sector = fields.text_or("sector", 32, "public");
  out.statuses = fields.texts("statuses", max_items, 32);
  out.region = fields.text_or("region", 64, "");
  out.insurer = fields.text_or("insurer", short_text, "");
  out.policy = fields.text_or("policy", short_text, "");
  out.insurer_phone = fields.text_or("insurer_phone", short_text, "");
  if (const auto hours = fields.optional_integer("insurer_hours", 1, 24 * 366)) out.insurer_hours = static_cast<int>(*hours);
  out.mail_operator = fields.text_or("mail_operator", short_text, "");
  out.mssante_operator = fields.text_or("mssante_operator", short_text, "");
  out.mssante_phone = fields.text_or("mssante_phone", short_text, "");
  for (const auto& domain : fields.texts("own_domains", max_items, 253)) out.own_domains.push_back(lower(trim(domain)));
  out.own_ranges = fields.texts("own_ranges", max_items, 64);
  out.zone = fields.text_or("zone", 64, "Europe/Paris");
  out.calendar = fields.text_or("calendar", 64, "metropole");
  auto good = fields.done();
  if (good) {
    out.dpo = person_of(value, "dpo", good);
    out.director = person_of(value, "director", good);
    out.security = person_of(value, "security", good);
  }
  if (good) good = check(out);
  if (!good) return tl::make_unexpected(good.error());
  return out;
}

json::Value to_json(const LocalContact& one) {
  return json::Object{{"replaces", one.replaces},
                      {"establishment", one.establishment},
                      {"role", one.role},
                      {"name", one.name},
                      {"organisation", one.organisation},
                      {"phone", one.phone},
                      {"mail", one.mail},
                      {"site", one.site},
                      {"hours", one.hours},
                      {"note", one.note}};
}

Result<LocalContact> local_contact_of(const json::Value& value) {
  json::Fields fields(value);
  LocalContact out;
  out.replaces = fields.text_or("replaces", 64, "");
  out.establishment = fields.text_or("establishment", 64, "");
  out.role = fields.text_or("role", 32, "other");
  out.name = std::string(trim(fields.text("name", short_text)));
  out.organisation = fields.text_or("organisation", short_text, "");
  out.phone = fields.text_or("phone", short_text, "");
  out.mail = fields.text_or("mail", 320, "");
  out.site = fields.text_or("site", short_text, "");
  out.hours = fields.text_or("hours", short_text, "");
  out.note = fields.text_or("note", long_text, "");
  auto good = fields.done();
  if (good) good = choice("role", out.role, contact_roles());
  if (!good) return tl::make_unexpected(good.error());
  return out;
}

void add_facts(const Establishment& one, Facts& facts) {
  facts.kind = one.kind;
  facts.statuses = one.statuses;
  facts.insured = !one.insurer.empty();
  facts.outsourced = !one.mail_operator.empty();
}

}  // namespace digue::incident
