#include "base/json/value.hpp"
#include "base/messages.hpp"
#include "store/cases/sql_session.hpp"

namespace digue::store {

namespace {

using incident::Axis;
using incident::Judgement;
using sql::Statement;

template <class Make>
auto rows(Statement& statement, Make make) -> Result<std::vector<decltype(make(statement))>> {
  std::vector<decltype(make(statement))> out;
  for (;;) {
    const auto row = statement.step();
    if (!row) return tl::make_unexpected(row.error());
    if (!*row) return out;
    out.push_back(make(statement));
  }
}

json::Value judgements_json(const incident::Judgements& judgements) {
  json::Object out;
  for (const Axis axis : incident::axes)
    out[incident::name(axis)] = std::string(incident::name(axis, judgements[static_cast<std::size_t>(axis)]));
  return out;
}

std::string body_of(const incident::Qualification& one) {
  json::Object answers;
  for (const auto& [question, answer] : one.answers) answers[question] = std::string(incident::name(answer));
  return json::canonical(json::Object{
      {"at", one.at.value},
      {"by", one.by},
      {"reason", one.reason},
      {"answers", std::move(answers)},
      {"judged", judgements_json(one.judged)},
      {"judgements", judgements_json(one.judgements)},
      {"note", one.note},
      {"suggested", json::or_null(one.suggested)},
      {"severity", json::or_null(one.severity)},
      {"severity_reason", one.severity_reason},
      {"confirmed", one.confirmed},
      {"started", one.started ? json::Value(one.started->value) : json::Value(nullptr)},
      {"minutes", one.minutes},
  });
}

incident::Judgements judgements_of(const json::Object& object, std::string_view key) {
  incident::Judgements out{};
  const auto* value = object.if_contains(key);
  if (value == nullptr) return out;
  json::Fields fields(*value);
  for (const Axis axis : incident::axes)
    out[static_cast<std::size_t>(axis)] =
        incident::judgement_named(axis, fields.text_or(incident::name(axis), 32, "")).value_or(Judgement::unknown);
  return out;
}

Result<incident::Qualification> parse_body(std::int64_t version, const std::string& text) {
  const auto damaged = [&] { return fail(ErrorCode::io, tr("qualification.damaged"), std::to_string(version)); };
  const auto value = json::parse(text);
  if (!value || !value->is_object()) return damaged();
  json::Fields fields(*value);
  incident::Qualification one;
  one.version = version;
  constexpr std::int64_t last = std::int64_t{1} << 53;
  one.at = UtcMicros{fields.integer("at", 0, last)};
  one.by = fields.text_or("by", 1024, "");
  one.reason = fields.text_or("reason", 1 << 16, "");
  one.note = fields.text_or("note", 1 << 16, "");
  one.suggested = fields.optional_text("suggested", 64);
  one.severity = fields.optional_text("severity", 64);
  one.severity_reason = fields.text_or("severity_reason", 1 << 16, "");
  one.confirmed = fields.flag_or("confirmed", false);
  if (const auto started = fields.optional_integer("started", 0, last)) one.started = UtcMicros{*started};
  one.minutes = fields.integer("minutes", 0, last);
  const auto& object = value->get_object();
  one.judged = judgements_of(object, "judged");
  one.judgements = judgements_of(object, "judgements");
  if (const auto* answers = object.if_contains("answers"); answers != nullptr && answers->is_object())
    for (const auto& member : answers->get_object())
      if (const auto* word = member.value().if_string())
        if (const auto answer = incident::answer_named(*word)) one.answers[std::string(member.key())] = *answer;
  if (!fields.done()) return damaged();
  return one;
}

}  // namespace

Result<std::vector<incident::Qualification>> SqlSession::qualifications(const std::string& incident) {
  auto query = database_.prepare("SELECT version, body FROM qualifications WHERE incident = ? ORDER BY version");
  query.text(incident);
  const auto bodies = rows(query, [](const Statement& row) { return std::pair(row.integer_at(0), row.text_at(1)); });
  if (!bodies) return tl::make_unexpected(bodies.error());
  std::vector<incident::Qualification> out;
  for (const auto& [version, body] : *bodies) {
    auto one = parse_body(version, body);
    if (!one) return tl::make_unexpected(one.error());
    out.push_back(std::move(*one));
  }
  return out;
}

Result<void> SqlSession::add_qualification(const std::string& incident, const incident::Qualification& qualification) {
  auto add = database_.prepare("INSERT INTO qualifications(incident, version, body) VALUES(?,?,?)");
  add.text(incident).integer(qualification.version).text(body_of(qualification));
  return add.run();
}

Result<void> SqlSession::set_severity(const std::string& incident, const std::optional<std::string>& severity, bool confirmed) {
  auto set = database_.prepare("UPDATE incidents SET severity = ?, confirmed = ? WHERE id = ?");
  set.optional_text(severity).integer(confirmed ? 1 : 0).text(incident);
  return changed_one(set, "incident.absent", incident);
}

Result<std::vector<incident::CapabilityAnswer>> SqlSession::capabilities(const std::string& incident) {
  auto query = database_.prepare("SELECT id, answer, at, answered_by FROM capabilities WHERE incident = ? ORDER BY id");
  query.text(incident);
  return rows(query, [](const Statement& row) {
    return incident::CapabilityAnswer{row.text_at(0), incident::answer_named(row.text_at(1)).value_or(incident::Answer::unknown),
                                      UtcMicros{row.integer_at(2)}, row.text_at(3)};
  });
}

Result<void> SqlSession::put_capability(const std::string& incident, const incident::CapabilityAnswer& answer) {
  auto put = database_.prepare(
      "INSERT INTO capabilities(incident, id, answer, at, answered_by) VALUES(?,?,?,?,?) ON CONFLICT(incident, id) DO UPDATE SET"
      " answer = excluded.answer, at = excluded.at, answered_by = excluded.answered_by");
  put.text(incident).text(answer.id).text(std::string(incident::name(answer.answer))).integer(answer.at.value).text(answer.by);
  return put.run();
}

Result<std::vector<incident::StageSpan>> SqlSession::stage_spans(const std::string& incident) {
  auto query = database_.prepare("SELECT stage, opened, opened_by, closed, closed_by FROM stage_spans WHERE incident = ? ORDER BY number");
  query.text(incident);
  return rows(query, [](const Statement& row) {
    incident::StageSpan span{row.text_at(0), UtcMicros{row.integer_at(1)}, row.text_at(2), std::nullopt, row.text_at(4)};
    if (!row.is_null(3)) span.closed = UtcMicros{row.integer_at(3)};
    return span;
  });
}

Result<void> SqlSession::open_stage(const std::string& incident, const incident::StageSpan& span) {
  auto add = database_.prepare(
      "INSERT INTO stage_spans(incident, stage, opened, opened_by, closed_by) VALUES(?,?,?,?,'')"
      " ON CONFLICT(incident, stage) WHERE closed IS NULL DO NOTHING");
  add.text(incident).text(span.stage).integer(span.opened.value).text(span.opened_by);
  if (auto done = add.run(); !done) return done;
  if (database_.changes() == 0) return fail(ErrorCode::conflict, tr("stage.is_open"), span.stage);
  return {};
}

Result<void> SqlSession::close_stage(const std::string& incident, const std::string& stage, UtcMicros at, const std::string& by) {
  auto set = database_.prepare("UPDATE stage_spans SET closed = ?, closed_by = ? WHERE incident = ? AND stage = ? AND closed IS NULL");
  set.integer(at.value).text(by).text(incident).text(stage);
  if (auto done = set.run(); !done) return done;
  if (database_.changes() == 0) return fail(ErrorCode::conflict, tr("stage.is_closed"), stage);
  return {};
}

Result<std::vector<incident::Workstation>> SqlSession::workstations(const std::string& incident) {
  auto query = database_.prepare("SELECT name, account, added, added_by FROM workstations WHERE incident = ? ORDER BY number");
  query.text(incident);
  return rows(query, [](const Statement& row) {
    return incident::Workstation{row.text_at(0), row.text_at(1), UtcMicros{row.integer_at(2)}, row.text_at(3)};
  });
}

Result<void> SqlSession::add_workstation(const std::string& incident, const incident::Workstation& workstation) {
  auto add = database_.prepare(
      "INSERT INTO workstations(incident, name, account, added, added_by) VALUES(?,?,?,?,?) ON CONFLICT(incident, name) DO NOTHING");
  add.text(incident).text(workstation.name).text(workstation.account).integer(workstation.added.value).text(workstation.by);
  if (auto done = add.run(); !done) return done;
  if (database_.changes() == 0) return fail(ErrorCode::conflict, tr("workstation.exists"), workstation.name);
  return {};
}

}  // namespace digue::store
