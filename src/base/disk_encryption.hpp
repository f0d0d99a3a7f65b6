#pragma once

#include <string>
#include <string_view>

namespace digue {

/// Whether what is written in a folder lies encrypted on the disk, as far as this machine tells.
struct DiskEncryption {
  enum class State { yes, no, unknown };
  State state = State::unknown;
  std::string how;  ///< what tells it: "dm-crypt (LUKS2) vda2", "ext4 on vda1", "overlay"
};

std::string_view name(DiskEncryption::State state);

/// Linux: the file system that holds `path` (/proc/self/mountinfo), the block devices that it lies on down to the last (dm-crypt is told by
/// /sys/block/*/dm/uuid), ecryptfs, gocryptfs and their kin by their type, fscrypt by the folder's attribute. What lies in memory, on the
/// network or on a pool of its own cannot be told from here. `root` stands before /proc and /sys, for tests.
DiskEncryption disk_encryption(const std::string& path, const std::string& root = {});

}  // namespace digue
