#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/crypto/signature.hpp"
#include "base/result.hpp"

/// Signed notes: c2sp.org/signed-note, with Ed25519 signatures (type 0x01).
namespace digue::journal {

inline constexpr std::size_t max_note = 64 * 1024;
inline constexpr std::size_t max_signatures = 64;

/// A name and a public key, as people keep them: "<name>+<key id in hexadecimal>+<base64>".
class VerifierKey {
 public:
  VerifierKey(std::string name, std::string public_key);
  /// bad_input: not of that form, or the id is not that of the key.
  static Result<VerifierKey> parse(std::string_view text);

  std::string text() const;
  const std::string& name() const { return name_; }
  /// Four bytes: SHA-256(name || 0x0A || 0x01 || key)[:4].
  const std::string& id() const { return id_; }
  bool verifies(std::string_view message, std::string_view signature) const { return verify_signature(public_key_, message, signature); }
  bool operator==(const VerifierKey&) const = default;

 private:
  std::string name_, public_key_, id_;
};

struct NoteSignature {
  std::string key_name;
  std::string key_id;     ///< four bytes
  std::string signature;  ///< the rest
};

struct Note {
  std::string text;  ///< with its final line end: what is signed
  std::vector<NoteSignature> signatures;
};

/// bad_input: not a signed note within the bounds.
Result<Note> parse_note(std::string_view note);
std::string sign_note(std::string_view text, std::string_view key_name, const SigningKey& key);
/// The first of the keys that signed it. bad_input: none did, or one of them signed and its signature is wrong.
Result<VerifierKey> verify_note(const Note& note, std::span<const VerifierKey> keys);

}  // namespace digue::journal
