#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/crypto/hash.hpp"
#include "base/result.hpp"
#include "base/time.hpp"

namespace digue::analysis {

/// Texts brought into the order (time, id); beyond `memory_limit` bytes they wait in a private file.
class EventOrder {
 public:
  EventOrder(std::size_t memory_limit, int fd) : memory_limit_(memory_limit), fd_(fd) {}
  ~EventOrder();
  EventOrder(const EventOrder&) = delete;
  EventOrder& operator=(const EventOrder&) = delete;
  Result<void> add(UtcMicros time, const Id128& id, std::string_view text);
  Result<void> drain(const std::function<void(std::string_view)>& sink);

 private:
  struct Entry {
    UtcMicros time;
    Id128 id;
    std::uint64_t offset;
    std::uint32_t length;
  };
  Result<void> write_out();
  std::size_t memory_limit_;
  int fd_;
  std::string memory_;  ///< bytes from file_end_ on
  std::uint64_t file_end_ = 0;
  std::vector<Entry> entries_;
};

}  // namespace digue::analysis
