#include "store/cases/sql_signer.hpp"

#include "base/crypto/digest.hpp"
#include "base/encoding.hpp"
#include "journal/checkpoint.hpp"
#include "store/cases/sql_rows.hpp"

namespace digue::store {

namespace {

/// Adds the leaves behind those that the tree has, `until` at most.
Result<void> grow(sql::Database& database, const std::string& incident, journal::Frontier& tree, std::int64_t until = INT64_MAX) {
  auto query = database.prepare_long("SELECT leaf FROM journal_entries WHERE incident = ? AND seq > ? AND seq <= ? ORDER BY seq");
  query.text(incident).integer(static_cast<std::int64_t>(tree.size())).integer(until);
  for (;;) {
    const auto row = query.step();
    if (!row) return tl::make_unexpected(row.error());
    if (!*row) return {};
    tree.add(sha256_of_bytes(query.text_at(0)).value_or(Sha256{}));
  }
}

}  // namespace

Result<SqlSigner::Log> SqlSigner::load(sql::Database& database, const std::string& incident) const {
  Log log;
  auto last = database.prepare("SELECT size, note FROM journal_checkpoints WHERE incident = ? ORDER BY size DESC LIMIT 1");
  last.text(incident);
  const auto row = last.step();
  if (!row) return tl::make_unexpected(row.error());
  if (!*row) return log;
  if (auto done = grow(database, incident, log.tree, last.integer_at(0)); !done) return tl::make_unexpected(done.error());
  const auto note = journal::parse_note(last.text_at(1));
  const auto checkpoint = note ? journal::parse_checkpoint(note->text) : Result<journal::Checkpoint>(tl::make_unexpected(note.error()));
  log.sound = checkpoint && *checkpoint == journal::Checkpoint{journal::origin_of(incident), log.tree.size(), log.tree.root()};
  return log;
}

Result<void> SqlSigner::start(sql::Database& database, UtcMicros time) {
  std::set<std::string> incidents;
  if (auto begun = database.begin(sql::Database::Access::write); !begun) return begun;
  auto keep = database.prepare("INSERT INTO journal_keys(key, first) VALUES(?,?) ON CONFLICT DO NOTHING");
  keep.text(base64(key_.public_key())).integer(time.value);
  auto done = keep.run();
  if (done) {
    auto unsigned_ones = database.prepare(
        "SELECT incident FROM journal_entries e GROUP BY incident HAVING max(seq) >"
        " (SELECT coalesce(max(size), 0) FROM journal_checkpoints c WHERE c.incident = e.incident)");
    const auto found = rows<std::string>(unsigned_ones, [](const sql::Statement& row) { return row.text_at(0); });
    if (found)
      done = sign(database, {found->begin(), found->end()}, time);
    else
      done = tl::make_unexpected(found.error());
  }
  if (done) done = database.commit();
  ended(done.has_value());
  if (!done && database.in_transaction()) static_cast<void>(database.run("ROLLBACK"));
  return done;
}

Result<void> SqlSigner::sign(sql::Database& database, const std::set<std::string>& incidents, UtcMicros time) {
  for (const auto& incident : incidents) {
    auto at = logs_.find(incident);
    auto log = at != logs_.end() ? Result<Log>(at->second) : load(database, incident);
    if (!log) return tl::make_unexpected(log.error());
    const auto before = log->tree.size();
    if (auto done = grow(database, incident, log->tree); !done) return done;
    if (log->sound && log->tree.size() > before) {
      const auto origin = journal::origin_of(incident);
      auto add = database.prepare("INSERT INTO journal_checkpoints(incident, size, note, at) VALUES(?,?,?,?)");
      add.text(incident).integer(static_cast<std::int64_t>(log->tree.size()));
      add.text(journal::sign_note(journal::to_text({origin, log->tree.size(), log->tree.root()}), origin, key_)).integer(time.value);
      if (auto done = add.run(); !done) return done;
    }
    pending_.insert_or_assign(incident, std::move(*log));
  }
  return {};
}

void SqlSigner::ended(bool committed) {
  if (committed)
    for (auto& [incident, log] : pending_) logs_.insert_or_assign(incident, std::move(log));
  pending_.clear();
}

}  // namespace digue::store
