#include "base/disk_encryption.hpp"

#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <fstream>
#include <optional>
#include <vector>

namespace digue {

namespace {

namespace fs = std::filesystem;
constexpr int deepest = 8;  ///< devices on devices

struct Mount {
  std::string device;  ///< "8:1"
  std::string point;
  std::string type;
  std::string source;
};

/// mountinfo writes blanks and backslashes of paths as three octal digits.
std::string unescaped(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto digits = text.substr(std::min(i + 1, text.size()), 3);
    if (text[i] == '\\' && digits.size() == 3 && digits.find_first_not_of("01234567") == std::string_view::npos) {
      out += static_cast<char>((digits[0] - '0') * 64 + (digits[1] - '0') * 8 + (digits[2] - '0'));
      i += 3;
    } else {
      out += text[i];
    }
  }
  return out;
}

std::vector<std::string> words(const std::string& line) {
  std::vector<std::string> out;
  std::size_t at = 0;
  while (at < line.size()) {
    const auto end = std::min(line.find(' ', at), line.size());
    if (end > at) out.push_back(line.substr(at, end - at));
    at = end + 1;
  }
  return out;
}

bool holds(const std::string& point, const std::string& path) {
  return point == "/" || path == point || (path.starts_with(point) && path.size() > point.size() && path[point.size()] == '/');
}

/// The mount with the longest path before `path`; of equals the last, which covers the others.
std::optional<Mount> mount_of(const std::string& path, const std::string& root) {
  std::ifstream file(root + "/proc/self/mountinfo");
  std::optional<Mount> best;
  for (std::string line; std::getline(file, line);) {
    const auto parts = words(line);
    const auto dash = std::find(parts.begin(), parts.end(), "-");
    if (parts.size() < 6 || parts.end() - dash < 3) continue;
    Mount mount{parts[2], unescaped(parts[4]), dash[1], unescaped(dash[2])};
    if (holds(mount.point, path) && (!best || mount.point.size() >= best->point.size())) best = std::move(mount);
  }
  return best;
}

std::string first_line(const fs::path& path) {
  std::ifstream file(path);
  std::string line;
  std::getline(file, line);
  return line;
}

/// Of a device and those it lies on: yes when one is dm-crypt; a device on several is as good as the worst.
DiskEncryption of_device(const fs::path& device, int depth) {
  const auto uuid = first_line(device / "dm/uuid");
  const std::string name = device.filename().string();
  // dm-integrity and dm-verity are named so, too, and hide nothing.
  if (uuid.starts_with("CRYPT-") && !uuid.starts_with("CRYPT-INTEGRITY") && !uuid.starts_with("CRYPT-VERITY")) {
    const auto kind = uuid.substr(6, uuid.find('-', 6) - 6);
    return {DiskEncryption::State::yes, "dm-crypt (" + kind + ") " + name};
  }
  std::error_code problem;
  DiskEncryption out{DiskEncryption::State::no, name};
  bool any = false;
  for (fs::directory_iterator at(device / "slaves", problem), end; !problem && at != end && depth < deepest; at.increment(problem)) {
    const auto below = of_device(fs::canonical(at->path(), problem), depth + 1);
    if (!any || below.state != DiskEncryption::State::yes) out = below;
    any = true;
  }
  return out;
}

bool is_fscrypt(const std::string& path) {
  struct statx facts{};
  return ::statx(AT_FDCWD, path.c_str(), 0, STATX_BASIC_STATS, &facts) == 0 && (facts.stx_attributes & STATX_ATTR_ENCRYPTED) != 0;
}

}  // namespace

std::string_view name(DiskEncryption::State state) {
  static constexpr std::array<std::string_view, 3> names{"yes", "no", "unknown"};
  return names[static_cast<std::size_t>(state)];
}

DiskEncryption disk_encryption(const std::string& path, const std::string& root) {
  if (is_fscrypt(path)) return {DiskEncryption::State::yes, "fscrypt"};
  std::error_code problem;
  const auto whole = fs::weakly_canonical(path, problem);
  const auto mount = mount_of(problem ? path : whole.string(), root);
  if (!mount) return {DiskEncryption::State::unknown, "mountinfo"};
  static constexpr std::array<std::string_view, 6> encrypted{"ecryptfs",   "fuse.gocryptfs", "fuse.encfs",
                                                             "fuse.cryfs", "fuse.securefs",  "fuse.cryptomator"};
  if (std::find(encrypted.begin(), encrypted.end(), mount->type) != encrypted.end()) return {DiskEncryption::State::yes, mount->type};
  fs::path device = root + "/sys/dev/block/" + mount->device;
  // btrfs and others count as devices of their own: their source names the real one.
  if (!fs::exists(device, problem) && mount->source.starts_with("/dev/")) {
    const auto source = root.empty() ? fs::canonical(mount->source, problem) : fs::path(mount->source);
    device = root + "/sys/class/block/" + (problem ? fs::path(mount->source) : source).filename().string();
  }
  if (!fs::exists(device, problem)) return {DiskEncryption::State::unknown, mount->type};
  auto out = of_device(fs::canonical(device, problem), 0);
  out.how = out.state == DiskEncryption::State::yes ? out.how : mount->type + " on " + out.how;
  return out;
}

}  // namespace digue
