#include "store/cases/sql_session.hpp"

namespace digue::store {

Result<std::vector<incident::Proof>> SqlSession::proofs(const std::string& incident, const std::string& task) {
  auto query = database_.prepare(
      "SELECT p.id, p.task, p.exhibit, x.sha256, x.bytes, p.platform, p.command, p.note, p.at, p.given_by FROM proofs p"
      " JOIN exhibits x ON x.id = p.exhibit WHERE p.incident = ? AND p.task = ? ORDER BY p.number");
  query.text(incident).text(task);
  std::vector<incident::Proof> out;
  for (;;) {
    const auto row = query.step();
    if (!row) return tl::make_unexpected(row.error());
    if (!*row) return out;
    out.push_back({query.text_at(0), query.text_at(1), query.text_at(2), query.text_at(3), query.integer_at(4), query.text_at(5),
                   query.text_at(6), query.text_at(7), UtcMicros{query.integer_at(8)}, query.text_at(9)});
  }
}

Result<std::optional<std::string>> SqlSession::platform(const std::string& incident) {
  auto query = database_.prepare("SELECT platform FROM incident_platforms WHERE incident = ?");
  query.text(incident);
  const auto row = query.step();
  if (!row) return tl::make_unexpected(row.error());
  return *row ? std::optional(query.text_at(0)) : std::nullopt;
}

Result<void> SqlSession::add_proof(const std::string& incident, const incident::Proof& proof) {
  auto add =
      database_.prepare("INSERT INTO proofs(id, incident, task, exhibit, platform, command, note, at, given_by) VALUES(?,?,?,?,?,?,?,?,?)");
  add.text(proof.id).text(incident).text(proof.task).text(proof.exhibit).text(proof.platform).text(proof.command).text(proof.note);
  add.integer(proof.at.value).text(proof.by);
  return add.run();
}

Result<void> SqlSession::set_platform(const std::string& incident, const std::string& platform) {
  auto set = database_.prepare(
      "INSERT INTO incident_platforms(incident, platform) VALUES(?,?) ON CONFLICT(incident) DO UPDATE SET platform = excluded.platform");
  set.text(incident).text(platform);
  return set.run();
}

}  // namespace digue::store
