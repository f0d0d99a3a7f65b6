#pragma once

#include "service/backup.hpp"

/// An incident on its way to another workbench (docs/keeping.md): everything of it as one archive, and back in. Old proofs stay valid.
namespace digue::service {

inline constexpr std::string_view moved_profile = "digue.incident/1";

/// Notes in the journal that it is exported, and whither; then gives the archive part by part. What cannot go along is refused before.
Result<Outgoing> export_incident(const Context& context, const Caller& caller, const std::string& incident, const std::string& to,
                                 SealFor seal_for);

struct TakenOver {
  incident::Incident incident;
  std::string reference;  ///< in the workbench that it came from
  std::int64_t lines = 0;
  std::int64_t exhibits = 0;
};

/// An archive on its way in. Destroyed before finish(), nothing of it stays.
class IncidentImport {
 public:
  /// `key` opens an archive that is sealed.
  static Result<std::unique_ptr<IncidentImport>> open(const Context& context, Caller caller, OpenWith key);
  ~IncidentImport();
  Result<void> write(std::string_view data) { return file_.write(data); }
  /// Checks everything first: the archive, each line and checkpoint of the journal, custody, the bytes of each exhibit. conflict when the
  /// incident is here already; bad_input naming what is wrong. Then all of it is here, or nothing.
  Result<TakenOver> finish();

 private:
  Result<TakenOver> take_over();
  IncidentImport(const Context& context, Caller caller, OpenWith key, File file)
      : context_(context), caller_(std::move(caller)), key_(std::move(key)), file_(std::move(file)) {}
  const Context& context_;
  Caller caller_;
  OpenWith key_;
  File file_;
};

/// Whoever opens or takes in an incident pilots it; without an account, the administrators do.
Result<void> first_pilots(store::CaseWriter& writer, const Caller& caller, const std::string& incident);

}  // namespace digue::service
