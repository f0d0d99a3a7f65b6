#include <algorithm>

#include "base/messages.hpp"
#include "store/cases/sql_rows.hpp"
#include "store/cases/sql_session.hpp"

namespace digue::store {

namespace {

using containment::Operation;
using sql::Statement;

constexpr json::Bounds bounds{.bytes = std::size_t{64} << 20, .depth = 24};

Platform platform_at(const Statement& row) {
  return {row.text_at(0), row.text_at(1), row.text_at(2), row.text_at(3), UtcMicros{row.integer_at(4)}, row.text_at(5)};
}

/// The first column is the record, the second the incident: one that was moved keeps its rows as they were.
Result<Operation> operation_at(const Statement& row) {
  const auto value = json::parse(row.text_at(0), bounds);
  if (!value) return tl::make_unexpected(value.error());
  auto out = containment::operation_of(*value);
  if (out) out->incident = row.text_at(1);
  return out;
}

Result<std::vector<Operation>> all_of(Statement& query, bool skip_damaged = false) {
  std::vector<Operation> out;
  for (;;) {
    const auto row = query.step();
    if (!row) return tl::make_unexpected(row.error());
    if (!*row) return out;
    auto operation = operation_at(query);
    if (operation)
      out.push_back(std::move(*operation));
    else if (!skip_damaged)
      return tl::make_unexpected(operation.error());
  }
}

/// What is stored can be read again, or is not stored: one bad row would stop all work on its platform.
Result<std::string> record_of(const Operation& operation) {
  const auto value = to_json(operation);
  if (auto good = containment::operation_of(value); !good) return tl::make_unexpected(good.error());
  return json::canonical(value);
}

std::optional<std::int64_t> next_due(const Operation& operation) {
  const auto at = std::min_element(operation.dues.begin(), operation.dues.end(), [](const auto& a, const auto& b) { return a.at < b.at; });
  return at == operation.dues.end() ? std::nullopt : std::optional(at->at.value);
}

}  // namespace

Result<std::vector<Platform>> SqlSession::platforms() {
  auto query = database_.prepare("SELECT name, kind, record, secrets, changed, changed_by FROM platforms WHERE removed = 0 ORDER BY name");
  return rows<Platform>(query, platform_at);
}

Result<Platform> SqlSession::platform_named(const std::string& name) {
  auto query = database_.prepare("SELECT name, kind, record, secrets, changed, changed_by FROM platforms WHERE removed = 0 AND name = ?");
  query.text(name);
  return one<Platform>(query, platform_at, "platform.absent", name);
}

Result<void> SqlSession::put_platform(const Platform& platform) {
  if (auto done = remove_platform(platform.name, platform.changed, platform.by); !done && done.error().code != ErrorCode::not_found)
    return done;
  auto add = database_.prepare(
      "INSERT INTO platforms(name, kind, record, secrets, changed, changed_by, removed, removed_by) VALUES(?,?,?,?,?,?,0,'')");
  add.text(platform.name).text(platform.kind).text(platform.record).text(platform.secrets).integer(platform.changed.value);
  add.text(platform.by);
  return add.run();
}

Result<void> SqlSession::remove_platform(const std::string& name, UtcMicros at, const std::string& by) {
  auto set = database_.prepare("UPDATE platforms SET secrets = '', removed = ?, removed_by = ? WHERE removed = 0 AND name = ?");
  set.integer(at.value).text(by).text(name);
  return changed_one(set, "platform.absent", name);
}

Result<std::vector<Operation>> SqlSession::operations(const std::string& incident) {
  auto query = database_.prepare("SELECT record, incident FROM operations WHERE incident = ? ORDER BY number");
  query.text(incident);
  return all_of(query);
}

Result<Operation> SqlSession::operation(const std::string& incident, const std::string& id) {
  auto query = database_.prepare("SELECT record, incident FROM operations WHERE incident = ? AND id = ?");
  query.text(incident).text(id);
  auto found = all_of(query);
  if (!found) return tl::make_unexpected(found.error());
  if (found->empty()) return fail(ErrorCode::not_found, tr("operation.absent"), id);
  return std::move(found->front());
}

Result<std::vector<Operation>> SqlSession::operations_on(const std::string& platform) {
  auto query = database_.prepare("SELECT record, incident FROM operations WHERE platform = ? ORDER BY number");
  query.text(platform);
  return all_of(query);
}

Result<std::vector<Operation>> SqlSession::operations_to_do(UtcMicros at) {
  auto query = database_.prepare(
      "SELECT o.record, o.incident FROM operations o JOIN operation_work w ON w.operation = o.id"
      " WHERE o.state IN ('approved', 'sealed', 'applying') OR w.due <= ? ORDER BY o.number");
  query.integer(at.value);
  return all_of(query, true);  // its incident says so when it is listed; the work of the others goes on
}

Result<std::string> SqlSession::operation_secrets(const std::string& incident, const std::string& id) {
  auto query = database_.prepare("SELECT secrets FROM operation_work WHERE incident = ? AND operation = ?");
  query.text(incident).text(id);
  return one<std::string>(query, [](const Statement& row) { return row.text_at(0); }, "operation.absent", id);
}

Result<void> SqlSession::add_operation(const Operation& operation, const std::string& secrets) {
  const auto record = record_of(operation);
  if (!record) return tl::make_unexpected(record.error());
  auto add = database_.prepare("INSERT INTO operations(id, incident, platform, state, record) VALUES(?,?,?,?,?)");
  add.text(operation.id).text(operation.incident).text(operation.platform).text(containment::name(operation.state));
  add.text(*record);
  if (auto done = add.run(); !done) return done;
  auto work = database_.prepare("INSERT INTO operation_work(operation, incident, due, secrets) VALUES(?,?,?,?)");
  work.text(operation.id).text(operation.incident).optional_integer(next_due(operation)).text(secrets);
  return work.run();
}

Result<void> SqlSession::set_operation(const Operation& operation) {
  const auto record = record_of(operation);
  if (!record) return tl::make_unexpected(record.error());
  auto set = database_.prepare("UPDATE operations SET state = ?, record = ? WHERE incident = ? AND id = ?");
  set.text(containment::name(operation.state)).text(*record).text(operation.incident).text(operation.id);
  if (auto done = changed_one(set, "operation.absent", operation.id); !done) return done;
  auto work = database_.prepare("UPDATE operation_work SET due = ? WHERE operation = ?");
  work.optional_integer(next_due(operation)).text(operation.id);
  return work.run();
}

Result<void> SqlSession::set_operation_secrets(const std::string& incident, const std::string& id, const std::string& secrets) {
  auto set = database_.prepare("UPDATE operation_work SET secrets = ? WHERE incident = ? AND operation = ?");
  set.text(secrets).text(incident).text(id);
  return changed_one(set, "operation.absent", id);
}

}  // namespace digue::store
