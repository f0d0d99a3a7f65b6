#include "journal/note.hpp"

#include "base/crypto/digest.hpp"
#include "base/encoding.hpp"
#include "base/messages.hpp"
#include "base/text.hpp"

namespace digue::journal {

namespace {

constexpr char ed25519 = 0x01;
constexpr std::string_view signature_start = "— ";
constexpr std::size_t id_size = 4;

tl::unexpected<Error> refused(std::string_view key, std::string where = {}) {
  return fail(ErrorCode::bad_input, tr(key), std::move(where));
}

bool is_name(std::string_view name) {
  if (name.empty() || name.find('+') != std::string_view::npos || !is_utf8(name)) return false;
  for (const char c : name)
    if (static_cast<unsigned char>(c) <= 0x20 || c == 0x7f) return false;
  // Unicode's other spaces.
  for (const auto* space : {"\u0085", "\u00a0", "\u1680", "\u2028", "\u2029", "\u202f", "\u205f", "\u3000"})
    if (name.find(space) != std::string_view::npos) return false;
  for (auto at = name.find("\xe2\x80"); at != std::string_view::npos; at = name.find("\xe2\x80", at + 1))
    if (static_cast<unsigned char>(name[at + 2]) <= 0x8a) return false;
  return true;
}

}  // namespace

VerifierKey::VerifierKey(std::string name, std::string public_key) : name_(std::move(name)), public_key_(std::move(public_key)) {
  id_ = bytes_of(sha256(name_ + "\n" + ed25519 + public_key_)).substr(0, id_size);
}

Result<VerifierKey> VerifierKey::parse(std::string_view text) {
  const auto first = text.find('+');
  const auto second = first == std::string_view::npos ? first : text.find('+', first + 1);
  if (second == std::string_view::npos) return refused("note.bad_key");
  const auto key = from_base64(text.substr(second + 1));
  if (!is_name(text.substr(0, first)) || !key || key->size() != 1 + ed25519_key_size || key->front() != ed25519)
    return refused("note.bad_key");
  VerifierKey out(std::string(text.substr(0, first)), key->substr(1));
  if (out.text() != text) return refused("note.bad_key");
  return out;
}

std::string VerifierKey::text() const {
  return name_ + "+" + hex(id_) + "+" + base64(ed25519 + public_key_);
}

Result<Note> parse_note(std::string_view note) {
  if (note.size() > max_note || !is_utf8(note)) return refused("note.damaged");
  for (const char c : note)
    if (static_cast<unsigned char>(c) < 0x20 && c != '\n') return refused("note.damaged");
  const auto blank = note.rfind("\n\n");
  if (blank == std::string_view::npos || !note.ends_with('\n')) return refused("note.damaged");
  Note out{std::string(note.substr(0, blank + 1)), {}};
  auto rest = note.substr(blank + 2);
  while (!rest.empty()) {
    const auto end = rest.find('\n');
    auto line = rest.substr(0, end);
    rest.remove_prefix(end + 1);
    if (!line.starts_with(signature_start) || out.signatures.size() == max_signatures) return refused("note.damaged");
    line.remove_prefix(signature_start.size());
    const auto space = line.find(' ');
    if (space == std::string_view::npos || !is_name(line.substr(0, space))) return refused("note.damaged");
    const auto bytes = from_base64(line.substr(space + 1));
    if (!bytes || bytes->size() <= id_size) return refused("note.damaged");
    out.signatures.push_back({std::string(line.substr(0, space)), bytes->substr(0, id_size), bytes->substr(id_size)});
  }
  if (out.signatures.empty()) return refused("note.damaged");
  return out;
}

std::string sign_note(std::string_view text, std::string_view key_name, const SigningKey& key) {
  const VerifierKey verifier(std::string(key_name), key.public_key());
  return std::string(text)
      .append("\n")
      .append(signature_start)
      .append(key_name)
      .append(" ")
      .append(base64(verifier.id() + key.sign(text)))
      .append("\n");
}

Result<VerifierKey> verify_note(const Note& note, std::span<const VerifierKey> keys) {
  const VerifierKey* signer = nullptr;
  for (const auto& one : note.signatures)
    for (const auto& key : keys) {
      if (key.name() != one.key_name || key.id() != one.key_id) continue;
      if (!key.verifies(note.text, one.signature)) return refused("note.bad_signature", one.key_name);
      if (signer == nullptr) signer = &key;
    }
  if (signer == nullptr) return refused("note.unknown_key", note.signatures.empty() ? std::string() : note.signatures.front().key_name);
  return *signer;
}

}  // namespace digue::journal
