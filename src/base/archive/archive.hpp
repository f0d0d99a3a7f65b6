#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "base/byte_source.hpp"

namespace digue {

/// True when the first bytes are those of a compressed file or an archive that ArchiveReader opens (gz, xz, zst, bz2, lz4, zip, tar, 7z).
bool is_packed(std::string_view head);

/// Walks the members of an archive, or the one content of a compressed file. Symbolic links, devices and folders are skipped.
class ArchiveReader {
 public:
  /// Reads from a file descriptor that stays the caller's, from its start.
  static Result<ArchiveReader> open(int fd);
  /// Reads a stream that outlives the reader; of ZIP only what can be read without going back.
  static Result<ArchiveReader> open(ByteSource& source);
  /// The same for ZIP and tar alone, uncompressed outside: nothing else is tried, no other program is started, and a member that is neither
  /// file nor folder is an error, since who unpacks it would get something else than what was read.
  static Result<ArchiveReader> open_plain(int fd);
  static Result<ArchiveReader> open_plain(ByteSource& source);
  ArchiveReader(ArchiveReader&&) noexcept;
  ~ArchiveReader();

  /// Next member: true, or false at the end. A damaged archive is an error; what came before stays good.
  Result<bool> next();
  /// Path inside the archive, empty for a compressed file's content. As written in the archive: never used to make files.
  const std::string& member() const;
  /// Content of the current member.
  ByteSource& content();

 private:
  struct State;
  static Result<ArchiveReader> open(int fd, bool plain);
  static Result<ArchiveReader> open(ByteSource& source, bool plain);
  explicit ArchiveReader(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace digue
