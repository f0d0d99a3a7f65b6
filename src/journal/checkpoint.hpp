#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "journal/note.hpp"
#include "journal/tree.hpp"

namespace digue::journal {

/// What a journal was at some size: c2sp.org/tlog-checkpoint.
struct Checkpoint {
  std::string origin;
  std::uint64_t size = 0;
  Sha256 root;
  bool operator==(const Checkpoint&) const = default;
};

/// The log of one incident, and the name of its key.
std::string origin_of(std::string_view incident);

/// Three lines, each with its line end: what is signed.
std::string to_text(const Checkpoint& checkpoint);
/// bad_input: not of that form; extension lines are refused, since nobody could audit them.
Result<Checkpoint> parse_checkpoint(std::string_view text);

/// A hundred bits of the SHA-256 of to_text(), for paper: five groups of four digits of Crockford's base 32 ("7K3F-9QXM-2V8H-T5RD-WP4N").
/// Whoever has the lines can compute it again, without any key: no other lines have that code.
std::string short_code(const Checkpoint& checkpoint);
/// Equal as people copy them: case, blanks and hyphens do not count, O is 0, I and L are 1.
bool same_code(std::string_view a, std::string_view b);

/// That one line is in a journal: c2sp.org/tlog-proof. Index from 0.
struct LineProof {
  std::string extra;  ///< opaque bytes; nobody signed them
  std::uint64_t index = 0;
  std::vector<Sha256> hashes;
  std::string checkpoint;  ///< the signed note
};

std::string to_text(const LineProof& proof);
Result<LineProof> parse_proof(std::string_view text);

}  // namespace digue::journal
