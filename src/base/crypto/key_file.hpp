#pragma once

#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "base/crypto/sealed_file.hpp"
#include "base/crypto/secret_box.hpp"

namespace digue {

/// The key of a SecretBox in a file: bare, or wrapped by what Argon2id makes of a passphrase, cost and salt beside it. A wrapped one is in
/// memory from unlock() or set_passphrase() to lock() only. Any thread.
class KeyFile {
 public:
  /// A bare key, made (mode 0600, on disk) when there is none, is open at once. bad_input when the file holds no key; io.
  static Result<std::unique_ptr<KeyFile>> open(const std::string& path, const PassphraseCost& cost = {});

  bool has_passphrase() const;
  /// Nothing while it is locked.
  std::optional<SecretBox> box() const;
  /// forbidden: the passphrase is wrong; limit: not enough memory. Nothing to do for a bare key.
  Result<void> unlock(const std::string& passphrase);
  /// Forgets a wrapped key.
  void lock();
  /// Wraps the same key anew, or (empty) keeps it bare; what was sealed stays good. `current` opens a wrapped key. forbidden; bad_input for
  /// one that is shorter than min_passphrase; io.
  Result<void> set_passphrase(const std::string& current, const std::string& passphrase);

 private:
  KeyFile(std::string path, const PassphraseCost& cost) : path_(std::move(path)), cost_(cost) {}
  Result<SecretBox> unwrap(const std::string& passphrase) const;

  const std::string path_;
  const PassphraseCost cost_;
  std::mutex working_;        ///< one Argon2id at a time
  mutable std::mutex mutex_;  ///< of what follows
  std::string wrapped_;       ///< the file's text; empty: bare
  std::optional<SecretBox> box_;
};

}  // namespace digue
