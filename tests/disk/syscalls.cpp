// The calls of the C library by which this process, SQLite included, changes files. Those below the folder of a Recording are written
// down; all others pass. They are declared here, not included: the library's own headers replace some of them by others.
#include <dlfcn.h>
#include <sys/types.h>

#include <cerrno>
#include <cstdarg>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <map>
#include <mutex>
#include <sstream>

#include "disk.hpp"

namespace digue::disk {

namespace {

constexpr int o_creat = 0100;
constexpr int o_trunc = 01000;

struct State {
  std::string folder;
  std::map<std::string, std::uint64_t> paths;  ///< below the folder, as the machine sees them; "" is the folder
  std::map<std::uint64_t, bool> directory;
  std::map<int, std::uint64_t> open;
  std::map<int, std::uint64_t> position;  ///< of write() without offset
  std::vector<Op> operations;
  std::uint64_t next = 1;
  bool lies_of_files = false;
  bool lies_of_directories = false;
  Recording::Fault fault = Recording::Fault::full;
  std::uint64_t good_left = ~std::uint64_t{0};
  std::uint64_t bad_left = 0;
  std::uint64_t failed = 0;
};

// Both outlive every thread: a file may be closed behind the last test.
std::recursive_mutex& mutex() {
  static auto* one = new std::recursive_mutex;
  return *one;
}
State*& state() {
  static State* one = nullptr;
  return one;
}

template <class Function>
Function* real(const char* name) {
  return reinterpret_cast<Function*>(dlsym(RTLD_NEXT, name));
}

/// The path below the watched folder; nothing when it is elsewhere.
const std::string* below(const char* path, std::string& out) {
  if (state() == nullptr || path == nullptr) return nullptr;
  const std::string& folder = state()->folder;
  if (std::strncmp(path, folder.c_str(), folder.size()) != 0 || (path[folder.size()] != '/' && path[folder.size()] != '\0')) return nullptr;
  out = std::filesystem::path(path).lexically_normal().string().substr(folder.size());
  while (!out.empty() && out.back() == '/') out.pop_back();
  return &out;
}

std::string parent_of(const std::string& path) {
  return path.substr(0, path.rfind('/'));
}
std::string name_of(const std::string& path) {
  return path.substr(path.rfind('/') + 1);
}

void created(const std::string& path, bool directory) {
  auto& s = *state();
  const auto node = s.next++;
  s.paths[path] = node;
  s.directory[node] = directory;
  s.operations.push_back({.kind = directory ? Op::Kind::make_directory : Op::Kind::create,
                          .node = node,
                          .from = s.paths.at(parent_of(path)),
                          .name = name_of(path)});
}

/// True when this operation must fail.
bool fails(Recording::Fault kind) {
  auto& s = *state();
  if (s.good_left > 0) {
    --s.good_left;
    return false;
  }
  if (s.bad_left == 0 || s.fault != kind) return false;
  --s.bad_left;
  ++s.failed;
  return true;
}

int full() {
  errno = ENOSPC;
  return -1;
}

int opened(const char* name, const char* path, int flags, mode_t mode) {
  auto* const call = real<int(const char*, int, ...)>(name);
  const std::lock_guard lock(mutex());
  std::string at;
  if (!below(path, at)) return call(path, flags, mode);
  auto& s = *state();
  const bool known = s.paths.contains(at);
  if (!known && (flags & o_creat) != 0 && fails(Recording::Fault::full)) return full();
  const int fd = call(path, flags, mode);
  if (fd < 0) return fd;
  if (!known) created(at, false);
  const auto node = s.paths.at(at);
  if (known && (flags & o_trunc) != 0) s.operations.push_back({.kind = Op::Kind::truncate, .node = node});
  s.open[fd] = node;
  s.position[fd] = 0;
  return fd;
}

ssize_t wrote(int fd, const void* data, std::size_t size, std::uint64_t offset,
              ssize_t (*call)(int, const void*, std::size_t, std::uint64_t)) {
  const auto node = state()->open.at(fd);
  if (fails(Recording::Fault::full)) {
    size /= 2;  // a disk that fills takes a part of a write, and refuses the next
    if (size == 0) return full();
  }
  const ssize_t done = call(fd, data, size, offset);
  if (done > 0)
    state()->operations.push_back({.kind = Op::Kind::write,
                                   .node = node,
                                   .offset = offset,
                                   .data = std::string(static_cast<const char*>(data), static_cast<std::size_t>(done))});
  return done;
}

bool watched(int fd) {
  return state() != nullptr && state()->open.contains(fd);
}

ssize_t put_at(const char* name, int fd, const void* data, std::size_t size, std::uint64_t offset) {
  static auto* const call = real<ssize_t(int, const void*, std::size_t, off_t)>(name);
  const std::lock_guard lock(mutex());
  if (!watched(fd)) return call(fd, data, size, static_cast<off_t>(offset));
  return wrote(fd, data, size, offset, [](int to, const void* bytes, std::size_t count, std::uint64_t at) {
    return call(to, bytes, count, static_cast<off_t>(at));
  });
}

int resized(const char* name, int fd, off_t size) {
  auto* const call = real<int(int, off_t)>(name);
  const std::lock_guard lock(mutex());
  const int done = call(fd, size);
  if (done == 0 && watched(fd))
    state()->operations.push_back({.kind = Op::Kind::truncate, .node = state()->open.at(fd), .offset = static_cast<std::uint64_t>(size)});
  return done;
}

int synced(int fd) {
  // The tests' own disk is not asked: nothing here depends on what it keeps.
  const std::lock_guard lock(mutex());
  if (!watched(fd)) return real<int(int)>("fsync")(fd);
  auto& s = *state();
  const auto node = s.open.at(fd);
  const bool directory = s.directory.at(node);
  if (!directory && fails(Recording::Fault::broken_sync)) {
    s.operations.push_back({.kind = Op::Kind::sync_failed, .node = node});
    errno = EIO;
    return -1;
  }
  if (directory ? s.lies_of_directories : s.lies_of_files) return 0;
  s.operations.push_back({.kind = directory ? Op::Kind::sync_directory : Op::Kind::sync, .node = node});
  return 0;
}

int removed(const char* name, const char* path) {
  auto* const call = real<int(const char*)>(name);
  const std::lock_guard lock(mutex());
  const int done = call(path);
  std::string at;
  if (done == 0 && below(path, at)) {
    state()->operations.push_back({.kind = Op::Kind::remove, .from = state()->paths.at(parent_of(at)), .name = name_of(at)});
    state()->paths.erase(at);
  }
  return done;
}

}  // namespace

Recording::Recording(std::string folder) {
  const std::lock_guard lock(mutex());
  state() = new State;
  auto& s = *state();
  s.folder = std::move(folder);
  s.paths[""] = 0;
  s.directory[0] = true;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(s.folder)) {
    const auto path = entry.path().string().substr(s.folder.size());
    created(path, entry.is_directory());
    const auto node = s.paths.at(path);
    if (!entry.is_directory()) {
      std::ostringstream data;
      data << std::ifstream(entry.path(), std::ios::binary).rdbuf();
      s.operations.push_back({.kind = Op::Kind::write, .node = node, .data = data.str()});
      s.operations.push_back({.kind = Op::Kind::sync, .node = node});
    }
    s.operations.push_back({.kind = Op::Kind::sync_directory, .node = s.paths.at(parent_of(path))});
  }
  s.operations.push_back({.kind = Op::Kind::mark});
}

Recording::~Recording() {
  const std::lock_guard lock(mutex());
  delete state();
  state() = nullptr;
}

void Recording::mark(std::uint64_t promise) {
  const std::lock_guard lock(mutex());
  state()->operations.push_back({.kind = Op::Kind::mark, .offset = promise});
}

void Recording::lie(bool files, bool directories) {
  const std::lock_guard lock(mutex());
  state()->lies_of_files = files;
  state()->lies_of_directories = directories;
}

void Recording::fail(Fault fault, std::uint64_t operations, std::uint64_t times) {
  const std::lock_guard lock(mutex());
  state()->fault = fault;
  state()->good_left = operations;
  state()->bad_left = times;
}

void Recording::heal() {
  const std::lock_guard lock(mutex());
  state()->bad_left = 0;
}

std::uint64_t Recording::failed() const {
  const std::lock_guard lock(mutex());
  return state()->failed;
}

bool Recording::sync_has_failed() const {
  const std::lock_guard lock(mutex());
  return state()->fault == Fault::broken_sync && state()->failed > 0;
}

std::vector<Op> Recording::operations() const {
  const std::lock_guard lock(mutex());
  return state()->operations;
}

}  // namespace digue::disk

using namespace digue::disk;

extern "C" {

int open(const char* path, int flags, ...) {
  std::va_list rest;
  va_start(rest, flags);
  const auto mode = static_cast<mode_t>(va_arg(rest, int));
  va_end(rest);
  return opened("open", path, flags, mode);
}
int open64(const char* path, int flags, ...) {
  std::va_list rest;
  va_start(rest, flags);
  const auto mode = static_cast<mode_t>(va_arg(rest, int));
  va_end(rest);
  return opened("open64", path, flags, mode);
}
int close(int fd) {
  static auto* const call = real<int(int)>("close");
  const std::lock_guard lock(mutex());
  if (watched(fd)) {
    state()->open.erase(fd);
    state()->position.erase(fd);
  }
  return call(fd);
}
ssize_t write(int fd, const void* data, size_t size) {
  static auto* const call = real<ssize_t(int, const void*, std::size_t)>("write");
  const std::lock_guard lock(mutex());
  if (!watched(fd)) return call(fd, data, size);
  auto& at = state()->position.at(fd);
  const auto done =
      wrote(fd, data, size, at, [](int to, const void* bytes, std::size_t count, std::uint64_t) { return call(to, bytes, count); });
  if (done > 0) at += static_cast<std::uint64_t>(done);
  return done;
}
ssize_t pwrite(int fd, const void* data, size_t size, off_t offset) {
  return put_at("pwrite", fd, data, size, static_cast<std::uint64_t>(offset));
}
ssize_t pwrite64(int fd, const void* data, size_t size, off_t offset) {
  return put_at("pwrite64", fd, data, size, static_cast<std::uint64_t>(offset));
}
int ftruncate(int fd, off_t size) noexcept {
  return resized("ftruncate", fd, size);
}
int ftruncate64(int fd, off_t size) noexcept {
  return resized("ftruncate64", fd, size);
}
int fsync(int fd) {
  return synced(fd);
}
int fdatasync(int fd) {
  return synced(fd);
}
int unlink(const char* path) noexcept {
  return removed("unlink", path);
}
int rmdir(const char* path) noexcept {
  return removed("rmdir", path);
}
int mkdir(const char* path, mode_t mode) noexcept {
  auto* const call = real<int(const char*, mode_t)>("mkdir");
  const std::lock_guard lock(mutex());
  std::string at;
  const bool inside = below(path, at) != nullptr;
  if (inside && !state()->paths.contains(at) && fails(Recording::Fault::full)) return full();
  const int done = call(path, mode);
  if (done == 0 && inside) created(at, true);
  return done;
}
int rename(const char* from, const char* to) noexcept {
  auto* const call = real<int(const char*, const char*)>("rename");
  const std::lock_guard lock(mutex());
  const int done = call(from, to);
  std::string old_path;
  std::string new_path;
  if (done != 0 || !below(from, old_path) || !below(to, new_path)) return done;
  auto& s = *state();
  s.operations.push_back({.kind = Op::Kind::rename,
                          .node = s.paths.at(old_path),
                          .from = s.paths.at(parent_of(old_path)),
                          .name = name_of(old_path),
                          .to = s.paths.at(parent_of(new_path)),
                          .new_name = name_of(new_path)});
  std::map<std::string, std::uint64_t> moved;
  for (const auto& [path, node] : s.paths)
    if (path == old_path || path.starts_with(old_path + "/")) moved[new_path + path.substr(old_path.size())] = node;
  std::erase_if(s.paths, [&](const auto& one) { return one.first == old_path || one.first.starts_with(old_path + "/"); });
  for (auto& [path, node] : moved) s.paths[path] = node;
  return done;
}
}
