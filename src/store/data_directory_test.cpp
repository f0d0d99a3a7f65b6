#include "store/data_directory.hpp"

#include <doctest/doctest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>

#include "base/folder_test.hpp"

using namespace digue;
using namespace digue::store;

TEST_CASE("a data directory is private and has one owner, who is named") {
  const digue::testing::Folder here;
  const auto& folder = here.path;
  const std::string path = folder + "/a/data";
  {
    const auto first = DataDirectory::open(path);
    REQUIRE(first);
    struct stat status{};
    REQUIRE(::stat(path.c_str(), &status) == 0);
    CHECK((status.st_mode & 0777u) == 0700);
    const auto second = DataDirectory::open(path);
    REQUIRE_FALSE(second);
    CHECK(second.error().code == ErrorCode::conflict);
    CHECK(second.error().message.find(std::to_string(::getpid())) != std::string::npos);
  }
  CHECK(DataDirectory::open(path));
}
