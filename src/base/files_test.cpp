#include "base/files.hpp"

#include <doctest/doctest.h>
#include <sys/stat.h>

#include <filesystem>

#include "base/folder_test.hpp"

using namespace digue;
using digue::testing::Folder;

namespace {

unsigned mode_of(const std::string& path) {
  struct stat status{};
  REQUIRE(::stat(path.c_str(), &status) == 0);
  return status.st_mode & 0777u;
}

}  // namespace

TEST_CASE("a file is replaced as a whole, and read back within its bound") {
  const Folder folder;
  const std::string path = folder.path + "/settings";
  REQUIRE(write_file(path, "one"));
  REQUIRE(write_file(path, "second"));
  CHECK(read_file(path, 6).value() == "second");
  CHECK(read_file(path, 5).error().code == ErrorCode::limit);
  CHECK(mode_of(path) == 0600);
  CHECK(std::distance(std::filesystem::directory_iterator(folder.path), {}) == 1);
  CHECK(read_file(folder.path + "/absent", 5).error().code == ErrorCode::not_found);
}

TEST_CASE("create never takes an existing file") {
  const Folder folder;
  const std::string path = folder.path + "/new";
  auto file = File::create(path, 0400);
  REQUIRE(file);
  REQUIRE(file->write("abcdef"));
  CHECK(file->size().value() == 6);
  CHECK_FALSE(File::create(path));
  const auto reader = File::open(path).value();
  char bytes[4];
  CHECK(reader.read_at(4, bytes, 4).value() == 2);
  CHECK(std::string(bytes, 2) == "ef");
}

TEST_CASE("directories are made private, and made again without complaint") {
  const Folder folder;
  REQUIRE(make_directories(folder.path + "/a/b/c"));
  REQUIRE(make_directories(folder.path + "/a/b/c"));
  CHECK(mode_of(folder.path + "/a/b/c") == 0700);
  REQUIRE(write_file(folder.path + "/a/file", ""));
  CHECK_FALSE(make_directories(folder.path + "/a/file"));
}

TEST_CASE("a lock is held by one owner") {
  const Folder folder;
  auto first = File::open_or_create(folder.path + "/lock").value();
  auto second = File::open_or_create(folder.path + "/lock").value();
  REQUIRE(first.lock());
  CHECK(second.lock().error().code == ErrorCode::conflict);
  first.close();
  CHECK(second.lock());
}

TEST_CASE("a full disk is named") {
  if (!file_exists("/dev/full")) return;
  auto file = File::open_or_create("/dev/full").value();
  const auto written = file.write("x");
  REQUIRE_FALSE(written);
  CHECK(written.error().code == ErrorCode::io);
  CHECK_FALSE(written.error().help.empty());
}
