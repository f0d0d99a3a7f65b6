#include "store/data_directory.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdlib>

#include "base/messages.hpp"
#include "base/text.hpp"

namespace digue::store {

Result<std::string> default_data_directory() {
  if (const char* home = std::getenv("XDG_DATA_HOME"); home != nullptr && *home == '/') return std::string(home) + "/digue";
  if (const char* home = std::getenv("HOME"); home != nullptr && *home == '/') return std::string(home) + "/.local/share/digue";
  return fail(ErrorCode::usage, tr("data.no_home"), {}, tr("data.no_home_help"));
}

Result<DataDirectory> DataDirectory::open(const std::string& path) {
  if (auto made = make_directories(path); !made) return tl::make_unexpected(made.error());
  if (::chmod(path.c_str(), 0700) != 0) return tl::make_unexpected(system_error("file.directory", path, errno));
  auto lock = File::open_or_create(path + "/lock");
  if (!lock) return tl::make_unexpected(lock.error());
  if (auto taken = lock->lock(); !taken) {
    if (taken.error().code != ErrorCode::conflict) return tl::make_unexpected(taken.error());
    std::array<char, 32> owner{};
    const auto size = lock->read_at(0, owner.data(), owner.size());
    const std::string pid(trim(std::string_view(owner.data(), size.value_or(0))));
    return fail(ErrorCode::conflict, tr("data.owned", {{"pid", pid}}), path, tr("data.owned_help"));
  }
  auto written = lock->truncate();
  if (written) written = lock->write(std::to_string(::getpid()) + "\n");
  if (!written) return tl::make_unexpected(written.error());
  return DataDirectory(path, std::move(*lock));
}

}  // namespace digue::store
