#pragma once

#include <deque>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/assets.hpp"
#include "connect/guided/guided.hpp"
#include "incident/questions.hpp"
#include "incident/retention.hpp"
#include "incident/stages.hpp"
#include "playbook/playbook.hpp"
#include "service/duty_content.hpp"

/// What a non-programmer edits, loaded by the same checks whether it was built into the program or stands in a folder.
namespace digue::service {

struct Content {
  playbook::Playbook playbook;
  incident::Questions questions;
  incident::Stages stages;
  DutyContent duties;
  std::vector<guided::Platform> platforms;
  incident::Retention retention;
};

/// Errors: bad_input with file and line.
Result<Content> load_content(std::span<const Asset> files);
/// The playbook built into the program.
Result<playbook::Playbook> embedded_playbook();

/// The embedded files, each replaced by the file of its name below `folder`, with what else stands there: content is edited without
/// building the program. Only .yaml files that are no links, 1 MiB and 1,000 of them at most; without the folder, the embedded ones alone.
class ContentFolder {
 public:
  static Result<ContentFolder> read(const std::string& folder);
  std::span<const Asset> files() const { return files_; }
  bool empty() const { return texts_.empty(); }

 private:
  std::deque<std::string> texts_;  ///< paths and contents that files_ views
  std::vector<Asset> files_;
};

}  // namespace digue::service
