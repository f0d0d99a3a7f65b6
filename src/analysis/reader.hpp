#pragma once

#include <atomic>
#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "analysis/inputs.hpp"
#include "base/result.hpp"

namespace digue::analysis {

/// A file to read: `path` opens it, `name` is shown. `fd` >= 0 is used instead of the path (a spooled standard input).
struct SourceFile {
  std::string path, name;
  int fd = -1;
};

/// A piece of an input that holds whole records.
struct Block {
  std::uint32_t input = 0;
  std::uint64_t offset = 0;       ///< of the first byte in the input
  std::unique_ptr<char[]> bytes;  ///< `size` bytes and padding behind them
  std::size_t size = 0;
  std::vector<formats::Span> spans;  ///< records, in order
  int year_wraps = 0, month = 0;     ///< before the block (year-less log lines)
  std::string before;                ///< the line before the block (what a repeat line may refer to)
};

/// Hands blocks from one reading thread to the parsing ones, a few at a time.
class BlockQueue {
 public:
  explicit BlockQueue(std::size_t capacity) : capacity_(capacity) {}
  /// False when closed: the block is dropped.
  bool push(Block block);
  /// Nothing when all was taken and the queue was closed.
  bool pop(Block& block);
  void close();

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Block> blocks_;
  std::size_t capacity_;
  bool closed_ = false;
};

struct ReadControl {
  std::atomic<bool> cancelled{false};
  std::atomic<std::uint64_t> bytes_done{0};
};

/// Opens every source in turn, recognises it by its content, unpacks archives and compressed files, decodes UTF-16, and queues its blocks.
/// What cannot be opened or recognised becomes an input with a note. Errors: only cancellation.
Result<void> read_all(const std::vector<SourceFile>& sources, Inputs& inputs, BlockQueue& queue, ReadControl& control);

}  // namespace digue::analysis
