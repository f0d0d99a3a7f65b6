#include "journal/audit.hpp"

#include <algorithm>

#include "base/messages.hpp"

namespace digue::journal {

Auditor::Auditor(std::string incident, std::vector<VerifierKey> keys, std::string code)
    : believed_(std::move(keys)), code_(std::move(code)) {
  audit_.incident = std::move(incident);
}

void Auditor::problem(std::int64_t first, std::int64_t last, std::string_view id) {
  ++audit_.problem_count;
  if (id.starts_with("line.")) last_named_ = first;
  if (audit_.problems.size() == max_problems) return;
  auto message = tr("audit." + std::string(id), {{"first", std::to_string(first)}, {"last", std::to_string(last)}});
  audit_.problems.push_back({first, last, std::string(id), std::move(message)});
}

Checkpoint Auditor::head() const {
  return {origin_of(audit_.incident), tree_.size(), tree_.root()};
}

void Auditor::line(const StoredLine& line) {
  const std::int64_t number = ++audit_.lines;
  // The stored leaf goes into the tree: a line that does not fit it is named, and the lines behind it can still be proven.
  tree_.add(line.leaf);
  const auto header = parse_header(line.header);
  const auto leaf = leaf_hash(line.header, line.body_hash);
  if (!header || !leaf) {
    problem(number, number, "line.damaged");
  } else {
    if (header->seq != number || header->incident != audit_.incident) problem(number, number, "line.number");
    if (*leaf != line.leaf) problem(number, number, "line.header");
    if (header->rectifies && (*header->rectifies >= number || !rectified_.insert(*header->rectifies).second))
      problem(number, number, "line.rectifies");
    if (recorded_ && header->recorded < *recorded_) ++audit_.clock_steps;
    recorded_ = header->recorded;
  }
  if (!line.body && !line.salt)
    ++audit_.destroyed;
  else if (!line.body || !line.salt || line.salt->size() != salt_size)
    problem(number, number, "line.salt");
  else if (body_hash(*line.salt, *line.body) != line.body_hash || !parse_body(*line.body))
    problem(number, number, "line.body");
  if (!code_.empty() && same_code(code_, short_code(head()))) audit_.code_size = number;
}

void Auditor::unreadable_line() {
  ++audit_.lines;
  tree_.add({});
  problem(audit_.lines, audit_.lines, "line.damaged");
}

void Auditor::checkpoint(std::string_view text) {
  const auto covered = audit_.signed_to;
  const auto note = parse_note(text);
  const auto found = note ? parse_checkpoint(note->text) : Result<Checkpoint>(tl::make_unexpected(note.error()));
  if (!found || found->origin != origin_of(audit_.incident)) return problem(covered + 1, audit_.lines, "checkpoint.damaged");
  const auto size = static_cast<std::int64_t>(std::min<std::uint64_t>(found->size, INT64_MAX));
  auto keys = believed_;
  for (const auto& [key, last] : believed_until_)
    if (size <= last) keys.push_back(key);
  const auto signer = verify_note(*note, keys);
  if (!signer) return problem(covered + 1, size, "checkpoint.signature");
  if (size > audit_.lines) return problem(audit_.lines + 1, size, "checkpoint.missing_lines");
  if (size < audit_.lines) return problem(size, size, "checkpoint.order");
  if (found->root != tree_.root()) {
    // A line that was named already is the cause.
    if (!broken_ && last_named_ <= covered) problem(covered + 1, size, "checkpoint.root");
    broken_ = true;
    return;
  }
  ++audit_.checkpoints;
  audit_.signed_to = size;
  if (std::find(audit_.keys.begin(), audit_.keys.end(), *signer) == audit_.keys.end()) audit_.keys.push_back(*signer);
}

Audit Auditor::finish() const {
  Audit out = audit_;
  out.head = head();
  std::stable_sort(out.problems.begin(), out.problems.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
  return out;
}

json::Value to_json(const Audit& audit) {
  json::Array keys;
  for (const auto& key : audit.keys) keys.push_back(json::Value(key.text()));
  json::Array problems;
  for (const auto& one : audit.problems)
    problems.push_back(json::Object{{"first", one.first}, {"last", one.last}, {"id", one.id}, {"message", one.message}});
  return json::Object{{"incident", audit.incident},
                      {"good", audit.good()},
                      {"lines", audit.lines},
                      {"destroyed", audit.destroyed},
                      {"checkpoints", audit.checkpoints},
                      {"signed_to", audit.signed_to},
                      {"clock_steps", audit.clock_steps},
                      {"code", short_code(audit.head)},
                      {"root", to_hex(audit.head.root)},
                      {"keys", std::move(keys)},
                      {"code_size", audit.code_size ? json::Value(*audit.code_size) : json::Value(nullptr)},
                      {"problem_count", audit.problem_count},
                      {"problems", std::move(problems)}};
}

}  // namespace digue::journal
