#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "base/time.hpp"

namespace digue {

enum class ArchiveKind { zip, tar };

/// Writes an archive as a stream: regular files (mode 0444), stored as they are. ZIP with zip64 where sizes need it, tar with pax headers.
class ArchiveWriter {
 public:
  /// Takes the archive's bytes, part by part.
  using Out = std::function<Result<void>(std::string_view part)>;

  static Result<ArchiveWriter> open(ArchiveKind kind, Out out);
  ArchiveWriter(ArchiveWriter&&) noexcept;
  ~ArchiveWriter();

  /// The next member: exactly `size` bytes follow. `path` is ASCII.
  Result<void> begin(const std::string& path, std::uint64_t size, UtcMicros modified);
  Result<void> write(std::string_view data);
  /// Ends the last member and the archive; bad_input when a member got fewer bytes than announced.
  Result<void> finish();

 private:
  struct State;
  explicit ArchiveWriter(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace digue
