#include "base/crypto/readable_secret.hpp"

#include <string_view>

#include "base/crypto/random.hpp"

namespace digue {

namespace {

constexpr std::string_view letters = "abcdefghjkmnpqrstuvwxyz23456789";

std::string groups_of_four(int groups) {
  std::string out;
  int count = 0;
  while (count < groups * 4)
    for (const unsigned char byte : random_bytes(32)) {
      if (count == groups * 4) break;
      if (byte >= 256 / letters.size() * letters.size()) continue;  // every letter as likely as the others
      if (count > 0 && count % 4 == 0) out += '-';
      out += letters[byte % letters.size()];
      ++count;
    }
  return out;
}

}  // namespace

std::string readable_secret(int groups) {
  while (true) {
    auto out = groups_of_four(groups);
    if (out.find_first_of("23456789") != std::string::npos && out.find_first_of("abcdefghjkmnpqrstuvwxyz") != std::string::npos) return out;
  }
}

}  // namespace digue
