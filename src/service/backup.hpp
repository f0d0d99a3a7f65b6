#pragma once

#include <memory>

#include "base/crypto/sealed_file.hpp"
#include "base/producer.hpp"
#include "service/context.hpp"

/// The whole workbench as one archive (docs/keeping.md), and back. It holds its keys.
namespace digue::service {

inline constexpr std::string_view backup_profile = "digue.backup/1";

/// What is common to archives that leave as a stream: their names, and whom they are sealed for.
struct Outgoing {
  std::string name;         ///< of the file
  std::uint64_t about = 0;  ///< bytes of what is packed; the archive is a little larger
  std::shared_ptr<Producer> bytes;
};

/// bad_input where the sealing cannot work.
Result<void> check_seal(const SealFor& seal_for);

/// Takes the copy of the database at once, then gives the archive, part by part: work goes on meanwhile. Of what comes later nothing is in
/// it; exhibits never change. Told in the security log.
Result<Outgoing> start_backup(const Context& context, const Caller& caller, SealFor seal_for);
/// Removes what a crash left of copies.
Result<void> forget_copies(const std::string& directory);

/// A file's path as archives carry it: letters, digits and - _ . / as they are, other bytes percent-encoded; and back, nothing for what is
/// not of that form or leads out.
std::string archive_path(std::string_view path);
std::optional<std::string> path_of_archive(std::string_view path);

struct Restored {
  std::string made;  ///< when the backup was, ISO 8601
  std::int64_t incidents = 0;
  std::int64_t exhibits = 0;
  std::int64_t lines = 0;             ///< of all journals
  std::vector<std::string> problems;  ///< what was not good before the backup was made: it is restored as it was
};

/// Opens the store of a data directory.
using OpenCases = std::function<Result<std::unique_ptr<store::CaseStore>>(const std::string& directory)>;

/// What is restored, whither, by whom.
struct RestoreOrder {
  std::string file;
  std::string directory;
  OpenWith key;
  std::string author;
  std::string zone = "Europe/Paris";  ///< of the journal's line
};

/// Fills a directory that is empty or absent: everything is unpacked aside, compared with its hashes and read once, then put in place.
/// usage when the directory is not empty, bad_input naming the first file that is not as it was. Each journal gets a line that tells it.
Result<Restored> restore(const RestoreOrder& order, const OpenCases& open_cases);

}  // namespace digue::service
