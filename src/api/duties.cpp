#include "service/duties.hpp"

#include <array>

#include "api/api.hpp"
#include "api/duties.hpp"
#include "api/reply.hpp"

namespace digue::api {

json::Value texts_json(const std::vector<Localized>& texts) {
  json::Array out;
  for (const auto& one : texts) out.push_back(both(one));
  return out;
}

json::Value sources_json(const std::vector<incident::Source>& sources) {
  json::Array out;
  for (const auto& one : sources) out.push_back(json::Object{{"text", one.text}, {"dated", one.dated}, {"checked", one.checked}});
  return out;
}

json::Value reached_json(const std::vector<service::Reachable>& reached) {
  json::Array out;
  for (const auto& one : reached)
    out.push_back(json::Object{{"id", one.id},
                               {"name", one.name},
                               {"phone", one.phone},
                               {"mail", one.mail},
                               {"site", one.site},
                               {"hours", one.hours},
                               {"local", one.local},
                               {"to_verify", one.to_verify}});
  return out;
}

namespace {

json::Value optional_text(const std::optional<Localized>& text) {
  return text ? both(*text) : json::Value(nullptr);
}

json::Value filing_json(const incident::Filing& filing) {
  return json::Object{
      {"applies", filing.applies ? json::Value(*filing.applies) : json::Value(nullptr)},
      {"overrule_reason", filing.overrule_reason},
      {"overruled_by", filing.overruled_by},
      {"overruled", time_or_null(filing.overruled)},
      {"filed", time_or_null(filing.filed)},
      {"receipt", filing.receipt},
      {"filed_by", filing.filed_by},
      {"late_reason", filing.late_reason},
      {"recorded", time_or_null(filing.recorded)},
  };
}

json::Value clock_json(const incident::DutyClock& clock) {
  constexpr std::array<std::string_view, 5> kinds{"none", "without_delay", "hours", "months", "contract"};
  return json::Object{{"kind", kinds.at(static_cast<std::size_t>(clock.kind))},
                      {"count", clock.count},
                      {"from", clock.from},
                      {"of", clock.of},
                      {"soft", clock.soft},
                      {"note", optional_text(clock.note)}};
}

json::Value duty_json(const service::DutyView& view) {
  const auto& duty = *view.duty;
  json::Array asks;
  for (const auto& field : duty.asks) asks.push_back(json::Object{{"text", both(field.text)}, {"unsure", field.unsure}});
  return json::Object{
      {"id", duty.id},
      {"contact", duty.contact},
      {"title", both(duty.title)},
      {"summary", both(duty.summary)},
      {"who", both(duty.who)},
      {"why", both(duty.why)},
      {"how", texts_json(duty.how)},
      {"asks", std::move(asks)},
      {"sources", sources_json(duty.sources)},
      {"uncertain", texts_json(duty.uncertain)},
      {"active", duty.active},
      {"inactive_because", optional_text(duty.inactive_because)},
      {"clock", clock_json(duty.clock)},
      {"state", std::string(incident::name(view.standing.state))},
      {"verdict", std::string(incident::name(view.standing.judgement.verdict))},
      {"reasons", texts_json(view.standing.judgement.reasons)},
      {"start", time_or_null(view.standing.start)},
      {"deadline", time_or_null(view.standing.deadline)},
      {"filed_late", view.standing.filed_late},
      {"filing", filing_json(view.filing)},
      {"recipients", reached_json(view.recipients)},
  };
}

json::Value whole(const service::DutiesView& view) {
  json::Array history;
  for (const auto& one : view.history)
    history.push_back(json::Object{{"establishment", one.establishment},
                                   {"name", one.name},
                                   {"at", to_iso8601(one.at)},
                                   {"reason", one.reason},
                                   {"recorded", to_iso8601(one.recorded)},
                                   {"by", one.by}});
  json::Array entities;
  for (const auto& entity : view.entities) {
    json::Object instants;
    for (const auto& [name, at] : entity.instants) instants[name] = to_iso8601(at);
    json::Array duties;
    for (const auto& duty : entity.duties) duties.push_back(duty_json(duty));
    entities.push_back(json::Object{{"establishment", entity.establishment.id},
                                    {"name", entity.establishment.name},
                                    {"zone", entity.establishment.zone},
                                    {"instants", std::move(instants)},
                                    {"duties", std::move(duties)}});
  }
  return json::Object{{"now", to_iso8601(view.now)},
                      {"chosen", json::array_of(view.chosen)},
                      {"history", std::move(history)},
                      {"entities", std::move(entities)}};
}

Answer told(const Result<service::DutiesView>& view) {
  if (!view) return tl::make_unexpected(view.error());
  return reply_json(whole(*view));
}

Answer show(Call& call) {
  return told(service::show_duties(call.api.context, call.incident()));
}

Answer choose(Call& call) {
  json::Fields fields(call.body);
  const auto establishments = fields.texts("establishments", 64, 64);
  if (auto good = fields.done(); !good) return tl::make_unexpected(good.error());
  return told(service::choose_establishments(call.api.context, call.caller, call.incident(), establishments));
}

Answer record_instant(Call& call) {
  json::Fields fields(call.body);
  incident::Instant instant;
  instant.establishment = fields.text_or("establishment", 64, "");
  instant.name = fields.text("name", 64);
  const auto at = fields.text("at", 64);
  instant.reason = fields.text_or("reason", 2000, "");
  if (auto good = fields.done(); !good) return tl::make_unexpected(good.error());
  const auto time = api::instant(at, "at");
  if (!time) return tl::make_unexpected(time.error());
  instant.at = *time;
  return told(service::record_instant(call.api.context, call.caller, call.incident(), std::move(instant)));
}

Answer file(Call& call) {
  json::Fields fields(call.body);
  service::NewFiling filing;
  const auto establishment = fields.text_or("establishment", 64, "");
  const auto filed = fields.optional_text("filed", 64);
  filing.receipt = fields.text_or("receipt", 200, "");
  filing.reason = fields.text_or("reason", 2000, "");
  if (auto good = fields.done(); !good) return tl::make_unexpected(good.error());
  if (filed) {
    const auto time = instant(*filed, "filed");
    if (!time) return tl::make_unexpected(time.error());
    filing.filed = *time;
  }
  return told(service::record_filing(call.api.context, call.caller, call.incident(), establishment, call.ids[1], filing));
}

Answer overrule(Call& call) {
  json::Fields fields(call.body);
  const auto establishment = fields.text_or("establishment", 64, "");
  const auto reason = fields.text_or("reason", 2000, "");
  std::optional<bool> applies;
  if (fields.has("applies")) applies = fields.flag_or("applies", false);
  if (auto good = fields.done(); !good) return tl::make_unexpected(good.error());
  return told(service::overrule(call.api.context, call.caller, call.incident(), establishment, call.ids[1], applies, reason));
}

Answer draft(Call& call) {
  const auto language = language_named(call.text("lang")).value_or(language_of(call.request));
  const auto text = service::draft_of(call.api.context, call.caller, call.incident(), call.text("establishment"), call.ids[1], language);
  if (!text) return tl::make_unexpected(text.error());
  return reply_json(json::Object{{"subject", text->subject}, {"body", text->body}});
}

json::Value breaches_json(const std::vector<service::BreachView>& lines) {
  json::Array out;
  for (const auto& line : lines) {
    json::Object texts;
    for (std::size_t i = 0; i < line.breach.texts.size(); ++i) texts[incident::Breach::fields.at(i)] = line.breach.texts.at(i);
    const bool written = line.breach.changed.value != 0;
    out.push_back(json::Object{{"establishment", line.establishment.id},
                               {"name", line.establishment.name},
                               {"texts", std::move(texts)},
                               {"awareness", time_or_null(line.awareness)},
                               {"notified", time_or_null(line.cnil.filed)},
                               {"receipt", line.cnil.receipt},
                               {"changed", written ? json::Value(to_iso8601(line.breach.changed)) : json::Value(nullptr)},
                               {"by", line.breach.by}});
  }
  return out;
}

Answer breaches(Call& call) {
  const auto lines = service::show_breaches(call.api.context, call.incident());
  if (!lines) return tl::make_unexpected(lines.error());
  return reply_json(breaches_json(*lines));
}

Answer write_breach(Call& call) {
  json::Fields fields(call.body);
  incident::Breach breach;
  breach.establishment = fields.text_or("establishment", 64, "");
  for (std::size_t i = 0; i < breach.texts.size(); ++i)
    breach.texts.at(i) = fields.text_or(incident::Breach::fields.at(i), incident::max_breach_text, "");
  if (auto good = fields.done(); !good) return tl::make_unexpected(good.error());
  const auto base = based_on(call);
  if (!base) return tl::make_unexpected(base.error());
  const auto lines = service::write_breach(call.api.context, call.caller, call.incident(), breach, *base);
  if (!lines && is_stale(lines.error())) {
    const auto all = service::show_breaches(call.api.context, call.incident());
    if (!all) return tl::make_unexpected(all.error());
    for (const auto& line : *all)
      if (line.establishment.id == breach.establishment) return reply_stale(lines.error(), breaches_json({line}).as_array().front());
  }
  if (!lines) return tl::make_unexpected(lines.error());
  return reply_json(breaches_json(*lines));
}

Answer breaches_csv(Call& call) {
  const auto language = language_named(call.text("lang")).value_or(language_of(call.request));
  auto text = service::breaches_csv(call.api.context, call.incident(), language);
  if (!text) return tl::make_unexpected(text.error());
  return reply_file("\xef\xbb\xbf" + *text, "text/csv; charset=utf-8", "registre-violations.csv");
}

constexpr std::array routes{
    Route{"GET", "incidents/{}/duties", show}.needs(people::Right::read_declarations),
    Route{"PUT", "incidents/{}/establishments", choose}.needs(people::Right::declare),
    Route{"POST", "incidents/{}/instants", record_instant}.needs(people::Right::declare),
    Route{"POST", "incidents/{}/duties/{}/filing", file}.needs(people::Right::declare),
    Route{"POST", "incidents/{}/duties/{}/overrule", overrule}.needs(people::Right::declare),
    Route{"GET", "incidents/{}/duties/{}/draft", draft}.needs(people::Right::read_declarations),
    Route{"GET", "incidents/{}/breaches", breaches}.needs(people::Right::read_declarations),
    Route{"PUT", "incidents/{}/breaches", write_breach}.needs(people::Right::declare),
    Route{"GET", "incidents/{}/breaches.csv", breaches_csv}.needs(people::Right::read_declarations),
};

}  // namespace

std::span<const Route> duty_routes() {
  return routes;
}

}  // namespace digue::api
