#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "incident/incident.hpp"
#include "incident/proof.hpp"
#include "incident/qualification.hpp"
#include "incident/stages.hpp"
#include "incident/task.hpp"
#include "store/cases/containment.hpp"
#include "store/cases/duties.hpp"
#include "store/cases/journal.hpp"
#include "store/cases/keeping.hpp"
#include "store/cases/moving.hpp"
#include "store/cases/people.hpp"

/// The case files of a workbench. One interface, whatever the database; the contract test is written against it.
namespace digue::store {

/// A consistent view; valid inside the call that gave it.
class CaseReader : public ContainmentReader,
                   public DutyReader,
                   public JournalReader,
                   public KeepingReader,
                   public MovingReader,
                   public PeopleReader {
 public:
  /// Newest first.
  virtual Result<std::vector<incident::Summary>> incidents() = 0;
  /// not_found when there is none.
  virtual Result<incident::Incident> incident(const std::string& id) = 0;
  virtual Result<std::vector<incident::Account>> accounts(const std::string& incident) = 0;
  virtual Result<std::vector<incident::Exhibit>> exhibits(const std::string& incident) = 0;
  virtual Result<incident::Exhibit> exhibit(const std::string& incident, const std::string& id) = 0;
  /// By number.
  virtual Result<std::vector<incident::CustodyEvent>> custody(const std::string& incident) = 0;
  /// The last event of `what` that `who` has on an exhibit.
  virtual Result<std::optional<incident::CustodyEvent>> last_custody(const std::string& incident, const std::string& exhibit,
                                                                     const std::string& who, const std::string& what) = 0;
  /// All records of acquisition and their corrections, in the order in which they were given.
  virtual Result<std::vector<incident::AcquisitionVersion>> acquisitions(const std::string& incident) = 0;
  /// Decisions to work without full-disk encryption, oldest first.
  virtual Result<std::vector<incident::Waiver>> waivers() = 0;
  /// Oldest first.
  virtual Result<std::vector<incident::Package>> packages(const std::string& incident) = 0;
  /// True when an exhibit of any incident holds these bytes; one that was destroyed does not.
  virtual Result<bool> holds(const std::string& sha256) = 0;
  /// In the order in which they were added.
  virtual Result<std::vector<incident::Task>> tasks(const std::string& incident) = 0;
  /// By version.
  virtual Result<std::vector<incident::Qualification>> qualifications(const std::string& incident) = 0;
  virtual Result<std::vector<incident::CapabilityAnswer>> capabilities(const std::string& incident) = 0;
  /// In the order in which they were opened.
  virtual Result<std::vector<incident::StageSpan>> stage_spans(const std::string& incident) = 0;
  virtual Result<std::vector<incident::Workstation>> workstations(const std::string& incident) = 0;
  /// Those in force.
  virtual Result<std::vector<incident::Pin>> pins(const std::string& incident) = 0;
  virtual Result<std::vector<incident::Job>> jobs(const std::string& incident) = 0;
  virtual Result<incident::Job> job(const std::string& incident, const std::string& id) = 0;
  /// Jobs of all incidents that neither ended nor were cancelled.
  virtual Result<std::vector<incident::Job>> open_jobs() = 0;
  /// The last version; not_found before the first.
  virtual Result<incident::StoryVersion> story(const std::string& incident) = 0;
  /// The same with an empty `analysis`, which can be large.
  virtual Result<incident::StoryVersion> story_head(const std::string& incident) = 0;
  /// In the order in which they were given.
  virtual Result<std::vector<incident::Proof>> proofs(const std::string& incident, const std::string& task) = 0;
  /// The platform of guided commands that was chosen last.
  virtual Result<std::optional<std::string>> platform(const std::string& incident) = 0;
};

class CaseWriter : public CaseReader,
                   public ContainmentWriter,
                   public DutyWriter,
                   public JournalWriter,
                   public KeepingWriter,
                   public MovingWriter,
                   public PeopleWriter {
 public:
  /// Gives the incident its reference ("2026-003") and stores it.
  virtual Result<incident::Incident> add_incident(incident::Incident incident) = 0;
  /// Adds the account or replaces what is known of it.
  virtual Result<void> put_account(const std::string& incident, const incident::Account& account, UtcMicros at) = 0;
  /// The only way in for an exhibit: its record of acquisition, its custody events (received and recorded, or derived when it has parents,
  /// which must be of the incident) and its journal line come with it, or none of them. `line` gets the links.
  virtual Result<Entry> take_in(const std::string& incident, const incident::Exhibit& exhibit, const incident::Acquisition& acquisition,
                                journal::Draft line) = 0;
  /// Format, counts, state and last verification.
  virtual Result<void> set_exhibit_findings(const std::string& incident, const incident::Exhibit& exhibit) = 0;
  /// Numbers and chains the event; comes back as stored.
  virtual Result<incident::CustodyEvent> add_custody(const std::string& incident, incident::CustodyEvent event) = 0;
  virtual Result<void> add_acquisition(const std::string& incident, const incident::AcquisitionVersion& version) = 0;
  virtual Result<void> add_waiver(const incident::Waiver& waiver) = 0;
  /// Adds it, or replaces what changes: bytes, sha256, kept.
  virtual Result<void> put_package(const std::string& incident, const incident::Package& package) = 0;
  virtual Result<void> add_task(const std::string& incident, const incident::Task& task) = 0;
  virtual Result<void> set_task(const std::string& incident, const incident::Task& task) = 0;
  virtual Result<void> add_qualification(const std::string& incident, const incident::Qualification& qualification) = 0;
  /// What the last qualification decided.
  virtual Result<void> set_severity(const std::string& incident, const std::optional<std::string>& severity, bool confirmed) = 0;
  virtual Result<void> put_capability(const std::string& incident, const incident::CapabilityAnswer& answer) = 0;
  virtual Result<void> open_stage(const std::string& incident, const incident::StageSpan& span) = 0;
  /// Ends the open span of that stage; conflict when there is none.
  virtual Result<void> close_stage(const std::string& incident, const std::string& stage, UtcMicros at, const std::string& by) = 0;
  /// conflict when it is there already.
  virtual Result<void> add_workstation(const std::string& incident, const incident::Workstation& workstation) = 0;
  virtual Result<void> add_pin(const std::string& incident, const incident::Pin& pin) = 0;
  virtual Result<incident::Pin> remove_pin(const std::string& incident, const std::string& id, UtcMicros at, const std::string& by,
                                           const std::string& reason) = 0;
  virtual Result<void> put_job(const incident::Job& job) = 0;
  virtual Result<void> add_story(const std::string& incident, const incident::StoryVersion& story) = 0;
  virtual Result<void> add_proof(const std::string& incident, const incident::Proof& proof) = 0;
  virtual Result<void> set_platform(const std::string& incident, const std::string& platform) = 0;
};

class CaseStore {
 public:
  virtual ~CaseStore() = default;
  using Reading = std::function<Result<void>(CaseReader&)>;
  using Writing = std::function<Result<void>(CaseWriter&)>;
  /// Any thread, several at once.
  virtual Result<void> read(const Reading& work) = 0;
  /// Any thread. Runs `work` on the writer's thread, alone; returns when its changes are on stable storage, or none of them is kept. Works
  /// that wait together share one commit.
  virtual Result<void> write(const Writing& work) = 0;
  /// A consistent copy in one new file, while others write. The SHA-256 of the bytes that its exhibits hold.
  virtual Result<std::vector<std::string>> copy_to(const std::string& path) = 0;
  /// What was deleted is gone from the files of the database, too. Writes wait meanwhile. conflict when a reader keeps an old view.
  virtual Result<void> clean() = 0;
};

/// A read that gives a value: `work` is called with a CaseReader& and returns a Result.
template <class Work>
auto reading(CaseStore& store, Work&& work) -> decltype(work(std::declval<CaseReader&>())) {
  decltype(work(std::declval<CaseReader&>())) out = fail(ErrorCode::internal, {});
  const auto done = store.read([&](CaseReader& reader) -> Result<void> {
    out = work(reader);
    if (!out) return tl::make_unexpected(out.error());
    return {};
  });
  if (!done) return tl::make_unexpected(done.error());
  return out;
}

/// A write that gives a value, known only once it is on disk.
template <class Work>
auto writing(CaseStore& store, Work&& work) -> decltype(work(std::declval<CaseWriter&>())) {
  decltype(work(std::declval<CaseWriter&>())) out = fail(ErrorCode::internal, {});
  const auto done = store.write([&](CaseWriter& writer) -> Result<void> {
    out = work(writer);
    if (!out) return tl::make_unexpected(out.error());
    return {};
  });
  if (!done) return tl::make_unexpected(done.error());
  return out;
}

/// SQLite in the file `path` (WAL, synchronous=FULL), created or migrated. One process, one store. Each commit that adds lines to a journal
/// adds a checkpoint of it, signed with `key`; without one (tests of other things) none is made.
Result<std::unique_ptr<CaseStore>> open_sqlite_cases(const std::string& path, std::optional<SigningKey> key = std::nullopt);
/// The SHA-256 of the bytes that the exhibits of a copy hold.
Result<std::vector<std::string>> sqlite_holdings(const std::string& path);

}  // namespace digue::store
