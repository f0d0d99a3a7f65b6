#include "incident/obligation.hpp"

#include <doctest/doctest.h>

#include <algorithm>

#include "incident/draft.hpp"
#include "incident/test_content.hpp"

using namespace digue;
using namespace digue::incident;

namespace {

const std::vector<Obligation>& shipped() {
  static const std::vector<Obligation> all = [] {
    auto loaded = load_obligations(shipped_files("obligations"));
    REQUIRE_MESSAGE(loaded, to_text(loaded.error()));
    return std::move(*loaded);
  }();
  return all;
}

const Obligation& duty(std::string_view id) {
  const auto at = std::find_if(shipped().begin(), shipped().end(), [&](const Obligation& one) { return one.id == id; });
  REQUIRE_MESSAGE(at != shipped().end(), id);
  return *at;
}

UtcMicros at(std::string_view iso) {
  const auto parsed = parse_iso8601(iso);
  REQUIRE(parsed);
  return {parsed->civil - parsed->offset_minutes.value() * micros_per_minute};
}

constexpr Date today{2026, 11, 22};

Facts hospital() {
  Facts facts;
  facts.confirmed = true;
  return facts;
}

Verdict verdict(std::string_view id, const Facts& facts) {
  return judge(duty(id), facts, today).verdict;
}

Error refusal(std::string_view file, std::string_view from, std::string_view to) {
  auto files = shipped_files("obligations");
  auto& text = std::find_if(files.begin(), files.end(), [&](const auto& one) { return one.name == file; })->text;
  const auto start = text.find(from);
  REQUIRE(start != std::string::npos);
  text.replace(start, from.size(), to);
  auto loaded = load_obligations(files);
  REQUIRE_FALSE(loaded);
  return loaded.error();
}

int line_of(std::string_view file, std::string_view part) {
  const auto files = shipped_files("obligations");
  const auto& text = std::find_if(files.begin(), files.end(), [&](const auto& one) { return one.name == file; })->text;
  return 1 + static_cast<int>(std::count(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(text.find(part)), '\n'));
}

}  // namespace

TEST_CASE("duties: 72 hours are elapsed hours over the nights when clocks change") {
  const auto zone = Zone::named("Europe/Paris").value();
  const auto& clock = duty("cnil").clock;
  // 29 March 2026: 02:00 becomes 03:00. Friday 27 March 20:00 (+01:00) + 72 h = Monday 30 March 21:00 (+02:00).
  CHECK(deadline_of(clock, at("2026-03-27T20:00:00+01:00"), {}, zone) == at("2026-03-30T21:00:00+02:00"));
  // 25 October 2026: 03:00 becomes 02:00. Friday 23 October 20:00 (+02:00) + 72 h = Monday 26 October 19:00 (+01:00).
  CHECK(deadline_of(clock, at("2026-10-23T20:00:00+02:00"), {}, zone) == at("2026-10-26T19:00:00+01:00"));
  // Easter week-end: holidays do not move it.
  CHECK(deadline_of(clock, at("2026-04-03T18:00:00+02:00"), {}, zone) == at("2026-04-06T18:00:00+02:00"));
}

TEST_CASE("duties: a month on is the same day and clock time, or the last day of that month") {
  const auto zone = Zone::named("Europe/Paris").value();
  const auto& clock = duty("nis2-report").clock;
  CHECK(deadline_of(clock, at("2026-03-15T10:00:00+01:00"), {}, zone) == at("2026-04-15T10:00:00+02:00"));
  CHECK(deadline_of(clock, at("2026-01-31T10:00:00+01:00"), {}, zone) == at("2026-02-28T10:00:00+01:00"));
  CHECK(deadline_of(clock, at("2026-12-10T10:00:00+01:00"), {}, zone) == at("2027-01-10T10:00:00+01:00"));
}

TEST_CASE("duties: who must declare what") {
  auto facts = hospital();
  CHECK(verdict("cert-sante", facts) == Verdict::in_doubt);
  CHECK(verdict("cert-sante-resolution", facts) == Verdict::required);
  facts.answers["care_affected"] = "yes";
  CHECK(verdict("cert-sante", facts) == Verdict::required);
  for (const auto* kind : {"laboratory", "radiotherapy", "medico-social"}) {
    facts.kind = kind;
    CHECK(verdict("cert-sante", facts) == Verdict::required);
  }
  facts.kind = "other";
  CHECK(verdict("cert-sante", facts) == Verdict::no);

  facts = hospital();
  CHECK(verdict("anssi", facts) == Verdict::no);
  for (const auto* status : {"OSE", "OIV", "administration", "classified"}) {
    facts.statuses = {status};
    CHECK(verdict("anssi", facts) == Verdict::required);
    CHECK(verdict("cert-sante", facts) == Verdict::in_doubt);
  }
}

TEST_CASE("duties: personal data decide for the CNIL, in doubt a preliminary declaration") {
  auto facts = hospital();
  CHECK(verdict("cnil", facts) == Verdict::in_doubt);
  facts.confirmed = false;
  CHECK(verdict("cnil", facts) == Verdict::undecided);
  facts.answers["patient_data"] = "unknown";
  const auto doubt = judge(duty("cnil"), facts, today);
  CHECK(doubt.verdict == Verdict::in_doubt);
  CHECK(doubt.reasons.front().fr.find("préalable") != std::string::npos);
  facts.answers["patient_data"] = "yes";
  CHECK(verdict("cnil", facts) == Verdict::required);
  CHECK(verdict("persons", facts) == Verdict::required);
  facts.answers["patient_data"] = "no";
  facts.answers["personal_data"] = "no";
  facts.answers["exfiltration"] = "no";
  facts.answers["mssante"] = "no";
  CHECK(verdict("cnil", facts) == Verdict::no);
  CHECK(verdict("cnil-complement", facts) == Verdict::no);
  CHECK(verdict("persons", facts) == Verdict::no);
  CHECK(verdict("mssante", facts) == Verdict::no);
  facts.answers["mssante"] = "yes";
  CHECK(verdict("cnil", facts) == Verdict::required);
  CHECK(verdict("mssante", facts) == Verdict::required);
}

TEST_CASE("duties: an insured establishment complains within 72 hours, a provider is asked") {
  auto facts = hospital();
  CHECK(verdict("complaint", facts) == Verdict::in_doubt);
  CHECK(verdict("insurer", facts) == Verdict::no);
  CHECK(verdict("processor", facts) == Verdict::no);
  facts.confirmed = false;
  CHECK(verdict("complaint", facts) == Verdict::undecided);
  facts.insured = true;
  facts.outsourced = true;
  CHECK(verdict("complaint", facts) == Verdict::required);
  CHECK(verdict("insurer", facts) == Verdict::required);
  CHECK(verdict("processor", facts) == Verdict::required);
}

TEST_CASE("duties: before it is in force a duty does not apply") {
  auto facts = hospital();
  facts.insured = true;
  CHECK(judge(duty("complaint"), facts, {2023, 4, 23}).verdict == Verdict::no);
  CHECK(judge(duty("complaint"), facts, {2023, 4, 24}).verdict == Verdict::required);
}

TEST_CASE("duties: NIS 2 is there and inactive") {
  auto facts = hospital();
  facts.severity = "crisis";
  DutyTimes times;
  times.instants["knowledge_of_attack"] = at("2026-11-01T00:00:00Z");
  for (const auto* id : {"nis2-alert", "nis2-notification", "nis2-report"}) {
    CHECK_FALSE(duty(id).active);
    CHECK(stand(duty(id), facts, times, {}, at("2026-11-22T00:00:00Z")).state == DutyState::inactive);
  }
}

TEST_CASE("duties: waiting, running, late, done, overruled") {
  auto facts = hospital();
  facts.answers["patient_data"] = "yes";
  DutyTimes times;
  Filing filing;
  const auto state = [&](std::string_view now) { return stand(duty("cnil"), facts, times, filing, at(now)); };
  CHECK(state("2026-11-22T10:00:00Z").state == DutyState::waiting);
  CHECK_FALSE(state("2026-11-22T10:00:00Z").deadline);
  times.instants["awareness"] = at("2026-11-22T08:00:00Z");
  CHECK(state("2026-11-25T08:00:00Z").state == DutyState::running);
  CHECK(state("2026-11-25T08:00:00Z").deadline == at("2026-11-25T08:00:00Z"));
  CHECK(state("2026-11-25T08:00:01Z").state == DutyState::late);
  filing.filed = at("2026-11-25T08:00:00Z");
  CHECK(state("2026-11-26T00:00:00Z").state == DutyState::done);
  CHECK_FALSE(state("2026-11-26T00:00:00Z").filed_late);
  filing.filed = at("2026-11-25T08:00:01Z");
  CHECK(state("2026-11-26T00:00:00Z").filed_late);
  filing = {};
  filing.applies = false;
  CHECK(state("2026-11-26T00:00:00Z").state == DutyState::not_applicable);
  facts.answers["patient_data"] = facts.answers["personal_data"] = "no";
  filing.applies = true;
  CHECK(state("2026-11-26T00:00:00Z").state == DutyState::late);
}

TEST_CASE("duties: the complement waits for the first notification, the insurer's time is the contract's") {
  auto facts = hospital();
  facts.insured = true;
  facts.answers["patient_data"] = "yes";
  DutyTimes times;
  times.instants["knowledge_of_attack"] = at("2026-11-22T08:00:00Z");
  const auto now = at("2026-11-22T10:00:00Z");
  CHECK(stand(duty("cnil-complement"), facts, times, {}, now).state == DutyState::waiting);
  times.filings["cnil"] = at("2026-11-22T09:00:00Z");
  CHECK(stand(duty("cnil-complement"), facts, times, {}, now).deadline == at("2026-11-25T09:00:00Z"));
  CHECK(duty("cnil-complement").clock.soft);
  CHECK_FALSE(stand(duty("insurer"), facts, times, {}, now).deadline);
  times.contract_hours = 48;
  CHECK(stand(duty("insurer"), facts, times, {}, now).deadline == at("2026-11-24T08:00:00Z"));
  CHECK(stand(duty("cert-sante-resolution"), facts, times, {}, now).state == DutyState::waiting);
}

TEST_CASE("duties: content ships complete in both languages, with dated sources") {
  CHECK(shipped().size() == 14);
  for (const auto& one : shipped()) {
    INFO(one.id);
    for (const auto* text : {&one.title, &one.summary, &one.who, &one.why, &one.otherwise, &one.subject, &one.draft}) {
      CHECK_FALSE(text->fr.empty());
      CHECK(text->fr != text->en);
    }
    CHECK_FALSE(one.sources.empty());
    CHECK_FALSE(one.rules.empty());
    CHECK_FALSE(one.asks.empty());
  }
}

TEST_CASE("duties: a broken file is refused with its line and what was expected") {
  const auto question = refusal("cnil.yaml", "patient_data: [unknown]", "patient_date: [unknown]");
  CHECK(question.where == "cnil.yaml:" + std::to_string(line_of("cnil.yaml", "patient_data: [unknown]")));
  CHECK(question.message.find("patient_date") != std::string::npos);
  const auto value = refusal("cnil.yaml", "patient_data: [unknown]", "patient_data: [maybe]");
  CHECK(value.help.find("unknown") != std::string::npos);
  const auto instant = refusal("cnil.yaml", "from: awareness", "from: awarenes");
  CHECK(instant.help.find("knowledge_of_attack") != std::string::npos);
  const auto hours = refusal("complaint.yaml", "hours: 72", "hours: -1");
  CHECK(hours.where == "complaint.yaml:" + std::to_string(line_of("complaint.yaml", "hours: 72")));
  const auto placeholder = refusal("anssi.yaml", "{reference} – {title}", "{reference} – {tilte}");
  CHECK(placeholder.message.find("tilte") != std::string::npos);
  CHECK(refusal("anssi.yaml", "id: anssi", "id: cnil").message.find("cnil") != std::string::npos);
  CHECK(refusal("cnil-complement.yaml", "of: cnil", "of: cnli").message.find("cnli") != std::string::npos);
  CHECK(refusal("anssi.yaml", "status: active", "state: active").where.starts_with("anssi.yaml:"));
  CHECK(refusal("complaint.yaml", "  from: knowledge_of_attack\n", "").help.find("instant") != std::string::npos);
}

TEST_CASE("duties: a draft holds hostile values as plain text") {
  const DraftValues values{{"title", "x\r\n\r\nBcc: all@example.org {accounts} \xe2\x80\xae<b>"}, {"accounts", "a@b.fr"}};
  const auto text = fill_draft("T: {title} / {accounts} / {siren} / {}", values, "[à compléter]");
  CHECK(text == "T: x Bcc: all@example.org {accounts} <b> / a@b.fr / [à compléter] / {}");
  CHECK(fill_draft("{title}", {{"title", std::string(5000, 'a')}}, "?").size() == 2000);
  CHECK(fill_draft("{title}", {{"title", "\xff\xfe"}}, "?") == "\xef\xbf\xbd\xef\xbf\xbd");
  CHECK(fill_draft("{title", {{"title", "a"}}, "?") == "{title");
}
