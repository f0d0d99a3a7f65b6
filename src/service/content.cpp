#include "service/content.hpp"

#include "base/assets.hpp"
#include "playbook/load.hpp"

namespace digue::service {

Result<playbook::Playbook> embedded_playbook() {
  std::vector<playbook::SourceFile> files;
  for (const auto& asset : assets())
    if (asset.path.starts_with("content/playbook/")) files.push_back({std::string(asset.path), std::string(asset.data)});
  return playbook::load_playbook(files);
}

Result<std::vector<guided::Platform>> embedded_platforms(const playbook::Playbook& playbook) {
  std::vector<guided::SourceFile> files;
  for (const auto& asset : assets())
    if (asset.path.starts_with("content/platforms/")) files.push_back({std::string(asset.path), std::string(asset.data)});
  std::vector<std::string> actions;
  for (const auto& measure : playbook.measures)
    for (const auto& action : measure.actions) actions.push_back(action.id);
  return guided::load_platforms(files, actions);
}

}  // namespace digue::service
