#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "incident/incident.hpp"
#include "service/analyser.hpp"
#include "store/events/events.hpp"

/// What an analyser answers is hostile until it is checked here.
namespace digue::service {

inline constexpr std::size_t max_analysis = std::size_t{128} << 20;
inline constexpr std::size_t max_event_line = std::size_t{256} << 10;

/// What the case file takes over from an analysis.
struct StoryFacts {
  struct Input {
    std::string path;
    std::optional<std::string> format;
    std::int64_t records = 0;
    std::int64_t rejected = 0;
  };
  struct Account {
    std::string account;
    std::string verdict;
  };
  std::vector<Input> inputs;
  std::vector<Account> accounts;
  std::size_t findings = 0;
};

/// The facts of a well-formed analysis (docs/schemas/analysis.schema.json: version, arrays, what the case file reads); bad_input for any
/// other.
Result<StoryFacts> read_story(std::string_view analysis);

/// One row of `--events`; bad_input when a member is missing, has another type or leaves its bounds.
Result<store::EventRow> read_event(std::string_view line);

/// Names for a job's inputs: the exhibits' own, made unique by " (2)", " (3)" ...
std::vector<std::string> unique_names(const std::vector<incident::Exhibit>& exhibits);

/// Which exhibit each input of the analysis stands for: the one of that name, or for a member of an archive ("name!member") the longest
/// name before an exclamation mark.
std::vector<incident::StoryInput> map_inputs(const std::vector<StoryFacts::Input>& inputs, const std::vector<incident::Exhibit>& exhibits,
                                             const std::vector<std::string>& names);

}  // namespace digue::service
