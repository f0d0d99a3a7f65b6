#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/arena.hpp"
#include "base/result.hpp"
#include "model/event.hpp"

namespace digue::analysis {

/// Events on their way to the second half of the analysis, in partitions: kept in memory while they are few, else in one unlinked
/// private file. Appending is safe from several threads.
class Spill {
 public:
  /// `memory_limit`: bytes kept in memory before the file is used. `fd`: an open private file (owned), -1: memory only.
  Spill(std::size_t partitions, std::size_t memory_limit, int fd);
  ~Spill();
  Spill(const Spill&) = delete;
  Spill& operator=(const Spill&) = delete;

  /// An unlinked file in TMPDIR (else /tmp), to be handed to the constructor.
  static Result<int> open_private_file();

  Result<void> append(std::size_t partition, std::string_view bytes);
  /// All bytes of a partition; the order of its chunks is not defined.
  Result<std::string> load(std::size_t partition) const;
  std::uint64_t bytes_in_file() const { return file_end_; }

 private:
  struct Chunk {
    std::uint64_t offset;  ///< in the file, when `memory` is empty
    std::size_t length;
    std::string memory;
  };
  mutable std::mutex mutex_;
  std::vector<std::vector<Chunk>> partitions_;
  std::size_t memory_left_;
  std::uint64_t file_end_ = 0;
  int fd_;
};

/// One thread's buffers in front of a Spill.
class SpillWriter {
 public:
  SpillWriter(Spill& spill, std::size_t partitions) : spill_(spill), buffers_(partitions) {}
  /// Adds an event with its routing key (an account, an address, a join key). `primary`: this is the first trace of its source record,
  /// the one that counts as its duplicate.
  Result<void> add(std::size_t partition, std::string_view key, bool primary, const Event& event);
  Result<void> flush();

 private:
  Result<void> flush(std::size_t partition);
  Spill& spill_;
  std::vector<std::string> buffers_;
};

/// A decoded event of a partition. Views point into the partition's bytes and the arena.
struct Spilled {
  std::int64_t time = 0;
  TimeBasis basis = TimeBasis::utc;
  std::uint16_t year_wraps = 0;
  Activity activity = Activity::other;
  Outcome outcome = Outcome::unknown;
  bool own_id = false, primary = false;
  std::uint32_t repeats = 1;
  Id128 id;
  std::optional<IpAddress> ip;
  Place place;
  std::string_view key, account, operation, uid;
  std::span<const std::pair<Field, std::string_view>> fields;
  std::string_view content;  ///< all texts of the event as stored: a content key that does not depend on its place

  /// The first value of a detail, empty when there is none.
  std::string_view get(Field field) const {
    for (const auto& [id_, value] : fields)
      if (id_ == field) return value;
    return {};
  }
};

/// Decodes the bytes of a partition (written by SpillWriter in this process).
std::vector<Spilled> decode(std::string_view bytes, Arena& arena);

}  // namespace digue::analysis
