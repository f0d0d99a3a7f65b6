#pragma once

#include <cstdint>
#include <map>
#include <random>
#include <string>
#include <vector>

/// A disk that forgets what nobody synced, for tests of durability: the file operations of this process are written down as they happen
/// (syscalls.cpp stands before the C library), and a power cut at any of them is played afterwards. The model is in docs/durability.md.
namespace digue::disk {

using Random = std::mt19937_64;
/// 0 .. bound-1; the same on every machine.
inline std::uint64_t pick(Random& random, std::uint64_t bound) {
  return bound == 0 ? 0 : random() % bound;
}

struct Op {
  enum class Kind { create, make_directory, write, truncate, sync, sync_failed, sync_directory, rename, remove, mark };
  Kind kind;
  std::uint64_t node = 0;  ///< file or directory
  std::uint64_t from = 0;  ///< directory that holds `name`
  std::string name = {};   ///< created, removed, renamed from
  std::uint64_t to = 0;    ///< rename: directory that holds `new_name`
  std::string new_name = {};
  std::uint64_t offset = 0;  ///< write; truncate: the new size; mark: what was promised
  std::string data = {};
};

/// Operations below one folder, from now on until destroyed; one at a time in a process. What is there at the start counts as synced: it
/// stands before the first mark, number 0.
class Recording {
 public:
  explicit Recording(std::string folder);
  ~Recording();
  Recording(const Recording&) = delete;
  Recording& operator=(const Recording&) = delete;

  /// What happened before here was promised to somebody.
  void mark(std::uint64_t promise);
  /// From now on the disk says that it synced, and did not: files, directories, or neither.
  void lie(bool files, bool directories);
  /// After `operations` more of them, `times` fail: writes for lack of space, or syncs with an input/output error.
  enum class Fault { full, broken_sync };
  void fail(Fault fault, std::uint64_t operations, std::uint64_t times);
  void heal();
  std::uint64_t failed() const;
  bool sync_has_failed() const;
  std::vector<Op> operations() const;
};

/// What the machine sees of the disk, and what would be left of it.
class Disk {
 public:
  Disk();
  void apply(const Op& op);
  /// Writes into the empty `folder` what a power cut now would leave.
  void cut(Random& random, const std::string& folder) const;

 private:
  struct Pending {
    const Op* op;
    bool doomed = false;  ///< its sync failed: the system has forgotten that it must still be written
  };
  struct Node {
    bool directory = false;
    std::string data;                              ///< synced
    std::map<std::string, std::uint64_t> entries;  ///< synced
    std::vector<Pending> pending;
  };
  struct Fate;
  static void change_entries(std::map<std::string, std::uint64_t>& entries, std::uint64_t directory, const Op& op);
  static std::string survivor(Random& random, const Fate& fate, const Node& node);
  void write_out(Random& random, const Fate& fate, std::uint64_t node, const std::string& path) const;

  std::map<std::uint64_t, Node> nodes_;
};

}  // namespace digue::disk
