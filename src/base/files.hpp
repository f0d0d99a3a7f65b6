#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include "base/result.hpp"

namespace digue {

/// An owned file descriptor. Errors carry the path and what the system said; a full disk is told as such.
class File {
 public:
  File() = default;
  File(int fd, std::string path) : fd_(fd), path_(std::move(path)) {}
  File(File&& other) noexcept : fd_(std::exchange(other.fd_, -1)), path_(std::move(other.path_)) {}
  File& operator=(File&& other) noexcept {
    std::swap(fd_, other.fd_);
    std::swap(path_, other.path_);
    return *this;
  }
  ~File() { close(); }

  static Result<File> open(const std::string& path);
  /// A new file, refused when the path exists (O_EXCL); `mode` before the umask.
  static Result<File> create(const std::string& path, unsigned mode = 0600);
  /// Opened for reading and writing, created when absent.
  static Result<File> open_or_create(const std::string& path, unsigned mode = 0600);

  bool is_open() const { return fd_ >= 0; }
  int descriptor() const { return fd_; }
  const std::string& path() const { return path_; }

  Result<std::uint64_t> size() const;
  /// Up to `size` bytes from `offset`; less only at the end of the file.
  Result<std::size_t> read_at(std::uint64_t offset, char* to, std::size_t size) const;
  Result<void> write(std::string_view data);
  /// Content and size on stable storage.
  Result<void> sync();
  Result<void> set_mode(unsigned mode);
  /// Exclusive advisory lock, not waited for: conflict when another process holds it.
  Result<void> lock();
  Result<void> truncate();
  void close();

 private:
  int fd_ = -1;
  std::string path_;
};

/// The whole file; limit when it is longer than `max_bytes`.
Result<std::string> read_file(const std::string& path, std::size_t max_bytes);
/// Written beside, synced, then renamed over `path`: a reader sees the old or the new content, whatever happens.
Result<void> write_file(const std::string& path, std::string_view data, unsigned mode = 0600);

/// All missing directories of the path, mode 0700.
Result<void> make_directories(const std::string& path);
Result<void> sync_directory(const std::string& path);
Result<void> rename_file(const std::string& from, const std::string& to);
/// Not an error when it does not exist.
Result<void> remove_file(const std::string& path);
bool file_exists(const std::string& path);

/// The Error of a failed system call on `path`: io, or not_found for ENOENT.
Error system_error(std::string_view message_key, const std::string& path, int number);

}  // namespace digue
