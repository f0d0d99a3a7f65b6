#pragma once

#include <atomic>
#include <string>
#include <string_view>

#include "analysis/reader.hpp"
#include "base/byte_source.hpp"

namespace digue::analysis {

/// First bytes that were already read, then the rest.
class Rejoined final : public ByteSource {
 public:
  Rejoined(std::string head, ByteSource& rest) : head_(std::move(head)), rest_(rest) {}
  Result<std::size_t> read(char* buffer, std::size_t size) override;

 private:
  std::string head_;
  std::size_t at_ = 0;
  ByteSource& rest_;
};

/// Up to `size` first bytes; fewer at the end. Errors: of the first read.
Result<std::string> read_head(ByteSource& source, std::size_t size);

/// Whether a content begins with a mark of UTF-16: places then count its bytes as UTF-8, without the mark.
bool is_utf16(std::string_view head);

/// `size` bytes at `offset` of an input as it was read: of the member that `path` names ("name!member") where `source` is an archive, of
/// the text where it is compressed or UTF-16. Fewer at its end. Errors: not_found (no such member, or shorter), those of reading,
/// cancelled.
Result<std::string> excerpt(const SourceFile& source, std::string_view path, std::uint64_t offset, std::size_t size,
                            const std::atomic<bool>& cancelled);

}  // namespace digue::analysis
