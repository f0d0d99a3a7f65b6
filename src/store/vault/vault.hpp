#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "base/crypto/hash.hpp"
#include "base/crypto/sha512.hpp"
#include "base/files.hpp"
#include "base/result.hpp"

namespace digue::store {

class Vault;

/// Bytes that are sealed in the vault but whose record is not yet committed.
struct SealedBytes {
  std::string sha256;
  std::int64_t bytes = 0;
  std::string sha512;
  std::string marker;  ///< file that tells the next start of an unfinished record
};

/// One exhibit on its way in. Destroyed before seal(), nothing of it stays.
class Incoming {
 public:
  Incoming(Incoming&&) = default;
  Incoming& operator=(Incoming&&) = delete;
  ~Incoming();
  Result<void> write(std::string_view data);
  std::int64_t bytes() const { return bytes_; }

 private:
  friend class Vault;
  Incoming(File file) : file_(std::move(file)), sha256_(std::make_unique<Sha256Stream>()), sha512_(std::make_unique<Sha512Stream>()) {}
  File file_;
  std::unique_ptr<Sha256Stream> sha256_;
  std::unique_ptr<Sha512Stream> sha512_;
  std::int64_t bytes_ = 0;
};

/// Exhibits as read-only files named by their SHA-256: `ab/<sha256>`, written in `incoming/` first. Any thread.
/// A record is made in three steps: seal the bytes (a marker says "not yet recorded"), commit the record, keep() removes the marker.
/// So a crash at any point leaves either a recorded exhibit or leftovers that the next start removes.
class Vault {
 public:
  /// Is some exhibit recorded with these bytes?
  using Recorded = std::function<Result<bool>(const std::string& sha256)>;

  /// Opens or creates it, and removes what a crash left. `leftovers` tells what was removed.
  static Result<std::unique_ptr<Vault>> open(const std::string& path, const Recorded& recorded, std::vector<std::string>& leftovers);

  Result<Incoming> receive();
  /// Synced, renamed to its hash, read-only. The same bytes twice make one file; a damaged one is replaced.
  Result<SealedBytes> seal(Incoming incoming);
  /// The record is committed.
  void keep(const SealedBytes& sealed);
  /// The record failed: the bytes go, unless another record or another exhibit on its way has them.
  void discard(const SealedBytes& sealed, const Recorded& recorded);

  /// The bytes go for good, unless an exhibit holds them or one on its way does.
  Result<void> remove(const std::string& sha256, const Recorded& recorded);

  std::string path_of(const std::string& sha256) const;
  Result<File> open_exhibit(const std::string& sha256) const;

 private:
  explicit Vault(std::string path) : path_(std::move(path)) {}
  Result<void> recover(const Recorded& recorded, std::vector<std::string>& leftovers);
  std::string incoming(const std::string& name) const { return path_ + "/incoming/" + name; }

  const std::string path_;
  std::mutex mutex_;
  std::map<std::string, int> unrecorded_;  ///< seals under way per hash
};

}  // namespace digue::store
