#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/time.hpp"
#include "formats/container/cutter.hpp"
#include "formats/format.hpp"
#include "model/text.hpp"

namespace digue::analysis {

/// A record that was refused: where it begins and why.
struct Reject {
  std::uint64_t offset = 0;
  std::string reason;
  auto operator<=>(const Reject&) const = default;
};

/// What one block of an input gave; merged into its Input.
struct BlockReport {
  std::uint64_t records = 0;
  std::uint64_t rejected = 0;
  std::map<std::string_view, std::uint64_t> by_format;  ///< accepted records by format id
  std::uint64_t other = 0;                              ///< accepted, of no interest (other programs' lines)
  std::vector<Reject> rejects;                          ///< those with the smallest offsets, at most max_rejects
  std::map<const void*, formats::Tally> tallies;        ///< by format table
  std::int64_t last_yearless = 0;                       ///< latest clock value of the highest wrap
  int max_wraps = -1;                                   ///< -1: no year-less line
  std::uint64_t zoneless = 0;
  std::optional<std::int64_t> latest_dated;              ///< UTC microseconds
  std::map<int, std::int64_t> offsets;                   ///< from UTC, minutes, as log lines wrote them -> the earliest
  std::map<std::string, std::set<std::size_t>> domains;  ///< hashes of the accounts that did something, by mail domain
  static constexpr std::size_t max_rejects = 5;
  void reject(std::uint64_t offset, std::string reason);
  void note_offset(int minutes, std::int64_t time);
};

/// One file, or one member of an archive, while and after it is read.
struct Input {
  std::string path;          ///< as shown; member: "archive!member"
  std::uint32_t source = 0;  ///< index of the source it came from
  bool decoded = false;      ///< offsets count bytes of the decoded content (compressed, UTF-16)
  formats::Container container = formats::Container::lines;
  const formats::CsvFormat* csv = nullptr;
  char delimiter = ',';
  std::vector<int> columns;
  BlockReport total;
  std::uint64_t duplicates = 0;
  std::vector<Text> notes;
  std::unordered_map<std::int64_t, std::uint32_t> hours;  ///< records per hour since the epoch, for gaps
  std::optional<std::int64_t> first, last;                ///< UTC microseconds
  std::optional<int> last_year;                           ///< year given to the highest wrap

  /// "microsoft365.ual", "dovecot+postfix", "syslog" (only other programs' lines); empty when no record was understood.
  std::string format() const;
};

/// Grows while sources are read; addresses of inputs stay.
class Inputs {
 public:
  /// Index of a new input.
  std::uint32_t add(std::string path, std::uint32_t source);
  /// The reference stays good while others are added.
  Input& operator[](std::uint32_t index) const;
  std::uint32_t size() const;
  void merge(std::uint32_t index, const BlockReport& report);
  /// Counts of one loaded partition, merged under the same lock.
  struct Loaded {
    std::uint64_t duplicates = 0;
    std::optional<std::int64_t> first, last;
    std::unordered_map<std::int64_t, std::uint32_t> hours;
  };
  void merge(const std::unordered_map<std::uint32_t, Loaded>& loaded);
  /// Latest instant told by a record that dates itself, not after `limit`.
  std::optional<UtcMicros> latest_dated(UtcMicros limit) const;
  /// Mail domains with at least a fifth of the accounts of the largest one; public mail services are not the establishment's.
  std::vector<std::string> likely_own_domains() const;

 private:
  mutable std::mutex mutex_;
  mutable std::deque<Input> inputs_;
};

}  // namespace digue::analysis
