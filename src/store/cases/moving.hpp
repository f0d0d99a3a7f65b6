#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "base/time.hpp"

/// The part of the case store that gives a whole incident as rows and takes one in: the same rows whatever the database.
namespace digue::store {

/// How a value travels in JSON: text (what is not UTF-8, too: {"hex":...}), integer, bytes (hexadecimal); each may be null where it says
/// so.
struct MovedColumn {
  std::string_view name;
  enum class Kind { text, integer, bytes } kind = Kind::text;
  bool nullable = false;
};

struct MovedTable {
  std::string_view name;
  std::span<const MovedColumn> columns;  ///< without the incident and what the database numbers by itself
  std::string_view order;
  std::string_view where = "incident = ?";
};

/// Every table that holds rows of an incident, in an order in which they can be taken in. Memberships stay: people belong to a workbench.
std::span<const MovedTable> moved_tables();

/// A key of another workbench, and the checkpoints of this incident that it may have signed.
struct OriginKey {
  std::string key;  ///< raw bytes
  std::int64_t first = 0;
  std::int64_t last = 0;
};

using RowVisitor = std::function<Result<void>(const MovedTable& table, const std::string& json)>;

class MovingReader {
 public:
  virtual ~MovingReader() = default;
  /// By table, then in the order in which they came.
  virtual Result<void> incident_rows(const std::string& incident, const RowVisitor& visit) = 0;
  virtual Result<std::vector<OriginKey>> origin_keys(const std::string& incident) = 0;
};

class MovingWriter {
 public:
  virtual ~MovingWriter() = default;
  /// A row as incident_rows() gave it, of the incident `incident`. bad_input when it is not of the table's form, conflict when its place is
  /// taken.
  virtual Result<void> take_row(const std::string& incident, const MovedTable& table, std::string_view json) = 0;
  virtual Result<void> add_origin_key(const std::string& incident, const OriginKey& key) = 0;
};

}  // namespace digue::store
