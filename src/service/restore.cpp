#include <algorithm>
#include <filesystem>
#include <map>

#include "base/files.hpp"
#include "base/text.hpp"
#include "service/backup.hpp"
#include "service/bag_reader.hpp"

namespace digue::service {

namespace {

namespace fs = std::filesystem;

bool is_sha256(std::string_view text) {
  return text.size() == 64 && text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

/// Where a file of the archive goes in the data directory; nothing for what a backup does not hold.
std::optional<std::string> place_of(const std::string& path) {
  constexpr std::string_view data = "data/", vault = "vault/";
  if (!path.starts_with(data)) return std::nullopt;
  const auto name = path_of_archive(std::string_view(path).substr(data.size()));
  if (!name) return std::nullopt;
  for (const auto* file : {"cases.sqlite", "journal.key", "people.key", "platforms.key"})
    if (*name == file) return name;
  if (name->starts_with(vault)) {
    const auto hash = name->substr(vault.size());
    if (!is_sha256(hash)) return std::nullopt;
    return "vault/" + hash.substr(0, 2) + "/" + hash;
  }
  for (const auto* folder : {"content/", "documents/", "events/"})
    if (name->starts_with(folder)) return name;
  return std::nullopt;
}

/// A folder beside what is put in place; gone when this is.
struct Staging {
  explicit Staging(std::string at) : path(std::move(at)) {}
  ~Staging() {
    std::error_code ignored;
    fs::remove_all(path, ignored);
  }
  const std::string path;
};

Result<void> needs_empty(const std::string& directory) {
  std::error_code problem;
  const auto status = fs::symlink_status(directory, problem);
  if (status.type() == fs::file_type::not_found) return {};
  if (status.type() != fs::file_type::directory || !fs::is_empty(directory, problem) || problem)
    return fail(ErrorCode::usage, tr("restore.not_empty"), directory, tr("restore.not_empty_help"));
  return {};
}

struct Unpacked {
  bagit::Check::Verdict verdict;
  std::vector<std::string> damaged;  ///< bytes of the vault that were not those of their name already
};

Result<Unpacked> unpack(const RestoreOrder& order, const std::string& staging) {
  bagit::Check bag;
  Unpacked out;
  const auto read = read_bag_archive(order.file, order.key, [&](const std::string& path, ByteSource& content) -> Result<void> {
    const bool tag = !path.starts_with("data/") || path == "data/README.txt";
    const auto place = place_of(path);
    if (!place) {
      if (!tag || path.starts_with("../")) return fail(ErrorCode::bad_input, tr("restore.unknown"), path);
      const auto sums = read_file_of_bag(bag, path, content);
      return sums ? Result<void>() : tl::make_unexpected(sums.error());
    }
    const auto target = staging + "/" + *place;
    if (auto made = make_directories(fs::path(target).parent_path().string()); !made) return made;
    const bool exhibit = place->starts_with("vault/");
    auto file = File::create(target, 0600);
    if (!file) return tl::make_unexpected(file.error());
    const auto sums = read_file_of_bag(bag, path, content, [&](std::string_view part) { return file->write(part); });
    if (!sums) return tl::make_unexpected(sums.error());
    if (exhibit && to_hex(sums->sha256) != fs::path(target).filename().string()) out.damaged.push_back(path);
    auto done = exhibit ? file->set_mode(0400) : Result<void>();
    if (done) done = file->sync();
    return done;
  });
  if (!read) return tl::make_unexpected(read.error());
  out.verdict = bag.finish();
  return out;
}

std::string value_of(const bagit::Fields& info, std::string_view label) {
  const auto at = std::find_if(info.begin(), info.end(), [&](const auto& one) { return one.first == label; });
  return at == info.end() ? std::string() : at->second;
}

/// Reads every journal and looks for every exhibit, then tells each journal.
Result<void> look_through(const RestoreOrder& order, const std::string& staging, store::CaseStore& cases, Restored& out) {
  return cases.write([&](store::CaseWriter& writer) -> Result<void> {
    const auto incidents = writer.incidents();
    if (!incidents) return tl::make_unexpected(incidents.error());
    for (const auto& one : *incidents) {
      const auto& incident = one.incident;
      ++out.incidents;
      const auto audit = store::audit_journal(writer, incident.id);
      if (!audit) return tl::make_unexpected(audit.error());
      out.lines += audit->lines;
      if (!audit->good()) out.problems.push_back(incident.reference + ": " + audit->problems.front().message);
      const auto exhibits = writer.exhibits(incident.id);
      if (!exhibits) return tl::make_unexpected(exhibits.error());
      for (const auto& exhibit : *exhibits) {
        if (exhibit.state == "destroyed") continue;
        ++out.exhibits;
        if (!file_exists(staging + "/vault/" + exhibit.sha256.substr(0, 2) + "/" + exhibit.sha256))
          out.problems.push_back(incident.reference + ": " + tr("restore.no_exhibit", {{"name", exhibit.name}}));
      }
      journal::Draft draft;
      draft.event_time = now();
      draft.zone = order.zone;
      draft.kind = journal::Kind::system;
      draft.about = "workbench.restored";
      draft.body.author = order.author;
      draft.body.text = tr("note.restored", {{"made", out.made}, {"lines", std::to_string(audit->lines)}});
      if (const auto line = writer.append(incident.id, draft, now()); !line) return tl::make_unexpected(line.error());
    }
    return {};
  });
}

Result<void> sync_tree(const std::string& path) {
  std::error_code problem;
  for (fs::recursive_directory_iterator at(path, problem), end; !problem && at != end; at.increment(problem))
    if (at->is_directory(problem))
      if (auto done = sync_directory(at->path().string()); !done) return done;
  return sync_directory(path);
}

}  // namespace

Result<Restored> restore(const RestoreOrder& order, const OpenCases& open_cases) {
  if (auto good = needs_empty(order.directory); !good) return tl::make_unexpected(good.error());
  if (auto made = make_directories(order.directory); !made) return tl::make_unexpected(made.error());
  const Staging staging(order.directory + "/restoring");
  if (auto made = make_directories(staging.path); !made) return tl::make_unexpected(made.error());
  auto unpacked = unpack(order, staging.path);
  if (!unpacked) return tl::make_unexpected(unpacked.error());
  const auto& verdict = unpacked->verdict;
  if (!verdict.problems.empty())
    return fail(ErrorCode::bad_input, bag_problem(verdict.problems.front()), order.file, tr("restore.damaged_help"));
  if (value_of(verdict.info, "BagIt-Profile-Identifier") != backup_profile || !file_exists(staging.path + "/cases.sqlite"))
    return fail(ErrorCode::bad_input, tr("restore.no_backup"), order.file);
  Restored out;
  out.made = value_of(verdict.info, "Backup-Made");
  for (const auto& path : unpacked->damaged) out.problems.push_back(path + ": " + tr("restore.damaged_before"));
  {
    const auto cases = open_cases(staging.path);
    if (!cases) return tl::make_unexpected(cases.error());
    if (auto done = look_through(order, staging.path, **cases, out); !done) return tl::make_unexpected(done.error());
  }
  if (auto done = sync_tree(staging.path); !done) return tl::make_unexpected(done.error());
  std::vector<std::string> names;
  std::error_code problem;
  for (fs::directory_iterator at(staging.path, problem), end; !problem && at != end; at.increment(problem))
    names.push_back(at->path().filename().string());
  // The database last: a directory without it is no workbench.
  std::sort(names.begin(), names.end(), [](const auto& a, const auto& b) {
    return a.starts_with("cases.sqlite") != b.starts_with("cases.sqlite") ? b.starts_with("cases.sqlite") : a < b;
  });
  for (const auto& name : names)
    if (auto done = rename_file(staging.path + "/" + name, order.directory + "/" + name); !done) return tl::make_unexpected(done.error());
  if (auto done = sync_directory(order.directory); !done) return tl::make_unexpected(done.error());
  return out;
}

}  // namespace digue::service
