#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/archive/writer.hpp"
#include "base/crypto/sealed_file.hpp"
#include "base/files.hpp"
#include "exchange/bagit.hpp"

namespace digue::store {

/// A bag (RFC 8493) written as one archive, sealed or not, in one pass and constant memory. Destroyed before finish(), nothing stays of its
/// file.
class BagWriter {
 public:
  struct Settings {
    std::string path;  ///< of the file that comes to be; a file that is not finished stands beside it. Empty: see `out`
    ArchiveKind kind = ArchiveKind::zip;
    std::string folder;  ///< that the archive holds the bag in
    UtcMicros time;      ///< of all members
    std::optional<SealFor> seal_for;
    ArchiveWriter::Out out{};  ///< takes the bytes instead of a file
  };
  static Result<std::unique_ptr<BagWriter>> open(Settings settings);
  ~BagWriter();
  BagWriter(const BagWriter&) = delete;
  BagWriter& operator=(const BagWriter&) = delete;

  /// A file below data/ whose `bytes` bytes come with write(), then end_file().
  Result<void> begin_file(const std::string& path, std::uint64_t bytes);
  Result<void> write(std::string_view part);
  Result<void> end_file();
  Result<void> add(const std::string& path, std::string_view content);

  struct Written {
    std::int64_t bytes = 0;
    std::string sha256;  ///< of the archive
  };
  /// Tag files, then the file, if there is one, on stable storage under its name.
  Result<Written> finish(bagit::Fields info);

 private:
  explicit BagWriter(Settings settings) : settings_(std::move(settings)) {}
  Result<void> put(std::string_view part);

  Settings settings_;
  File file_;
  Sha256Stream archive_hash_;
  std::int64_t archive_bytes_ = 0;
  std::optional<SealedWriter> seal_;
  std::optional<ArchiveWriter> archive_;
  bagit::Maker maker_;
  std::string path_;
  std::int64_t bytes_ = 0;
  std::unique_ptr<Sha256Stream> sha256_;
  std::unique_ptr<Sha512Stream> sha512_;
};

}  // namespace digue::store
