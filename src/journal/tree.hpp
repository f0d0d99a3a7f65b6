#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "base/crypto/hash.hpp"

/// The Merkle tree over the leaves of a journal: RFC 6962 section 2.1 (the same as RFC 9162 section 2.1). Leaves are hashes already.
namespace digue::journal {

/// SHA-256(0x01 || left || right).
Sha256 node_hash(const Sha256& left, const Sha256& right);

/// The right border of a tree that grows: as much of it as its root and its growth need.
class Frontier {
 public:
  void add(const Sha256& leaf);
  std::uint64_t size() const { return size_; }
  /// SHA-256 of nothing for an empty tree.
  Sha256 root() const;

 private:
  std::uint64_t size_ = 0;
  std::vector<Sha256> peaks_;  ///< roots of the full subtrees, largest first
};

Sha256 root_of(std::span<const Sha256> leaves);
/// From the leaf's sibling up; `index` from 0, below leaves.size().
std::vector<Sha256> inclusion_proof(std::span<const Sha256> leaves, std::uint64_t index);
/// That the first `old_size` leaves are a prefix of all of them; 0 < old_size <= leaves.size().
std::vector<Sha256> consistency_proof(std::span<const Sha256> leaves, std::uint64_t old_size);

/// RFC 9162 section 2.1.3.2. False for an index outside the tree and for a proof of any other length than needed.
bool verify_inclusion(const Sha256& leaf, std::uint64_t index, std::uint64_t size, std::span<const Sha256> proof, const Sha256& root);
/// RFC 9162 section 2.1.4.2. An empty old tree proves nothing and is refused, unless both are the same.
bool verify_consistency(std::uint64_t old_size, const Sha256& old_root, std::uint64_t size, const Sha256& root,
                        std::span<const Sha256> proof);

}  // namespace digue::journal
