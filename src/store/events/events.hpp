#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/result.hpp"
#include "base/time.hpp"

/// The normalised records of each incident's present story. One interface, whatever the engine.
namespace digue::store {

/// One row of `analyze --events`. Nothing stands for unknown.
struct EventRow {
  std::optional<UtcMicros> time;
  std::optional<std::string> account;
  std::optional<std::int64_t> ocsf_class;
  std::variant<std::monostate, std::int64_t, std::string> activity;
  std::optional<std::string> operation;
  std::optional<std::string> outcome;
  std::optional<std::string> ip;
  std::optional<std::string> country;
  std::optional<std::string> device;
  std::optional<std::string> session;
  std::optional<std::string> actor;
  std::optional<double> confidence;
  std::optional<std::string> uid;
  std::int64_t input = 0;
  std::int64_t offset = 0;
  std::int64_t length = 0;
};

/// Empty members do not filter.
struct EventQuery {
  std::string account = {};
  std::string session = {};
  std::string actor = {};
  std::string ip = {};
  std::string text = {};  ///< anywhere in operation, account, address, country, device, session or uid; ASCII case folded
  std::optional<UtcMicros> from = {};
  std::optional<UtcMicros> to = {};  ///< inclusive
  std::string after = {};            ///< `next` of the page before
  std::int64_t limit = 100;
};

struct EventPage {
  std::vector<EventRow> rows;  ///< in the order in which they were added
  std::string next;            ///< empty at the end
};

/// The rows of one version of a story on their way in. Destroyed before commit(), nothing of it stays.
class EventBatch {
 public:
  virtual ~EventBatch() = default;
  virtual Result<void> add(const EventRow& row) = 0;
  /// On stable storage, visible to queries of that version.
  virtual Result<void> commit() = 0;
};

class EventStore {
 public:
  virtual ~EventStore() = default;
  virtual Result<std::unique_ptr<EventBatch>> begin(const std::string& incident, std::int64_t version) = 0;
  /// not_found when that version has no rows here; conflict when `after` belongs to another version.
  virtual Result<EventPage> query(const std::string& incident, std::int64_t version, const EventQuery& query) = 0;
  /// Removes the other versions and what a crash left.
  virtual Result<void> keep_only(const std::string& incident, std::int64_t version) = 0;
};

/// One SQLite file per incident and version under `path`.
Result<std::unique_ptr<EventStore>> open_sqlite_events(const std::string& path);

}  // namespace digue::store
