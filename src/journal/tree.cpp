#include "journal/tree.hpp"

#include <bit>
#include <cassert>
#include <string_view>

#include "base/crypto/digest.hpp"

namespace digue::journal {

namespace {

/// Where RFC 6962 splits a tree of more than one leaf: the largest power of two below its size.
std::size_t split(std::size_t size) {
  return std::bit_floor(size - 1);
}

void prove_inclusion(std::span<const Sha256> leaves, std::size_t index, std::vector<Sha256>& proof) {
  if (leaves.size() == 1) return;
  const auto left = split(leaves.size());
  const bool in_left = index < left;
  prove_inclusion(in_left ? leaves.first(left) : leaves.subspan(left), in_left ? index : index - left, proof);
  proof.push_back(root_of(in_left ? leaves.subspan(left) : leaves.first(left)));
}

/// SUBPROOF of RFC 6962 section 2.1.2.
void prove_consistency(std::span<const Sha256> leaves, std::size_t old_size, bool known, std::vector<Sha256>& proof) {
  if (old_size == leaves.size()) {
    if (!known) proof.push_back(root_of(leaves));
    return;
  }
  const auto left = split(leaves.size());
  if (old_size <= left) {
    prove_consistency(leaves.first(left), old_size, known, proof);
    proof.push_back(root_of(leaves.subspan(left)));
  } else {
    prove_consistency(leaves.subspan(left), old_size - left, false, proof);
    proof.push_back(root_of(leaves.first(left)));
  }
}

}  // namespace

Sha256 node_hash(const Sha256& left, const Sha256& right) {
  Sha256Stream stream;
  stream.update(std::string_view("\x01", 1));
  stream.update(bytes_of(left));
  stream.update(bytes_of(right));
  return stream.finish();
}

void Frontier::add(const Sha256& leaf) {
  Sha256 top = leaf;
  for (auto merges = std::countr_one(size_); merges > 0; --merges) {
    top = node_hash(peaks_.back(), top);
    peaks_.pop_back();
  }
  peaks_.push_back(top);
  ++size_;
}

Sha256 Frontier::root() const {
  if (peaks_.empty()) return sha256({});
  Sha256 root = peaks_.back();
  for (auto at = peaks_.size() - 1; at > 0; --at) root = node_hash(peaks_[at - 1], root);
  return root;
}

Sha256 root_of(std::span<const Sha256> leaves) {
  Frontier frontier;
  for (const auto& leaf : leaves) frontier.add(leaf);
  return frontier.root();
}

std::vector<Sha256> inclusion_proof(std::span<const Sha256> leaves, std::uint64_t index) {
  assert(index < leaves.size());
  std::vector<Sha256> proof;
  prove_inclusion(leaves, index, proof);
  return proof;
}

std::vector<Sha256> consistency_proof(std::span<const Sha256> leaves, std::uint64_t old_size) {
  assert(old_size > 0 && old_size <= leaves.size());
  std::vector<Sha256> proof;
  prove_consistency(leaves, old_size, true, proof);
  return proof;
}

bool verify_inclusion(const Sha256& leaf, std::uint64_t index, std::uint64_t size, std::span<const Sha256> proof, const Sha256& root) {
  if (index >= size) return false;
  std::uint64_t node = index;
  std::uint64_t last = size - 1;
  Sha256 hash = leaf;
  for (const auto& sibling : proof) {
    if (last == 0) return false;
    if ((node & 1) != 0 || node == last) {
      hash = node_hash(sibling, hash);
      while ((node & 1) == 0 && node != 0) {
        node >>= 1;
        last >>= 1;
      }
    } else {
      hash = node_hash(hash, sibling);
    }
    node >>= 1;
    last >>= 1;
  }
  return last == 0 && hash == root;
}

bool verify_consistency(std::uint64_t old_size, const Sha256& old_root, std::uint64_t size, const Sha256& root,
                        std::span<const Sha256> proof) {
  if (old_size == size) return proof.empty() && old_root == root;
  if (old_size == 0 || old_size > size || proof.empty()) return false;
  std::uint64_t node = old_size - 1;
  std::uint64_t last = size - 1;
  const auto level = std::countr_one(node);
  node >>= level;
  last >>= level;
  // A full old tree is itself the first node of the way up.
  const bool full = std::has_single_bit(old_size);
  Sha256 old_hash = full ? old_root : proof.front();
  Sha256 hash = old_hash;
  for (const auto& step : proof.subspan(full ? 0 : 1)) {
    if (last == 0) return false;
    if ((node & 1) != 0 || node == last) {
      old_hash = node_hash(step, old_hash);
      hash = node_hash(step, hash);
      while ((node & 1) == 0 && node != 0) {
        node >>= 1;
        last >>= 1;
      }
    } else {
      hash = node_hash(hash, step);
    }
    node >>= 1;
    last >>= 1;
  }
  return last == 0 && old_hash == old_root && hash == root;
}

}  // namespace digue::journal
