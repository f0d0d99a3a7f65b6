#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "analysis/inputs.hpp"
#include "analysis/reader.hpp"
#include "base/time.hpp"
#include "model/story.hpp"

/// The first river wired: bytes -> events -> findings -> story. No output of its own; memory does not grow with the input.
namespace digue::analysis {

struct Options {
  std::vector<SourceFile> sources;
  Profile profile;
  std::vector<std::string> geo_databases;
  unsigned threads = 2;  ///< parsing threads, at least 1
  bool all_accounts = false;
  int spill_file = -1;  ///< private file for what does not fit in memory (owned); -1: memory only
  int event_file = -1;  ///< the same for the events of --events
  UtcMicros now;        ///< for year-less logs that nothing else dates
};

/// Everything that the outputs are made of.
struct Analysis {
  std::unique_ptr<Inputs> inputs;
  std::vector<StoryAccount> accounts;  ///< sorted by (verdict, worst first; account)
  std::vector<StorySession> sessions;  ///< sorted by (first, id)
  std::vector<Finding> findings;       ///< sorted by (first, rule, id)
  std::vector<Indicator> indicators;
  std::vector<Reach> reach;
  std::vector<Exposure> exposure;
  Profile profile;
  Zone zone;
  std::vector<Text> notes;  ///< on the whole: zone, geography, inferred domains
};

/// An event of a compromised or suspected account, or a hostile one of a targeted account.
struct EventOut {
  const Row& row;
  const StorySession* session;  ///< null: none
  Actor actor;
  double confidence;
};

/// How events leave: `text` makes one event's line, `line` gets the lines in the order (time, id). Both are called from one thread.
struct EventSink {
  std::function<void(const EventOut&, std::string& out)> text;
  std::function<void(std::string_view)> line;
};

/// Runs the whole analysis. `events` may be null. Errors: cancelled, io (work file full), bad_input (geography database).
Result<Analysis> analyse(Options options, ReadControl& control, const EventSink* events);

}  // namespace digue::analysis
