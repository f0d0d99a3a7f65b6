#include "analysis/content.hpp"

#include <algorithm>
#include <array>
#include <cstring>

#include "base/archive/archive.hpp"

namespace digue::analysis {

namespace {

Result<std::string> skip_and_read(ByteSource& content, std::string_view path, std::uint64_t offset, std::size_t size,
                                  const std::atomic<bool>& cancelled) {
  std::array<char, 64 * 1024> unused;
  while (offset > 0) {
    if (cancelled) return fail(ErrorCode::cancelled, "cancelled");
    const auto got = content.read(unused.data(), static_cast<std::size_t>(std::min<std::uint64_t>(unused.size(), offset)));
    if (!got) return tl::make_unexpected(got.error());
    if (*got == 0) return fail(ErrorCode::not_found, "shorter than the place asked for", std::string(path));
    offset -= *got;
  }
  return read_head(content, size);
}

Result<std::string> decoded(ByteSource& content, std::string_view path, std::uint64_t offset, std::size_t size,
                            const std::atomic<bool>& cancelled) {
  auto mark = read_head(content, 2);
  if (!mark) return mark;
  const bool utf16 = is_utf16(*mark);
  const bool big = utf16 && mark->front() == '\xfe';
  Rejoined raw(utf16 ? std::string() : std::move(*mark), content);
  if (!utf16) return skip_and_read(raw, path, offset, size, cancelled);
  Utf16Source utf8(raw, big);
  return skip_and_read(utf8, path, offset, size, cancelled);
}

}  // namespace

Result<std::size_t> Rejoined::read(char* buffer, std::size_t size) {
  if (at_ == head_.size()) return rest_.read(buffer, size);
  const std::size_t take = std::min(size, head_.size() - at_);
  std::memcpy(buffer, head_.data() + at_, take);
  at_ += take;
  return take;
}

Result<std::string> read_head(ByteSource& source, std::size_t size) {
  std::string head(size, '\0');
  std::size_t used = 0;
  while (used < size) {
    const auto got = source.read(head.data() + used, size - used);
    if (!got) {
      if (used == 0) return tl::make_unexpected(got.error());
      break;
    }
    if (*got == 0) break;
    used += *got;
  }
  head.resize(used);
  return head;
}

bool is_utf16(std::string_view head) {
  return head.starts_with("\xff\xfe") || head.starts_with("\xfe\xff");
}

Result<std::string> excerpt(const SourceFile& source, std::string_view path, std::uint64_t offset, std::size_t size,
                            const std::atomic<bool>& cancelled) {
  auto file = FileSource::open(source.path);
  if (!file) return tl::make_unexpected(file.error());
  const auto head = read_head(**file, 512);
  if (!head) return head;
  (*file)->rewind();
  if (!is_packed(*head)) return decoded(**file, path, offset, size, cancelled);
  auto archive = ArchiveReader::open((*file)->fd());
  if (!archive) return tl::make_unexpected(archive.error());
  while (!cancelled) {
    const auto next = archive->next();
    if (!next) return tl::make_unexpected(next.error());
    if (!*next) return fail(ErrorCode::not_found, "no such member", std::string(path));
    if (path == (archive->member().empty() ? source.name : source.name + "!" + archive->member()))
      return decoded(archive->content(), path, offset, size, cancelled);
  }
  return fail(ErrorCode::cancelled, "cancelled");
}

}  // namespace digue::analysis
