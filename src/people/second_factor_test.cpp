#include <doctest/doctest.h>

#include <set>

#include "people/recovery.hpp"
#include "people/totp.hpp"

using namespace digue;
using namespace digue::people;

namespace {

const std::string rfc_secret = "12345678901234567890";
UtcMicros at(std::int64_t seconds) {
  return {seconds * micros_per_second};
}

}  // namespace

TEST_CASE("one-time codes are those of RFC 6238, appendix B") {
  const std::pair<std::int64_t, const char*> vectors[] = {{59, "94287082"},         {1111111109, "07081804"}, {1111111111, "14050471"},
                                                          {1234567890, "89005924"}, {2000000000, "69279037"}, {20000000000, "65353130"}};
  for (const auto& [seconds, code] : vectors) CHECK(totp_code(rfc_secret, totp_step(at(seconds)), 8) == code);
  CHECK(totp_code(rfc_secret, totp_step(at(59))) == "287082");
}

TEST_CASE("a code is good in its step and the ones beside it, once") {
  const auto now = at(1111111111);
  const auto step = totp_step(now);
  CHECK(match_totp(rfc_secret, totp_code(rfc_secret, step), now, 0) == step);
  CHECK(match_totp(rfc_secret, totp_code(rfc_secret, step - 1), now, 0) == step - 1);
  CHECK(match_totp(rfc_secret, totp_code(rfc_secret, step + 1), now, 0) == step + 1);
  CHECK_FALSE(match_totp(rfc_secret, totp_code(rfc_secret, step - 2), now, 0));
  CHECK_FALSE(match_totp(rfc_secret, totp_code(rfc_secret, step + 2), now, 0));
  CHECK_FALSE(match_totp(rfc_secret, totp_code(rfc_secret, step), now, step));
  CHECK_FALSE(match_totp(rfc_secret, totp_code(rfc_secret, step - 1), now, step));
  CHECK(match_totp(rfc_secret, totp_code(rfc_secret, step + 1), now, step) == step + 1);
  CHECK_FALSE(match_totp(rfc_secret, "", now, 0));
  CHECK_FALSE(match_totp(rfc_secret, "00000", now, 0));
  auto spaced = totp_code(rfc_secret, step);
  spaced.insert(3, " ");
  CHECK(match_totp(rfc_secret, spaced, now, 0) == step);
}

TEST_CASE("base32 is that of RFC 4648, without padding") {
  const std::pair<const char*, const char*> vectors[] = {
      {"", ""}, {"f", "MY"}, {"fo", "MZXQ"}, {"foo", "MZXW6"}, {"foob", "MZXW6YQ"}, {"fooba", "MZXW6YTB"}, {"foobar", "MZXW6YTBOI"}};
  for (const auto& [plain, coded] : vectors) CHECK(base32(plain) == coded);
}

TEST_CASE("an application finds secret, issuer and account in the address") {
  CHECK(otpauth_uri(rfc_secret, "c.roux@ch.example") ==
        "otpauth://totp/Digue:c.roux%40ch.example?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=Digue&algorithm=SHA1&digits=6&period=30");
  CHECK(new_totp_secret().size() == 20);
  CHECK(new_totp_secret() != new_totp_secret());
}

TEST_CASE("recovery codes are ten, different, and known by their hash as they are typed") {
  const auto codes = new_recovery_codes();
  CHECK(codes.size() == 10);
  CHECK(std::set<std::string>(codes.begin(), codes.end()).size() == 10);
  for (const auto& code : codes) {
    CHECK(code.size() == 29);  // 24 characters of 5 bits, in six groups
    CHECK(code[4] == '-');
  }
  const auto hash = recovery_hash(codes[0]);
  CHECK(hash.size() == 64);
  std::string typed;
  for (const char c : codes[0]) typed += c == '-' ? ' ' : static_cast<char>(c >= 'A' && c <= 'Z' ? c + 32 : c);
  CHECK(recovery_hash(typed) == hash);
  CHECK(recovery_hash(codes[1]) != hash);
}
