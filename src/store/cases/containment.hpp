#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "containment/operation.hpp"

/// The part of the case store that holds platforms as they are set up, and operations on them.
namespace digue::store {

/// A platform that Digue may act on.
struct Platform {
  std::string name;     ///< "messagerie"
  std::string kind;     ///< of its connector
  std::string record;   ///< settings without secrets, JSON
  std::string secrets;  ///< sealed by a key that is not in the database; empty: none
  UtcMicros changed;
  std::string by;
};

class ContainmentReader {
 public:
  virtual ~ContainmentReader() = default;
  /// By name.
  virtual Result<std::vector<Platform>> platforms() = 0;
  /// not_found when there is none.
  virtual Result<Platform> platform_named(const std::string& name) = 0;
  /// In the order in which they were planned.
  virtual Result<std::vector<containment::Operation>> operations(const std::string& incident) = 0;
  virtual Result<containment::Operation> operation(const std::string& incident, const std::string& id) = 0;
  /// Those of all incidents on a platform, in the order in which they were planned.
  virtual Result<std::vector<containment::Operation>> operations_on(const std::string& platform) = 0;
  /// Those of all incidents that are approved and not ended, or that have something due at `at` or before; oldest first.
  virtual Result<std::vector<containment::Operation>> operations_to_do(UtcMicros at) = 0;
  /// The plan's temporary secrets, sealed; empty: none, or forgotten.
  virtual Result<std::string> operation_secrets(const std::string& incident, const std::string& id) = 0;
};

/// Earlier versions of a platform are kept with their author, without their secrets.
class ContainmentWriter {
 public:
  virtual ~ContainmentWriter() = default;
  /// Adds it or replaces it.
  virtual Result<void> put_platform(const Platform& platform) = 0;
  virtual Result<void> remove_platform(const std::string& name, UtcMicros at, const std::string& by) = 0;
  virtual Result<void> add_operation(const containment::Operation& operation, const std::string& secrets) = 0;
  /// Replaces what changes: its state and what its plan's steps met.
  virtual Result<void> set_operation(const containment::Operation& operation) = 0;
  /// Sealed; empty: forgotten.
  virtual Result<void> set_operation_secrets(const std::string& incident, const std::string& id, const std::string& secrets) = 0;
};

}  // namespace digue::store
