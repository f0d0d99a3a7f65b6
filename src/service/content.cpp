#include "service/content.hpp"

#include <algorithm>
#include <filesystem>

#include "base/files.hpp"
#include "playbook/load.hpp"

namespace digue::service {

namespace {

constexpr std::size_t max_files = 1000;
constexpr std::size_t max_file = std::size_t{1} << 20;

template <class File>
std::vector<File> files_below(std::span<const Asset> files, std::string_view folder) {
  std::vector<File> out;
  for (const auto& file : files)
    if (file.path.starts_with(folder)) out.push_back({std::string(file.path), std::string(file.data)});
  return out;
}

template <class Load>
auto load_one(std::span<const Asset> files, const char* path, Load load) {
  const auto at = std::find_if(files.begin(), files.end(), [&](const Asset& one) { return one.path == path; });
  return load(at == files.end() ? std::string_view() : at->data, path);
}

}  // namespace

Result<Content> load_content(std::span<const Asset> files) {
  auto book = playbook::load_playbook(files_below<playbook::SourceFile>(files, "content/playbook/"));
  if (!book) return tl::make_unexpected(book.error());
  auto questions = load_one(files, "content/qualification/questions.yaml", incident::load_questions);
  if (!questions) return tl::make_unexpected(questions.error());
  auto stages = load_one(files, "content/stages.yaml", incident::load_stages);
  if (!stages) return tl::make_unexpected(stages.error());
  auto duties = load_duty_content(files);
  if (!duties) return tl::make_unexpected(duties.error());
  auto retention = load_one(files, "content/retention.yaml", incident::load_retention);
  if (!retention) return tl::make_unexpected(retention.error());
  std::vector<std::string> actions;
  for (const auto& measure : book->measures)
    for (const auto& action : measure.actions) actions.push_back(action.id);
  auto platforms = guided::load_platforms(files_below<guided::SourceFile>(files, "content/platforms/"), actions);
  if (!platforms) return tl::make_unexpected(platforms.error());
  return Content{std::move(*book),   std::move(*questions), std::move(*stages),
                 std::move(*duties), std::move(*platforms), std::move(*retention)};
}

Result<playbook::Playbook> embedded_playbook() {
  return playbook::load_playbook(files_below<playbook::SourceFile>(assets(), "content/playbook/"));
}

Result<ContentFolder> ContentFolder::read(const std::string& folder) {
  namespace fs = std::filesystem;
  ContentFolder content;
  content.files_.assign(assets().begin(), assets().end());
  std::error_code problem;
  fs::recursive_directory_iterator at(folder, fs::directory_options::none, problem);
  if (problem == std::errc::no_such_file_or_directory) return content;
  for (const fs::recursive_directory_iterator end; !problem && at != end; at.increment(problem)) {
    const auto& path = at->path();
    if (path.extension() != ".yaml" || !at->is_regular_file() || at->is_symlink()) continue;
    if (content.texts_.size() >= 2 * max_files) return fail(ErrorCode::limit, "more than " + std::to_string(max_files) + " files", folder);
    auto text = read_file(path.string(), max_file);
    if (!text) return tl::make_unexpected(text.error());
    const std::string& name = content.texts_.emplace_back("content/" + fs::relative(path, folder).generic_string());
    const std::string& bytes = content.texts_.emplace_back(std::move(*text));
    const auto place = std::lower_bound(content.files_.begin(), content.files_.end(), std::string_view(name),
                                        [](const Asset& one, std::string_view wanted) { return one.path < wanted; });
    if (place != content.files_.end() && place->path == name)
      place->data = bytes;
    else
      content.files_.insert(place, {name, bytes});
  }
  if (problem) return fail(ErrorCode::io, problem.message(), folder);
  return content;
}

}  // namespace digue::service
