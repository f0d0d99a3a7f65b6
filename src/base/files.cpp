#include "base/files.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>

#include "base/messages.hpp"

namespace digue {

namespace {

tl::unexpected<Error> failed(std::string_view key, const std::string& path, int number = errno) {
  return tl::make_unexpected(system_error(key, path, number));
}

Result<File> opened(const std::string& path, int flags, unsigned mode) {
  int fd = -1;
  do fd = ::open(path.c_str(), flags | O_CLOEXEC, mode);
  while (fd < 0 && errno == EINTR);
  if (fd < 0) return failed("file.open", path);
  return File(fd, path);
}

std::string parent_of(const std::string& path) {
  const auto parent = std::filesystem::path(path).parent_path().string();
  return parent.empty() ? "." : parent;
}

}  // namespace

Error system_error(std::string_view message_key, const std::string& path, int number) {
  std::string reason;
  std::string help;
  switch (number) {
    case ENOSPC:
    case EDQUOT:
      reason = tr("system.disk_full");
      help = tr("system.disk_full_help");
      break;
    case EACCES:
    case EPERM:
    case EROFS:
      reason = tr("system.denied");
      break;
    case ENOENT:
      reason = tr("system.absent");
      break;
    default:
      reason = std::strerror(number);
  }
  return Error{number == ENOENT ? ErrorCode::not_found : ErrorCode::io, tr(message_key, {{"reason", reason}}), path, help};
}

Result<File> File::open(const std::string& path) {
  return opened(path, O_RDONLY, 0);
}
Result<File> File::create(const std::string& path, unsigned mode) {
  return opened(path, O_WRONLY | O_CREAT | O_EXCL, mode);
}
Result<File> File::open_or_create(const std::string& path, unsigned mode) {
  return opened(path, O_RDWR | O_CREAT, mode);
}

Result<std::uint64_t> File::size() const {
  struct stat status{};
  if (::fstat(fd_, &status) != 0) return failed("file.read", path_);
  return static_cast<std::uint64_t>(status.st_size);
}

Result<std::size_t> File::read_at(std::uint64_t offset, char* to, std::size_t size) const {
  std::size_t done = 0;
  while (done < size) {
    const auto got = ::pread(fd_, to + done, size - done, static_cast<off_t>(offset + done));
    if (got == 0) break;
    if (got < 0) {
      if (errno == EINTR) continue;
      return failed("file.read", path_);
    }
    done += static_cast<std::size_t>(got);
  }
  return done;
}

Result<void> File::write(std::string_view data) {
  while (!data.empty()) {
    const auto put = ::write(fd_, data.data(), data.size());
    if (put < 0) {
      if (errno == EINTR) continue;
      return failed("file.write", path_);
    }
    data.remove_prefix(static_cast<std::size_t>(put));
  }
  return {};
}

Result<void> File::sync() {
  if (::fsync(fd_) != 0) return failed("file.write", path_);
  return {};
}

Result<void> File::set_mode(unsigned mode) {
  if (::fchmod(fd_, mode) != 0) return failed("file.write", path_);
  return {};
}

Result<void> File::lock() {
  if (::flock(fd_, LOCK_EX | LOCK_NB) == 0) return {};
  if (errno == EWOULDBLOCK) return fail(ErrorCode::conflict, tr("file.locked"), path_);
  return failed("file.open", path_);
}

Result<void> File::truncate() {
  if (::ftruncate(fd_, 0) != 0) return failed("file.write", path_);
  return {};
}

void File::close() {
  if (fd_ >= 0) ::close(std::exchange(fd_, -1));
}

Result<std::string> read_file(const std::string& path, std::size_t max_bytes) {
  const auto file = File::open(path);
  if (!file) return tl::make_unexpected(file.error());
  std::string text;
  for (;;) {
    const std::size_t before = text.size();
    text.resize(before + 64 * 1024);
    const auto got = file->read_at(before, text.data() + before, text.size() - before);
    if (!got) return tl::make_unexpected(got.error());
    text.resize(before + *got);
    if (text.size() > max_bytes) return fail(ErrorCode::limit, tr("file.too_long", {{"bytes", std::to_string(max_bytes)}}), path);
    if (*got < 64 * 1024) return text;
  }
}

Result<void> write_file(const std::string& path, std::string_view data, unsigned mode) {
  const std::string beside = path + ".new";
  ::unlink(beside.c_str());
  auto file = File::create(beside, mode);
  if (!file) return tl::make_unexpected(file.error());
  auto done = file->write(data);
  if (done) done = file->sync();
  if (done) done = rename_file(beside, path);
  if (!done) {
    ::unlink(beside.c_str());
    return done;
  }
  return sync_directory(parent_of(path));
}

Result<void> make_directories(const std::string& path) {
  if (path.empty() || path == "/" || path == ".") return {};
  if (::mkdir(path.c_str(), 0700) == 0) return sync_directory(parent_of(path));
  if (errno == ENOENT) {
    if (auto above = make_directories(parent_of(path)); !above) return above;
    return make_directories(path);
  }
  if (errno == EEXIST && std::filesystem::is_directory(path)) return {};
  return failed("file.directory", path);
}

Result<void> sync_directory(const std::string& path) {
  const auto folder = opened(path, O_RDONLY | O_DIRECTORY, 0);
  if (!folder) return tl::make_unexpected(folder.error());
  if (::fsync(folder->descriptor()) != 0) return failed("file.write", path);
  return {};
}

Result<void> rename_file(const std::string& from, const std::string& to) {
  if (::rename(from.c_str(), to.c_str()) != 0) return failed("file.write", to);
  return {};
}

Result<void> remove_file(const std::string& path) {
  if (::unlink(path.c_str()) != 0 && errno != ENOENT) return failed("file.remove", path);
  return {};
}

bool file_exists(const std::string& path) {
  struct stat status{};
  return ::stat(path.c_str(), &status) == 0;
}

}  // namespace digue
