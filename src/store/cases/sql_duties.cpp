#include "base/json/value.hpp"
#include "base/messages.hpp"
#include "store/cases/sql_rows.hpp"
#include "store/cases/sql_session.hpp"

namespace digue::store {

namespace {

using sql::Statement;

/// Stored JSON is what this program wrote; what does not read is damage and told.
template <class T, class Read>
Result<std::vector<T>> records(Statement& statement, Read read) {
  struct Row {
    std::string id, text;
    incident::LastChange changed;
  };
  const auto found =
      rows<Row>(statement, [](const Statement& row) { return Row{row.text_at(0), row.text_at(1), {{row.integer_at(2)}, row.text_at(3)}}; });
  if (!found) return tl::make_unexpected(found.error());
  std::vector<T> out;
  for (const auto& [id, text, changed] : *found) {
    const auto value = json::parse(text);
    auto one = value ? read(*value) : Result<T>(tl::make_unexpected(value.error()));
    if (!one) return fail(ErrorCode::io, tr("store.damaged"), id);
    one->id = id;
    one->changed = changed;
    out.push_back(std::move(*one));
  }
  return out;
}

Result<void> keep_version(sql::Database& database, std::string_view kind, const std::string& id, UtcMicros at, const std::string& by,
                          const std::optional<std::string>& record) {
  auto add = database.prepare("INSERT INTO directory_versions(kind, id, at, changed_by, record) VALUES(?,?,?,?,?)");
  add.text(kind).text(id).integer(at.value).text(by).optional_text(record);
  return add.run();
}

}  // namespace

Result<std::vector<incident::Establishment>> SqlSession::establishments() {
  auto list = database_.prepare(
      "SELECT e.id, e.record, v.at, v.changed_by FROM establishments e JOIN directory_versions v ON v.number ="
      " (SELECT max(number) FROM directory_versions WHERE kind = 'establishment' AND id = e.id) ORDER BY fold(e.name), e.id");
  return records<incident::Establishment>(list, incident::establishment_of);
}

Result<std::vector<incident::LocalContact>> SqlSession::contacts() {
  auto list = database_.prepare(
      "SELECT c.id, c.record, v.at, v.changed_by FROM contacts c JOIN directory_versions v ON v.number ="
      " (SELECT max(number) FROM directory_versions WHERE kind = 'contact' AND id = c.id) ORDER BY fold(c.name), c.id");
  return records<incident::LocalContact>(list, incident::local_contact_of);
}

Result<playbook::Overlay> SqlSession::overlay(const std::string& establishment) {
  auto find = database_.prepare("SELECT record FROM overlays WHERE establishment = ?");
  find.text(establishment);
  const auto row = find.step();
  if (!row) return tl::make_unexpected(row.error());
  if (!*row) return playbook::Overlay{};
  auto overlay = playbook::load_overlay(find.text_at(0), establishment, nullptr);
  if (!overlay) return fail(ErrorCode::io, tr("store.damaged"), establishment);
  return overlay;
}

Result<std::vector<std::string>> SqlSession::concerned(const std::string& incident) {
  auto list = database_.prepare(
      "SELECT c.establishment FROM concerned c JOIN establishments e ON e.id = c.establishment WHERE c.incident = ?"
      " ORDER BY fold(e.name), e.id");
  list.text(incident);
  return rows<std::string>(list, [](const Statement& row) { return row.text_at(0); });
}

Result<std::vector<std::string>> SqlSession::incidents_of(const std::string& establishment) {
  auto list = database_.prepare("SELECT incident FROM concerned WHERE establishment = ? ORDER BY incident");
  list.text(establishment);
  return rows<std::string>(list, [](const Statement& row) { return row.text_at(0); });
}

Result<std::vector<incident::Instant>> SqlSession::instants(const std::string& incident) {
  auto list =
      database_.prepare("SELECT establishment, name, at, reason, recorded, recorded_by FROM instants WHERE incident = ? ORDER BY number");
  list.text(incident);
  return rows<incident::Instant>(list, [](const Statement& row) {
    return incident::Instant{row.text_at(0), row.text_at(1), {row.integer_at(2)}, row.text_at(3), {row.integer_at(4)}, row.text_at(5)};
  });
}

Result<std::vector<incident::DutyFiling>> SqlSession::filings(const std::string& incident) {
  auto list = database_.prepare(
      "SELECT establishment, duty, applies, overrule_reason, overruled_by, overruled, filed, receipt, filed_by, late_reason, recorded"
      " FROM filings WHERE incident = ? ORDER BY establishment, duty");
  list.text(incident);
  return rows<incident::DutyFiling>(list, [](const Statement& row) {
    incident::DutyFiling out{row.text_at(0), row.text_at(1), {}};
    if (!row.is_null(2)) out.filing.applies = row.integer_at(2) != 0;
    out.filing.overrule_reason = row.text_at(3);
    out.filing.overruled_by = row.text_at(4);
    out.filing.overruled = time_at(row, 5);
    out.filing.filed = time_at(row, 6);
    out.filing.receipt = row.text_at(7);
    out.filing.filed_by = row.text_at(8);
    out.filing.late_reason = row.text_at(9);
    out.filing.recorded = time_at(row, 10);
    return out;
  });
}

Result<std::vector<incident::Breach>> SqlSession::breaches(const std::string& incident) {
  auto list =
      database_.prepare("SELECT establishment, record, changed, changed_by FROM breaches WHERE incident = ? ORDER BY establishment");
  list.text(incident);
  return rows<incident::Breach>(list, [](const Statement& row) {
    incident::Breach out;
    out.establishment = row.text_at(0);
    const auto record = json::parse(row.text_at(1));
    if (record) {
      json::Fields fields(*record);
      for (std::size_t i = 0; i < out.texts.size(); ++i)
        out.texts.at(i) = fields.text_or(incident::Breach::fields.at(i), incident::max_breach_text, "");
    }
    out.changed = {row.integer_at(2)};
    out.by = row.text_at(3);
    return out;
  });
}

Result<void> SqlSession::put_establishment(const incident::Establishment& one, UtcMicros at, const std::string& by) {
  const auto record = json::canonical(to_json(one));
  auto put = database_.prepare(
      "INSERT INTO establishments(id, name, record) VALUES(?,?,?)"
      " ON CONFLICT(id) DO UPDATE SET name = excluded.name, record = excluded.record");
  put.text(one.id).text(one.name).text(record);
  if (auto done = put.run(); !done) return done;
  return keep_version(database_, "establishment", one.id, at, by, record);
}

Result<void> SqlSession::put_overlay(const std::string& establishment, const playbook::Overlay& overlay, UtcMicros at,
                                     const std::string& by) {
  const auto record = json::canonical(to_json(overlay));
  auto put = database_.prepare(
      "INSERT INTO overlays(establishment, record) VALUES(?,?) ON CONFLICT(establishment) DO UPDATE SET record = excluded.record");
  put.text(establishment).text(record);
  if (auto done = put.run(); !done) return done;
  return keep_version(database_, "overlay", establishment, at, by, record);
}

Result<void> SqlSession::put_contact(const incident::LocalContact& one, UtcMicros at, const std::string& by) {
  const auto record = json::canonical(to_json(one));
  auto put = database_.prepare(
      "INSERT INTO contacts(id, name, record) VALUES(?,?,?) ON CONFLICT(id) DO UPDATE SET name = excluded.name, record = excluded.record");
  put.text(one.id).text(one.name).text(record);
  if (auto done = put.run(); !done) return done;
  return keep_version(database_, "contact", one.id, at, by, record);
}

Result<void> SqlSession::remove_contact(const std::string& id, UtcMicros at, const std::string& by) {
  auto remove = database_.prepare("DELETE FROM contacts WHERE id = ?");
  remove.text(id);
  if (auto done = changed_one(remove, "contact.absent", id); !done) return done;
  return keep_version(database_, "contact", id, at, by, std::nullopt);
}

Result<void> SqlSession::set_concerned(const std::string& incident, const std::vector<std::string>& establishments) {
  auto clear = database_.prepare("DELETE FROM concerned WHERE incident = ?");
  clear.text(incident);
  if (auto done = clear.run(); !done) return done;
  for (const auto& id : establishments) {
    auto add = database_.prepare("INSERT INTO concerned(incident, establishment) VALUES(?,?)");
    add.text(incident).text(id);
    if (auto done = add.run(); !done) return done;
  }
  return {};
}

Result<void> SqlSession::add_instant(const std::string& incident, const incident::Instant& instant) {
  auto add =
      database_.prepare("INSERT INTO instants(incident, establishment, name, at, reason, recorded, recorded_by) VALUES(?,?,?,?,?,?,?)");
  add.text(incident).text(instant.establishment).text(instant.name).integer(instant.at.value).text(instant.reason);
  add.integer(instant.recorded.value).text(instant.by);
  return add.run();
}

Result<void> SqlSession::put_filing(const std::string& incident, const incident::DutyFiling& one) {
  auto put = database_.prepare(
      "INSERT INTO filings(incident, establishment, duty, applies, overrule_reason, overruled_by, overruled, filed, receipt, filed_by,"
      " late_reason, recorded) VALUES(?,?,?,?,?,?,?,?,?,?,?,?)"
      " ON CONFLICT(incident, establishment, duty) DO UPDATE SET applies = excluded.applies, overrule_reason = excluded.overrule_reason,"
      " overruled_by = excluded.overruled_by, overruled = excluded.overruled, filed = excluded.filed, receipt = excluded.receipt,"
      " filed_by = excluded.filed_by, late_reason = excluded.late_reason, recorded = excluded.recorded");
  const auto& filing = one.filing;
  put.text(incident).text(one.establishment).text(one.duty);
  put.optional_integer(filing.applies ? std::optional<std::int64_t>(*filing.applies ? 1 : 0) : std::nullopt);
  put.text(filing.overrule_reason).text(filing.overruled_by).optional_integer(micros(filing.overruled));
  put.optional_integer(micros(filing.filed)).text(filing.receipt).text(filing.filed_by).text(filing.late_reason);
  put.optional_integer(micros(filing.recorded));
  return put.run();
}

Result<void> SqlSession::put_breach(const std::string& incident, const incident::Breach& breach) {
  json::Object record;
  for (std::size_t i = 0; i < breach.texts.size(); ++i) record[incident::Breach::fields.at(i)] = breach.texts.at(i);
  auto put = database_.prepare(
      "INSERT INTO breaches(incident, establishment, record, changed, changed_by) VALUES(?,?,?,?,?) ON CONFLICT(incident, establishment)"
      " DO UPDATE SET record = excluded.record, changed = excluded.changed, changed_by = excluded.changed_by");
  put.text(incident).text(breach.establishment).text(json::canonical(record)).integer(breach.changed.value).text(breach.by);
  return put.run();
}

}  // namespace digue::store
