#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

#include "base/result.hpp"

namespace digue {

/// Bytes that are read once, front to back.
class ByteSource {
 public:
  virtual ~ByteSource() = default;
  /// Fills up to `size` bytes; 0 means the end.
  virtual Result<std::size_t> read(char* buffer, std::size_t size) = 0;
};

/// Reads a file descriptor from its start (it is closed at the end when `owned`).
class FileSource final : public ByteSource {
 public:
  static Result<std::unique_ptr<FileSource>> open(const std::string& path);
  explicit FileSource(int fd) : fd_(fd) {}
  ~FileSource() override;
  FileSource(const FileSource&) = delete;
  FileSource& operator=(const FileSource&) = delete;
  Result<std::size_t> read(char* buffer, std::size_t size) override;
  void rewind() { offset_ = 0; }
  int fd() const { return fd_; }

 private:
  int fd_;
  std::int64_t offset_ = 0;
};

/// UTF-16 (little or big endian, without its byte-order mark) read as UTF-8. Unpaired surrogates become U+FFFD.
class Utf16Source final : public ByteSource {
 public:
  Utf16Source(ByteSource& inner, bool big_endian) : inner_(inner), big_endian_(big_endian) {}
  Result<std::size_t> read(char* buffer, std::size_t size) override;

 private:
  Result<bool> refill();

  ByteSource& inner_;
  bool big_endian_;
  std::string raw_, ready_;
  std::size_t ready_at_ = 0;
  std::uint32_t high_surrogate_ = 0;
  bool ended_ = false;
};

}  // namespace digue
