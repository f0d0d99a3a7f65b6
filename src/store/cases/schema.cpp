#include "store/cases/schema.hpp"

#include <array>

namespace digue::store {

namespace {

// Times are microseconds since 1970, UTC.
constexpr std::string_view first = R"(
CREATE TABLE incidents(
  id TEXT PRIMARY KEY, reference TEXT NOT NULL UNIQUE, title TEXT NOT NULL, description TEXT NOT NULL,
  created INTEGER NOT NULL, created_by TEXT NOT NULL, severity TEXT, confirmed INTEGER NOT NULL, exercise INTEGER NOT NULL, tlp TEXT NOT NULL
) STRICT;

CREATE TABLE accounts(
  incident TEXT NOT NULL REFERENCES incidents(id), account TEXT NOT NULL, origin TEXT NOT NULL, verdict TEXT,
  joined INTEGER NOT NULL, added INTEGER NOT NULL, PRIMARY KEY(incident, account)
) STRICT;

CREATE TABLE exhibits(
  id TEXT PRIMARY KEY, incident TEXT NOT NULL REFERENCES incidents(id), name TEXT NOT NULL, bytes INTEGER NOT NULL, sha256 TEXT NOT NULL,
  received INTEGER NOT NULL, received_by TEXT NOT NULL, method TEXT NOT NULL, format TEXT, records INTEGER, rejected INTEGER, state TEXT NOT NULL
) STRICT;
CREATE INDEX exhibits_by_incident ON exhibits(incident, received);
CREATE INDEX exhibits_by_sha256 ON exhibits(sha256);

CREATE TABLE custody(
  number INTEGER PRIMARY KEY, incident TEXT NOT NULL REFERENCES incidents(id), exhibit TEXT NOT NULL REFERENCES exhibits(id),
  at INTEGER NOT NULL, who TEXT NOT NULL, what TEXT NOT NULL, detail TEXT NOT NULL
) STRICT;
CREATE INDEX custody_by_incident ON custody(incident);
CREATE TRIGGER custody_stays BEFORE UPDATE ON custody BEGIN SELECT RAISE(ABORT, 'custody events are append-only'); END;
CREATE TRIGGER custody_is_kept BEFORE DELETE ON custody BEGIN SELECT RAISE(ABORT, 'custody events are append-only'); END;

CREATE TABLE journal_entries(
  incident TEXT NOT NULL REFERENCES incidents(id), seq INTEGER NOT NULL, header TEXT NOT NULL, body_hash BLOB NOT NULL, leaf BLOB NOT NULL,
  rectifies INTEGER, PRIMARY KEY(incident, seq), FOREIGN KEY(incident, rectifies) REFERENCES journal_entries(incident, seq)
) STRICT;
CREATE UNIQUE INDEX journal_rectified ON journal_entries(incident, rectifies) WHERE rectifies IS NOT NULL;
CREATE TRIGGER journal_entries_stay BEFORE UPDATE ON journal_entries BEGIN SELECT RAISE(ABORT, 'the journal is append-only'); END;
CREATE TRIGGER journal_entries_are_kept BEFORE DELETE ON journal_entries BEGIN SELECT RAISE(ABORT, 'the journal is append-only'); END;

CREATE TABLE journal_bodies(
  incident TEXT NOT NULL, seq INTEGER NOT NULL, salt BLOB NOT NULL, body TEXT NOT NULL, words TEXT NOT NULL, PRIMARY KEY(incident, seq),
  FOREIGN KEY(incident, seq) REFERENCES journal_entries(incident, seq)
) STRICT;
CREATE TRIGGER journal_bodies_stay BEFORE UPDATE ON journal_bodies BEGIN SELECT RAISE(ABORT, 'the journal is append-only'); END;

CREATE TABLE tasks(
  number INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, incident TEXT NOT NULL REFERENCES incidents(id), action TEXT NOT NULL,
  target TEXT NOT NULL, state TEXT NOT NULL, owner TEXT NOT NULL, reason TEXT NOT NULL, changed INTEGER, changed_by TEXT NOT NULL,
  UNIQUE(incident, action, target)
) STRICT;

CREATE TABLE pins(
  number INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, incident TEXT NOT NULL REFERENCES incidents(id), kind TEXT NOT NULL, value TEXT NOT NULL,
  actor TEXT NOT NULL, reason TEXT NOT NULL, created INTEGER NOT NULL, created_by TEXT NOT NULL,
  removed INTEGER, removed_by TEXT, removed_reason TEXT
) STRICT;
CREATE UNIQUE INDEX pins_in_force ON pins(incident, kind, value) WHERE removed IS NULL;

CREATE TABLE jobs(
  id TEXT PRIMARY KEY, incident TEXT NOT NULL REFERENCES incidents(id), kind TEXT NOT NULL, state TEXT NOT NULL,
  bytes_done INTEGER NOT NULL, bytes_total INTEGER NOT NULL, queued INTEGER NOT NULL, started INTEGER, ended INTEGER, error TEXT,
  started_by TEXT NOT NULL
) STRICT;
CREATE INDEX jobs_by_incident ON jobs(incident, queued);

CREATE TABLE stories(
  incident TEXT NOT NULL REFERENCES incidents(id), version INTEGER NOT NULL, computed INTEGER NOT NULL, analysis TEXT NOT NULL,
  inputs TEXT NOT NULL, PRIMARY KEY(incident, version)
) STRICT;
)";

// Qualifications, stages and the fuller life of tasks.
constexpr std::string_view qualification = R"(
CREATE TABLE qualifications(
  incident TEXT NOT NULL REFERENCES incidents(id), version INTEGER NOT NULL, body TEXT NOT NULL, PRIMARY KEY(incident, version)
) STRICT;
CREATE TRIGGER qualifications_stay BEFORE UPDATE ON qualifications BEGIN SELECT RAISE(ABORT, 'qualifications are append-only'); END;
CREATE TRIGGER qualifications_are_kept BEFORE DELETE ON qualifications BEGIN SELECT RAISE(ABORT, 'qualifications are append-only'); END;

CREATE TABLE capabilities(
  incident TEXT NOT NULL REFERENCES incidents(id), id TEXT NOT NULL, answer TEXT NOT NULL, at INTEGER NOT NULL, answered_by TEXT NOT NULL,
  PRIMARY KEY(incident, id)
) STRICT;

CREATE TABLE stage_spans(
  number INTEGER PRIMARY KEY, incident TEXT NOT NULL REFERENCES incidents(id), stage TEXT NOT NULL, opened INTEGER NOT NULL,
  opened_by TEXT NOT NULL, closed INTEGER, closed_by TEXT NOT NULL
) STRICT;
CREATE UNIQUE INDEX stages_open ON stage_spans(incident, stage) WHERE closed IS NULL;

CREATE TABLE workstations(
  number INTEGER PRIMARY KEY, incident TEXT NOT NULL REFERENCES incidents(id), name TEXT NOT NULL, account TEXT NOT NULL,
  added INTEGER NOT NULL, added_by TEXT NOT NULL, UNIQUE(incident, name)
) STRICT;

ALTER TABLE tasks ADD COLUMN due INTEGER;
ALTER TABLE tasks ADD COLUMN due_set INTEGER NOT NULL DEFAULT 0;
ALTER TABLE tasks ADD COLUMN proof TEXT NOT NULL DEFAULT '';
ALTER TABLE tasks ADD COLUMN outcomes TEXT NOT NULL DEFAULT '[]';
ALTER TABLE tasks ADD COLUMN effect TEXT NOT NULL DEFAULT 'none';
ALTER TABLE tasks ADD COLUMN review INTEGER;
ALTER TABLE tasks ADD COLUMN reopened_by TEXT NOT NULL DEFAULT '';
ALTER TABLE tasks ADD COLUMN reopened_on TEXT NOT NULL DEFAULT '';
)";

// Who declares, whom to call, and what was declared. Records are JSON as incident/establishment.hpp writes them; an empty establishment is
// the incident as a whole.
constexpr std::string_view declarations = R"(
CREATE TABLE establishments(id TEXT PRIMARY KEY, name TEXT NOT NULL, record TEXT NOT NULL) STRICT;
CREATE TABLE contacts(id TEXT PRIMARY KEY, name TEXT NOT NULL, record TEXT NOT NULL) STRICT;
CREATE TABLE directory_versions(
  number INTEGER PRIMARY KEY, kind TEXT NOT NULL, id TEXT NOT NULL, at INTEGER NOT NULL, changed_by TEXT NOT NULL, record TEXT
) STRICT;
CREATE TRIGGER directory_versions_stay BEFORE UPDATE ON directory_versions BEGIN SELECT RAISE(ABORT, 'versions are append-only'); END;
CREATE TRIGGER directory_versions_are_kept BEFORE DELETE ON directory_versions BEGIN SELECT RAISE(ABORT, 'versions are append-only'); END;

CREATE TABLE concerned(
  incident TEXT NOT NULL REFERENCES incidents(id), establishment TEXT NOT NULL REFERENCES establishments(id),
  PRIMARY KEY(incident, establishment)
) STRICT;

CREATE TABLE instants(
  number INTEGER PRIMARY KEY, incident TEXT NOT NULL REFERENCES incidents(id), establishment TEXT NOT NULL, name TEXT NOT NULL,
  at INTEGER NOT NULL, reason TEXT NOT NULL, recorded INTEGER NOT NULL, recorded_by TEXT NOT NULL
) STRICT;
CREATE INDEX instants_by_incident ON instants(incident);
CREATE TRIGGER instants_stay BEFORE UPDATE ON instants BEGIN SELECT RAISE(ABORT, 'instants are append-only'); END;
CREATE TRIGGER instants_are_kept BEFORE DELETE ON instants BEGIN SELECT RAISE(ABORT, 'instants are append-only'); END;

CREATE TABLE filings(
  incident TEXT NOT NULL REFERENCES incidents(id), establishment TEXT NOT NULL, duty TEXT NOT NULL, applies INTEGER,
  overrule_reason TEXT NOT NULL, overruled_by TEXT NOT NULL, overruled INTEGER, filed INTEGER, receipt TEXT NOT NULL, filed_by TEXT NOT NULL,
  late_reason TEXT NOT NULL, recorded INTEGER, PRIMARY KEY(incident, establishment, duty)
) STRICT;

CREATE TABLE breaches(
  incident TEXT NOT NULL REFERENCES incidents(id), establishment TEXT NOT NULL, record TEXT NOT NULL, changed INTEGER NOT NULL,
  changed_by TEXT NOT NULL, PRIMARY KEY(incident, establishment)
) STRICT;
)";

// Guided commands: the platform that an incident works on, and the answers that were pasted as proofs.
constexpr std::string_view guided = R"(
CREATE TABLE incident_platforms(incident TEXT PRIMARY KEY REFERENCES incidents(id), platform TEXT NOT NULL) STRICT;

CREATE TABLE proofs(
  number INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, incident TEXT NOT NULL REFERENCES incidents(id), task TEXT NOT NULL REFERENCES tasks(id),
  exhibit TEXT NOT NULL REFERENCES exhibits(id), platform TEXT NOT NULL, command TEXT NOT NULL, note TEXT NOT NULL, at INTEGER NOT NULL,
  given_by TEXT NOT NULL
) STRICT;
CREATE INDEX proofs_by_task ON proofs(incident, task);
CREATE TRIGGER proofs_stay BEFORE UPDATE ON proofs BEGIN SELECT RAISE(ABORT, 'proofs are append-only'); END;
CREATE TRIGGER proofs_are_kept BEFORE DELETE ON proofs BEGIN SELECT RAISE(ABORT, 'proofs are append-only'); END;
)";

// Signed checkpoints of the journals, the keys that sign them, and where a checkpoint was kept outside.
constexpr std::string_view checkpoints = R"(
CREATE TABLE journal_keys(key TEXT PRIMARY KEY, first INTEGER NOT NULL) STRICT;

CREATE TABLE journal_checkpoints(
  incident TEXT NOT NULL REFERENCES incidents(id), size INTEGER NOT NULL, note TEXT NOT NULL, at INTEGER NOT NULL, PRIMARY KEY(incident, size)
) STRICT;
CREATE TRIGGER journal_checkpoints_stay BEFORE UPDATE ON journal_checkpoints BEGIN SELECT RAISE(ABORT, 'checkpoints are append-only'); END;
CREATE TRIGGER journal_checkpoints_are_kept BEFORE DELETE ON journal_checkpoints BEGIN SELECT RAISE(ABORT, 'checkpoints are append-only'); END;

CREATE TABLE checkpoint_copies(
  number INTEGER PRIMARY KEY, incident TEXT NOT NULL REFERENCES incidents(id), size INTEGER NOT NULL, how TEXT NOT NULL, detail TEXT NOT NULL,
  at INTEGER NOT NULL, copied_by TEXT NOT NULL
) STRICT;
CREATE INDEX checkpoint_copies_by_incident ON checkpoint_copies(incident, size);
CREATE TRIGGER checkpoint_copies_stay BEFORE UPDATE ON checkpoint_copies BEGIN SELECT RAISE(ABORT, 'copies are append-only'); END;
CREATE TRIGGER checkpoint_copies_are_kept BEFORE DELETE ON checkpoint_copies BEGIN SELECT RAISE(ABORT, 'copies are append-only'); END;
)";

// What establishments add to the playbook: JSON as playbook/overlay.hpp writes it.
constexpr std::string_view overlays = R"(
CREATE TABLE overlays(establishment TEXT PRIMARY KEY REFERENCES establishments(id), record TEXT NOT NULL) STRICT;
)";

// Accounts and what guards them. The secret of one-time codes is sealed by a key that is not in the database; states and roles are
// numbered as in people/account.hpp and people/roles.hpp.
constexpr std::string_view people = R"(
CREATE TABLE people(
  id TEXT PRIMARY KEY, login TEXT NOT NULL UNIQUE, name TEXT NOT NULL, administrator INTEGER NOT NULL, state INTEGER NOT NULL,
  created INTEGER NOT NULL, created_by TEXT NOT NULL, password TEXT NOT NULL, factor TEXT NOT NULL, last_step INTEGER NOT NULL,
  last_sign_in INTEGER NOT NULL
) STRICT;
CREATE TABLE recovery_codes(
  person TEXT NOT NULL REFERENCES people(id), hash TEXT NOT NULL, used INTEGER, PRIMARY KEY(person, hash)
) STRICT;
CREATE TABLE invitations(
  token_hash TEXT PRIMARY KEY, person TEXT NOT NULL UNIQUE REFERENCES people(id), expires INTEGER NOT NULL, factor TEXT NOT NULL,
  new_password INTEGER NOT NULL, new_factor INTEGER NOT NULL
) STRICT;
CREATE TABLE memberships(
  incident TEXT NOT NULL REFERENCES incidents(id), person TEXT NOT NULL REFERENCES people(id), roles INTEGER NOT NULL,
  PRIMARY KEY(incident, person)
) STRICT;
CREATE TABLE failed_attempts(key TEXT PRIMARY KEY, failures INTEGER NOT NULL, last INTEGER NOT NULL) STRICT;
CREATE TABLE known_sources(
  person TEXT NOT NULL REFERENCES people(id), source TEXT NOT NULL, last INTEGER NOT NULL, PRIMARY KEY(person, source)
) STRICT;

CREATE TABLE security_log(
  seq INTEGER PRIMARY KEY, at INTEGER NOT NULL, kind TEXT NOT NULL, person TEXT NOT NULL, name TEXT NOT NULL, source TEXT NOT NULL,
  incident TEXT NOT NULL, detail TEXT NOT NULL
) STRICT;
CREATE TRIGGER security_log_stays BEFORE UPDATE ON security_log BEGIN SELECT RAISE(ABORT, 'the security log is append-only'); END;
CREATE TRIGGER security_log_is_kept BEFORE DELETE ON security_log BEGIN SELECT RAISE(ABORT, 'the security log is append-only'); END;
)";

// The answer of a time stamping authority, when that is how a checkpoint is held outside.
constexpr std::string_view time_stamps = "ALTER TABLE checkpoint_copies ADD COLUMN proof BLOB;";

// Where exhibits come from, the chain of their custody, packages, and the waiver of full-disk encryption. Events from before have no number
// and hash; both follow from their order.
constexpr std::string_view evidence = R"(
ALTER TABLE exhibits ADD COLUMN sha512 TEXT NOT NULL DEFAULT '';
ALTER TABLE exhibits ADD COLUMN content TEXT NOT NULL DEFAULT 'log';
ALTER TABLE exhibits ADD COLUMN parents TEXT NOT NULL DEFAULT '[]';
ALTER TABLE exhibits ADD COLUMN transformation TEXT NOT NULL DEFAULT '';
ALTER TABLE exhibits ADD COLUMN verified INTEGER;

ALTER TABLE custody ADD COLUMN purpose TEXT NOT NULL DEFAULT '';
ALTER TABLE custody ADD COLUMN recipient TEXT NOT NULL DEFAULT '';
ALTER TABLE custody ADD COLUMN digest TEXT NOT NULL DEFAULT '';
ALTER TABLE custody ADD COLUMN line INTEGER;
ALTER TABLE custody ADD COLUMN hash TEXT;
CREATE UNIQUE INDEX custody_lines ON custody(incident, line) WHERE line IS NOT NULL;

CREATE TABLE acquisitions(
  number INTEGER PRIMARY KEY, incident TEXT NOT NULL REFERENCES incidents(id), exhibit TEXT NOT NULL REFERENCES exhibits(id),
  record TEXT NOT NULL, recorded INTEGER NOT NULL, recorded_by TEXT NOT NULL, reason TEXT NOT NULL
) STRICT;
CREATE INDEX acquisitions_by_incident ON acquisitions(incident);
CREATE TRIGGER acquisitions_stay BEFORE UPDATE ON acquisitions BEGIN SELECT RAISE(ABORT, 'acquisition records are append-only'); END;
CREATE TRIGGER acquisitions_are_kept BEFORE DELETE ON acquisitions BEGIN SELECT RAISE(ABORT, 'acquisition records are append-only'); END;

CREATE TABLE packages(
  number INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, incident TEXT NOT NULL REFERENCES incidents(id), job TEXT NOT NULL,
  format TEXT NOT NULL, sealed TEXT NOT NULL, recipient TEXT NOT NULL, purpose TEXT NOT NULL, tlp TEXT NOT NULL, created INTEGER NOT NULL,
  created_by TEXT NOT NULL, bytes INTEGER NOT NULL, sha256 TEXT NOT NULL, kept INTEGER NOT NULL
) STRICT;
CREATE INDEX packages_by_incident ON packages(incident);

CREATE TABLE disk_waivers(number INTEGER PRIMARY KEY, at INTEGER NOT NULL, given_by TEXT NOT NULL, reason TEXT NOT NULL) STRICT;
CREATE TRIGGER disk_waivers_stay BEFORE UPDATE ON disk_waivers BEGIN SELECT RAISE(ABORT, 'waivers are append-only'); END;
CREATE TRIGGER disk_waivers_are_kept BEFORE DELETE ON disk_waivers BEGIN SELECT RAISE(ABORT, 'waivers are append-only'); END;
)";

// When incidents were closed, what forbids to destroy them, and which were destroyed; the keys of the workbenches that incidents came from.
// Of what is append-only, words go with their incident alone; `cleaned` says that they are gone from the files, too.
constexpr std::string_view keeping = R"(
CREATE TABLE closings(
  number INTEGER PRIMARY KEY, incident TEXT NOT NULL REFERENCES incidents(id), closed INTEGER NOT NULL, type TEXT NOT NULL,
  at INTEGER NOT NULL, decided_by TEXT NOT NULL, reason TEXT NOT NULL
) STRICT;
CREATE INDEX closings_by_incident ON closings(incident);
CREATE TRIGGER closings_stay BEFORE UPDATE ON closings BEGIN SELECT RAISE(ABORT, 'closings are append-only'); END;
CREATE TRIGGER closings_are_kept BEFORE DELETE ON closings BEGIN SELECT RAISE(ABORT, 'closings are append-only'); END;

CREATE TABLE legal_holds(
  number INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, incident TEXT NOT NULL REFERENCES incidents(id), reason TEXT NOT NULL,
  at INTEGER NOT NULL, set_by TEXT NOT NULL, lifted INTEGER, lifted_by TEXT NOT NULL, lift_reason TEXT NOT NULL
) STRICT;
CREATE INDEX legal_holds_by_incident ON legal_holds(incident);
CREATE TRIGGER legal_holds_are_kept BEFORE DELETE ON legal_holds BEGIN SELECT RAISE(ABORT, 'legal holds are kept'); END;

CREATE TABLE destructions(
  incident TEXT PRIMARY KEY REFERENCES incidents(id), at INTEGER NOT NULL, destroyed_by TEXT NOT NULL, reason TEXT NOT NULL,
  lines INTEGER NOT NULL, exhibits INTEGER NOT NULL, cleaned INTEGER NOT NULL
) STRICT;
CREATE TRIGGER destructions_are_kept BEFORE DELETE ON destructions BEGIN SELECT RAISE(ABORT, 'destructions are kept'); END;

CREATE TABLE origin_keys(
  incident TEXT NOT NULL REFERENCES incidents(id), key TEXT NOT NULL, first INTEGER NOT NULL, last INTEGER NOT NULL, at INTEGER NOT NULL,
  PRIMARY KEY(incident, key)
) STRICT;

CREATE TRIGGER exhibits_before_destruction BEFORE INSERT ON exhibits
WHEN EXISTS(SELECT 1 FROM destructions WHERE incident = NEW.incident)
BEGIN SELECT RAISE(ABORT, 'the incident was destroyed'); END;

DROP TRIGGER qualifications_are_kept;
CREATE TRIGGER qualifications_are_kept BEFORE DELETE ON qualifications
WHEN NOT EXISTS(SELECT 1 FROM destructions WHERE incident = OLD.incident)
BEGIN SELECT RAISE(ABORT, 'qualifications are append-only'); END;
DROP TRIGGER instants_are_kept;
CREATE TRIGGER instants_are_kept BEFORE DELETE ON instants
WHEN NOT EXISTS(SELECT 1 FROM destructions WHERE incident = OLD.incident)
BEGIN SELECT RAISE(ABORT, 'instants are append-only'); END;
DROP TRIGGER proofs_are_kept;
CREATE TRIGGER proofs_are_kept BEFORE DELETE ON proofs
WHEN NOT EXISTS(SELECT 1 FROM destructions WHERE incident = OLD.incident)
BEGIN SELECT RAISE(ABORT, 'proofs are append-only'); END;
)";

// Platforms that can be acted on, each version of their settings with its author, and what was done there. Records are JSON as
// containment/operation.hpp writes it; secrets are sealed by a key that is not in the database. What is due stays with the platform when
// an incident moves.
constexpr std::string_view containment = R"(
CREATE TABLE platforms(
  number INTEGER PRIMARY KEY, name TEXT NOT NULL, kind TEXT NOT NULL, record TEXT NOT NULL, secrets TEXT NOT NULL,
  changed INTEGER NOT NULL, changed_by TEXT NOT NULL, removed INTEGER NOT NULL, removed_by TEXT NOT NULL
) STRICT;
CREATE UNIQUE INDEX platforms_by_name ON platforms(name) WHERE removed = 0;
CREATE TABLE operations(
  number INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, incident TEXT NOT NULL REFERENCES incidents(id), platform TEXT NOT NULL,
  state TEXT NOT NULL, record TEXT NOT NULL
) STRICT;
CREATE INDEX operations_by_incident ON operations(incident);
CREATE INDEX operations_by_platform ON operations(platform);
CREATE TABLE operation_work(
  operation TEXT PRIMARY KEY REFERENCES operations(id), incident TEXT NOT NULL REFERENCES incidents(id), due INTEGER, secrets TEXT NOT NULL
) STRICT;
CREATE INDEX operation_work_by_due ON operation_work(due) WHERE due IS NOT NULL;
CREATE TRIGGER operations_are_kept BEFORE DELETE ON operations
WHEN NOT EXISTS(SELECT 1 FROM destructions WHERE incident = OLD.incident)
BEGIN SELECT RAISE(ABORT, 'operations are kept'); END;
)";

constexpr std::array<std::string_view, 11> steps{first,  qualification, declarations, guided,  checkpoints, overlays,
                                                 people, time_stamps,   evidence,     keeping, containment};

}  // namespace

std::span<const std::string_view> case_schema() {
  return steps;
}

}  // namespace digue::store
