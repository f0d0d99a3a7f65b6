#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/localized.hpp"
#include "base/result.hpp"
#include "base/time.hpp"

/// The stages of a response, as content/stages.yaml declares them, and when they were open.
namespace digue::incident {

struct Helper {
  std::string id;
  Localized name;
};

struct Stage {
  std::string id;
  Localized title;
  Localized aim;
  std::vector<std::pair<std::string, Localized>> does;  ///< helper -> what it does in this stage
};

struct Stages {
  std::vector<Helper> helpers;
  std::vector<Stage> stages;

  const Stage* stage(std::string_view id) const;
};

/// Reads and checks the file. Refused with file and line: unknown or missing fields, something given twice, a stage that leaves a helper
/// out or names an unknown one.
Result<Stages> load_stages(std::string_view text, std::string_view file);

/// One time that a stage was open. Stages overlap, and may be opened again.
struct StageSpan {
  std::string stage;
  UtcMicros opened;
  std::string opened_by;
  std::optional<UtcMicros> closed;
  std::string closed_by;
};

}  // namespace digue::incident
