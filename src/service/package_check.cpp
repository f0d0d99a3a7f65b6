#include "service/package_check.hpp"

#include <algorithm>
#include <filesystem>
#include <optional>

#include "base/files.hpp"
#include "base/messages.hpp"
#include "base/text.hpp"
#include "service/bag_reader.hpp"
#include "service/package_journal.hpp"
#include "service/package_layout.hpp"

namespace digue::service {

namespace {

namespace fs = std::filesystem;
constexpr std::size_t block = std::size_t{256} * 1024;
constexpr std::size_t max_line = std::size_t{4} << 20;
constexpr std::size_t max_records = 1'000'000;  ///< exhibits, and custody events

/// A custody event as the package tells it.
struct ToldEvent {
  incident::CustodyEvent event;
  std::int64_t line = 0;
};

struct ToldExhibit {
  std::string name, sha256, file;
  std::int64_t bytes = 0;
  std::int64_t line = 0;
  bool destroyed = false;
  std::vector<std::string> records;  ///< SHA-256 of each acquisition record
  std::vector<std::string> missing;  ///< of the last record
};

/// Cuts a stream into lines; one that is too long is given cut.
class Lines {
 public:
  explicit Lines(std::function<void(std::string_view line, std::int64_t number)> use) : use_(std::move(use)) {}
  void take(std::string_view part) {
    while (!part.empty()) {
      const auto end = std::min(part.find('\n'), part.size());
      if (rest_.size() < max_line) rest_ += part.substr(0, std::min(end, max_line - rest_.size()));
      if (end == part.size()) return;
      use_(rest_, ++number_);
      rest_.clear();
      part.remove_prefix(end + 1);
    }
  }
  /// What stands behind the last line end is a line, too.
  void end() {
    if (!rest_.empty()) use_(rest_, ++number_);
    rest_.clear();
  }

 private:
  std::function<void(std::string_view, std::int64_t)> use_;
  std::string rest_;
  std::int64_t number_ = 0;
};

class Checker {
 public:
  /// Reads one file of the bag to its end.
  Result<void> file(const std::string& path, ByteSource& content) {
    std::optional<Lines> lines;
    if (path == layout::custody) lines.emplace([this](std::string_view line, std::int64_t number) { custody_line(line, number); });
    if (path == layout::exhibits) lines.emplace([this](std::string_view line, std::int64_t number) { exhibit_line(line, number); });
    if (path == layout::journal) lines.emplace([this](std::string_view line, std::int64_t number) { journal_.take(line, number); });
    if (lines) seen_.insert(path);
    const auto sums = read_file_of_bag(bag_, path, content, [&](std::string_view part) -> Result<void> {
      if (lines) lines->take(part);
      return {};
    });
    if (!sums) return tl::make_unexpected(sums.error());
    if (lines) lines->end();
    if (path.starts_with(layout::exhibit_folder)) files_[path] = {to_hex(sums->sha256), sums->bytes};
    return {};
  }

  PackageVerdict finish() {
    auto bag = bag_.finish();
    for (const auto& problem : bag.problems) add(problem);
    for (const auto& warning : bag.warnings) verdict_.warnings.push_back(told(warning));
    verdict_.info = std::move(bag.info);
    verdict_.files = bag.files;
    verdict_.bytes = bag.bytes;
    for (const auto wanted : {layout::custody, layout::exhibits, layout::journal})
      if (!seen_.contains(std::string(wanted))) problem("package.missing", std::string(wanted), 0, tr("package.missing"));
    journal_.finish([this](std::string_view kind, std::int64_t line, std::string message) {
      problem("journal." + std::string(kind), std::string(layout::journal), line, std::move(message));
    });
    verdict_.journal = journal_.audit();
    verdict_.lines = journal_.lines();
    verdict_.code = journal_.code();
    check_exhibits();
    check_custody();
    check_info();
    return std::move(verdict_);
  }

 private:
  static PackageProblem told(const bagit::Problem& problem) {
    return {problem.kind, problem.file, problem.line, tr("bag." + problem.kind, {{"about", problem.about}})};
  }
  void add(const bagit::Problem& one) {
    auto all = told(one);
    problem(std::move(all.kind), std::move(all.file), all.line, std::move(all.message));
  }
  void problem(std::string kind, std::string file, std::int64_t line, std::string message) {
    ++verdict_.problem_count;
    if (verdict_.problems.size() < max_told_problems)
      verdict_.problems.push_back({std::move(kind), std::move(file), line, std::move(message)});
  }

  const std::string* told_of(std::string_view label) const {
    const auto at = std::find_if(verdict_.info.begin(), verdict_.info.end(), [&](const auto& one) { return one.first == label; });
    return at == verdict_.info.end() ? nullptr : &at->second;
  }

  /// What the bag says of itself is what is in it.
  void check_info() {
    const auto head = events_.empty() ? std::string() : events_.back().event.hash;
    for (const auto& [label, found] : {std::pair{"Journal-Lines", std::to_string(verdict_.lines)},
                                       std::pair{"Journal-Checkpoint", verdict_.code.empty() ? std::string("none") : verdict_.code},
                                       std::pair{"Custody-Events", std::to_string(events_.size())}, std::pair{"Custody-Head", head}})
      if (const auto* told = told_of(label); told == nullptr || *told != found)
        problem("info.differs", "bag-info.txt", 0, tr("package.info", {{"field", label}, {"found", found}}));
  }

  void custody_line(std::string_view line, std::int64_t number) {
    if (events_.size() >= max_records) return too_many(layout::custody, number);
    const auto event = layout::read_custody(line);
    if (!event) {
      problem("custody.unreadable", std::string(layout::custody), number, to_text(event.error()));
      return;
    }
    events_.push_back({*event, number});
  }

  void too_many(std::string_view file, std::int64_t number) {
    if (number == static_cast<std::int64_t>(max_records) + 1)
      problem("record.too_many", std::string(file), number, tr("package.too_many", {{"limit", std::to_string(max_records)}}));
  }

  void exhibit_line(std::string_view line, std::int64_t number) {
    if (exhibits_.size() >= max_records) return too_many(layout::exhibits, number);
    auto exhibit = layout::read_exhibit(line);
    if (!exhibit) {
      problem("record.unreadable", std::string(layout::exhibits), number, to_text(exhibit.error()));
      return;
    }
    ToldExhibit out{exhibit->name, exhibit->sha256, exhibit->file, exhibit->bytes, number, exhibit->destroyed, {}, {}};
    for (const auto& record : exhibit->records) out.records.push_back(to_hex(sha256(incident::acquisition_text(record))));
    if (!exhibit->records.empty()) out.missing = incident::missing_fields(exhibit->records.back());
    if (!exhibits_.emplace(exhibit->id, std::move(out)).second)
      problem("record.twice", std::string(layout::exhibits), number, tr("package.record_twice", {{"id", exhibit->id}}));
  }

  /// Every record has its file, every file its record, and both the same hash.
  void check_exhibits() {
    const std::string where(layout::exhibits);
    for (const auto& [id, exhibit] : exhibits_) {
      if (exhibit.destroyed && exhibit.file.empty()) {
        ++verdict_.destroyed;
      } else if (exhibit.file.empty()) {
        ++verdict_.left_out;
      } else {
        ++verdict_.exhibits;
        const auto found = files_.find(exhibit.file);
        if (found == files_.end())
          problem("exhibit.missing", exhibit.file, 0, tr("package.exhibit_missing", {{"name", exhibit.name}}));
        else if (found->second.first != exhibit.sha256 || found->second.second != exhibit.bytes)
          problem("exhibit.altered", exhibit.file, 0, tr("package.exhibit_altered", {{"name", exhibit.name}}));
      }
      for (const auto& field : exhibit.missing)
        verdict_.warnings.push_back(
            {"record.incomplete", where, exhibit.line, tr("package.incomplete", {{"name", exhibit.name}, {"field", field}})});
    }
    std::set<std::string> recorded;
    for (const auto& [id, exhibit] : exhibits_) recorded.insert(exhibit.file);
    for (const auto& [path, hash] : files_)
      if (!recorded.contains(path)) problem("exhibit.unrecorded", path, 0, tr("package.unrecorded"));
  }

  /// The chain of the events, what they say of the exhibits, and that the journal tells them.
  void check_custody() {
    const std::string where(layout::custody);
    verdict_.custody = static_cast<std::int64_t>(events_.size());
    std::string previous;
    std::int64_t number = 0;
    bool broken = false;
    std::set<std::string> received, before_records, destroyed, hashes;
    std::map<std::string, std::vector<std::string>> recorded;  // by exhibit, the digests of its records in order
    const auto* package = told_of("Internal-Sender-Identifier");
    for (const auto& [event, line] : events_) {
      // Behind the first bad event every hash differs for the same cause.
      if (!broken && (event.number != ++number || incident::custody_hash(journal_.incident(), event, previous) != event.hash)) {
        broken = true;
        problem("custody.altered", where, line, tr("package.custody_altered", {{"number", std::to_string(event.number)}}));
      }
      previous = event.hash;
      hashes.insert(event.hash);
      const auto exhibit = exhibits_.find(event.exhibit);
      if (exhibit == exhibits_.end()) {
        problem("custody.exhibit", where, line, tr("package.custody_exhibit", {{"id", event.exhibit}}));
        continue;
      }
      if (event.what == "received") {
        received.insert(event.exhibit);
        // Received before records of acquisition were kept.
        if (event.digest.empty()) before_records.insert(event.exhibit);
        if (!event.digest.empty() && event.digest != exhibit->second.sha256)
          problem("custody.digest", where, line, tr("package.custody_digest", {{"name", exhibit->second.name}}));
      }
      if (event.what == "destroyed") {
        destroyed.insert(event.exhibit);
        verdict_.warnings.push_back(
            {"exhibit.destroyed", where, line,
             tr("package.destroyed",
                {{"name", exhibit->second.name}, {"at", to_iso8601(event.at)}, {"by", event.who}, {"reason", event.purpose}})});
      }
      if (event.what == "exported" && package != nullptr && event.detail == "package " + *package && exhibit->second.file.empty())
        problem("exhibit.missing", std::string(layout::exhibits), exhibit->second.line,
                tr("package.exhibit_missing", {{"name", exhibit->second.name}}));
      if (event.what == "recorded") recorded[event.exhibit].push_back(event.digest);
    }
    for (const auto& [id, exhibit] : exhibits_)
      if (exhibit.destroyed != destroyed.contains(id))
        problem("custody.destroyed", std::string(layout::exhibits), exhibit.line, tr("package.destroyed_untold", {{"name", exhibit.name}}));
    for (const auto& [id, exhibit] : exhibits_) {
      const std::string records(layout::exhibits);
      if (before_records.contains(id) && exhibit.records.empty()) {
        verdict_.warnings.push_back({"record.none", records, exhibit.line, tr("package.no_record", {{"name", exhibit.name}})});
        continue;
      }
      if (!received.contains(id) || !recorded.contains(id))
        problem("custody.incomplete", records, exhibit.line, tr("package.no_custody", {{"name", exhibit.name}}));
      else if (recorded[id] != exhibit.records)
        problem("record.altered", records, exhibit.line, tr("package.record_altered", {{"name", exhibit.name}}));
    }
    // Each head that the journal holds is an event here; it covers all events before.
    for (const auto& [line, hash] : journal_.custody_heads())
      if (!hashes.contains(hash)) problem("custody.journal", std::string(layout::journal), line, tr("package.custody_gone"));
    const auto head = journal_.custody_heads().empty() ? std::string() : journal_.custody_heads().back().second;
    const auto told = std::find_if(events_.rbegin(), events_.rend(), [&](const auto& one) { return one.event.hash == head; });
    if (told == events_.rend() && !events_.empty())
      problem("custody.journal", where, events_.front().line, tr("package.custody_untold"));
    else if (told != events_.rbegin())
      verdict_.warnings.push_back(
          {"custody.after", where, events_.back().line, tr("package.custody_after", {{"count", std::to_string(told - events_.rbegin())}})});
  }

  bagit::Check bag_;
  PackageVerdict verdict_;
  PackageJournal journal_;
  std::set<std::string> seen_;
  std::map<std::string, ToldExhibit> exhibits_;
  std::vector<ToldEvent> events_;
  std::map<std::string, std::pair<std::string, std::int64_t>> files_;  ///< below the folder of exhibits: hash and size
};

/// The bag's own folder: the one given, or the only one in it.
Result<fs::path> bag_folder(const fs::path& given) {
  std::error_code problem;
  if (fs::exists(given / "bagit.txt", problem)) return given;
  fs::path only;
  for (fs::directory_iterator at(given, problem), end; !problem && at != end; at.increment(problem))
    if (fs::exists(at->path() / "bagit.txt", problem)) {
      if (!only.empty()) return fail(ErrorCode::bad_input, tr("package.several"), given.string());
      only = at->path();
    }
  return only.empty() ? given : only;
}

Result<void> check_folder(Checker& checker, const fs::path& given) {
  const auto folder = bag_folder(given);
  if (!folder) return tl::make_unexpected(folder.error());
  std::error_code problem;
  std::vector<fs::path> files;
  for (fs::recursive_directory_iterator at(*folder, problem), end; !problem && at != end; at.increment(problem))
    if (!fs::is_directory(at->symlink_status(problem))) files.push_back(at->path());
  if (problem) return tl::make_unexpected(system_error("file.read", folder->string(), problem.value()));
  std::sort(files.begin(), files.end());
  for (const auto& file : files) {
    // A link leads out of the bag: it is not one of its files.
    if (!fs::is_regular_file(fs::symlink_status(file, problem))) return fail(ErrorCode::bad_input, tr("package.not_a_file"), file.string());
    auto source = FileSource::open(file.string());
    if (!source) return tl::make_unexpected(source.error());
    if (auto done = checker.file(file.lexically_relative(*folder).generic_string(), **source); !done) return done;
  }
  return {};
}

/// The journal alone, as it is exported.
Result<PackageVerdict> check_journal(ByteSource& source, const std::string& path) {
  PackageVerdict verdict;
  PackageJournal journal;
  Lines lines([&](std::string_view line, std::int64_t number) { journal.take(line, number); });
  std::string part(block, '\0');
  for (;;) {
    const auto got = source.read(part.data(), part.size());
    if (!got) return tl::make_unexpected(got.error());
    if (*got == 0) break;
    lines.take(std::string_view(part).substr(0, *got));
  }
  lines.end();
  journal.finish([&](std::string_view kind, std::int64_t line, std::string message) {
    ++verdict.problem_count;
    if (verdict.problems.size() < max_told_problems)
      verdict.problems.push_back({"journal." + std::string(kind), path, line, std::move(message)});
  });
  verdict.journal = journal.audit();
  verdict.lines = journal.lines();
  verdict.code = journal.code();
  return verdict;
}

}  // namespace

Result<PackageVerdict> check_package(const std::string& path, const OpenWith& key) {
  Checker checker;
  std::error_code problem;
  Result<void> done;
  if (fs::is_directory(path, problem)) {
    done = check_folder(checker, path);
  } else {
    auto file = FileSource::open(path);
    if (!file) return tl::make_unexpected(file.error());
    std::string head(64, '\0');
    const auto got = (*file)->read(head.data(), head.size());
    if (!got) return tl::make_unexpected(got.error());
    (*file)->rewind();
    if (*got > 0 && head.front() == '{') return check_journal(**file, path);
    done = read_bag_archive(path, key, [&](const std::string& name, ByteSource& content) { return checker.file(name, content); });
  }
  if (!done) return tl::make_unexpected(done.error());
  return checker.finish();
}

json::Value to_json(const PackageVerdict& verdict) {
  const auto list = [](const std::vector<PackageProblem>& all) {
    json::Array out;
    for (const auto& one : all)
      out.push_back(json::Object{{"kind", one.kind},
                                 {"file", one.file},
                                 {"line", one.line == 0 ? json::Value(nullptr) : json::Value(one.line)},
                                 {"message", one.message}});
    return out;
  };
  json::Object info;
  for (const auto& [label, value] : verdict.info) info[label] = value;
  return json::Object{{"schema", "digue.verify/1"},
                      {"good", verdict.good()},
                      {"problem_count", static_cast<std::int64_t>(verdict.problem_count)},
                      {"problems", list(verdict.problems)},
                      {"warnings", list(verdict.warnings)},
                      {"info", std::move(info)},
                      {"files", verdict.files},
                      {"bytes", verdict.bytes},
                      {"exhibits", verdict.exhibits},
                      {"left_out", verdict.left_out},
                      {"destroyed", verdict.destroyed},
                      {"custody", verdict.custody},
                      {"lines", verdict.lines},
                      {"code", verdict.code},
                      {"journal", verdict.journal}};
}

}  // namespace digue::service
