#include "base/disk_encryption.hpp"

#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>

using namespace digue;
namespace fs = std::filesystem;

namespace {

/// A machine's /proc and /sys as Linux shows them.
struct Machine {
  std::string root;
  Machine() {
    root = (fs::temp_directory_path() / "digue-XXXXXX").string();
    REQUIRE(mkdtemp(root.data()) != nullptr);
    fs::create_directories(root + "/proc/self");
    fs::create_directories(root + "/sys/dev/block");
    fs::create_directories(root + "/sys/class/block");
  }
  ~Machine() { fs::remove_all(root); }
  void write(const std::string& path, const std::string& text) {
    fs::create_directories(fs::path(root + path).parent_path());
    std::ofstream(root + path) << text;
  }
  /// A block device of /sys, with what it lies on.
  void device(const std::string& name, const std::string& number, const std::string& uuid, std::initializer_list<const char*> below) {
    const std::string folder = "/sys/devices/virtual/block/" + name;
    fs::create_directories(root + folder + "/slaves");
    if (!uuid.empty()) write(folder + "/dm/uuid", uuid + "\n");
    for (const char* one : below)
      fs::create_directory_symlink(root + "/sys/devices/virtual/block/" + one, root + folder + "/slaves/" + one);
    fs::create_directory_symlink(root + folder, root + "/sys/dev/block/" + number);
    fs::create_directory_symlink(root + folder, root + "/sys/class/block/" + name);
  }
  void mounts(const std::string& text) { write("/proc/self/mountinfo", text); }
  std::string told(const std::string& path) const {
    const auto found = disk_encryption(path, root);
    return std::string(name(found.state)) + ": " + found.how;
  }
};

}  // namespace

TEST_CASE_FIXTURE(Machine, "disk encryption: dm-crypt is found below LVM, and the mount is the one that holds the folder") {
  device("sda1", "8:1", "", {});
  device("sda2", "8:2", "", {});
  device("dm-0", "253:0", "CRYPT-LUKS2-0123456789abcdef-luks", {"sda2"});
  device("dm-1", "253:1", "LVM-abcdef", {"dm-0"});
  mounts(
      "22 1 8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 rw\n"
      "30 22 253:1 / /nowhere/digue rw - xfs /dev/mapper/vg-data rw\n"
      "31 22 0:40 / /nowhere/memory\\040disk rw - tmpfs tmpfs rw\n"
      "32 22 0:41 / /nowhere/vault rw - ecryptfs /x rw\n");
  CHECK(told("/nowhere/digue/data") == "yes: dm-crypt (LUKS2) dm-0");
  CHECK(told("/nowhere/digue2/data") == "no: ext4 on sda1");
  CHECK(told("/nowhere/memory disk/x") == "unknown: tmpfs");
  CHECK(told("/nowhere/vault/x") == "yes: ecryptfs");
}

TEST_CASE_FIXTURE(Machine, "disk encryption: a device on two is as good as the worse; btrfs is found by its source") {
  device("sda", "8:0", "", {});
  device("sdb", "8:16", "", {});
  device("dm-0", "253:0", "CRYPT-LUKS1-0123-x", {"sda"});
  device("dm-2", "253:2", "LVM-striped", {"dm-0", "sdb"});
  mounts(
      "22 1 253:2 / / rw - ext4 /dev/dm-2 rw\n"
      "23 22 0:30 / /nowhere/b rw - btrfs /dev/dm-0 rw\n");
  CHECK(told("/nowhere/a") == "no: ext4 on sdb");
  CHECK(told("/nowhere/b") == "yes: dm-crypt (LUKS1) dm-0");
}

TEST_CASE_FIXTURE(Machine, "disk encryption: a machine that tells nothing") {
  CHECK(told("/nowhere") == "unknown: mountinfo");
  mounts("garbage\n1 2 3\n");
  CHECK(told("/nowhere") == "unknown: mountinfo");
}
