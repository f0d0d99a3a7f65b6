#include "base/messages.hpp"
#include "store/cases/sql_rows.hpp"
#include "store/cases/sql_session.hpp"

namespace digue::store {

using sql::Statement;

Result<std::vector<people::Account>> SqlSession::people() {
  auto list = database_.prepare(
      "SELECT id, login, name, administrator, state, created, created_by, password, factor, last_step, last_sign_in,"
      " (SELECT count(*) FROM recovery_codes r WHERE r.person = p.id AND r.used IS NULL) FROM people p ORDER BY login");
  return rows<people::Account>(list, [](const Statement& row) {
    people::Account out;
    out.id = row.text_at(0);
    out.login = row.text_at(1);
    out.name = row.text_at(2);
    out.administrator = row.integer_at(3) != 0;
    out.state = static_cast<people::AccountState>(row.integer_at(4));
    out.created = {row.integer_at(5)};
    out.created_by = row.text_at(6);
    out.password = row.text_at(7);
    out.factor = row.text_at(8);
    out.last_step = row.integer_at(9);
    out.last_sign_in = {row.integer_at(10)};
    out.recovery_left = row.integer_at(11);
    return out;
  });
}

Result<std::vector<people::Membership>> SqlSession::memberships() {
  auto list = database_.prepare("SELECT incident, person, roles FROM memberships ORDER BY incident, person");
  return rows<people::Membership>(list, [](const Statement& row) {
    return people::Membership{row.text_at(0), row.text_at(1), static_cast<std::uint8_t>(row.integer_at(2))};
  });
}

Result<people::Invitation> SqlSession::invitation(const std::string& token_hash) {
  auto query =
      database_.prepare("SELECT token_hash, person, expires, factor, new_password, new_factor FROM invitations WHERE token_hash = ?");
  query.text(token_hash);
  const auto row = query.step();
  if (!row) return tl::make_unexpected(row.error());
  if (!*row) return fail(ErrorCode::not_found, tr("people.bad_link"));
  return people::Invitation{query.text_at(0), query.text_at(1),         {query.integer_at(2)},
                            query.text_at(3), query.integer_at(4) != 0, query.integer_at(5) != 0};
}

Result<people::Failures> SqlSession::failures(const std::string& key) {
  auto query = database_.prepare("SELECT failures, last FROM failed_attempts WHERE key = ?");
  query.text(key);
  const auto row = query.step();
  if (!row) return tl::make_unexpected(row.error());
  return *row ? people::Failures{query.integer_at(0), {query.integer_at(1)}} : people::Failures{};
}

Result<bool> SqlSession::knows_source(const std::string& person, const std::string& source) {
  auto query = database_.prepare("SELECT 1 FROM known_sources WHERE person = ? AND source = ?");
  query.text(person).text(source);
  return query.step();
}

Result<std::vector<people::SecurityEvent>> SqlSession::security_events(std::int64_t after, std::int64_t limit) {
  auto list = database_.prepare(
      "SELECT seq, at, kind, person, name, source, incident, detail FROM security_log WHERE seq > ? ORDER BY seq LIMIT ?");
  list.integer(after).integer(limit);
  return rows<people::SecurityEvent>(list, [](const Statement& row) {
    return people::SecurityEvent{row.integer_at(0), {row.integer_at(1)}, row.text_at(2), row.text_at(3),
                                 row.text_at(4),    row.text_at(5),      row.text_at(6), row.text_at(7)};
  });
}

Result<void> SqlSession::put_person(const people::Account& one) {
  auto other = database_.prepare("SELECT 1 FROM people WHERE login = ? AND id <> ?");
  other.text(one.login).text(one.id);
  const auto taken = other.step();
  if (!taken) return tl::make_unexpected(taken.error());
  if (*taken) return fail(ErrorCode::conflict, tr("people.login_taken"), "login");
  auto put = database_.prepare(
      "INSERT INTO people(id, login, name, administrator, state, created, created_by, password, factor, last_step, last_sign_in)"
      " VALUES(?,?,?,?,?,?,?,?,?,?,?) ON CONFLICT(id) DO UPDATE SET login = excluded.login, name = excluded.name,"
      " administrator = excluded.administrator, state = excluded.state, password = excluded.password, factor = excluded.factor,"
      " last_step = CASE WHEN people.last_step > excluded.last_step THEN people.last_step ELSE excluded.last_step END,"
      " last_sign_in = excluded.last_sign_in");
  put.text(one.id).text(one.login).text(one.name).integer(one.administrator ? 1 : 0).integer(static_cast<std::int64_t>(one.state));
  put.integer(one.created.value).text(one.created_by).text(one.password).text(one.factor).integer(one.last_step);
  put.integer(one.last_sign_in.value);
  return put.run();
}

Result<bool> SqlSession::use_step(const std::string& person, std::int64_t step) {
  auto use = database_.prepare("UPDATE people SET last_step = ? WHERE id = ? AND last_step < ?");
  use.integer(step).text(person).integer(step);
  if (auto done = use.run(); !done) return tl::make_unexpected(done.error());
  return database_.changes() == 1;
}

Result<void> SqlSession::set_recovery_codes(const std::string& person, const std::vector<std::string>& hashes) {
  auto clear = database_.prepare("DELETE FROM recovery_codes WHERE person = ?");
  clear.text(person);
  if (auto done = clear.run(); !done) return done;
  for (const auto& hash : hashes) {
    auto add = database_.prepare("INSERT INTO recovery_codes(person, hash) VALUES(?,?)");
    add.text(person).text(hash);
    if (auto done = add.run(); !done) return done;
  }
  return {};
}

Result<bool> SqlSession::use_recovery_code(const std::string& person, const std::string& hash, UtcMicros at) {
  auto use = database_.prepare("UPDATE recovery_codes SET used = ? WHERE person = ? AND hash = ? AND used IS NULL");
  use.integer(at.value).text(person).text(hash);
  if (auto done = use.run(); !done) return tl::make_unexpected(done.error());
  return database_.changes() == 1;
}

Result<void> SqlSession::put_invitation(const people::Invitation& one) {
  if (auto done = remove_invitations(one.person); !done) return done;
  auto put =
      database_.prepare("INSERT INTO invitations(token_hash, person, expires, factor, new_password, new_factor) VALUES(?,?,?,?,?,?)");
  put.text(one.token_hash).text(one.person).integer(one.expires.value).text(one.factor);
  put.integer(one.new_password ? 1 : 0).integer(one.new_factor ? 1 : 0);
  return put.run();
}

Result<void> SqlSession::remove_invitations(const std::string& person) {
  auto clear = database_.prepare("DELETE FROM invitations WHERE person = ?");
  clear.text(person);
  return clear.run();
}

Result<void> SqlSession::put_membership(const people::Membership& one) {
  auto put = one.roles == 0 ? database_.prepare("DELETE FROM memberships WHERE incident = ? AND person = ?")
                            : database_.prepare(
                                  "INSERT INTO memberships(incident, person, roles) VALUES(?,?,?)"
                                  " ON CONFLICT(incident, person) DO UPDATE SET roles = excluded.roles");
  put.text(one.incident).text(one.person);
  if (one.roles != 0) put.integer(one.roles);
  return put.run();
}

Result<void> SqlSession::put_failures(const std::string& key, const people::Failures& failures) {
  auto put = failures.count == 0 ? database_.prepare("DELETE FROM failed_attempts WHERE key = ?")
                                 : database_.prepare(
                                       "INSERT INTO failed_attempts(key, failures, last) VALUES(?,?,?)"
                                       " ON CONFLICT(key) DO UPDATE SET failures = excluded.failures, last = excluded.last");
  put.text(key);
  if (failures.count > 0) put.integer(failures.count).integer(failures.last.value);
  return put.run();
}

Result<void> SqlSession::forget_failures_before(UtcMicros time) {
  auto clear = database_.prepare("DELETE FROM failed_attempts WHERE last < ?");
  clear.integer(time.value);
  return clear.run();
}

Result<void> SqlSession::add_known_source(const std::string& person, const std::string& source, UtcMicros at) {
  auto add = database_.prepare(
      "INSERT INTO known_sources(person, source, last) VALUES(?,?,?) ON CONFLICT(person, source) DO UPDATE SET last = excluded.last");
  add.text(person).text(source).integer(at.value);
  return add.run();
}

Result<std::int64_t> SqlSession::add_security_event(const people::SecurityEvent& event) {
  auto next = database_.prepare("SELECT coalesce(max(seq), 0) + 1 FROM security_log");
  if (const auto row = next.step(); !row) return tl::make_unexpected(row.error());
  const auto seq = next.integer_at(0);
  auto add = database_.prepare("INSERT INTO security_log(seq, at, kind, person, name, source, incident, detail) VALUES(?,?,?,?,?,?,?,?)");
  add.integer(seq).integer(event.at.value).text(event.kind).text(event.person).text(event.name).text(event.source).text(event.incident);
  add.text(event.detail);
  if (auto done = add.run(); !done) return tl::make_unexpected(done.error());
  return seq;
}

}  // namespace digue::store
