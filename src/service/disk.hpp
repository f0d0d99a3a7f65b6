#pragma once

#include "service/notes.hpp"

/// Full-disk encryption of the data directory: seen at start, waived by a person when it is missing.
namespace digue::service {

struct DiskReport {
  DiskEncryption disk;
  std::optional<incident::Waiver> waiver;  ///< the last one
};
Result<DiskReport> disk_report(const Context& context);

/// Who works on without it, and why; told in the journal of every incident. conflict when the disk is encrypted.
Result<DiskReport> waive_disk_encryption(const Context& context, const Caller& caller, const std::string& reason);

/// What the first line of an incident says of the disk; empty when it is encrypted or nobody looked.
Result<std::string> disk_words(store::CaseReader& reader, const Context& context);

}  // namespace digue::service
