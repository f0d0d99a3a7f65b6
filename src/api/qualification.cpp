#include "service/qualification.hpp"

#include <array>

#include "api/api.hpp"
#include "api/reply.hpp"

namespace digue::api {

namespace {

using incident::Axis;

json::Object judgements_json(const incident::Judgements& judgements) {
  json::Object out;
  for (const Axis axis : incident::axes)
    out[incident::name(axis)] = std::string(incident::name(axis, judgements[static_cast<std::size_t>(axis)]));
  return out;
}

json::Object answers_json(const incident::Answers& answers) {
  json::Object out;
  for (const auto& [question, answer] : answers) out[question] = std::string(incident::name(answer));
  return out;
}

json::Value questions_json(const incident::Questions& questions) {
  json::Array list;
  for (const auto& one : questions.questions) {
    json::Array weighs;
    for (const Axis axis : one.weighs) weighs.emplace_back(std::string(incident::name(axis)));
    list.push_back(json::Object{{"id", one.id},
                                {"axis", one.section},
                                {"question", both(one.question)},
                                {"why", both(one.why)},
                                {"how", both(one.how)},
                                {"statement", both(one.statement)},
                                {"weighs", std::move(weighs)}});
  }
  return list;
}

json::Value version_json(const incident::Qualification& one) {
  return json::Object{
      {"version", one.version},
      {"at", to_iso8601(one.at)},
      {"by", one.by},
      {"reason", one.reason},
      {"answers", answers_json(one.answers)},
      {"judged", judgements_json(one.judged)},
      {"judgements", judgements_json(one.judgements)},
      {"note", one.note},
      {"suggested", json::or_null(one.suggested)},
      {"severity", json::or_null(one.severity)},
      {"severity_reason", one.severity_reason},
      {"confirmed", one.confirmed},
      {"started", time_or_null(one.started)},
      {"minutes", one.minutes},
  };
}

json::Value suggestion_json(const incident::Suggestion& suggestion) {
  json::Object axes;
  for (const Axis axis : incident::axes) {
    const auto& view = suggestion.axes[static_cast<std::size_t>(axis)];
    axes[incident::name(axis)] = json::Object{{"proposed", std::string(incident::name(axis, view.proposed))},
                                              {"because", json::array_of(view.because)},
                                              {"to_find", json::array_of(view.to_find)}};
  }
  json::Array raised;
  for (const auto& one : suggestion.raised)
    raised.push_back(json::Object{{"action", one.action}, {"question", one.question}, {"why", both(one.why)}});
  return json::Object{{"axes", std::move(axes)},
                      {"severity", json::or_null(suggestion.severity)},
                      {"reasons", json::array_of(suggestion.reasons)},
                      {"to_find", json::array_of(suggestion.to_find)},
                      {"raised", std::move(raised)},
                      {"duties", json::array_of(suggestion.duties)}};
}

json::Value view_json(const Call& call, const service::QualificationView& view) {
  const auto& questions = call.api.context.questions;
  json::Array versions;
  for (const auto& one : view.versions) versions.push_back(version_json(one));
  json::Array precautions;
  for (const auto& one : questions.precautions) precautions.push_back(json::Object{{"action", one.action}, {"text", both(one.text)}});
  return json::Object{
      {"questions", questions_json(questions)},
      {"time_box", json::Object{{"low", questions.low_minutes}, {"usual", questions.usual_minutes}, {"high", questions.high_minutes}}},
      {"precautions", std::move(precautions)},
      {"current", view.versions.empty() ? json::Value(nullptr) : version_json(view.versions.back())},
      {"versions", std::move(versions)},
      {"suggestion", suggestion_json(view.suggestion)},
  };
}

tl::unexpected<Error> not_a_choice(const std::string& field) {
  return fail(ErrorCode::bad_input, tr("field.not_a_choice", {{"field", field}}), field);
}

/// The object at `key`: absent or null is empty.
Result<json::Object> object_at(const json::Value& body, std::string_view key) {
  const auto* object = body.if_object();
  const auto* value = object ? object->if_contains(key) : nullptr;
  if (value == nullptr || value->is_null()) return json::Object{};
  if (!value->is_object() || value->get_object().size() > 64) return not_a_choice(std::string(key));
  return value->get_object();
}

Result<incident::Answers> answers_of(const json::Value& body) {
  const auto object = object_at(body, "answers");
  if (!object) return tl::make_unexpected(object.error());
  incident::Answers out;
  for (const auto& member : *object) {
    const auto* word = member.value().if_string();
    const auto answer = word ? incident::answer_named(*word) : std::nullopt;
    if (!answer) return not_a_choice("answers." + std::string(member.key()));
    out[std::string(member.key())] = *answer;
  }
  return out;
}

Result<incident::Judgements> judgements_of(const json::Value& body) {
  const auto object = object_at(body, "judgements");
  if (!object) return tl::make_unexpected(object.error());
  incident::Judgements out{};
  for (const auto& member : *object) {
    bool known = false;
    for (const Axis axis : incident::axes) {
      if (member.key() != incident::name(axis)) continue;
      const auto* word = member.value().if_string();
      const auto judgement = word ? incident::judgement_named(axis, *word) : std::nullopt;
      if (!judgement && !member.value().is_null()) return not_a_choice("judgements." + std::string(member.key()));
      out[static_cast<std::size_t>(axis)] = judgement.value_or(incident::Judgement::unknown);
      known = true;
    }
    if (!known) return not_a_choice("judgements." + std::string(member.key()));
  }
  return out;
}

Answer show(Call& call) {
  const auto view = service::show_qualification(call.api.context, call.incident());
  if (!view) return tl::make_unexpected(view.error());
  return reply_json(view_json(call, *view));
}

Answer preview(Call& call) {
  const json::Fields fields(call.body);
  if (auto good = fields.done(); !good) return tl::make_unexpected(good.error());
  const auto answers = answers_of(call.body);
  if (!answers) return tl::make_unexpected(answers.error());
  const auto judged = judgements_of(call.body);
  if (!judged) return tl::make_unexpected(judged.error());
  const auto suggestion = service::preview_qualification(call.api.context, *answers, *judged);
  if (!suggestion) return tl::make_unexpected(suggestion.error());
  return reply_json(suggestion_json(*suggestion));
}

Answer qualify(Call& call) {
  json::Fields fields(call.body);
  service::NewQualification given;
  given.based_on = fields.optional_integer("based_on", 0, 1'000'000);
  given.note = fields.text_or("note", 8000, "");
  given.severity = fields.optional_text("severity", 32);
  given.severity_reason = fields.text_or("severity_reason", 2000, "");
  given.reason = fields.text_or("reason", 2000, "");
  const auto started = fields.optional_text("started", 64);
  given.minutes = fields.optional_integer("minutes", 0, 24 * 60).value_or(0);
  if (auto good = fields.done(); !good) return tl::make_unexpected(good.error());
  if (started && !started->empty()) {
    const auto time = instant(*started, "started");
    if (!time) return tl::make_unexpected(time.error());
    given.started = *time;
  }
  auto answers = answers_of(call.body);
  if (!answers) return tl::make_unexpected(answers.error());
  given.answers = std::move(*answers);
  const auto judged = judgements_of(call.body);
  if (!judged) return tl::make_unexpected(judged.error());
  given.judged = *judged;
  const auto view = service::qualify(call.api.context, call.caller, call.incident(), given);
  if (!view && is_stale(view.error())) {
    const auto now = service::show_qualification(call.api.context, call.incident());
    if (!now) return tl::make_unexpected(now.error());
    return reply_stale(view.error(), view_json(call, *now));
  }
  if (!view) return tl::make_unexpected(view.error());
  return reply_json(view_json(call, *view), 201);
}

json::Value capabilities_json(const Call& call, const std::vector<incident::CapabilityAnswer>& answers) {
  json::Array out;
  for (const auto& one : call.api.context.questions.capabilities) {
    json::Object item{
        {"id", one.id}, {"question", both(one.question)}, {"when_not", both(one.when_not)}, {"answer", nullptr}, {"at", nullptr},
        {"by", nullptr}};
    for (const auto& answer : answers) {
      if (answer.id != one.id) continue;
      item["answer"] = std::string(incident::name(answer.answer));
      item["at"] = to_iso8601(answer.at);
      item["by"] = answer.by;
    }
    out.push_back(std::move(item));
  }
  return out;
}

Answer capabilities(Call& call) {
  const auto answers = service::list_capabilities(call.api.context, call.incident());
  if (!answers) return tl::make_unexpected(answers.error());
  return reply_json(capabilities_json(call, *answers));
}

Answer answer_capabilities(Call& call) {
  const json::Fields fields(call.body);
  if (auto good = fields.done(); !good) return tl::make_unexpected(good.error());
  const auto given = answers_of(call.body);
  if (!given) return tl::make_unexpected(given.error());
  const auto answers = service::answer_capabilities(call.api.context, call.caller, call.incident(), *given);
  if (!answers) return tl::make_unexpected(answers.error());
  return reply_json(capabilities_json(call, *answers));
}

json::Value stages_json(const Call& call, const std::vector<incident::StageSpan>& spans) {
  json::Array out;
  const auto& content = call.api.context.stages;
  for (const auto& stage : content.stages) {
    json::Array does, times;
    for (const auto& [helper, what] : stage.does)
      for (const auto& one : content.helpers)
        if (one.id == helper) does.push_back(json::Object{{"actor", helper}, {"name", both(one.name)}, {"text", both(what)}});
    bool open = false;
    for (const auto& span : spans) {
      if (span.stage != stage.id) continue;
      open = open || !span.closed;
      times.push_back(json::Object{{"opened", to_iso8601(span.opened)},
                                   {"opened_by", span.opened_by},
                                   {"closed", time_or_null(span.closed)},
                                   {"closed_by", span.closed ? json::Value(span.closed_by) : json::Value(nullptr)}});
    }
    out.push_back(json::Object{{"id", stage.id},
                               {"title", both(stage.title)},
                               {"aim", both(stage.aim)},
                               {"open", open},
                               {"spans", std::move(times)},
                               {"does", std::move(does)}});
  }
  return out;
}

Answer stages(Call& call) {
  const auto spans = service::list_stages(call.api.context, call.incident());
  if (!spans) return tl::make_unexpected(spans.error());
  return reply_json(stages_json(call, *spans));
}

Answer set_stage(Call& call) {
  json::Fields fields(call.body);
  const bool has = fields.has("open");
  const bool open = fields.flag_or("open", false);
  const auto reason = fields.text_or("reason", 2000, "");
  if (auto good = fields.done(); !good) return tl::make_unexpected(good.error());
  if (!has) return not_a_choice("open");
  const auto spans = service::set_stage(call.api.context, call.caller, call.incident(), call.ids[1], open, reason);
  if (!spans) return tl::make_unexpected(spans.error());
  return reply_json(stages_json(call, *spans));
}

constexpr std::array routes{
    Route{"GET", "incidents/{}/qualification", show}.needs(people::Right::read_situation),
    Route{"POST", "incidents/{}/qualification", qualify}.needs(people::Right::qualify),
    Route{"POST", "incidents/{}/qualification/preview", preview}.needs(people::Right::qualify),
    Route{"GET", "incidents/{}/capabilities", capabilities}.needs(people::Right::read_situation),
    Route{"POST", "incidents/{}/capabilities", answer_capabilities},
    Route{"GET", "incidents/{}/stages", stages}.needs(people::Right::read_situation),
    Route{"POST", "incidents/{}/stages/{}", set_stage},
};

}  // namespace

std::span<const Route> qualification_routes() {
  return routes;
}

}  // namespace digue::api
