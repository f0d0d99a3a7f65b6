#include "journal/tree.hpp"

#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "base/crypto/digest.hpp"
#include "base/encoding.hpp"
#include "base/json/value.hpp"

using namespace digue;
using namespace digue::journal;

namespace {

const std::string specs = std::string(DIGUE_SOURCE_DIR) + "/../shared/specs/merkle";

/// SHA-256(0x00 || entry), for entries given in hexadecimal.
std::vector<Sha256> leaves_of(std::initializer_list<std::string_view> entries) {
  std::vector<Sha256> leaves;
  for (const auto entry : entries) leaves.push_back(sha256(std::string(1, '\0') + from_hex(entry).value()));
  return leaves;
}

json::Value file(const std::filesystem::path& path) {
  std::ifstream in(path);
  std::ostringstream text;
  text << in.rdbuf();
  return json::parse(text.str()).value();
}

/// Nothing when it is not the base64 of 32 bytes.
std::optional<Sha256> hash_of(const json::Value& value) {
  const auto bytes = from_base64(std::string_view(value.as_string()));
  return bytes ? sha256_of_bytes(*bytes) : std::nullopt;
}

std::optional<std::vector<Sha256>> proof_of(const json::Value& value) {
  std::vector<Sha256> out;
  if (value.is_null()) return out;
  for (const auto& item : value.as_array()) {
    const auto hash = hash_of(item);
    if (!hash) return std::nullopt;
    out.push_back(*hash);
  }
  return out;
}

template <class Check>
void each_vector(const std::string& folder, int least, Check check) {
  if (!std::filesystem::exists(specs)) {
    MESSAGE("skipped: no ../shared/specs/merkle");
    return;
  }
  int count = 0;
  for (const auto& at : std::filesystem::recursive_directory_iterator(specs + "/" + folder)) {
    if (at.path().extension() != ".json") continue;
    CAPTURE(at.path().string());
    check(file(at.path()).as_object());
    ++count;
  }
  CHECK(count >= least);
}

}  // namespace

// The eight entries and the roots that the certificate-transparency implementations share.
TEST_CASE("Merkle tree: known roots, one leaf after the other") {
  const auto leaves = leaves_of({"", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"});
  const char* roots[] = {"6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
                         "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
                         "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
                         "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
                         "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
                         "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
                         "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
                         "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328"};
  Frontier frontier;
  CHECK(to_hex(frontier.root()) == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  for (std::size_t i = 0; i < leaves.size(); ++i) {
    frontier.add(leaves[i]);
    CHECK(frontier.size() == i + 1);
    CHECK(to_hex(frontier.root()) == roots[i]);
    CHECK(to_hex(root_of(std::span(leaves).first(i + 1))) == roots[i]);
  }
}

TEST_CASE("Merkle tree: the conformance vectors of inclusion") {
  each_vector("inclusion", 40, [](const json::Object& vector) {
    const auto leaf = hash_of(vector.at("leafHash"));
    const auto root = hash_of(vector.at("root"));
    const auto proof = proof_of(vector.at("proof"));
    const bool holds = leaf && root && proof &&
                       verify_inclusion(*leaf, vector.at("leafIdx").to_number<std::uint64_t>(),
                                        vector.at("treeSize").to_number<std::uint64_t>(), *proof, *root);
    CHECK(holds == !vector.at("wantErr").as_bool());
  });
}

TEST_CASE("Merkle tree: the conformance vectors of consistency") {
  each_vector("consistency", 40, [](const json::Object& vector) {
    const auto old_root = hash_of(vector.at("root1"));
    const auto root = hash_of(vector.at("root2"));
    const auto proof = proof_of(vector.at("proof"));
    const bool holds = old_root && root && proof &&
                       verify_consistency(vector.at("size1").to_number<std::uint64_t>(), *old_root,
                                          vector.at("size2").to_number<std::uint64_t>(), *root, *proof);
    CHECK(holds == !vector.at("wantErr").as_bool());
  });
}

TEST_CASE("Merkle tree: what is proven verifies, and nothing else, for every size up to 40") {
  std::vector<Sha256> leaves;
  std::vector<Sha256> roots{sha256({})};
  for (int i = 0; i < 40; ++i) {
    leaves.push_back(sha256("leaf " + std::to_string(i)));
    roots.push_back(root_of(leaves));
  }
  for (std::size_t size = 1; size <= leaves.size(); ++size) {
    const auto all = std::span(leaves).first(size);
    for (std::size_t index = 0; index < size; ++index) {
      auto proof = inclusion_proof(all, index);
      CHECK(verify_inclusion(leaves[index], index, size, proof, roots[size]));
      CHECK_FALSE(verify_inclusion(leaves[index], size, size, proof, roots[size]));
      CHECK_FALSE(verify_inclusion(sha256("other"), index, size, proof, roots[size]));
      proof.push_back(roots[1]);
      CHECK_FALSE(verify_inclusion(leaves[index], index, size, proof, roots[size]));
    }
    for (std::size_t old_size = 1; old_size <= size; ++old_size) {
      const auto proof = consistency_proof(all, old_size);
      CHECK(verify_consistency(old_size, roots[old_size], size, roots[size], proof));
      CHECK_FALSE(verify_consistency(old_size, sha256("other"), size, roots[size], proof));
      if (old_size < size) CHECK_FALSE(verify_consistency(old_size, roots[old_size], size, roots[size - 1], proof));
    }
  }
}
