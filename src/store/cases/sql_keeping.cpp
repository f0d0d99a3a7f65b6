#include "base/messages.hpp"
#include "store/cases/sql_rows.hpp"
#include "store/cases/sql_session.hpp"

namespace digue::store {

namespace {

using sql::Statement;

std::string text_of(const Statement& row) {
  return row.text_at(0);
}

}  // namespace

Result<std::vector<incident::Closing>> SqlSession::closings(const std::string& incident) {
  auto query = database_.prepare("SELECT closed, type, at, decided_by, reason FROM closings WHERE incident = ? ORDER BY number");
  query.text(incident);
  return rows<incident::Closing>(query, [](const Statement& row) {
    return incident::Closing{row.integer_at(0) != 0, row.text_at(1), UtcMicros{row.integer_at(2)}, row.text_at(3), row.text_at(4)};
  });
}

Result<void> SqlSession::add_closing(const std::string& incident, const incident::Closing& closing) {
  auto add = database_.prepare("INSERT INTO closings(incident, closed, type, at, decided_by, reason) VALUES(?,?,?,?,?,?)");
  add.text(incident).integer(closing.closed ? 1 : 0).text(closing.type).integer(closing.at.value).text(closing.by).text(closing.reason);
  return add.run();
}

Result<std::vector<incident::Hold>> SqlSession::holds_of(const std::string& incident) {
  auto query = database_.prepare(
      "SELECT id, reason, at, set_by, lifted, lifted_by, lift_reason FROM legal_holds WHERE incident = ? ORDER BY number");
  query.text(incident);
  return rows<incident::Hold>(query, [](const Statement& row) {
    return incident::Hold{row.text_at(0), row.text_at(1), UtcMicros{row.integer_at(2)}, row.text_at(3), time_at(row, 4),
                          row.text_at(5), row.text_at(6)};
  });
}

Result<void> SqlSession::add_hold(const std::string& incident, const incident::Hold& hold) {
  auto add = database_.prepare(
      "INSERT INTO legal_holds(id, incident, reason, at, set_by, lifted, lifted_by, lift_reason) VALUES(?,?,?,?,?,?,?,?)");
  add.text(hold.id).text(incident).text(hold.reason).integer(hold.set.value).text(hold.by);
  add.optional_integer(micros(hold.lifted)).text(hold.lifted_by).text(hold.lift_reason);
  return add.run();
}

Result<void> SqlSession::lift_hold(const std::string& incident, const incident::Hold& hold) {
  auto set = database_.prepare(
      "UPDATE legal_holds SET lifted = ?, lifted_by = ?, lift_reason = ? WHERE incident = ? AND id = ? AND lifted IS NULL");
  set.optional_integer(micros(hold.lifted)).text(hold.lifted_by).text(hold.lift_reason).text(incident).text(hold.id);
  return changed_one(set, "hold.absent", hold.id);
}

Result<std::optional<incident::Destruction>> SqlSession::destruction(const std::string& incident) {
  auto query = database_.prepare("SELECT at, destroyed_by, reason, lines, exhibits FROM destructions WHERE incident = ?");
  query.text(incident);
  const auto row = query.step();
  if (!row) return tl::make_unexpected(row.error());
  if (!*row) return std::nullopt;
  return incident::Destruction{UtcMicros{query.integer_at(0)}, query.text_at(1), query.text_at(2), query.integer_at(3),
                               query.integer_at(4)};
}

Result<std::vector<std::string>> SqlSession::uncleaned() {
  auto query = database_.prepare("SELECT incident FROM destructions WHERE cleaned = 0 ORDER BY at, incident");
  return rows<std::string>(query, text_of);
}

Result<std::vector<std::string>> SqlSession::lost_bytes(const std::string& incident) {
  auto query = database_.prepare(
      "SELECT DISTINCT sha256 FROM exhibits x WHERE incident = ? AND state = 'destroyed' AND NOT EXISTS"
      "(SELECT 1 FROM exhibits y WHERE y.sha256 = x.sha256 AND y.state <> 'destroyed') ORDER BY sha256");
  query.text(incident);
  return rows<std::string>(query, text_of);
}

Result<void> SqlSession::destroy(const std::string& incident, const incident::Destruction& destruction, bool with_register) {
  if (const auto before = this->destruction(incident); !before || *before)
    return before ? fail(ErrorCode::conflict, tr("destruction.done"), incident) : tl::make_unexpected(before.error());
  auto add =
      database_.prepare("INSERT INTO destructions(incident, at, destroyed_by, reason, lines, exhibits, cleaned) VALUES(?,?,?,?,?,?,0)");
  add.text(incident).integer(destruction.at.value).text(destruction.by).text(destruction.reason);
  add.integer(destruction.lines).integer(destruction.exhibits);
  if (auto done = add.run(); !done) return done;
  const auto each = [&](const char* text) -> Result<void> {
    auto statement = database_.prepare(text);
    statement.text(incident);
    return statement.run();
  };
  // Proofs before the tasks that they belong to.
  for (const auto* text :
       {"DELETE FROM journal_bodies WHERE incident = ?", "DELETE FROM proofs WHERE incident = ?",
        "DELETE FROM operation_work WHERE incident = ?", "DELETE FROM operations WHERE incident = ?",
        "DELETE FROM tasks WHERE incident = ?", "DELETE FROM accounts WHERE incident = ?", "DELETE FROM workstations WHERE incident = ?",
        "DELETE FROM pins WHERE incident = ?", "DELETE FROM qualifications WHERE incident = ?",
        "DELETE FROM capabilities WHERE incident = ?", "DELETE FROM stage_spans WHERE incident = ?",
        "DELETE FROM incident_platforms WHERE incident = ?", "DELETE FROM jobs WHERE incident = ?",
        "DELETE FROM stories WHERE incident = ?", "UPDATE exhibits SET state = 'destroyed', verified = NULL WHERE incident = ?",
        "UPDATE packages SET kept = 0 WHERE incident = ?", "UPDATE incidents SET title = reference, description = '' WHERE id = ?"})
    if (auto done = each(text); !done) return done;
  if (with_register)
    for (const auto* text :
         {"DELETE FROM instants WHERE incident = ?", "DELETE FROM filings WHERE incident = ?", "DELETE FROM breaches WHERE incident = ?"})
      if (auto done = each(text); !done) return done;
  return {};
}

Result<void> SqlSession::set_cleaned(const std::string& incident) {
  auto set = database_.prepare("UPDATE destructions SET cleaned = 1 WHERE incident = ?");
  set.text(incident);
  return set.run();
}

}  // namespace digue::store
