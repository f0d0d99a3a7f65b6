#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "base/files.hpp"
#include "base/result.hpp"

namespace digue::store {

/// The documents made of one version of a story, on their way in. Destroyed before commit(), nothing of them stays.
class DocumentSet {
 public:
  ~DocumentSet();
  DocumentSet(const DocumentSet&) = delete;
  DocumentSet& operator=(const DocumentSet&) = delete;
  /// More bytes of the document `kind`: html, csv, ocsf, or fr, en (the story in that language); bad_input for another.
  Result<void> write(std::string_view kind, std::string_view bytes);
  /// On stable storage, open to readers.
  Result<void> commit();

 private:
  friend class Documents;
  DocumentSet(std::string part, std::string folder) : part_(std::move(part)), folder_(std::move(folder)) {}
  const std::string part_, folder_;
  std::map<std::string, File, std::less<>> files_;
};

/// Files that leave: <incident>/<version>/story.<kind> under a path. Any thread.
class Documents {
 public:
  explicit Documents(std::string path) : path_(std::move(path)) {}
  Result<std::unique_ptr<DocumentSet>> begin(const std::string& incident, std::int64_t version) const;
  /// not_found when that version has no such document.
  Result<File> open(const std::string& incident, std::int64_t version, std::string_view kind) const;
  /// Removes the other versions and what a crash left.
  Result<void> keep_only(const std::string& incident, std::int64_t version) const;
  /// Where evidence packages stand: <incident>/<package>.
  std::string packages() const { return path_ + "/packages"; }

 private:
  const std::string path_;
};

}  // namespace digue::store
