#include "base/archive/archive.hpp"

#include <archive.h>
#include <archive_entry.h>
#include <unistd.h>

#include <cerrno>
#include <optional>

#include "base/messages.hpp"
#include "base/text.hpp"

namespace digue {

bool is_packed(std::string_view head) {
  const auto starts = [&](std::string_view magic) { return head.substr(0, magic.size()) == magic; };
  return starts("\x1f\x8b") ||
         starts(
             "\xfd"
             "7zXZ") ||
         starts("\x28\xb5\x2f\xfd") || starts("BZh") || starts("\x04\x22\x4d\x18") || starts("PK\x03\x04") ||
         starts("7z\xbc\xaf\x27\x1c") || (head.size() > 262 && head.substr(257, 5) == "ustar");
}

struct ArchiveReader::State final : ByteSource {
  archive* handle = archive_read_new();
  std::string member;
  bool plain = false;
  ByteSource* source = nullptr;
  std::string block;
  std::optional<Error> problem;  ///< what `source` answered

  ~State() override { archive_read_free(handle); }

  void support(bool only_plain) {
    plain = only_plain;
    archive_read_support_format_zip(handle);
    archive_read_support_format_tar(handle);
    archive_read_support_format_gnutar(handle);
    if (plain) return;
    archive_read_support_filter_all(handle);
    archive_read_support_format_7zip(handle);
    archive_read_support_format_raw(handle);
  }

  static la_ssize_t fetch(archive* handle, void* self, const void** bytes) {
    auto& state = *static_cast<State*>(self);
    const auto got = state.source->read(state.block.data(), state.block.size());
    if (!got) {
      state.problem = got.error();
      archive_set_error(handle, EIO, "unreadable");
      return -1;
    }
    *bytes = state.block.data();
    return static_cast<la_ssize_t>(*got);
  }

  Error broken() const {
    if (problem) return *problem;
    const char* text = archive_error_string(handle);
    return {ErrorCode::bad_input, "damaged archive or compressed file: " + (text ? terminal(text) : std::string("unknown reason")), member,
            "What could be read before the damage is kept."};
  }

  Result<std::size_t> read(char* buffer, std::size_t size) override {
    const la_ssize_t got = archive_read_data(handle, buffer, size);
    if (got < 0) return tl::make_unexpected(broken());
    return static_cast<std::size_t>(got);
  }
};

ArchiveReader::ArchiveReader(std::unique_ptr<State> state) : state_(std::move(state)) {}
ArchiveReader::ArchiveReader(ArchiveReader&&) noexcept = default;
ArchiveReader::~ArchiveReader() = default;

Result<ArchiveReader> ArchiveReader::open(int fd) {
  return open(fd, false);
}

Result<ArchiveReader> ArchiveReader::open(ByteSource& source) {
  return open(source, false);
}

Result<ArchiveReader> ArchiveReader::open_plain(int fd) {
  return open(fd, true);
}

Result<ArchiveReader> ArchiveReader::open_plain(ByteSource& source) {
  return open(source, true);
}

Result<ArchiveReader> ArchiveReader::open(int fd, bool plain) {
  auto state = std::make_unique<State>();
  archive* handle = state->handle;
  state->support(plain);
  ::lseek(fd, 0, SEEK_SET);
  if (archive_read_open_fd(handle, fd, 256 * 1024) != ARCHIVE_OK) return tl::make_unexpected(state->broken());
  return ArchiveReader(std::move(state));
}

Result<ArchiveReader> ArchiveReader::open(ByteSource& source, bool plain) {
  auto state = std::make_unique<State>();
  state->source = &source;
  state->block.resize(std::size_t{256} * 1024);
  state->support(plain);
  if (archive_read_open(state->handle, state.get(), nullptr, &State::fetch, nullptr) != ARCHIVE_OK)
    return tl::make_unexpected(state->broken());
  return ArchiveReader(std::move(state));
}

Result<bool> ArchiveReader::next() {
  while (true) {
    archive_entry* entry = nullptr;
    const int status = archive_read_next_header(state_->handle, &entry);
    if (status == ARCHIVE_EOF) return false;
    if (status < ARCHIVE_WARN) return tl::make_unexpected(state_->broken());
    const bool raw = archive_format(state_->handle) == ARCHIVE_FORMAT_RAW;
    const bool linked = state_->plain && archive_entry_hardlink(entry) != nullptr;
    const bool file = raw || (archive_entry_filetype(entry) == AE_IFREG && !linked);
    if (!file && (!state_->plain || archive_entry_filetype(entry) == AE_IFDIR)) continue;
    const char* path = raw ? "" : archive_entry_pathname_utf8(entry);
    if (path == nullptr) path = archive_entry_pathname(entry);
    state_->member = to_utf8_lossy(path ? path : "?");
    if (!file) return fail(ErrorCode::bad_input, tr("package.not_plain"), state_->member);
    return true;
  }
}

const std::string& ArchiveReader::member() const {
  return state_->member;
}
ByteSource& ArchiveReader::content() {
  return *state_;
}

}  // namespace digue
