#include "base/crypto/password_hash.hpp"

#include <doctest/doctest.h>
#include <stdlib.h>

#include <filesystem>
#include <string>

#include "base/crypto/hmac.hpp"
#include "base/crypto/random.hpp"
#include "base/crypto/secret_box.hpp"
#include "base/encoding.hpp"
#include "base/files.hpp"
#include "base/folder_test.hpp"

using namespace digue;

namespace {

constexpr PasswordCost quick{1, std::size_t{8} << 20};

}  // namespace

TEST_CASE("HMAC-SHA-1 gives the values of RFC 2202") {
  CHECK(hex(hmac_sha1(std::string(20, '\x0b'), "Hi There")) == "b617318655057264e28bc0b6fb378c8ef146be00");
  CHECK(hex(hmac_sha1("Jefe", "what do ya want for nothing?")) == "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79");
  CHECK(hex(hmac_sha1(std::string(80, '\xaa'), "Test Using Larger Than Block-Size Key - Hash Key First")) ==
        "aa4ae5e15272d00e95705637ce8a3b55ed402112");
}

TEST_CASE("a password hash is salted Argon2id and tells its cost") {
  const auto hash = hash_password("correct horse", quick);
  CHECK(hash.starts_with("$argon2id$v=19$m=8192,t=1,p=1$"));
  CHECK(hash != hash_password("correct horse", quick));
  CHECK(verify_password(hash, "correct horse"));
  CHECK_FALSE(verify_password(hash, "correct horsE"));
  CHECK_FALSE(verify_password(hash, "correct horse "));
  CHECK_FALSE(verify_password("no hash", "correct horse"));
  CHECK_FALSE(needs_rehash(hash, quick));
  CHECK(needs_rehash(hash));
  CHECK(needs_rehash(hash_password("x", {2, quick.memory}), quick));
}

TEST_CASE("a password counts to its last byte") {
  const std::string longer(1000, 'p');
  const auto hash = hash_password(longer + "1", quick);
  CHECK(verify_password(hash, longer + "1"));
  CHECK_FALSE(verify_password(hash, longer + "2"));
  const std::string with_zero("a\0b", 3);
  CHECK_FALSE(verify_password(hash_password(with_zero, quick), std::string("a\0c", 3)));
}

TEST_CASE("what is sealed opens with the key of its file only") {
  const digue::testing::Folder here;
  const auto& folder = here.path;
  const auto box = SecretBox::open(folder + "/key").value();
  CHECK(std::filesystem::status(folder + "/key").permissions() ==
        (std::filesystem::perms::owner_read | std::filesystem::perms::owner_write));
  const auto sealed = box.seal("a secret");
  CHECK(sealed != box.seal("a secret"));
  CHECK(sealed.find(hex("a secret")) == std::string::npos);
  CHECK(SecretBox::open(folder + "/key").value().unseal(sealed) == "a secret");
  CHECK_FALSE(SecretBox::open(folder + "/other").value().unseal(sealed));
  auto changed = sealed;
  changed.back() = changed.back() == '0' ? '1' : '0';
  CHECK_FALSE(box.unseal(changed));
  CHECK_FALSE(box.unseal(""));
  CHECK_FALSE(box.unseal("zz"));
  CHECK_FALSE(box.unseal(sealed.substr(0, 40)));
  REQUIRE(write_file(folder + "/short", "abc"));
  CHECK(SecretBox::open(folder + "/short").error().code == ErrorCode::bad_input);
}
