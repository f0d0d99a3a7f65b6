#include "incident/contact.hpp"

#include <doctest/doctest.h>

#include <algorithm>

#include "incident/test_content.hpp"

using namespace digue;
using namespace digue::incident;

namespace {

const Directory& shipped() {
  static const Directory directory = [] {
    auto loaded = load_contacts(shipped_files("contacts"));
    REQUIRE_MESSAGE(loaded, to_text(loaded.error()));
    return std::move(*loaded);
  }();
  return directory;
}

const Calendars& calendars() {
  static const Calendars all = load_calendars(shipped_files("calendars")).value();
  return all;
}

UtcMicros at(std::string_view iso) {
  const auto parsed = parse_iso8601(iso).value();
  return {parsed.civil - parsed.offset_minutes.value() * micros_per_minute};
}

Moment moment(std::string_view iso, std::string_view zone = "Europe/Paris", std::string_view calendar = "metropole") {
  return moment_of(shipped(), calendars(), at(iso), Zone::named(zone).value(), calendar);
}

/// "contact by way" of every call that holds.
std::vector<std::string> ways(const Facts& facts) {
  std::vector<std::string> out;
  for (const auto* call : calls_for(shipped(), facts))
    for (const auto& way : call->ways) out.push_back(way.contact + " " + way.by);
  return out;
}

bool has(const std::vector<std::string>& all, std::string_view one) {
  return std::find(all.begin(), all.end(), one) != all.end();
}

Error refusal(std::string_view file, std::string_view from, std::string_view to) {
  auto files = shipped_files("contacts");
  auto& text = std::find_if(files.begin(), files.end(), [&](const auto& one) { return one.name == file; })->text;
  const auto start = text.find(from);
  REQUIRE(start != std::string::npos);
  text.replace(start, from.size(), to);
  auto loaded = load_contacts(files);
  REQUIRE_FALSE(loaded);
  return loaded.error();
}

}  // namespace

TEST_CASE("duties: CERT Santé's hours are Monday to Friday 9 to 18, Paris time, holidays off") {
  CHECK(moment("2026-11-23T09:00:00+01:00").office_hours);
  CHECK_FALSE(moment("2026-11-23T08:59:59+01:00").office_hours);
  CHECK(moment("2026-11-23T17:59:59+01:00").office_hours);
  CHECK_FALSE(moment("2026-11-23T18:00:00+01:00").office_hours);
  CHECK_FALSE(moment("2026-11-22T12:00:00+01:00").office_hours);
  CHECK_FALSE(moment("2026-05-14T12:00:00+02:00").office_hours);
  CHECK(moment("2026-05-14T12:00:00+02:00").holiday->id == "ascension");
  // Summer time: 07:00 UTC is 09:00 in Paris.
  CHECK(moment("2026-07-01T07:00:00Z").office_hours);
  CHECK_FALSE(moment("2026-11-23T07:00:00Z").office_hours);
}

TEST_CASE("duties: an establishment overseas has its own day, the authorities keep Paris time") {
  // Saint-Denis is three hours ahead of Paris in winter.
  const auto evening = moment("2026-11-23T17:00:00+01:00", "Indian/Reunion", "reunion");
  CHECK(evening.office_hours);
  CHECK_FALSE(evening.local_hours);
  const auto abolition = moment("2027-12-20T10:00:00+04:00", "Indian/Reunion", "reunion");
  CHECK(abolition.local_holiday != nullptr);
  CHECK(abolition.holiday == nullptr);
  CHECK_FALSE(abolition.local_hours);
  const auto good_friday = moment("2026-04-03T11:00:00+02:00", "Europe/Paris", "alsace-moselle");
  CHECK(good_friday.office_hours);
  CHECK_FALSE(good_friday.local_hours);
  // Fort-de-France, 22 May 2026, a Friday.
  CHECK(moment("2026-05-22T10:00:00-04:00", "America/Martinique", "martinique").local_holiday != nullptr);
}

TEST_CASE("duties: who to call, by hour, severity and establishment") {
  Facts facts;
  facts.severity = "minor";
  CHECK(ways(facts) == std::vector<std::string>{"role:rssi phone", "role:dsi phone", "cert-sante-portal portal", "cert-sante phone"});
  facts.severity = "major";
  auto all = ways(facts);
  CHECK(std::find(all.begin(), all.end(), "cert-sante phone") < std::find(all.begin(), all.end(), "cert-sante-portal portal"));
  CHECK(has(all, "role:director phone"));

  facts.office_hours = facts.local_hours = false;
  all = ways(facts);
  CHECK(has(all, "cert-sante phone"));
  CHECK(has(all, "cert-sante mail"));
  CHECK_FALSE(has(all, "cert-sante-portal portal"));
  CHECK(has(all, "role:on_call phone"));
  CHECK_FALSE(has(all, "role:rssi phone"));
  facts.severity = "crisis";
  CHECK(has(ways(facts), "cert-sante phone"));
  CHECK(has(ways(facts), "role:pris phone"));

  // No way is given at night for what is not major: the portal first, and the number as the card shows it.
  facts.severity = "minor";
  all = ways(facts);
  CHECK(std::find(all.begin(), all.end(), "cert-sante-portal portal") < std::find(all.begin(), all.end(), "cert-sante phone"));
  const auto calls = calls_for(shipped(), facts);
  const auto night = std::find_if(calls.begin(), calls.end(), [](const Call* call) { return call->id == "cert-sante-night"; });
  REQUIRE(night != calls.end());
  CHECK((*night)->say.fr.find("aucune voie") != std::string::npos);
  CHECK((*night)->say.fr.find("24") != std::string::npos);
}

TEST_CASE("duties: status, scope, money and MSSanté add their calls") {
  Facts facts;
  CHECK_FALSE(has(ways(facts), "cert-fr phone"));
  facts.statuses = {"OSE"};
  CHECK(has(ways(facts), "cert-fr phone"));
  CHECK(has(ways(facts), "cert-sante-portal portal"));
  facts.kind = "other";
  CHECK_FALSE(has(ways(facts), "cert-sante-portal portal"));
  CHECK(has(ways(facts), "17cyber chat"));
  facts.answers = {{"financial_loss", "yes"}, {"mssante", "unknown"}, {"patient_data", "unknown"}};
  CHECK(has(ways(facts), "role:bank phone"));
  CHECK(has(ways(facts), "role:mssante_operator phone"));
  CHECK(has(ways(facts), "role:dpo phone"));
}

TEST_CASE("duties: the directory ships what the sources confirm, and empty rows for the rest") {
  const auto* cert = shipped().find("cert-sante");
  REQUIRE(cert != nullptr);
  CHECK(cert->phone == "09 72 43 91 25");
  CHECK(cert->mail == "cyberveille@esante.gouv.fr");
  CHECK(cert->always);
  for (const auto& one : shipped().contacts) {
    INFO(one.id);
    const bool reachable = !one.phone.empty() || !one.mail.empty() || !one.site.empty();
    CHECK(reachable != one.sources.empty());
    if (one.kind == "regional_csirt") CHECK(one.to_verify);
    CHECK(one.to_verify == (one.to_verify && reachable));
  }
  const auto is_ars = [](const Contact& one) { return one.kind == "ars"; };
  CHECK(std::count_if(shipped().contacts.begin(), shipped().contacts.end(), is_ars) == 18);
  CHECK(std::count_if(shipped().contacts.begin(), shipped().contacts.end(),
                      [&](const Contact& one) { return is_ars(one) && !one.mail.empty(); }) == 5);
}

TEST_CASE("duties: a broken directory is refused with file, line and what was expected") {
  CHECK(refusal("calls.yaml", "to: cert-fr", "to: cert-frr").message.find("cert-frr") != std::string::npos);
  CHECK(refusal("calls.yaml", "role:bank", "role:banque").where.starts_with("calls.yaml:"));
  CHECK(refusal("calls.yaml", "by: chat", "by: fax").help.find("phone") != std::string::npos);
  CHECK(refusal("calls.yaml", "until: \"18:00\"", "until: \"8:00\"").where.starts_with("calls.yaml:4"));
  CHECK(refusal("national.yaml", "    site: notifications.cnil.fr\n", "").help.find("to_fill") != std::string::npos);
  CHECK(refusal("national.yaml", "contact: cnil", "contact: cert-sante").message.find("already") != std::string::npos);
  CHECK(refusal("national.yaml", "checked: 2026-11-22", "checked: soon").where.starts_with("national.yaml:"));
}
