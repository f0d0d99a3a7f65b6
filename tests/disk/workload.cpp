#include "workload.hpp"

#include <algorithm>
#include <atomic>
#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>
#include <thread>

#include "base/crypto/random.hpp"
#include "base/files.hpp"
#include "store/cases/cases.hpp"
#include "store/sqlite/database.hpp"
#include "store/vault/vault.hpp"

namespace digue::disk {

namespace {

using namespace store;

const std::vector<std::string> incidents{"i0", "i1"};

std::string describe(const Error& error) {
  return error.message + " (" + error.where + ")";
}

Vault::Recorded recorded_in(CaseStore& cases) {
  return [&cases](const std::string& sha256) { return reading(cases, [&](CaseReader& reader) { return reader.holds(sha256); }); };
}

SigningKey key() {
  return SigningKey::from_seed(std::string(ed25519_key_size, 'k')).value();
}

journal::Draft line(std::string text) {
  journal::Draft draft;
  draft.event_time = now();
  draft.zone = "Europe/Paris";
  draft.body.author = "A. Roche";
  draft.body.text = std::move(text);
  return draft;
}

class Workshop {
 public:
  Workshop(Recording& recording, Random& random, const std::string& folder) : recording_(recording), random_(random), folder_(folder) {}

  Night run(std::size_t steps) {
    auto cases = open_sqlite_cases(folder_ + "/cases.sqlite", key());
    if (!cases) return refuse_to_open(cases.error());
    cases_ = std::move(*cases);
    std::vector<std::string> leftovers;
    auto vault = Vault::open(folder_ + "/vault", recorded_in(*cases_), leftovers);
    if (!vault) return refuse_to_open(vault.error());
    vault_ = std::move(*vault);
    for (const auto& id : incidents) add_incident(id);
    for (std::size_t step = 0; step < steps; ++step) {
      const auto choice = pick(random_, 10);
      if (choice < 4)
        one_line();
      else if (choice < 7)
        together();
      else if (choice < 9)
        exhibit();
      else
        note();
    }
    recording_.heal();
    const auto text = new_text();
    const auto entry = append(incidents[0], text, false);
    keep(text, entry);
    if (!entry && incident_known()) night_.problem = "work does not go on: " + describe(entry.error());
    vault_.reset();
    cases_.reset();
    return std::move(night_);
  }

 private:
  // A full or failing disk may refuse to be opened; that is said, and nothing was promised.
  Night refuse_to_open(const Error& error) {
    if (recording_.failed() == 0) night_.problem = "does not open: " + describe(error);
    return std::move(night_);
  }

  void add_incident(const std::string& id) {
    incident::Incident one;
    one.id = id;
    one.title = id;
    one.created = now();
    static_cast<void>(writing(*cases_, [&](CaseWriter& writer) -> Result<incident::Incident> {
      if (auto known = writer.incident(id)) return known;
      return writer.add_incident(one);
    }));
  }

  bool incident_known() {
    return reading(*cases_, [](CaseReader& reader) { return reader.incident(incidents[0]); }).has_value();
  }

  std::string new_text() {
    const std::size_t sizes[] = {40, 400, 4000, 30000};
    std::string text = "ligne " + std::to_string(++texts_) + " de " + random_hex(4) + ' ';
    text.append(sizes[pick(random_, 100) < 70 ? pick(random_, 2) : pick(random_, 4)], 'x');
    night_.offered.push_back(text);
    return text;
  }

  void promise(Promise one) {
    recording_.mark(++mark_);
    night_.promises[mark_] = std::move(one);
  }

  Result<Entry> append(const std::string& incident, const std::string& text, bool refuse) {
    return writing(*cases_, [&](CaseWriter& writer) -> Result<Entry> {
      auto entry = writer.append(incident, line(text), now());
      if (entry && refuse) return fail(ErrorCode::bad_input, "refused on purpose");
      return entry;
    });
  }

  void keep(const std::string& text, const Result<Entry>& entry) {
    if (entry)
      promise({entry->header.incident, entry->header.seq, text, to_hex(entry->leaf), {}, 0});
    else
      refuse(text, entry.error());
  }

  // After a sync that failed nobody knows what is on the disk: a line that was said to be lost may stand there after a power cut.
  void refuse(const std::string& text, const Error& error) {
    if (error.code != ErrorCode::io || !recording_.sync_has_failed()) night_.refused.push_back(text);
  }

  void one_line() {
    const auto text = new_text();
    const auto& incident = incidents[pick(random_, incidents.size())];
    const auto entry = append(incident, text, pick(random_, 8) == 0);
    keep(text, entry);
  }

  // Works that wait behind one that does not end yet: they share a commit.
  void together() {
    std::atomic<bool> inside{false};
    std::atomic<bool> go{false};
    std::thread gate([&] {
      static_cast<void>(cases_->write([&](CaseWriter&) -> Result<void> {
        inside = true;
        while (!go) std::this_thread::yield();
        return {};
      }));
    });
    while (!inside) std::this_thread::yield();
    const auto count = 2 + pick(random_, 5);
    struct Waiting {
      std::string incident, text;
      bool refuse;
      Result<Entry> entry = fail(ErrorCode::internal, "not run");
      std::thread thread = {};
    };
    std::vector<Waiting> all;
    for (std::uint64_t i = 0; i < count; ++i)
      all.push_back({incidents[pick(random_, incidents.size())], new_text(), pick(random_, 4) == 0});
    std::atomic<std::uint64_t> started{0};
    for (auto& one : all)
      one.thread = std::thread([&] {
        ++started;
        one.entry = append(one.incident, one.text, one.refuse);
      });
    while (started < count) std::this_thread::yield();
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
    go = true;
    gate.join();
    for (auto& one : all) {
      one.thread.join();
      keep(one.text, one.entry);
    }
  }

  void exhibit() {
    const auto text = new_text();
    const auto& incident = incidents[pick(random_, incidents.size())];
    const bool spoil = pick(random_, 5) == 0;
    auto incoming = vault_->receive();
    if (!incoming) return refuse(text, incoming.error());
    const std::string bytes = random_bytes(1 + pick(random_, 20'000));
    for (std::size_t at = 0; at < bytes.size(); at += 4096)
      if (auto written = incoming->write(std::string_view(bytes).substr(at, 4096)); !written) return refuse(text, written.error());
    const auto sealed = vault_->seal(std::move(*incoming));
    if (!sealed) return refuse(text, sealed.error());
    const auto entry = writing(*cases_, [&](CaseWriter& writer) -> Result<Entry> {
      incident::Exhibit one;
      one.id = random_hex(8);
      one.name = "pièce";
      one.bytes = sealed->bytes;
      one.sha256 = sealed->sha256;
      one.received = now();
      auto added = writer.take_in(incident, one, {}, line(text));
      if (added && spoil) return fail(ErrorCode::bad_input, "refused on purpose");
      return added;
    });
    if (!entry) {
      vault_->discard(*sealed, recorded_in(*cases_));
      return refuse(text, entry.error());
    }
    vault_->keep(*sealed);
    promise({incident, entry->header.seq, text, to_hex(entry->leaf), sealed->sha256, 0});
  }

  void note() {
    const auto version = ++notes_;
    if (write_file(folder_ + "/note", std::to_string(version) + std::string(2000, '.') + "end")) {
      Promise one;
      one.note = version;
      promise(std::move(one));
    }
  }

  Recording& recording_;
  Random& random_;
  const std::string folder_;
  std::unique_ptr<CaseStore> cases_;
  std::unique_ptr<Vault> vault_;
  Night night_;
  std::uint64_t mark_ = 0;
  std::size_t texts_ = 0;
  std::int64_t notes_ = 0;
};

/// The stored rows by themselves: SQLite's own check, and the hashes of docs/journal-format.md over each line.
std::string broken_rows(const std::string& file) {
  const auto database = sqlite::Database::open(file, sqlite::Database::Mode::read_only);
  if (!database) return "the database does not open";
  auto check = database->prepare("PRAGMA integrity_check");
  if (const auto row = check.step(); !row || !*row || check.text_at(0) != "ok")
    return "integrity_check: " + (row ? check.text_at(0) : describe(row.error()));
  auto references = database->prepare("PRAGMA foreign_key_check");
  if (const auto row = references.step(); !row || *row) return "foreign_key_check";
  auto lines = database->prepare(
      "SELECT e.header, e.body_hash, e.leaf, b.salt, b.body, e.incident, e.seq FROM journal_entries e"
      " LEFT JOIN journal_bodies b ON b.incident = e.incident AND b.seq = e.seq");
  const auto raw = [](const Sha256& digest) { return std::string(digest.bytes.begin(), digest.bytes.end()); };
  for (;;) {
    const auto row = lines.step();
    if (!row) return describe(row.error());
    if (!*row) return {};
    const auto where = "line " + lines.text_at(5) + "/" + std::to_string(lines.integer_at(6));
    if (lines.is_null(4)) return where + " has no words";
    const auto hash = journal::body_hash(lines.text_at(3), lines.text_at(4));
    if (raw(hash) != lines.text_at(1)) return where + ": body_hash";
    const auto leaf = journal::leaf_hash(lines.text_at(0), hash);
    if (!leaf || raw(*leaf) != lines.text_at(2)) return where + ": leaf";
  }
}

struct Kept {
  std::map<std::string, std::vector<Entry>> lines;
  std::map<std::string, journal::Audit> audits;
  std::vector<incident::Exhibit> exhibits;
  std::set<std::string> told;     ///< exhibits that a line tells of
  std::set<std::string> custody;  ///< exhibits that have a custody event
};

Result<Kept> kept_in(CaseStore& cases) {
  return reading(cases, [&](CaseReader& reader) -> Result<Kept> {
    Kept kept;
    for (const auto& id : incidents) {
      if (!reader.incident(id)) continue;
      for (std::int64_t after = 0;;) {
        auto page = reader.journal(id, after, 500, {});
        if (!page) return tl::make_unexpected(page.error());
        for (auto& entry : page->entries) {
          for (const auto& link : entry.body ? entry.body->links : std::vector<journal::Link>{})
            if (link.kind == "exhibit") kept.told.insert(link.id);
          kept.lines[id].push_back(std::move(entry));
        }
        if (!page->more) break;
        after = kept.lines[id].back().header.seq;
      }
      auto audit = audit_journal(reader, id);
      if (!audit) return tl::make_unexpected(audit.error());
      kept.audits.emplace(id, std::move(*audit));
      const auto exhibits = reader.exhibits(id);
      const auto custody = reader.custody(id);
      if (!exhibits || !custody) return fail(ErrorCode::io, "exhibits or custody");
      kept.exhibits.insert(kept.exhibits.end(), exhibits->begin(), exhibits->end());
      for (const auto& event : *custody) kept.custody.insert(event.exhibit);
    }
    return kept;
  });
}

std::string broken_lines(const Kept& kept, const Night& night, std::uint64_t marks) {
  std::set<std::string> offered(night.offered.begin(), night.offered.end());
  for (const auto& text : night.refused) offered.erase(text);
  for (const auto& [incident, lines] : kept.lines)
    for (std::size_t i = 0; i < lines.size(); ++i) {
      const auto where = incident + "/" + std::to_string(i + 1);
      if (lines[i].header.seq != static_cast<std::int64_t>(i + 1)) return "a gap before line " + where;
      if (!lines[i].body) return "line " + where + " has no words";
      if (!offered.contains(lines[i].body->text)) return "line " + where + " was refused, or nobody wrote it";
    }
  for (const auto& [incident, audit] : kept.audits) {
    if (!audit.good()) return "the journal " + incident + ": " + audit.problems.front().message;
    if (audit.signed_to != audit.lines) return "lines without a checkpoint in " + incident;
  }
  for (const auto& [mark, one] : night.promises) {
    if (mark > marks) break;
    if (one.note != 0) continue;
    const auto at = kept.lines.find(one.incident);
    const auto where = "the promised line " + one.incident + "/" + std::to_string(one.seq);
    if (at == kept.lines.end() || at->second.size() < static_cast<std::size_t>(one.seq)) return where + " is lost";
    const auto& entry = at->second[static_cast<std::size_t>(one.seq - 1)];
    if (to_hex(entry.leaf) != one.leaf || entry.body->text != one.text) return where + " is another";
  }
  return {};
}

std::string broken_vault(const std::string& folder, const Kept& kept, const Vault& vault, const Night& night, std::uint64_t marks) {
  std::set<std::string> recorded;
  for (const auto& one : kept.exhibits) {
    recorded.insert(one.sha256);
    const auto bytes = read_file(vault.path_of(one.sha256), 1 << 20);
    if (!bytes) return "exhibit " + one.id + ": " + describe(bytes.error());
    if (to_hex(sha256(*bytes)) != one.sha256) return "exhibit " + one.id + " does not hash to its name";
    if (!kept.told.contains(one.id) || !kept.custody.contains(one.id)) return "exhibit " + one.id + " without its line or custody event";
  }
  if (kept.told.size() != kept.exhibits.size() || kept.custody.size() != kept.exhibits.size())
    return "a line or a custody event without its exhibit";
  for (const auto& [mark, one] : night.promises)
    if (mark <= marks && !one.sha256.empty() && !recorded.contains(one.sha256)) return "the promised exhibit " + one.sha256 + " is lost";
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder + "/vault"))
    if (!entry.is_directory() && !recorded.contains(entry.path().filename().string()))
      return "nobody knows the file " + entry.path().string();
  return {};
}

std::string broken_note(const std::string& folder, const Night& night, std::uint64_t marks) {
  std::int64_t promised = 0;
  for (const auto& [mark, one] : night.promises)
    if (mark <= marks && one.note != 0) promised = one.note;
  const auto text = read_file(folder + "/note", 1 << 20);
  if (!text) return promised == 0 ? "" : "the note is lost";
  if (!text->ends_with(".end")) return "half a note";
  return std::stoll(*text) < promised ? "an old note" : "";
}

}  // namespace

Night work(Recording& recording, Random& random, const std::string& folder, std::size_t steps) {
  return Workshop(recording, random, folder).run(steps);
}

std::string broken(const std::string& folder, const Night& night, std::uint64_t marks) {
  // Without a key first: what the cut left unsigned stays so, and is found.
  auto cases = open_sqlite_cases(folder + "/cases.sqlite");
  if (!cases) return "the cases do not open: " + describe(cases.error());
  std::vector<std::string> leftovers;
  const auto vault = Vault::open(folder + "/vault", recorded_in(**cases), leftovers);
  if (!vault) return "the vault does not open: " + describe(vault.error());
  if (auto problem = broken_rows(folder + "/cases.sqlite"); !problem.empty()) return problem;
  const auto kept = kept_in(**cases);
  if (!kept) return describe(kept.error());
  if (auto problem = broken_lines(*kept, night, marks); !problem.empty()) return problem;
  if (auto problem = broken_vault(folder, *kept, **vault, night, marks); !problem.empty()) return problem;
  if (auto problem = broken_note(folder, night, marks); !problem.empty()) return problem;
  cases->reset();
  cases = open_sqlite_cases(folder + "/cases.sqlite", key());
  if (!cases) return "the cases do not open again: " + describe(cases.error());
  for (const auto& [incident, lines] : kept->lines) {
    const auto next =
        writing(**cases, [&, &id = incident](CaseWriter& writer) { return writer.append(id, line("après la coupure"), now()); });
    if (!next) return "no line can be added: " + describe(next.error());
    if (next->header.seq != static_cast<std::int64_t>(lines.size() + 1)) return "the next line has another number";
  }
  return {};
}

}  // namespace digue::disk
