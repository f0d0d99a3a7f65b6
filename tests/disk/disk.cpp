#include "disk.hpp"

#include <algorithm>
#include <filesystem>
#include <fstream>

namespace digue::disk {

namespace {

/// A write takes effect sector by sector; one sector is written whole or not at all.
constexpr std::uint64_t sector = 512;

void put(std::string& data, std::uint64_t offset, std::string_view bytes, Random& random, bool garbage) {
  // What the file system gives to a file that grows is zeros, or what another file left there.
  while (data.size() < offset) data += garbage ? static_cast<char>(random() & 0xff) : '\0';
  if (data.size() < offset + bytes.size()) data.resize(offset + bytes.size());
  std::copy(bytes.begin(), bytes.end(), data.begin() + static_cast<std::ptrdiff_t>(offset));
}

}  // namespace

/// How one cut treats what was not synced.
struct Disk::Fate {
  std::uint64_t kept_of_100;  ///< sectors of pending writes
  std::uint64_t entries;      ///< changes of a directory: 0 none, 1 all, 2 the first ones
  bool garbage;
};

Disk::Disk() {
  nodes_[0].directory = true;
}

void Disk::change_entries(std::map<std::string, std::uint64_t>& entries, std::uint64_t directory, const Op& op) {
  if (op.kind == Op::Kind::create || op.kind == Op::Kind::make_directory) {
    entries[op.name] = op.node;
    return;
  }
  if (op.from == directory) entries.erase(op.name);
  if (op.kind == Op::Kind::rename && op.to == directory) entries[op.new_name] = op.node;
}

void Disk::apply(const Op& op) {
  switch (op.kind) {
    case Op::Kind::create:
    case Op::Kind::make_directory:
      nodes_[op.node].directory = op.kind == Op::Kind::make_directory;
      nodes_[op.from].pending.push_back({&op});
      break;
    case Op::Kind::remove:
      nodes_[op.from].pending.push_back({&op});
      break;
    case Op::Kind::rename:
      nodes_[op.from].pending.push_back({&op});
      if (op.to != op.from) nodes_[op.to].pending.push_back({&op});
      break;
    case Op::Kind::write:
    case Op::Kind::truncate:
      nodes_[op.node].pending.push_back({&op});
      break;
    case Op::Kind::sync: {
      Random none;
      auto& node = nodes_[op.node];
      for (const auto& one : node.pending) {
        if (one.doomed) continue;
        if (one.op->kind == Op::Kind::truncate)
          node.data.resize(one.op->offset);
        else
          put(node.data, one.op->offset, one.op->data, none, false);
      }
      node.pending.clear();
      break;
    }
    case Op::Kind::sync_failed:
      for (auto& one : nodes_[op.node].pending) one.doomed = true;
      break;
    case Op::Kind::sync_directory: {
      auto& node = nodes_[op.node];
      for (const auto& one : node.pending) change_entries(node.entries, op.node, *one.op);
      node.pending.clear();
      break;
    }
    case Op::Kind::mark:
      break;
  }
}

std::string Disk::survivor(Random& random, const Fate& fate, const Node& node) {
  std::string data = node.data;
  const auto kept = [&] { return pick(random, 100) < fate.kept_of_100; };
  for (const auto& one : node.pending) {
    const Op& op = *one.op;
    if (op.kind == Op::Kind::truncate) {
      if (kept()) data.resize(op.offset);
      continue;
    }
    for (std::uint64_t at = 0; at < op.data.size();) {
      const auto size = std::min<std::uint64_t>(sector - (op.offset + at) % sector, op.data.size() - at);
      if (kept()) put(data, op.offset + at, std::string_view(op.data).substr(at, size), random, fate.garbage);
      at += size;
    }
  }
  return data;
}

void Disk::write_out(Random& random, const Fate& fate, std::uint64_t id, const std::string& path) const {
  const auto& node = nodes_.at(id);
  if (!node.directory) {
    std::ofstream(path, std::ios::binary) << survivor(random, fate, node);
    return;
  }
  std::filesystem::create_directories(path);
  auto entries = node.entries;
  // The changes of one directory reach the disk in their order, as journaling file systems write them.
  const auto some = fate.entries == 0 ? 0 : fate.entries == 1 ? node.pending.size() : pick(random, node.pending.size() + 1);
  for (std::size_t i = 0; i < some; ++i) change_entries(entries, id, *node.pending[i].op);
  for (const auto& [name, child] : entries) write_out(random, fate, child, path + "/" + name);
}

void Disk::cut(Random& random, const std::string& folder) const {
  const std::uint64_t kept[] = {0, 100, 50, pick(random, 100)};
  const Fate fate{kept[pick(random, 4)], pick(random, 3), pick(random, 2) == 1};
  write_out(random, fate, 0, folder);
}

}  // namespace digue::disk
