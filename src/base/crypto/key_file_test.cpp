#include "base/crypto/key_file.hpp"

#include <doctest/doctest.h>

#include <filesystem>

#include "base/files.hpp"
#include "base/folder_test.hpp"

using namespace digue;

namespace {

constexpr PassphraseCost quick{1, std::uint64_t{1} << 20};

struct Folder : digue::testing::Folder {
  std::string key() const { return path + "/platforms.key"; }
  std::unique_ptr<KeyFile> open() const { return KeyFile::open(key(), quick).value(); }
};

}  // namespace

TEST_CASE("key file: a bare key is open, and a passphrase changes nothing of what it sealed") {
  const Folder folder;
  auto file = folder.open();
  CHECK_FALSE(file->has_passphrase());
  const auto sealed = file->box().value().seal("a secret");
  const auto bare = read_file(folder.key(), 100).value();
  CHECK(bare.size() == 32);
  file->lock();
  CHECK(file->box());
  REQUIRE(file->set_passphrase("", "une longue phrase"));
  CHECK(file->box().value().unseal(sealed) == "a secret");
  const auto wrapped = read_file(folder.key(), 1000).value();
  CHECK(wrapped.find(bare) == std::string::npos);
  CHECK(std::filesystem::status(folder.key()).permissions() == (std::filesystem::perms::owner_read | std::filesystem::perms::owner_write));

  file = folder.open();
  CHECK(file->has_passphrase());
  CHECK_FALSE(file->box());
  CHECK(file->unlock("une longue phrase ").error().code == ErrorCode::forbidden);
  CHECK_FALSE(file->box());
  REQUIRE(file->unlock("une longue phrase"));
  CHECK(file->box().value().unseal(sealed) == "a secret");
  const auto kept = file->box();
  file->lock();
  CHECK_FALSE(file->box());
  CHECK(kept->unseal(sealed) == "a secret");

  // A copy that was put away before opens everything again.
  REQUIRE(write_file(folder.key(), bare));
  CHECK(folder.open()->box().value().unseal(sealed) == "a secret");
}

TEST_CASE("key file: a passphrase is changed and taken away by who knows the present one") {
  const Folder folder;
  auto file = folder.open();
  const auto sealed = file->box().value().seal("a secret");
  CHECK(file->set_passphrase("", "trop courte").error().code == ErrorCode::bad_input);
  CHECK_FALSE(file->has_passphrase());
  REQUIRE(file->set_passphrase("", "une longue phrase"));
  const auto first = read_file(folder.key(), 1000).value();
  for (const auto* wrong : {"", "une autre phrase"}) {
    CHECK(file->set_passphrase(wrong, "encore une phrase").error().code == ErrorCode::forbidden);
    CHECK(file->set_passphrase(wrong, "").error().code == ErrorCode::forbidden);
  }
  CHECK(read_file(folder.key(), 1000).value() == first);
  REQUIRE(file->set_passphrase("une longue phrase", "encore une phrase"));
  file = folder.open();
  CHECK_FALSE(file->unlock("une longue phrase"));
  REQUIRE(file->unlock("encore une phrase"));
  CHECK(file->box().value().unseal(sealed) == "a secret");
  REQUIRE(file->set_passphrase("encore une phrase", ""));
  CHECK(folder.open()->box().value().unseal(sealed) == "a secret");
}

TEST_CASE("key file: what is damaged is refused, not replaced") {
  const Folder folder;
  {
    auto file = folder.open();
    REQUIRE(file->set_passphrase("", "une longue phrase"));
  }
  const auto good = read_file(folder.key(), 1000).value();
  auto changed = good;
  changed[changed.size() - 2] = changed[changed.size() - 2] == '0' ? '1' : '0';
  REQUIRE(write_file(folder.key(), changed));
  CHECK(folder.open()->unlock("une longue phrase").error().code == ErrorCode::forbidden);
  const auto at = good.find(' ', good.find(' ') + 1);
  for (const auto& bad : {std::string("abc"), good.substr(0, at), "digue-wrapped-key-1 1 99999999999" + good.substr(good.find(' ', at + 1)),
                          good.substr(0, good.size() - 1) + " more\n"}) {
    CAPTURE(bad);
    REQUIRE(write_file(folder.key(), bad));
    CHECK(KeyFile::open(folder.key(), quick).error().code == ErrorCode::bad_input);
    CHECK(read_file(folder.key(), 1000).value() == bad);
  }
}
