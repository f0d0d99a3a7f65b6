#include "base/archive/writer.hpp"

#include <archive.h>
#include <archive_entry.h>

#include <cerrno>
#include <optional>

#include "base/text.hpp"

namespace digue {

struct ArchiveWriter::State {
  archive* handle = archive_write_new();
  Out out;
  std::optional<Error> problem;  ///< what `out` answered
  std::string member;
  std::uint64_t missing = 0;  ///< bytes of the present member that are still to come

  bool over = false;  ///< nothing more goes to `out`

  ~State() {
    over = true;
    archive_write_free(handle);
  }

  Error failed() const {
    if (problem) return *problem;
    const char* text = archive_error_string(handle);
    return {ErrorCode::io, "the archive cannot be written: " + (text ? terminal(text) : std::string("unknown reason")), member, {}};
  }

  static la_ssize_t send(archive* handle, void* self, const void* bytes, std::size_t size) {
    auto& state = *static_cast<State*>(self);
    if (state.over) return -1;
    if (const auto done = state.out({static_cast<const char*>(bytes), size}); !done) {
      state.problem = done.error();
      archive_set_error(handle, EIO, "refused");
      return -1;
    }
    return static_cast<la_ssize_t>(size);
  }

  Result<void> complete() const {
    if (missing == 0) return {};
    return fail(ErrorCode::bad_input, "a member of the archive got fewer bytes than announced", member);
  }
};

ArchiveWriter::ArchiveWriter(std::unique_ptr<State> state) : state_(std::move(state)) {}
ArchiveWriter::ArchiveWriter(ArchiveWriter&&) noexcept = default;
ArchiveWriter::~ArchiveWriter() = default;

Result<ArchiveWriter> ArchiveWriter::open(ArchiveKind kind, Out out) {
  auto state = std::make_unique<State>();
  state->out = std::move(out);
  archive* handle = state->handle;
  if (kind == ArchiveKind::zip) {
    archive_write_set_format_zip(handle);
    archive_write_zip_set_compression_store(handle);
  } else {
    archive_write_set_format_pax_restricted(handle);
  }
  archive_write_set_bytes_per_block(handle, 256 * 1024);
  archive_write_set_bytes_in_last_block(handle, 1);
  if (archive_write_open(handle, state.get(), nullptr, &State::send, nullptr) != ARCHIVE_OK) return tl::make_unexpected(state->failed());
  return ArchiveWriter(std::move(state));
}

Result<void> ArchiveWriter::begin(const std::string& path, std::uint64_t size, UtcMicros modified) {
  if (auto good = state_->complete(); !good) return good;
  state_->member = path;
  state_->missing = size;
  archive_entry* entry = archive_entry_new();
  archive_entry_set_pathname(entry, path.c_str());
  archive_entry_set_size(entry, static_cast<la_int64_t>(size));
  archive_entry_set_filetype(entry, AE_IFREG);
  archive_entry_set_perm(entry, 0444);
  archive_entry_set_mtime(entry, modified.value / micros_per_second, 0);
  const int status = archive_write_header(state_->handle, entry);
  archive_entry_free(entry);
  if (status != ARCHIVE_OK) return tl::make_unexpected(state_->failed());
  return {};
}

Result<void> ArchiveWriter::write(std::string_view data) {
  if (data.size() > state_->missing)
    return fail(ErrorCode::bad_input, "a member of the archive got more bytes than announced", state_->member);
  while (!data.empty()) {
    const la_ssize_t done = archive_write_data(state_->handle, data.data(), data.size());
    if (done <= 0) return tl::make_unexpected(state_->failed());
    data.remove_prefix(static_cast<std::size_t>(done));
    state_->missing -= static_cast<std::uint64_t>(done);
  }
  return {};
}

Result<void> ArchiveWriter::finish() {
  if (auto good = state_->complete(); !good) return good;
  if (archive_write_close(state_->handle) != ARCHIVE_OK) return tl::make_unexpected(state_->failed());
  return {};
}

}  // namespace digue
