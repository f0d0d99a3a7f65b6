#include "journal/audit.hpp"

#include <doctest/doctest.h>

#include "journal/test_journal.hpp"

using namespace digue;
using namespace digue::journal;

namespace {

/// Checkpoints behind every third line and the last one, made when the journal was whole.
Audit audit(const test::Journal& whole, const std::vector<StoredLine>& lines, const std::string& code = {}) {
  Auditor auditor(test::Journal::incident, {test::Journal::key()}, code);
  for (std::size_t i = 1; i <= lines.size(); ++i) {
    auditor.line(lines[i - 1]);
    if (i <= whole.lines.size() && (i % 3 == 0 || i == whole.lines.size())) auditor.checkpoint(whole.note(i));
  }
  for (auto i = lines.size() + 1; i <= whole.lines.size(); ++i)
    if (i % 3 == 0 || i == whole.lines.size()) auditor.checkpoint(whole.note(i));
  return auditor.finish();
}

/// Seals a line again, as somebody with the database in hand would.
StoredLine forged(const StoredLine& line, const std::string& words) {
  auto body = parse_body(*line.body).value();
  body.text = words;
  const auto sealed = seal(parse_header(line.header).value(), body, *line.salt);
  return {sealed.header, sealed.body_hash, sealed.leaf, sealed.salt, sealed.body};
}

}  // namespace

TEST_CASE("audit: a journal as it was written is good, tombstones included") {
  const test::Journal journal(10);
  auto lines = journal.lines;
  lines[6].salt.reset();
  lines[6].body.reset();
  const auto found = audit(journal, lines);
  CHECK(found.good());
  CHECK(found.lines == 10);
  CHECK(found.destroyed == 1);
  CHECK(found.checkpoints == 4);
  CHECK(found.signed_to == 10);
  CHECK(found.head == journal.checkpoint(10));
  CHECK(found.keys == std::vector{test::Journal::key()});
  CHECK(found.clock_steps == 0);
}

TEST_CASE("audit: one changed byte names its line and what it belongs to") {
  const test::Journal journal(10);
  struct Change {
    const char* id;
    void (*change)(StoredLine&);
  };
  const Change changes[] = {
      {"line.body", [](StoredLine& line) { line.body->at(line.body->find("bloq")) = 'B'; }},
      {"line.body", [](StoredLine& line) { line.salt->at(3) = 'x'; }},
      {"line.salt", [](StoredLine& line) { line.salt.reset(); }},
      {"line.salt", [](StoredLine& line) { line.body.reset(); }},
      {"line.header", [](StoredLine& line) { line.header.replace(line.header.find("Europe/Paris"), 12, "Europe/Parma"); }},
      {"line.header", [](StoredLine& line) { line.leaf.bytes[7] ^= 1; }},
      {"line.damaged", [](StoredLine& line) { line.header += ' '; }},
      {"line.damaged", [](StoredLine& line) { line.header.front() = '['; }},
  };
  for (const auto& [id, change] : changes) {
    CAPTURE(id);
    auto lines = journal.lines;
    change(lines[3]);
    const auto found = audit(journal, lines);
    REQUIRE_FALSE(found.good());
    CHECK(found.problems.front().first == 4);
    CHECK(found.problems.front().last == 4);
    CHECK(found.problems.front().id == id);
  }
}

TEST_CASE("audit: a line sealed again with other words contradicts the next checkpoint") {
  const test::Journal journal(10);
  auto lines = journal.lines;
  lines[4] = forged(lines[4], "Compte jamais bloqué");
  const auto found = audit(journal, lines);
  CHECK(found.problem_count == 1);
  CHECK(found.problems.front().id == "checkpoint.root");
  CHECK(found.problems.front().first == 4);
  CHECK(found.problems.front().last == 6);
  CHECK(found.signed_to == 3);
}

TEST_CASE("audit: lines taken away, exchanged, or put in") {
  const test::Journal journal(10);
  auto cut = journal.lines;
  cut.pop_back();
  auto found = audit(journal, cut);
  CHECK(found.problems.front().id == "checkpoint.missing_lines");
  CHECK(found.problems.front().first == 10);
  auto swapped = journal.lines;
  std::swap(swapped[1], swapped[2]);
  CHECK(audit(journal, swapped).problems.front().first == 2);
  auto gap = journal.lines;
  gap.erase(gap.begin() + 5);
  found = audit(journal, gap);
  CHECK(found.problems.front().id == "line.number");
  CHECK(found.problems.front().first == 6);
  auto foreign = journal.lines;
  foreign.push_back(foreign.back());
  found = audit(journal, foreign);
  CHECK(found.problems.front().first == 11);
}

TEST_CASE("audit: checkpoints that are no proof") {
  const test::Journal journal(4);
  const auto with = [&](const std::string& note) {
    Auditor auditor(test::Journal::incident, {test::Journal::key()});
    for (const auto& line : journal.lines) auditor.line(line);
    auditor.checkpoint(note);
    return auditor.finish();
  };
  CHECK(with(journal.note(4)).good());
  CHECK(with("").problems.front().id == "checkpoint.damaged");
  auto other_key = sign_note(to_text(journal.checkpoint(4)), origin_of(test::Journal::incident), SigningKey::generate());
  CHECK(with(other_key).problems.front().id == "checkpoint.signature");
  auto broken = journal.note(4);
  broken[broken.size() - 20] = broken[broken.size() - 20] == 'A' ? 'B' : 'A';
  CHECK(with(broken).problems.front().id == "checkpoint.signature");
  CHECK(with(journal.note(2)).problems.front().id == "checkpoint.order");
  const auto elsewhere =
      sign_note(to_text({origin_of("other"), 4, journal.checkpoint(4).root}), origin_of("other"), test::Journal::signer());
  CHECK(with(elsewhere).problems.front().id == "checkpoint.damaged");
}

TEST_CASE("audit: a code from paper finds the number of lines that it stands for, and no other journal's") {
  const test::Journal journal(10);
  const auto code = short_code(journal.checkpoint(7));
  CHECK(audit(journal, journal.lines, code).code_size == 7);
  auto lines = journal.lines;
  lines[2] = forged(lines[2], "autre");
  CHECK_FALSE(audit(journal, lines, code).code_size);
  auto later = journal.lines;
  later[8] = forged(later[8], "autre");
  CHECK(audit(journal, later, code).code_size == 7);
}

TEST_CASE("audit: a clock that went back is told, a correction of a later line is refused") {
  const test::Journal journal(3);
  auto lines = journal.lines;
  auto header = parse_header(lines[2].header).value();
  const auto body = parse_body(*lines[2].body).value();
  header.recorded.value -= micros_per_hour;
  header.rectifies = 9;
  const auto sealed = seal(header, body, *lines[2].salt);
  lines[2] = {sealed.header, sealed.body_hash, sealed.leaf, sealed.salt, sealed.body};
  Auditor auditor(test::Journal::incident, {});
  for (const auto& line : lines) auditor.line(line);
  const auto found = auditor.finish();
  CHECK(found.clock_steps == 1);
  CHECK(found.problems.front().id == "line.rectifies");
}

TEST_CASE("export: a stranger reads it, and every flipped byte of it is found") {
  const test::Journal journal(7);
  const auto text = journal.text();
  const auto read = [](const std::string& export_text) -> Result<Audit> {
    ExportReader reader({test::Journal::key()});
    std::string_view rest = export_text;
    while (!rest.empty()) {
      const auto end = rest.find('\n');
      if (auto taken = reader.take(rest.substr(0, end)); !taken) return tl::make_unexpected(taken.error());
      rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
    }
    return reader.finish();
  };
  const auto good = read(text).value();
  CHECK(good.good());
  CHECK(good.lines == 7);
  CHECK(good.checkpoints == 3);
  CHECK(good.head == journal.checkpoint(7));
  const auto head = text.find('\n');
  for (std::size_t at = head + 1; at < text.size(); ++at) {
    auto broken = text;
    broken[at] = static_cast<char>(broken[at] ^ 1);
    const auto found = read(broken);
    CAPTURE(at);
    CHECK_FALSE((found && found->good()));
  }
  // The names in its head are the incident's and the keys': with a key of one's own they prove nothing by themselves.
  for (std::size_t at = 0; at < head; ++at) {
    auto broken = text;
    broken[at] = static_cast<char>(broken[at] ^ 1);
    const auto found = read(broken);
    const bool other_key = at > text.find("\"keys\"") && found;
    CAPTURE(at);
    CHECK((other_key || !(found && found->good())));
  }
  CHECK_FALSE(read("{\"v\":\"digue.journal-export/2\",\"incident\":\"i\",\"keys\":[]}\n"));
  CHECK_FALSE(read(""));
}
