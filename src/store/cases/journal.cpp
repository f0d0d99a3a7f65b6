#include "store/cases/cases.hpp"

namespace digue::store {

Entry entry_of(const journal::StoredLine& line) {
  auto header = journal::parse_header(line.header);
  const auto leaf = journal::leaf_hash(line.header, line.body_hash);
  Entry entry{header.value_or(journal::Header{}), std::nullopt, std::nullopt, line.leaf};
  entry.damaged = !header || !leaf || *leaf != line.leaf;
  if (!line.body) return entry;
  auto body = journal::parse_body(*line.body);
  entry.damaged = entry.damaged || !body || journal::body_hash(line.salt.value_or(""), *line.body) != line.body_hash;
  if (!entry.damaged) entry.body = std::move(*body);
  return entry;
}

namespace {

Result<std::vector<journal::VerifierKey>> own_keys(CaseReader& reader, const std::string& incident) {
  auto keys = reader.journal_keys();
  if (!keys) return tl::make_unexpected(keys.error());
  std::vector<journal::VerifierKey> out;
  for (auto& key : *keys) out.emplace_back(journal::origin_of(incident), std::move(key));
  return out;
}

}  // namespace

Result<std::vector<journal::VerifierKey>> journal_keys_of(CaseReader& reader, const std::string& incident) {
  auto out = own_keys(reader, incident);
  const auto origins = reader.origin_keys(incident);
  if (!out || !origins) return out ? tl::make_unexpected(origins.error()) : out;
  for (const auto& one : *origins) out->emplace_back(journal::origin_of(incident), one.key);
  return out;
}

Result<journal::Audit> audit_journal(CaseReader& reader, const std::string& incident, const std::string& code) {
  auto keys = own_keys(reader, incident);
  if (!keys) return tl::make_unexpected(keys.error());
  const auto origins = reader.origin_keys(incident);
  if (!origins) return tl::make_unexpected(origins.error());
  const auto checkpoints = reader.checkpoints(incident);
  if (!checkpoints) return tl::make_unexpected(checkpoints.error());
  journal::Auditor auditor(incident, std::move(*keys), code);
  for (const auto& one : *origins) auditor.believe({journal::origin_of(incident), one.key}, one.last);
  auto next = checkpoints->begin();
  std::int64_t lines = 0;
  const auto read = reader.journal_lines(incident, 0, INT64_MAX, [&](const journal::StoredLine& line) -> Result<void> {
    auditor.line(line);
    ++lines;
    for (; next != checkpoints->end() && next->size <= lines; ++next) auditor.checkpoint(next->note);
    return {};
  });
  if (!read) return tl::make_unexpected(read.error());
  for (; next != checkpoints->end(); ++next) auditor.checkpoint(next->note);
  return auditor.finish();
}

}  // namespace digue::store
