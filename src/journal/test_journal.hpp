#pragma once

#include <vector>

#include "journal/export.hpp"

/// A journal for tests.
namespace digue::journal::test {

struct Journal {
  static constexpr const char* incident = "4be27a1f90c3d865";
  std::vector<StoredLine> lines;

  explicit Journal(int count) {
    for (int i = 1; i <= count; ++i) {
      Draft draft;
      draft.event_time = UtcMicros{1'773'086'400'000'000 + i * micros_per_minute};
      draft.zone = "Europe/Paris";
      draft.body.author = "A. Roche";
      draft.body.text = "Ligne " + std::to_string(i) + " : compte bloqué";
      draft.body.accounts = {"c.moreau@ch-exemple.example"};
      if (i == 5) draft.rectifies = 4;
      const auto sealed = seal(header_of(draft, incident, i, draft.event_time), draft.body, std::string(salt_size, static_cast<char>(i)));
      lines.push_back({sealed.header, sealed.body_hash, sealed.leaf, sealed.salt, sealed.body});
    }
  }

  static SigningKey signer() { return SigningKey::from_seed(std::string(ed25519_key_size, 'j')).value(); }
  static VerifierKey key() { return VerifierKey(origin_of(incident), signer().public_key()); }

  std::vector<Sha256> leaves() const {
    std::vector<Sha256> out;
    for (const auto& line : lines) out.push_back(line.leaf);
    return out;
  }
  Checkpoint checkpoint(std::size_t size) const {
    const auto all = leaves();
    return {origin_of(incident), size, root_of(std::span(all).first(size))};
  }
  std::string note(std::size_t size) const { return sign_note(to_text(checkpoint(size)), origin_of(incident), signer()); }

  /// With a checkpoint behind every third line and the last.
  std::string text() const {
    std::string out = export_head(incident, {key()}) + "\n";
    for (std::size_t i = 1; i <= lines.size(); ++i) {
      out += export_line(lines[i - 1]) + "\n";
      if (i % 3 == 0 || i == lines.size()) out += export_checkpoint(note(i)) + "\n";
    }
    return out;
  }
};

}  // namespace digue::journal::test
