#include "base/byte_source.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

namespace digue {

Result<std::unique_ptr<FileSource>> FileSource::open(const std::string& path) {
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (fd < 0) return fail(ErrorCode::io, "cannot open: " + std::string(std::strerror(errno)), path, "Check the path and the rights.");
  auto source = std::make_unique<FileSource>(fd);
  struct stat status{};
  if (::fstat(fd, &status) != 0 || !S_ISREG(status.st_mode)) return fail(ErrorCode::bad_input, "not a regular file", path);
  return source;
}

FileSource::~FileSource() {
  ::close(fd_);
}

Result<std::size_t> FileSource::read(char* buffer, std::size_t size) {
  while (true) {
    const ssize_t got = ::pread(fd_, buffer, size, offset_);
    if (got >= 0) {
      offset_ += got;
      return static_cast<std::size_t>(got);
    }
    if (errno != EINTR) return fail(ErrorCode::io, "read error: " + std::string(std::strerror(errno)));
  }
}

namespace {

void append_utf8(std::string& out, std::uint32_t code) {
  if (code < 0x80) {
    out += static_cast<char>(code);
  } else if (code < 0x800) {
    out += static_cast<char>(0xc0 | (code >> 6));
    out += static_cast<char>(0x80 | (code & 0x3f));
  } else if (code < 0x10000) {
    out += static_cast<char>(0xe0 | (code >> 12));
    out += static_cast<char>(0x80 | ((code >> 6) & 0x3f));
    out += static_cast<char>(0x80 | (code & 0x3f));
  } else {
    out += static_cast<char>(0xf0 | (code >> 18));
    out += static_cast<char>(0x80 | ((code >> 12) & 0x3f));
    out += static_cast<char>(0x80 | ((code >> 6) & 0x3f));
    out += static_cast<char>(0x80 | (code & 0x3f));
  }
}

constexpr std::uint32_t replacement = 0xfffd;

}  // namespace

Result<bool> Utf16Source::refill() {
  constexpr std::size_t chunk = 64 * 1024;
  const std::size_t kept = raw_.size();
  raw_.resize(kept + chunk);
  const auto got = inner_.read(raw_.data() + kept, chunk);
  if (!got) return tl::make_unexpected(got.error());
  raw_.resize(kept + *got);
  ended_ = *got == 0;
  ready_.clear();
  ready_at_ = 0;
  std::size_t at = 0;
  for (; at + 1 < raw_.size(); at += 2) {
    const auto a = static_cast<unsigned char>(raw_[at]);
    const auto b = static_cast<unsigned char>(raw_[at + 1]);
    const std::uint32_t unit = big_endian_ ? (a << 8U | b) : (b << 8U | a);
    if (high_surrogate_ != 0) {
      const std::uint32_t high = std::exchange(high_surrogate_, 0);
      if (unit >= 0xdc00 && unit < 0xe000) {
        append_utf8(ready_, 0x10000 + ((high - 0xd800) << 10) + (unit - 0xdc00));
        continue;
      }
      append_utf8(ready_, replacement);
    }
    if (unit >= 0xd800 && unit < 0xdc00)
      high_surrogate_ = unit;
    else
      append_utf8(ready_, unit >= 0xdc00 && unit < 0xe000 ? replacement : unit);
  }
  raw_.erase(0, at);
  if (ended_ && (!raw_.empty() || high_surrogate_ != 0)) {
    append_utf8(ready_, replacement);
    raw_.clear();
    high_surrogate_ = 0;
  }
  return true;
}

Result<std::size_t> Utf16Source::read(char* buffer, std::size_t size) {
  while (ready_at_ == ready_.size() && !ended_)
    if (auto filled = refill(); !filled) return tl::make_unexpected(filled.error());
  const std::size_t take = std::min(size, ready_.size() - ready_at_);
  std::memcpy(buffer, ready_.data() + ready_at_, take);
  ready_at_ += take;
  return take;
}

}  // namespace digue
