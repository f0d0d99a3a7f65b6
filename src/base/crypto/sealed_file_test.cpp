#include "base/crypto/sealed_file.hpp"

#include <doctest/doctest.h>

#include <algorithm>

#include "base/crypto/random.hpp"

using namespace digue;

namespace {

constexpr PassphraseCost cheap{1, 8192};

class TextSource final : public ByteSource {
 public:
  explicit TextSource(std::string text) : text_(std::move(text)) {}
  Result<std::size_t> read(char* buffer, std::size_t size) override {
    const auto part = text_.copy(buffer, std::min<std::size_t>(size, 7000), at_);
    at_ += part;
    return part;
  }

 private:
  std::string text_;
  std::size_t at_ = 0;
};

std::string sealed(const SealFor& recipient, std::string_view content) {
  std::string out;
  auto writer = SealedWriter::open(recipient, [&](std::string_view part) -> Result<void> {
                  out += part;
                  return {};
                }).value();
  while (!content.empty()) {
    const auto part = content.substr(0, 30'000);
    REQUIRE(writer.write(part));
    content.remove_prefix(part.size());
  }
  REQUIRE(writer.finish());
  return out;
}

Result<std::string> opened(const std::string& file, const OpenWith& key) {
  TextSource source(file);
  auto content = SealedSource::open(source, key);
  if (!content) return tl::make_unexpected(content.error());
  std::string out;
  char buffer[5000];
  for (;;) {
    const auto got = (*content)->read(buffer, sizeof buffer);
    if (!got) return tl::make_unexpected(got.error());
    if (*got == 0) return out;
    out.append(buffer, *got);
  }
}

}  // namespace

TEST_CASE("sealed files: opened by their passphrase, by nothing else") {
  for (const std::size_t size : {std::size_t{0}, std::size_t{1}, std::size_t{65'536}, std::size_t{200'000}}) {
    const auto content = random_bytes(size);
    const auto file = sealed({"trois mots de passe", {}, cheap}, content);
    CHECK(is_sealed(file));
    CHECK(opened(file, {"trois mots de passe", {}}) == content);
    CHECK(opened(file, {"trois mots de passé", {}}).error().code == ErrorCode::forbidden);
    CHECK(opened(file, {}).error().code == ErrorCode::forbidden);
  }
  CHECK_FALSE(SealedWriter::open({"court", {}, cheap}, [](std::string_view) -> Result<void> { return {}; }));
  CHECK(opened("autre chose, assez long", {"trois mots de passe", {}}).error().code == ErrorCode::bad_input);
}

TEST_CASE("sealed files: a public key seals, only its secret key opens") {
  const auto pair = make_key_pair();
  const auto other = make_key_pair();
  CHECK(is_public_key(pair.public_key));
  CHECK_FALSE(is_public_key(pair.secret_key));
  const auto content = random_bytes(100'000);
  const auto file = sealed({{}, pair.public_key}, content);
  CHECK(opened(file, {{}, pair.secret_key + "\n"}) == content);
  CHECK(opened(file, {{}, other.secret_key}).error().code == ErrorCode::forbidden);
  CHECK(opened(file, {"trois mots de passe", {}}).error().code == ErrorCode::forbidden);
  CHECK_FALSE(SealedWriter::open({{}, "digue-public-1:12"}, [](std::string_view) -> Result<void> { return {}; }));
}

TEST_CASE("sealed files: a changed byte, a cut and an addition are noticed wherever they are") {
  const auto content = random_bytes(150'000);
  const auto file = sealed({"trois mots de passe", {}, cheap}, content);
  for (std::size_t at = 0; at < file.size(); at += at < 400 ? 1 : 4999) {
    auto altered = file;
    altered[at] = static_cast<char>(altered[at] ^ 1);
    CHECK_FALSE(opened(altered, {"trois mots de passe", {}}));
  }
  for (const std::size_t size : {std::size_t{10}, std::size_t{200}, file.size() - 65'553, file.size() - 1})
    CHECK_FALSE(opened(file.substr(0, size), {"trois mots de passe", {}}));
  CHECK_FALSE(opened(file + "x", {"trois mots de passe", {}}));
}

TEST_CASE("sealed files: a file cannot ask for all of the memory") {
  const auto file = sealed({"trois mots de passe", {}, cheap}, "x");
  auto greedy = file;
  greedy.replace(greedy.find("8192"), 4, "99999999999");
  CHECK(opened(greedy, {"trois mots de passe", {}}).error().code == ErrorCode::limit);
}
