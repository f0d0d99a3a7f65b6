#include "store/vault/vault.hpp"

#include <doctest/doctest.h>
#include <sys/stat.h>

#include <filesystem>
#include <set>

#include "base/folder_test.hpp"

using namespace digue;
using namespace digue::store;

namespace {

// FIPS 180-4 example: SHA-256("abc").
constexpr const char* abc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

struct Fixture : digue::testing::Folder {
  std::set<std::string> records;
  std::vector<std::string> leftovers;
  std::unique_ptr<Vault> vault;

  Fixture() { start(); }
  Vault::Recorded recorded() {
    return [this](const std::string& sha256) -> Result<bool> { return records.contains(sha256); };
  }
  void start() {
    leftovers.clear();
    vault.reset();
    vault = Vault::open(path + "/vault", recorded(), leftovers).value();
  }
  SealedBytes sealed(std::initializer_list<std::string_view> parts) {
    auto incoming = vault->receive().value();
    for (const auto part : parts) REQUIRE(incoming.write(part));
    return vault->seal(std::move(incoming)).value();
  }
  bool holds(const std::string& sha256) const { return file_exists(vault->path_of(sha256)); }
  long waiting() const { return std::distance(std::filesystem::directory_iterator(path + "/vault/incoming"), {}); }
};

}  // namespace

TEST_CASE_FIXTURE(Fixture, "bytes are kept read-only under their hash, once") {
  const auto one = sealed({"a", "bc"});
  CHECK(one.sha256 == abc);
  CHECK(one.bytes == 3);
  CHECK(vault->path_of(abc) == path + "/vault/ba/" + abc);
  struct stat status{};
  REQUIRE(::stat(vault->path_of(abc).c_str(), &status) == 0);
  CHECK((status.st_mode & 0777u) == 0400);
  records.insert(abc);
  vault->keep(one);
  const auto two = sealed({"abc"});
  CHECK(two.sha256 == abc);
  vault->keep(two);
  CHECK(waiting() == 0);
  char bytes[4];
  CHECK(vault->open_exhibit(abc)->read_at(0, bytes, 4).value() == 3);
  CHECK_FALSE(vault->open_exhibit("../../etc/passwd"));
}

TEST_CASE_FIXTURE(Fixture, "an upload that stops leaves nothing") {
  {
    REQUIRE(vault->receive()->write("half"));
  }
  CHECK(waiting() == 0);
}

TEST_CASE_FIXTURE(Fixture, "what a crash left is removed and told at the next start") {
  // Killed while writing.
  REQUIRE(write_file(path + "/vault/incoming/0123456789abcdef01234567", "half"));
  // Killed between the seal and the record.
  sealed({"abc"});
  CHECK(holds(abc));
  start();
  CHECK(leftovers.size() == 2);
  CHECK_FALSE(holds(abc));
  CHECK(waiting() == 0);
  // Killed between the record and the end: nothing is lost.
  sealed({"abc"});
  records.insert(abc);
  start();
  CHECK(leftovers.empty());
  CHECK(holds(abc));
  CHECK(waiting() == 0);
}

TEST_CASE_FIXTURE(Fixture, "a record that failed takes its bytes away, unless another has them") {
  const auto failed = sealed({"abc"});
  const auto beside = sealed({"abc"});
  vault->discard(failed, recorded());
  CHECK(holds(abc));
  records.insert(abc);
  vault->keep(beside);
  const auto again = sealed({"abc"});
  vault->discard(again, recorded());
  CHECK(holds(abc));
  records.clear();
  const auto alone = sealed({"abc"});
  vault->discard(alone, recorded());
  CHECK_FALSE(holds(abc));
  CHECK(waiting() == 0);
}

TEST_CASE_FIXTURE(Fixture, "a damaged file never passes for the bytes of its name: the good ones take its place") {
  vault->keep(sealed({"abc"}));
  for (const char* damage : {"ab", "abd"}) {
    std::filesystem::remove(vault->path_of(abc));
    REQUIRE(write_file(vault->path_of(abc), damage));
    vault->keep(sealed({"abc"}));
    CHECK(read_file(vault->path_of(abc), 10) == "abc");
  }
  CHECK(waiting() == 0);
}
