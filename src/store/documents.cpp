#include "store/documents.hpp"

#include <algorithm>
#include <array>
#include <filesystem>

#include "base/messages.hpp"

namespace digue::store {

namespace {

bool is_kind(std::string_view kind) {
  constexpr std::array<std::string_view, 5> kinds{"html", "csv", "ocsf", "fr", "en"};
  return std::find(kinds.begin(), kinds.end(), kind) != kinds.end();
}

Result<void> remove_tree(const std::string& path) {
  std::error_code problem;
  std::filesystem::remove_all(path, problem);
  if (problem) return tl::make_unexpected(system_error("file.remove", path, problem.value()));
  return {};
}

}  // namespace

DocumentSet::~DocumentSet() {
  files_.clear();
  std::error_code ignored;
  std::filesystem::remove_all(part_, ignored);
}

Result<void> DocumentSet::write(std::string_view kind, std::string_view bytes) {
  if (!is_kind(kind)) return fail(ErrorCode::bad_input, tr("document.unknown"), std::string(kind));
  auto at = files_.find(kind);
  if (at == files_.end()) {
    auto file = File::create(part_ + "/story." + std::string(kind));
    if (!file) return tl::make_unexpected(file.error());
    at = files_.emplace(kind, std::move(*file)).first;
  }
  return at->second.write(bytes);
}

Result<void> DocumentSet::commit() {
  for (auto& [kind, file] : files_)
    if (auto done = file.sync(); !done) return done;
  files_.clear();
  auto done = sync_directory(part_);
  if (done) done = remove_tree(folder_);
  if (done) done = rename_file(part_, folder_);
  if (done) done = sync_directory(std::filesystem::path(folder_).parent_path().string());
  return done;
}

Result<std::unique_ptr<DocumentSet>> Documents::begin(const std::string& incident, std::int64_t version) const {
  const std::string folder = path_ + "/" + incident + "/" + std::to_string(version);
  const std::string part = folder + ".part";
  auto ready = remove_tree(part);
  if (ready) ready = make_directories(part);
  if (!ready) return tl::make_unexpected(ready.error());
  return std::unique_ptr<DocumentSet>(new DocumentSet(part, folder));
}

Result<File> Documents::open(const std::string& incident, std::int64_t version, std::string_view kind) const {
  const std::string path = path_ + "/" + incident + "/" + std::to_string(version) + "/story." + std::string(kind);
  if (!is_kind(kind) || !file_exists(path)) return fail(ErrorCode::not_found, tr("document.absent"), std::string(kind));
  return File::open(path);
}

Result<void> Documents::keep_only(const std::string& incident, std::int64_t version) const {
  std::error_code problem;
  for (std::filesystem::directory_iterator at(path_ + "/" + incident, problem), end; !problem && at != end; at.increment(problem))
    if (at->path().filename() != std::to_string(version))
      if (auto removed = remove_tree(at->path().string()); !removed) return removed;
  return {};
}

}  // namespace digue::store
