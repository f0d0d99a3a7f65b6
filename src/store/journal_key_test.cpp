#include "store/journal_key.hpp"

#include <doctest/doctest.h>
#include <sys/stat.h>

#include <filesystem>

#include "base/files.hpp"
#include "base/folder_test.hpp"

using namespace digue;
using namespace digue::store;

TEST_CASE("journal key: made once, private, the same afterwards, never replaced when damaged") {
  const digue::testing::Folder here;
  const auto& folder = here.path;
  const auto path = folder + "/journal.key";
  const auto first = open_journal_key(path);
  REQUIRE(first);
  struct stat status{};
  REQUIRE(::stat(path.c_str(), &status) == 0);
  CHECK((status.st_mode & 0777) == 0600);
  CHECK(open_journal_key(path).value().public_key() == first->public_key());
  for (const auto* text : {"", "digue-journal-key-1 AAAA\n", "something else\n"}) {
    REQUIRE(write_file(path, text));
    CHECK_FALSE(open_journal_key(path));
    CHECK(read_file(path, 1024).value() == text);
  }
}
