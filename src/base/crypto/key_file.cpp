#include "base/crypto/key_file.hpp"

#include <sodium.h>

#include <array>
#include <charconv>

#include "base/crypto/random.hpp"
#include "base/encoding.hpp"
#include "base/files.hpp"
#include "base/messages.hpp"
#include "base/text.hpp"

namespace digue {

namespace {

constexpr std::string_view start = "digue-wrapped-key-1 ";
constexpr std::uint64_t most_memory = std::uint64_t{1} << 30, most_operations = 16;

/// What wraps the key.
Result<SecretBox> derive(const std::string& passphrase, const std::string& salt, const PassphraseCost& cost) {
  std::array<unsigned char, crypto_secretbox_KEYBYTES> key{};
  if (crypto_pwhash(key.data(), key.size(), passphrase.data(), passphrase.size(), reinterpret_cast<const unsigned char*>(salt.data()),
                    cost.operations, cost.memory, crypto_pwhash_ALG_ARGON2ID13) != 0)
    return fail(ErrorCode::limit, tr("sealed.memory", {{"megabytes", std::to_string(cost.memory >> 20)}}));
  auto box = SecretBox::of_key({reinterpret_cast<const char*>(key.data()), key.size()});
  sodium_memzero(key.data(), key.size());
  return *box;
}

struct Wrapped {
  PassphraseCost cost;
  std::string salt;
  std::string sealed;
};

std::optional<std::uint64_t> number(std::string_view text, std::uint64_t most) {
  std::uint64_t out = 0;
  const auto [at, problem] = std::from_chars(text.data(), text.data() + text.size(), out);
  if (problem != std::errc() || at != text.data() + text.size() || out == 0 || out > most) return std::nullopt;
  return out;
}

std::optional<Wrapped> wrapped_of(std::string_view text) {
  if (!text.starts_with(start)) return std::nullopt;
  text = trim(text.substr(start.size()));
  std::array<std::string_view, 4> parts;
  for (auto& part : parts) {
    part = text.substr(0, text.find(' '));
    text.remove_prefix(std::min(part.size() + 1, text.size()));
  }
  const auto operations = number(parts[0], most_operations), memory = number(parts[1], most_memory);
  auto salt = from_hex(parts[2]);
  if (!operations || !memory || !salt || salt->size() != crypto_pwhash_SALTBYTES || parts[3].empty() || !text.empty()) return std::nullopt;
  return Wrapped{{*operations, *memory}, std::move(*salt), std::string(parts[3])};
}

}  // namespace

Result<std::unique_ptr<KeyFile>> KeyFile::open(const std::string& path, const PassphraseCost& cost) {
  std::unique_ptr<KeyFile> out(new KeyFile(path, cost));
  if (file_exists(path)) {
    auto text = read_file(path, 1024);
    if (!text) return tl::make_unexpected(text.error());
    if (wrapped_of(*text)) {
      out->wrapped_ = std::move(*text);
      return out;
    }
    sodium_memzero(text->data(), text->size());
  }
  auto box = SecretBox::open(path);
  if (!box) return tl::make_unexpected(box.error());
  out->box_ = std::move(*box);
  return out;
}

bool KeyFile::has_passphrase() const {
  const std::lock_guard lock(mutex_);
  return !wrapped_.empty();
}

std::optional<SecretBox> KeyFile::box() const {
  const std::lock_guard lock(mutex_);
  return box_;
}

Result<SecretBox> KeyFile::unwrap(const std::string& passphrase) const {
  const auto wrapped = wrapped_of(wrapped_);
  const auto outer = derive(passphrase, wrapped->salt, wrapped->cost);
  if (!outer) return outer;
  auto key = outer->unseal(wrapped->sealed);
  auto box = key ? SecretBox::of_key(*key) : std::nullopt;
  if (key) sodium_memzero(key->data(), key->size());
  if (!box) return fail(ErrorCode::forbidden, tr("key.wrong_passphrase"));
  return *box;
}

Result<void> KeyFile::unlock(const std::string& passphrase) {
  const std::lock_guard working(working_);
  if (!has_passphrase()) return {};
  auto box = unwrap(passphrase);
  if (!box) return tl::make_unexpected(box.error());
  const std::lock_guard lock(mutex_);
  box_ = std::move(*box);
  return {};
}

void KeyFile::lock() {
  const std::lock_guard lock(mutex_);
  if (!wrapped_.empty()) box_.reset();
}

Result<void> KeyFile::set_passphrase(const std::string& current, const std::string& passphrase) {
  if (!passphrase.empty() && passphrase.size() < min_passphrase)
    return fail(ErrorCode::bad_input, tr("sealed.short", {{"count", std::to_string(min_passphrase)}}), "passphrase");
  const std::lock_guard working(working_);
  auto key = has_passphrase() ? unwrap(current) : Result<SecretBox>(*box());
  if (!key) return tl::make_unexpected(key.error());
  std::string text;
  if (!passphrase.empty()) {
    const auto salt = random_bytes(crypto_pwhash_SALTBYTES);
    const auto outer = derive(passphrase, salt, cost_);
    if (!outer) return tl::make_unexpected(outer.error());
    text = std::string(start) + std::to_string(cost_.operations) + " " + std::to_string(cost_.memory) + " " + hex(salt) + " " +
           outer->seal(key->key()) + "\n";
  }
  if (auto written = write_file(path_, text.empty() ? key->key() : text); !written) return written;
  const std::lock_guard lock(mutex_);
  wrapped_ = std::move(text);
  box_ = std::move(*key);
  return {};
}

}  // namespace digue
