#pragma once

#include "base/archive/writer.hpp"
#include "base/crypto/sealed_file.hpp"
#include "service/jobs.hpp"

/// Evidence packages (docs/package-format.md): made as jobs, kept in the data directory until somebody removes them.
namespace digue::service {

struct PackageOrder {
  std::string recipient;
  std::string purpose;
  std::string tlp;  ///< clear, green, amber, amber+strict, red; empty: the incident's
  ArchiveKind format = ArchiveKind::zip;
  SealFor seal_for;                   ///< both empty: in the clear. A sealed package is a tar
  std::vector<std::string> exhibits;  ///< whose bytes go along; empty: all
  /// Answers of the interface that go along as they are: name of the file, JSON.
  std::vector<std::pair<std::string, std::string>> documents;
};

/// Reads every exhibit that goes along again, notes the export in custody and journal, then writes the package. bad_input without recipient
/// or purpose, or where the sealing cannot work.
Result<JobView> start_package(const Context& context, Jobs& jobs, const Caller& caller, const std::string& incident, PackageOrder order);

Result<std::vector<incident::Package>> list_packages(const Context& context, const std::string& incident);
/// not_found when the file was removed.
Result<File> open_package(const Context& context, const std::string& incident, const std::string& id);
/// Removes files of packages that a stop or a full disk left without a record. At start, before the first package is made.
Result<void> sweep_packages(const Context& context);
/// The file goes, the record stays.
Result<void> remove_package(const Context& context, const Caller& caller, const std::string& incident, const std::string& id);
/// The name that a download gets.
std::string package_name(const std::string& reference, const incident::Package& package);

}  // namespace digue::service
