#include "base/json/value.hpp"
#include "base/messages.hpp"
#include "store/cases/sql_rows.hpp"
#include "store/cases/sql_session.hpp"

namespace digue::store {

Result<void> SqlSession::changed_one(sql::Statement& statement, std::string_view message_key, const std::string& id) {
  if (auto done = statement.run(); !done) return done;
  if (database_.changes() == 0) return fail(ErrorCode::not_found, tr(message_key), id);
  return {};
}

Result<incident::Incident> SqlSession::add_incident(incident::Incident incident) {
  const auto year = std::to_string(civil_from_micros(incident.created.value).year);
  auto last =
      database_.prepare("SELECT coalesce(max(CAST(substr(reference, 6) AS INTEGER)), 0) FROM incidents WHERE reference LIKE ? || '-%'");
  last.text(year);
  if (const auto row = last.step(); !row) return tl::make_unexpected(row.error());
  auto number = std::to_string(last.integer_at(0) + 1);
  incident.reference = year + "-" + (number.size() < 3 ? std::string(3 - number.size(), '0') : "") + number;
  auto add = database_.prepare(
      "INSERT INTO incidents(id, reference, title, description, created, created_by, severity, confirmed, exercise, tlp)"
      " VALUES(?,?,?,?,?,?,?,?,?,?)");
  add.text(incident.id).text(incident.reference).text(incident.title).text(incident.description).integer(incident.created.value);
  add.text(incident.created_by).optional_text(incident.severity).integer(incident.confirmed ? 1 : 0).integer(incident.exercise ? 1 : 0);
  add.text(incident.tlp);
  if (auto done = add.run(); !done) return tl::make_unexpected(done.error());
  return incident;
}

Result<void> SqlSession::put_account(const std::string& incident, const incident::Account& account, UtcMicros at) {
  auto put = database_.prepare(
      "INSERT INTO accounts(incident, account, origin, verdict, joined, added) VALUES(?,?,?,?,?,?)"
      " ON CONFLICT(incident, account) DO UPDATE SET origin = excluded.origin, verdict = excluded.verdict, joined = excluded.joined");
  put.text(incident)
      .text(account.account)
      .text(account.origin)
      .optional_text(account.verdict)
      .integer(account.joined ? 1 : 0)
      .integer(at.value);
  return put.run();
}

Result<void> SqlSession::add_pin(const std::string& incident, const incident::Pin& pin) {
  auto add = database_.prepare(
      "INSERT INTO pins(id, incident, kind, value, actor, reason, created, created_by) VALUES(?,?,?,?,?,?,?,?)"
      " ON CONFLICT(incident, kind, value) WHERE removed IS NULL DO NOTHING");
  add.text(pin.id).text(incident).text(pin.kind).text(pin.value).text(pin.actor).text(pin.reason).integer(pin.created.value).text(pin.by);
  if (auto done = add.run(); !done) return done;
  if (database_.changes() == 0) return fail(ErrorCode::conflict, tr("pin.exists"), pin.value, tr("pin.exists_help"));
  return {};
}

Result<incident::Pin> SqlSession::remove_pin(const std::string& incident, const std::string& id, UtcMicros at, const std::string& by,
                                             const std::string& reason) {
  const auto all = pins(incident);
  if (!all) return tl::make_unexpected(all.error());
  for (const auto& pin : *all) {
    if (pin.id != id) continue;
    auto set = database_.prepare("UPDATE pins SET removed = ?, removed_by = ?, removed_reason = ? WHERE incident = ? AND id = ?");
    set.integer(at.value).text(by).text(reason).text(incident).text(id);
    if (auto done = set.run(); !done) return tl::make_unexpected(done.error());
    return pin;
  }
  return fail(ErrorCode::not_found, tr("pin.absent"), id);
}

Result<void> SqlSession::put_job(const incident::Job& job) {
  auto put = database_.prepare(
      "INSERT INTO jobs(id, incident, kind, state, bytes_done, bytes_total, queued, started, ended, error, started_by)"
      " VALUES(?,?,?,?,?,?,?,?,?,?,?) ON CONFLICT(id) DO UPDATE SET state = excluded.state, bytes_done = excluded.bytes_done,"
      " bytes_total = excluded.bytes_total, started = excluded.started, ended = excluded.ended, error = excluded.error");
  put.text(job.id).text(job.incident).text(job.kind).text(job.state).integer(job.bytes_done).integer(job.bytes_total);
  put.integer(job.queued.value)
      .optional_integer(micros(job.started))
      .optional_integer(micros(job.ended))
      .optional_text(job.error)
      .text(job.by);
  return put.run();
}

Result<void> SqlSession::add_story(const std::string& incident, const incident::StoryVersion& story) {
  auto add = database_.prepare("INSERT INTO stories(incident, version, computed, analysis, inputs) VALUES(?,?,?,?,?)");
  add.text(incident).integer(story.version).integer(story.computed.value).text(story.analysis);
  json::Array inputs;
  for (const auto& input : story.inputs) inputs.push_back(json::Object{{"exhibit", input.exhibit}, {"path", input.path}});
  add.text(json::canonical(inputs));
  return add.run();
}

}  // namespace digue::store
