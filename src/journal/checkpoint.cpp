#include "journal/checkpoint.hpp"

#include <algorithm>
#include <charconv>

#include "base/crypto/digest.hpp"
#include "base/encoding.hpp"
#include "base/messages.hpp"

namespace digue::journal {

namespace {

constexpr std::string_view proof_start = "c2sp.org/tlog-proof@v1";
constexpr std::string_view crockford = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
constexpr std::size_t code_digits = 20;

tl::unexpected<Error> damaged(std::string_view key = "checkpoint.damaged") {
  return fail(ErrorCode::bad_input, tr(key));
}

std::optional<Sha256> hash_of(std::string_view text) {
  const auto bytes = from_base64(text);
  return bytes ? sha256_of_bytes(*bytes) : std::nullopt;
}

/// Decimal without leading zeroes.
std::optional<std::uint64_t> number_of(std::string_view text) {
  std::uint64_t value = 0;
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (problem != std::errc() || end != text.data() + text.size() || (text.size() > 1 && text.front() == '0')) return std::nullopt;
  return value;
}

/// Takes the next line; nothing when no line end is left.
std::optional<std::string_view> next_line(std::string_view& rest) {
  const auto end = rest.find('\n');
  if (end == std::string_view::npos) return std::nullopt;
  const auto line = rest.substr(0, end);
  rest.remove_prefix(end + 1);
  return line;
}

}  // namespace

std::string origin_of(std::string_view incident) {
  return std::string("digue/journal/").append(incident);
}

std::string to_text(const Checkpoint& checkpoint) {
  return checkpoint.origin + "\n" + std::to_string(checkpoint.size) + "\n" + base64(bytes_of(checkpoint.root)) + "\n";
}

Result<Checkpoint> parse_checkpoint(std::string_view text) {
  const auto origin = next_line(text);
  const auto size = next_line(text);
  const auto root = next_line(text);
  if (!origin || origin->empty() || !size || !root || !text.empty()) return damaged();
  const auto number = number_of(*size);
  const auto hash = hash_of(*root);
  if (!number || !hash) return damaged();
  return Checkpoint{std::string(*origin), *number, *hash};
}

std::string short_code(const Checkpoint& checkpoint) {
  const auto digest = sha256(to_text(checkpoint));
  std::string code;
  for (std::size_t i = 0; i < code_digits; ++i) {
    unsigned digit = 0;
    for (std::size_t bit = 5 * i; bit < 5 * i + 5; ++bit) digit = digit << 1 | (digest.bytes[bit / 8] >> (7 - bit % 8) & 1u);
    if (i > 0 && i % 4 == 0) code += '-';
    code += crockford[digit];
  }
  return code;
}

bool same_code(std::string_view a, std::string_view b) {
  const auto plain = [](std::string_view text) {
    std::string out;
    for (char c : text) {
      if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
      if (c == ' ' || c == '-') continue;
      out += c == 'O' ? '0' : c == 'I' || c == 'L' ? '1' : c;
    }
    return out;
  };
  const auto left = plain(a);
  return left.size() == code_digits && left == plain(b);
}

std::string to_text(const LineProof& proof) {
  std::string out(proof_start);
  out += '\n';
  if (!proof.extra.empty()) out += "extra " + base64(proof.extra) + "\n";
  out += "index " + std::to_string(proof.index) + "\n";
  for (const auto& hash : proof.hashes) out += base64(bytes_of(hash)) + "\n";
  return out + "\n" + proof.checkpoint;
}

Result<LineProof> parse_proof(std::string_view text) {
  LineProof proof;
  auto line = next_line(text);
  if (!line || *line != proof_start) return damaged("proof.damaged");
  line = next_line(text);
  if (line && line->starts_with("extra ")) {
    const auto extra = from_base64(line->substr(6));
    if (!extra) return damaged("proof.damaged");
    proof.extra = *extra;
    line = next_line(text);
  }
  if (!line || !line->starts_with("index ")) return damaged("proof.damaged");
  const auto index = number_of(line->substr(6));
  if (!index) return damaged("proof.damaged");
  proof.index = *index;
  while ((line = next_line(text)) && !line->empty()) {
    const auto hash = hash_of(*line);
    // A path is never longer than the bits of its index.
    if (!hash || proof.hashes.size() == 64) return damaged("proof.damaged");
    proof.hashes.push_back(*hash);
  }
  if (!line || text.empty()) return damaged("proof.damaged");
  proof.checkpoint = text;
  return proof;
}

}  // namespace digue::journal
