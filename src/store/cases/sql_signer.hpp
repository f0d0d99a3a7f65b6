#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>

#include "base/crypto/signature.hpp"
#include "base/time.hpp"
#include "journal/tree.hpp"
#include "store/sql/database.hpp"

namespace digue::store {

/// Adds a signed checkpoint to each journal that grew, in the transaction that holds its new lines: what is acknowledged is signed.
/// A journal whose stored lines contradict their last checkpoint gets none any more, as c2sp.org/tlog-checkpoint demands; writing goes on,
/// and the audit names the lines.
class SqlSigner {
 public:
  explicit SqlSigner(SigningKey key) : key_(std::move(key)) {}
  /// Keeps the public key, and signs what an older version or a crash left unsigned.
  Result<void> start(sql::Database& database, UtcMicros time);
  Result<void> sign(sql::Database& database, const std::set<std::string>& incidents, UtcMicros time);
  /// Reads the journals again before it signs the next time.
  void forget() { logs_.clear(); }
  /// The transaction was committed, or not.
  void ended(bool committed);

 private:
  struct Log {
    journal::Frontier tree;
    bool sound = true;
  };
  Result<Log> load(sql::Database& database, const std::string& incident) const;

  SigningKey key_;
  std::map<std::string, Log> logs_, pending_;
};

}  // namespace digue::store
