#pragma once

#include <set>

#include "store/cases/cases.hpp"
#include "store/sql/database.hpp"

namespace digue::store {

/// Reads and writes of one case database inside a transaction that its owner opened.
class SqlSession final : public CaseWriter {
 public:
  /// `grown`, when given, receives the incidents whose journal got a line.
  explicit SqlSession(sql::Database& database, std::set<std::string>* grown = nullptr) : database_(database), grown_(grown) {}

  Result<std::vector<incident::Summary>> incidents() override;
  Result<incident::Incident> incident(const std::string& id) override;
  Result<std::vector<incident::Account>> accounts(const std::string& incident) override;
  Result<std::vector<incident::Exhibit>> exhibits(const std::string& incident) override;
  Result<incident::Exhibit> exhibit(const std::string& incident, const std::string& id) override;
  Result<std::vector<incident::CustodyEvent>> custody(const std::string& incident) override;
  Result<std::optional<incident::CustodyEvent>> last_custody(const std::string& incident, const std::string& exhibit,
                                                             const std::string& who, const std::string& what) override;
  Result<std::vector<incident::AcquisitionVersion>> acquisitions(const std::string& incident) override;
  Result<std::vector<incident::Waiver>> waivers() override;
  Result<std::vector<incident::Package>> packages(const std::string& incident) override;
  Result<bool> holds(const std::string& sha256) override;
  Result<std::vector<incident::Task>> tasks(const std::string& incident) override;
  Result<std::vector<incident::Qualification>> qualifications(const std::string& incident) override;
  Result<std::vector<incident::CapabilityAnswer>> capabilities(const std::string& incident) override;
  Result<std::vector<incident::StageSpan>> stage_spans(const std::string& incident) override;
  Result<std::vector<incident::Workstation>> workstations(const std::string& incident) override;
  Result<std::vector<incident::Pin>> pins(const std::string& incident) override;
  Result<std::vector<incident::Job>> jobs(const std::string& incident) override;
  Result<incident::Job> job(const std::string& incident, const std::string& id) override;
  Result<std::vector<incident::Job>> open_jobs() override;
  Result<incident::StoryVersion> story(const std::string& incident) override;
  Result<incident::StoryVersion> story_head(const std::string& incident) override;
  Result<std::vector<incident::Proof>> proofs(const std::string& incident, const std::string& task) override;
  Result<std::optional<std::string>> platform(const std::string& incident) override;

  Result<incident::Incident> add_incident(incident::Incident incident) override;
  Result<void> put_account(const std::string& incident, const incident::Account& account, UtcMicros at) override;
  Result<Entry> take_in(const std::string& incident, const incident::Exhibit& exhibit, const incident::Acquisition& acquisition,
                        journal::Draft line) override;
  Result<void> set_exhibit_findings(const std::string& incident, const incident::Exhibit& exhibit) override;
  Result<incident::CustodyEvent> add_custody(const std::string& incident, incident::CustodyEvent event) override;
  Result<void> add_acquisition(const std::string& incident, const incident::AcquisitionVersion& version) override;
  Result<void> add_waiver(const incident::Waiver& waiver) override;
  Result<void> put_package(const std::string& incident, const incident::Package& package) override;
  Result<void> add_task(const std::string& incident, const incident::Task& task) override;
  Result<void> set_task(const std::string& incident, const incident::Task& task) override;
  Result<void> add_qualification(const std::string& incident, const incident::Qualification& qualification) override;
  Result<void> set_severity(const std::string& incident, const std::optional<std::string>& severity, bool confirmed) override;
  Result<void> put_capability(const std::string& incident, const incident::CapabilityAnswer& answer) override;
  Result<void> open_stage(const std::string& incident, const incident::StageSpan& span) override;
  Result<void> close_stage(const std::string& incident, const std::string& stage, UtcMicros at, const std::string& by) override;
  Result<void> add_workstation(const std::string& incident, const incident::Workstation& workstation) override;
  Result<void> add_pin(const std::string& incident, const incident::Pin& pin) override;
  Result<incident::Pin> remove_pin(const std::string& incident, const std::string& id, UtcMicros at, const std::string& by,
                                   const std::string& reason) override;
  Result<void> put_job(const incident::Job& job) override;
  Result<void> add_story(const std::string& incident, const incident::StoryVersion& story) override;
  Result<void> add_proof(const std::string& incident, const incident::Proof& proof) override;
  Result<void> set_platform(const std::string& incident, const std::string& platform) override;

  Result<std::vector<Platform>> platforms() override;
  Result<Platform> platform_named(const std::string& name) override;
  Result<std::vector<containment::Operation>> operations(const std::string& incident) override;
  Result<containment::Operation> operation(const std::string& incident, const std::string& id) override;
  Result<std::vector<containment::Operation>> operations_on(const std::string& platform) override;
  Result<std::vector<containment::Operation>> operations_to_do(UtcMicros at) override;
  Result<std::string> operation_secrets(const std::string& incident, const std::string& id) override;
  Result<void> put_platform(const Platform& platform) override;
  Result<void> remove_platform(const std::string& name, UtcMicros at, const std::string& by) override;
  Result<void> add_operation(const containment::Operation& operation, const std::string& secrets) override;
  Result<void> set_operation(const containment::Operation& operation) override;
  Result<void> set_operation_secrets(const std::string& incident, const std::string& id, const std::string& secrets) override;

  Result<std::vector<incident::Establishment>> establishments() override;
  Result<std::vector<incident::LocalContact>> contacts() override;
  Result<playbook::Overlay> overlay(const std::string& establishment) override;
  Result<std::vector<std::string>> concerned(const std::string& incident) override;
  Result<std::vector<std::string>> incidents_of(const std::string& establishment) override;
  Result<std::vector<incident::Instant>> instants(const std::string& incident) override;
  Result<std::vector<incident::DutyFiling>> filings(const std::string& incident) override;
  Result<std::vector<incident::Breach>> breaches(const std::string& incident) override;
  Result<void> put_establishment(const incident::Establishment& establishment, UtcMicros at, const std::string& by) override;
  Result<void> put_overlay(const std::string& establishment, const playbook::Overlay& overlay, UtcMicros at,
                           const std::string& by) override;
  Result<void> put_contact(const incident::LocalContact& contact, UtcMicros at, const std::string& by) override;
  Result<void> remove_contact(const std::string& id, UtcMicros at, const std::string& by) override;
  Result<void> set_concerned(const std::string& incident, const std::vector<std::string>& establishments) override;
  Result<void> add_instant(const std::string& incident, const incident::Instant& instant) override;
  Result<void> put_filing(const std::string& incident, const incident::DutyFiling& filing) override;
  Result<void> put_breach(const std::string& incident, const incident::Breach& breach) override;

  Result<JournalPage> journal(const std::string& incident, std::int64_t after, std::int64_t limit, const journal::Filter& filter) override;
  Result<Entry> entry(const std::string& incident, std::int64_t seq) override;
  Result<std::optional<UtcMicros>> last_entry(const std::string& incident) override;
  Result<void> journal_lines(const std::string& incident, std::int64_t after, std::int64_t limit, const LineVisitor& visit) override;
  Result<std::vector<Sha256>> leaves(const std::string& incident, std::int64_t size) override;
  Result<std::vector<StoredCheckpoint>> checkpoints(const std::string& incident) override;
  Result<std::optional<StoredCheckpoint>> last_checkpoint(const std::string& incident) override;
  Result<std::vector<std::string>> journal_keys() override;
  Result<std::vector<CheckpointCopy>> checkpoint_copies(const std::string& incident) override;
  Result<Entry> append(const std::string& incident, const journal::Draft& draft, UtcMicros recorded) override;
  Result<void> destroy_body(const std::string& incident, std::int64_t seq) override;
  Result<void> add_checkpoint_copy(const std::string& incident, const CheckpointCopy& copy) override;

  Result<void> incident_rows(const std::string& incident, const RowVisitor& visit) override;
  Result<std::vector<OriginKey>> origin_keys(const std::string& incident) override;
  Result<void> take_row(const std::string& incident, const MovedTable& table, std::string_view json) override;
  Result<void> add_origin_key(const std::string& incident, const OriginKey& key) override;

  Result<std::vector<incident::Closing>> closings(const std::string& incident) override;
  Result<std::vector<incident::Hold>> holds_of(const std::string& incident) override;
  Result<std::optional<incident::Destruction>> destruction(const std::string& incident) override;
  Result<std::vector<std::string>> uncleaned() override;
  Result<std::vector<std::string>> lost_bytes(const std::string& incident) override;
  Result<void> add_closing(const std::string& incident, const incident::Closing& closing) override;
  Result<void> add_hold(const std::string& incident, const incident::Hold& hold) override;
  Result<void> lift_hold(const std::string& incident, const incident::Hold& hold) override;
  Result<void> destroy(const std::string& incident, const incident::Destruction& destruction, bool with_register) override;
  Result<void> set_cleaned(const std::string& incident) override;

  Result<std::vector<people::Account>> people() override;
  Result<std::vector<people::Membership>> memberships() override;
  Result<people::Invitation> invitation(const std::string& token_hash) override;
  Result<people::Failures> failures(const std::string& key) override;
  Result<bool> knows_source(const std::string& person, const std::string& source) override;
  Result<std::vector<people::SecurityEvent>> security_events(std::int64_t after, std::int64_t limit) override;
  Result<void> put_person(const people::Account& account) override;
  Result<bool> use_step(const std::string& person, std::int64_t step) override;
  Result<void> set_recovery_codes(const std::string& person, const std::vector<std::string>& hashes) override;
  Result<bool> use_recovery_code(const std::string& person, const std::string& hash, UtcMicros at) override;
  Result<void> put_invitation(const people::Invitation& invitation) override;
  Result<void> remove_invitations(const std::string& person) override;
  Result<void> put_membership(const people::Membership& membership) override;
  Result<void> put_failures(const std::string& key, const people::Failures& failures) override;
  Result<void> forget_failures_before(UtcMicros time) override;
  Result<void> add_known_source(const std::string& person, const std::string& source, UtcMicros at) override;
  Result<std::int64_t> add_security_event(const people::SecurityEvent& event) override;

 private:
  Result<incident::StoryVersion> last_story(const std::string& incident, std::string_view analysis);
  Result<void> add_exhibit(const std::string& incident, const incident::Exhibit& exhibit);
  Result<void> changed_one(sql::Statement& statement, std::string_view message_key, const std::string& id);

  sql::Database& database_;
  std::set<std::string>* grown_;
};

}  // namespace digue::store
