#include "base/crypto/digest.hpp"
#include "base/crypto/random.hpp"
#include "base/encoding.hpp"
#include "base/messages.hpp"
#include "store/cases/sql_rows.hpp"
#include "store/cases/sql_session.hpp"

namespace digue::store {

namespace {

using sql::Statement;

constexpr std::string_view entry_query =
    "SELECT e.header, e.body_hash, e.leaf, b.salt, b.body,"
    " (SELECT r.seq FROM journal_entries r WHERE r.incident = e.incident AND r.rectifies = e.seq), e.seq"
    " FROM journal_entries e LEFT JOIN journal_bodies b ON b.incident = e.incident AND b.seq = e.seq WHERE e.incident = ? ";

journal::StoredLine line_of(const Statement& row) {
  // A hash of another length is damage: an empty one differs from every other.
  return {row.text_at(0), sha256_of_bytes(row.text_at(1)).value_or(Sha256{}), sha256_of_bytes(row.text_at(2)).value_or(Sha256{}),
          row.optional_text_at(3), row.optional_text_at(4)};
}

Entry entry_at(const Statement& row) {
  auto entry = entry_of(line_of(row));
  entry.rectified_by = row.optional_integer_at(5);
  entry.header.seq = row.integer_at(6);
  return entry;
}

std::string sql(std::string_view before, std::string_view after) {
  return std::string(before).append(after);
}

StoredCheckpoint checkpoint_of(const Statement& row) {
  return {row.integer_at(0), row.text_at(1), UtcMicros{row.integer_at(2)}};
}

/// What a search in the database itself may look into.
std::string words_of(const journal::Body& body) {
  std::string words = body.text + "\n" + body.author + "\n" + body.reporter.value_or("");
  for (const auto& machine : body.machines) words += "\n" + machine;
  for (const auto& account : body.accounts) words += "\n" + account;
  return words;
}

}  // namespace

Result<JournalPage> SqlSession::journal(const std::string& incident, std::int64_t after, std::int64_t limit,
                                        const journal::Filter& filter) {
  JournalPage page;
  {
    auto count = database_.prepare("SELECT count(*) FROM journal_entries WHERE incident = ?");
    count.text(incident);
    if (const auto row = count.step(); !row) return tl::make_unexpected(row.error());
    page.size = count.integer_at(0);
  }
  auto query = database_.prepare_long(sql(entry_query, "AND e.seq > ? ORDER BY e.seq"));
  query.text(incident).integer(after);
  for (;;) {
    const auto row = query.step();
    if (!row) return tl::make_unexpected(row.error());
    if (!*row) return page;
    auto entry = entry_at(query);
    const auto* body = entry.body ? &*entry.body : nullptr;
    if (!journal::matches(filter, entry.header, body, entry.rectified_by.has_value())) continue;
    if (static_cast<std::int64_t>(page.entries.size()) == limit) {
      page.more = true;
      return page;
    }
    page.entries.push_back(std::move(entry));
  }
}

Result<Entry> SqlSession::entry(const std::string& incident, std::int64_t seq) {
  auto query = database_.prepare(sql(entry_query, "AND e.seq = ?"));
  query.text(incident).integer(seq);
  const auto row = query.step();
  if (!row) return tl::make_unexpected(row.error());
  if (!*row) return fail(ErrorCode::not_found, tr("journal.absent"), std::to_string(seq));
  return entry_at(query);
}

Result<std::optional<UtcMicros>> SqlSession::last_entry(const std::string& incident) {
  auto query = database_.prepare("SELECT header FROM journal_entries WHERE incident = ? ORDER BY seq DESC LIMIT 1");
  query.text(incident);
  const auto row = query.step();
  if (!row) return tl::make_unexpected(row.error());
  if (!*row) return std::nullopt;
  const auto header = journal::parse_header(query.text_at(0));
  return header ? std::optional(header->recorded) : std::nullopt;
}

Result<void> SqlSession::journal_lines(const std::string& incident, std::int64_t after, std::int64_t limit, const LineVisitor& visit) {
  auto query = database_.prepare_long(sql(entry_query, "AND e.seq > ? ORDER BY e.seq LIMIT ?"));
  query.text(incident).integer(after).integer(limit);
  for (;;) {
    const auto row = query.step();
    if (!row) return tl::make_unexpected(row.error());
    if (!*row) return {};
    if (auto seen = visit(line_of(query)); !seen) return seen;
  }
}

Result<std::vector<Sha256>> SqlSession::leaves(const std::string& incident, std::int64_t size) {
  auto query = database_.prepare_long("SELECT leaf FROM journal_entries WHERE incident = ? AND seq <= ? ORDER BY seq");
  query.text(incident).integer(size);
  return rows<Sha256>(query, [](const Statement& row) { return sha256_of_bytes(row.text_at(0)).value_or(Sha256{}); });
}

Result<std::vector<StoredCheckpoint>> SqlSession::checkpoints(const std::string& incident) {
  auto query = database_.prepare("SELECT size, note, at FROM journal_checkpoints WHERE incident = ? ORDER BY size");
  query.text(incident);
  return rows<StoredCheckpoint>(query, checkpoint_of);
}

Result<std::optional<StoredCheckpoint>> SqlSession::last_checkpoint(const std::string& incident) {
  auto query = database_.prepare("SELECT size, note, at FROM journal_checkpoints WHERE incident = ? ORDER BY size DESC LIMIT 1");
  query.text(incident);
  const auto row = query.step();
  if (!row) return tl::make_unexpected(row.error());
  if (!*row) return std::nullopt;
  return checkpoint_of(query);
}

Result<std::vector<std::string>> SqlSession::journal_keys() {
  auto query = database_.prepare("SELECT key FROM journal_keys ORDER BY first, key");
  return rows<std::string>(query, [](const Statement& row) { return from_base64(row.text_at(0)).value_or(""); });
}

Result<std::vector<CheckpointCopy>> SqlSession::checkpoint_copies(const std::string& incident) {
  auto query =
      database_.prepare("SELECT size, how, detail, at, copied_by, proof FROM checkpoint_copies WHERE incident = ? ORDER BY number");
  query.text(incident);
  return rows<CheckpointCopy>(query, [](const Statement& row) {
    return CheckpointCopy{row.integer_at(0), row.text_at(1), row.text_at(2), UtcMicros{row.integer_at(3)}, row.text_at(4), row.text_at(5)};
  });
}

Result<Entry> SqlSession::append(const std::string& incident, const journal::Draft& draft, UtcMicros recorded) {
  if (auto good = journal::check(draft); !good) return tl::make_unexpected(good.error());
  if (draft.rectifies) {
    const auto old = entry(incident, *draft.rectifies);
    if (!old) return tl::make_unexpected(old.error());
    if (old->rectified_by)
      return fail(ErrorCode::conflict, tr("journal.already_rectified", {{"line", std::to_string(*old->rectified_by)}}), "rectifies",
                  tr("journal.already_rectified_help"));
  }
  auto last = database_.prepare("SELECT coalesce(max(seq), 0) FROM journal_entries WHERE incident = ?");
  last.text(incident);
  if (const auto row = last.step(); !row) return tl::make_unexpected(row.error());
  const auto header = journal::header_of(draft, incident, last.integer_at(0) + 1, recorded);
  const auto sealed = journal::seal(header, draft.body, random_bytes(journal::salt_size));
  auto add = database_.prepare("INSERT INTO journal_entries(incident, seq, header, body_hash, leaf, rectifies) VALUES(?,?,?,?,?,?)");
  add.text(incident).integer(header.seq).text(sealed.header).blob(bytes_of(sealed.body_hash)).blob(bytes_of(sealed.leaf));
  add.optional_integer(header.rectifies);
  if (auto done = add.run(); !done) return tl::make_unexpected(done.error());
  auto body = database_.prepare("INSERT INTO journal_bodies(incident, seq, salt, body, words) VALUES(?,?,?,?,?)");
  body.text(incident).integer(header.seq).blob(sealed.salt).text(sealed.body).text(words_of(draft.body));
  if (auto done = body.run(); !done) return tl::make_unexpected(done.error());
  if (grown_ != nullptr) grown_->insert(incident);
  return Entry{header, draft.body, std::nullopt, sealed.leaf};
}

Result<void> SqlSession::destroy_body(const std::string& incident, std::int64_t seq) {
  auto destroy = database_.prepare("DELETE FROM journal_bodies WHERE incident = ? AND seq = ?");
  destroy.text(incident).integer(seq);
  return changed_one(destroy, "journal.absent", std::to_string(seq));
}

Result<void> SqlSession::add_checkpoint_copy(const std::string& incident, const CheckpointCopy& copy) {
  auto add = database_.prepare("INSERT INTO checkpoint_copies(incident, size, how, detail, at, copied_by, proof) VALUES(?,?,?,?,?,?,?)");
  add.text(incident).integer(copy.size).text(copy.how).text(copy.detail).integer(copy.at.value).text(copy.by).blob(copy.proof);
  return add.run();
}

}  // namespace digue::store
