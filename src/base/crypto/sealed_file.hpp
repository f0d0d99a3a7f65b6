#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/byte_source.hpp"
#include "base/result.hpp"

/// Files that only their recipient opens (docs/package-format.md, "Sealed file"): a stream of XChaCha20-Poly1305 (libsodium's
/// secretstream) whose key comes from a passphrase (Argon2id) or is sealed for a public key (X25519).
namespace digue {

/// Work and memory of Argon2id; the defaults are libsodium's MODERATE.
struct PassphraseCost {
  std::uint64_t operations = 3;
  std::uint64_t memory = std::uint64_t{256} << 20;  ///< bytes
};

/// For whom a file is sealed: one of both.
struct SealFor {
  std::string passphrase;
  std::string public_key;  ///< as make_key_pair() gives it
  PassphraseCost cost = {};
};

/// What opens it: one of both.
struct OpenWith {
  std::string passphrase;
  std::string secret_key;
};

struct KeyPair {
  std::string public_key;  ///< "digue-public-1:" and 64 hexadecimal digits
  std::string secret_key;  ///< "digue-secret-1:" and 64 hexadecimal digits
};
KeyPair make_key_pair();
/// True for the text of a public key.
bool is_public_key(std::string_view text);

inline constexpr std::size_t min_passphrase = 12;

/// True when a file begins as a sealed one does.
bool is_sealed(std::string_view head);

class SealedWriter {
 public:
  using Out = std::function<Result<void>(std::string_view part)>;
  /// bad_input for a passphrase shorter than min_passphrase, or what is no public key.
  static Result<SealedWriter> open(const SealFor& recipient, Out out);
  SealedWriter(SealedWriter&&) noexcept;
  ~SealedWriter();
  Result<void> write(std::string_view data);
  /// Without it the file is told as cut short by whoever opens it.
  Result<void> finish();

 private:
  struct State;
  explicit SealedWriter(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

/// Reads the content back. Errors: forbidden (wrong passphrase or key), bad_input (no such file, altered, cut short: nothing of the
/// altered part is given out), limit (it asks for more memory than a reader grants).
class SealedSource final : public ByteSource {
 public:
  /// Takes `source` from its start; it outlives this.
  static Result<std::unique_ptr<SealedSource>> open(ByteSource& source, const OpenWith& key);
  ~SealedSource() override;
  Result<std::size_t> read(char* buffer, std::size_t size) override;

 private:
  struct State;
  explicit SealedSource(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace digue
