#include "base/crypto/sealed_file.hpp"

#include <sodium.h>

#include <algorithm>
#include <array>

#include "base/crypto/random.hpp"
#include "base/json/value.hpp"
#include "base/messages.hpp"
#include "base/text.hpp"

namespace digue {

namespace {

constexpr std::string_view magic = "digue.sealed/1\n";
constexpr std::string_view public_prefix = "digue-public-1:", secret_prefix = "digue-secret-1:";
constexpr std::size_t chunk = 64 * 1024;
constexpr std::size_t max_header = 2048;
constexpr std::size_t key_size = crypto_secretstream_xchacha20poly1305_KEYBYTES;
constexpr std::size_t overhead = crypto_secretstream_xchacha20poly1305_ABYTES;
constexpr std::int64_t most_memory = std::int64_t{1} << 30, most_operations = 16;

/// Bytes that are wiped when they are no longer needed.
struct Key {
  std::array<unsigned char, key_size> bytes{};
  ~Key() { sodium_memzero(bytes.data(), bytes.size()); }
};

void prepare() {
  static const int ready = sodium_init();
  static_cast<void>(ready);
}

const unsigned char* raw(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

std::string hex(std::string_view bytes) {
  std::string out(bytes.size() * 2 + 1, '\0');
  sodium_bin2hex(out.data(), out.size(), raw(bytes), bytes.size());
  out.pop_back();
  return out;
}

/// `size` bytes written as hexadecimal digits; nothing for another text.
std::optional<std::string> from_hex(std::string_view text, std::size_t size) {
  std::string out(size, '\0');
  std::size_t got = 0;
  if (text.size() != size * 2 ||
      sodium_hex2bin(reinterpret_cast<unsigned char*>(out.data()), size, text.data(), text.size(), nullptr, &got, nullptr) != 0 ||
      got != size)
    return std::nullopt;
  return out;
}

std::optional<std::string> key_of(std::string_view text, std::string_view prefix) {
  text = trim(text);
  if (!text.starts_with(prefix)) return std::nullopt;
  return from_hex(text.substr(prefix.size()), 32);
}

Result<void> derive(Key& key, const std::string& passphrase, const std::string& salt, const PassphraseCost& cost) {
  if (crypto_pwhash(key.bytes.data(), key.bytes.size(), passphrase.data(), passphrase.size(), raw(salt), cost.operations, cost.memory,
                    crypto_pwhash_ALG_ARGON2ID13) != 0)
    return fail(ErrorCode::limit, tr("sealed.memory", {{"megabytes", std::to_string(cost.memory >> 20)}}));
  return {};
}

tl::unexpected<Error> damaged() {
  return fail(ErrorCode::bad_input, tr("sealed.damaged"), {}, tr("sealed.damaged_help"));
}

/// Exactly `size` bytes, less only at the end.
Result<std::size_t> read_full(ByteSource& source, char* to, std::size_t size) {
  std::size_t have = 0;
  while (have < size) {
    const auto got = source.read(to + have, size - have);
    if (!got) return got;
    if (*got == 0) break;
    have += *got;
  }
  return have;
}

}  // namespace

KeyPair make_key_pair() {
  prepare();
  std::string public_key(crypto_box_PUBLICKEYBYTES, '\0'), secret_key(crypto_box_SECRETKEYBYTES, '\0');
  crypto_box_keypair(reinterpret_cast<unsigned char*>(public_key.data()), reinterpret_cast<unsigned char*>(secret_key.data()));
  return {std::string(public_prefix) + hex(public_key), std::string(secret_prefix) + hex(secret_key)};
}

bool is_public_key(std::string_view text) {
  return key_of(text, public_prefix).has_value();
}

bool is_sealed(std::string_view head) {
  return head.starts_with(magic);
}

struct SealedWriter::State {
  Out out;
  crypto_secretstream_xchacha20poly1305_state stream{};
  std::string pending;
  std::string sealed;

  ~State() {
    sodium_memzero(&stream, sizeof stream);
    sodium_memzero(pending.data(), pending.size());
  }

  Result<void> push(std::string_view data, unsigned char tag) {
    sealed.resize(data.size() + overhead);
    crypto_secretstream_xchacha20poly1305_push(&stream, reinterpret_cast<unsigned char*>(sealed.data()), nullptr, raw(data), data.size(),
                                               nullptr, 0, tag);
    return out(sealed);
  }
};

SealedWriter::SealedWriter(std::unique_ptr<State> state) : state_(std::move(state)) {}
SealedWriter::SealedWriter(SealedWriter&&) noexcept = default;
SealedWriter::~SealedWriter() = default;

Result<SealedWriter> SealedWriter::open(const SealFor& recipient, Out out) {
  prepare();
  Key key;
  json::Object header;
  if (recipient.public_key.empty()) {
    if (recipient.passphrase.size() < min_passphrase)
      return fail(ErrorCode::bad_input, tr("sealed.short", {{"count", std::to_string(min_passphrase)}}), "passphrase");
    const auto salt = random_bytes(crypto_pwhash_SALTBYTES);
    if (auto done = derive(key, recipient.passphrase, salt, recipient.cost); !done) return tl::make_unexpected(done.error());
    header = {{"for", "passphrase"},
              {"kdf", "argon2id13"},
              {"memory", recipient.cost.memory},
              {"operations", recipient.cost.operations},
              {"salt", hex(salt)}};
  } else {
    const auto public_key = key_of(recipient.public_key, public_prefix);
    if (!public_key) return fail(ErrorCode::bad_input, tr("sealed.no_public_key"), "public_key");
    crypto_secretstream_xchacha20poly1305_keygen(key.bytes.data());
    std::string box(key_size + crypto_box_SEALBYTES, '\0');
    if (crypto_box_seal(reinterpret_cast<unsigned char*>(box.data()), key.bytes.data(), key_size, raw(*public_key)) != 0)
      return fail(ErrorCode::bad_input, tr("sealed.no_public_key"), "public_key");
    header = {{"for", "public key"}, {"key", hex(box)}, {"recipient", std::string(public_prefix) + hex(*public_key)}};
  }
  auto state = std::make_unique<State>();
  state->out = std::move(out);
  std::string stream_header(crypto_secretstream_xchacha20poly1305_HEADERBYTES, '\0');
  crypto_secretstream_xchacha20poly1305_init_push(&state->stream, reinterpret_cast<unsigned char*>(stream_header.data()), key.bytes.data());
  // The header is the first message: altering it is noticed although it stands in the clear.
  const std::string clear = json::canonical(header) + "\n";
  auto done = state->out(std::string(magic) + clear + stream_header);
  if (done) done = state->push(std::string(magic) + clear, 0);
  if (!done) return tl::make_unexpected(done.error());
  return SealedWriter(std::move(state));
}

Result<void> SealedWriter::write(std::string_view data) {
  auto& pending = state_->pending;
  while (!data.empty()) {
    const auto part = data.substr(0, chunk - pending.size());
    pending += part;
    data.remove_prefix(part.size());
    if (pending.size() < chunk) break;
    if (auto done = state_->push(pending, 0); !done) return done;
    pending.clear();
  }
  return {};
}

Result<void> SealedWriter::finish() {
  return state_->push(state_->pending, crypto_secretstream_xchacha20poly1305_TAG_FINAL);
}

struct SealedSource::State {
  ByteSource* source = nullptr;
  crypto_secretstream_xchacha20poly1305_state stream{};
  std::string sealed, open;
  std::size_t at = 0;
  bool ended = false;

  ~State() {
    sodium_memzero(&stream, sizeof stream);
    sodium_memzero(open.data(), open.size());
  }

  /// Opens the message in `sealed`; the tag, or nothing when it was altered.
  std::optional<unsigned char> pull() {
    if (sealed.size() < overhead) return std::nullopt;
    open.resize(sealed.size() - overhead);
    unsigned char tag = 0;
    if (crypto_secretstream_xchacha20poly1305_pull(&stream, reinterpret_cast<unsigned char*>(open.data()), nullptr, &tag, raw(sealed),
                                                   sealed.size(), nullptr, 0) != 0)
      return std::nullopt;
    return tag;
  }

  Result<std::size_t> fetch(std::size_t size) {
    sealed.resize(size);
    const auto got = read_full(*source, sealed.data(), size);
    if (got) sealed.resize(*got);
    return got;
  }
};

SealedSource::SealedSource(std::unique_ptr<State> state) : state_(std::move(state)) {}
SealedSource::~SealedSource() = default;

Result<std::unique_ptr<SealedSource>> SealedSource::open(ByteSource& source, const OpenWith& key) {
  prepare();
  auto state = std::make_unique<State>();
  state->source = &source;
  std::string clear(magic.size(), '\0');
  const auto got = read_full(source, clear.data(), clear.size());
  if (!got) return tl::make_unexpected(got.error());
  if (clear != magic) return fail(ErrorCode::bad_input, tr("sealed.not_one"));
  for (char c = 0; c != '\n';) {
    const auto one = source.read(&c, 1);
    if (!one) return tl::make_unexpected(one.error());
    if (*one == 0 || clear.size() > max_header) return damaged();
    clear += c;
  }
  const auto header = json::parse(std::string_view(clear).substr(magic.size()), {.bytes = max_header, .depth = 2});
  if (!header) return damaged();
  json::Fields fields(*header);
  const auto kind = fields.text("for", 20);
  Key file_key;
  if (kind == "passphrase") {
    const auto salt = from_hex(fields.text("salt", 64), crypto_pwhash_SALTBYTES);
    const auto memory = fields.optional_integer("memory", 0, std::int64_t{1} << 50);
    const auto operations = fields.optional_integer("operations", 0, std::int64_t{1} << 50);
    if (!fields.done() || !salt || !memory || !operations || fields.text("kdf", 20) != "argon2id13") return damaged();
    if (*memory > most_memory || *operations > most_operations)
      return fail(ErrorCode::limit, tr("sealed.memory", {{"megabytes", std::to_string(*memory >> 20)}}));
    if (*memory < static_cast<std::int64_t>(crypto_pwhash_MEMLIMIT_MIN) || *operations < 1) return damaged();
    if (key.passphrase.empty()) return fail(ErrorCode::forbidden, tr("sealed.needs_passphrase"), {}, tr("sealed.needs_passphrase_help"));
    const PassphraseCost cost{static_cast<std::uint64_t>(*operations), static_cast<std::uint64_t>(*memory)};
    if (auto done = derive(file_key, key.passphrase, *salt, cost); !done) return tl::make_unexpected(done.error());
  } else if (kind == "public key") {
    const auto box = from_hex(fields.text("key", 256), key_size + crypto_box_SEALBYTES);
    if (!fields.done() || !box) return damaged();
    const auto secret = key_of(key.secret_key, secret_prefix);
    if (!secret) return fail(ErrorCode::forbidden, tr("sealed.needs_key"), {}, tr("sealed.needs_key_help"));
    std::array<unsigned char, crypto_box_PUBLICKEYBYTES> own{};
    if (crypto_scalarmult_base(own.data(), raw(*secret)) != 0 ||
        crypto_box_seal_open(file_key.bytes.data(), raw(*box), box->size(), own.data(), raw(*secret)) != 0)
      return fail(ErrorCode::forbidden, tr("sealed.wrong_key"));
  } else {
    return damaged();
  }
  if (const auto begun = state->fetch(crypto_secretstream_xchacha20poly1305_HEADERBYTES); !begun) return tl::make_unexpected(begun.error());
  if (state->sealed.size() != crypto_secretstream_xchacha20poly1305_HEADERBYTES ||
      crypto_secretstream_xchacha20poly1305_init_pull(&state->stream, raw(state->sealed), file_key.bytes.data()) != 0)
    return damaged();
  if (const auto first = state->fetch(clear.size() + overhead); !first) return tl::make_unexpected(first.error());
  if (state->sealed.size() != clear.size() + overhead) return damaged();
  const auto tag = state->pull();
  if (!tag) return fail(ErrorCode::forbidden, tr("sealed.wrong_key"));
  if (state->open != clear || *tag != 0) return damaged();
  state->open.clear();
  return std::unique_ptr<SealedSource>(new SealedSource(std::move(state)));
}

Result<std::size_t> SealedSource::read(char* buffer, std::size_t size) {
  State& state = *state_;
  while (state.at == state.open.size()) {
    if (state.ended) return std::size_t{0};
    const auto got = state.fetch(chunk + overhead);
    if (!got) return got;
    state.at = 0;
    const auto tag = state.pull();
    // The end without its mark: the file was cut short.
    if (!tag) {
      state.open.clear();
      return damaged();
    }
    if (*tag == crypto_secretstream_xchacha20poly1305_TAG_FINAL) {
      state.ended = true;
      char more = 0;
      const auto behind = state.source->read(&more, 1);
      if (!behind) return behind;
      if (*behind != 0) return damaged();
    } else if (state.open.size() != chunk) {
      state.open.clear();
      return damaged();
    }
  }
  const auto part = std::min(size, state.open.size() - state.at);
  std::copy_n(state.open.data() + state.at, part, buffer);
  state.at += part;
  return part;
}

}  // namespace digue
