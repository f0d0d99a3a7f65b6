#include "store/journal_key.hpp"

#include "base/encoding.hpp"
#include "base/files.hpp"
#include "base/messages.hpp"
#include "base/text.hpp"

namespace digue::store {

namespace {

constexpr std::string_view start = "digue-journal-key-1 ";

}  // namespace

Result<SigningKey> open_journal_key(const std::string& path) {
  if (!file_exists(path)) {
    const auto key = SigningKey::generate();
    const auto folder = path.substr(0, path.rfind('/'));
    if (auto written = write_file(path, std::string(start) + base64(key.seed()) + "\n", 0600); !written)
      return tl::make_unexpected(written.error());
    if (auto synced = sync_directory(folder); !synced) return tl::make_unexpected(synced.error());
    return key;
  }
  const auto text = read_file(path, 1024);
  if (!text) return tl::make_unexpected(text.error());
  const auto line = trim(*text);
  const auto seed = line.starts_with(start) ? from_base64(line.substr(start.size())) : std::nullopt;
  const auto key = seed ? SigningKey::from_seed(*seed) : std::nullopt;
  if (!key) return fail(ErrorCode::bad_input, tr("journal.bad_key_file"), path, tr("journal.bad_key_file_help"));
  return *key;
}

}  // namespace digue::store
