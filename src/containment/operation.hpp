#pragma once

#include <optional>
#include <string>
#include <vector>

#include "containment/connector.hpp"

/// One run of a capability on a platform, and the states that it goes through. Pure: who stores it and who calls the platform is elsewhere.
namespace digue::containment {

enum class State {
  planned,    ///< nothing was done
  approved,   ///< will be carried out
  sealed,     ///< its prior state is an exhibit; nothing was done
  applying,   ///< a step may have been sent
  applied,    ///< every step was accepted; nothing is proven
  verified,   ///< read back and probed
  failed,     ///< ended before all was done, or not proven: `error` says what was done and what was not
  undone,     ///< another operation took it back
  cancelled,  ///< given up before anything was done
};

enum class StepState { pending, sent, done, failed };

/// Where a step of the plan stands; as many as the plan has steps.
struct StepRun {
  StepState state = StepState::pending;
  std::optional<UtcMicros> sent, ended;
  std::string answer;  ///< of the platform; hostile text
};

struct Approval {
  std::string by;      ///< as the journal names them
  std::string person;  ///< the account's id; empty where there are none
  UtcMicros at;
  bool break_glass = false;
  std::string reason;   ///< of the break-glass
  bool proven = false;  ///< by a login or a password, not by a name given at the terminal; not stored
};

/// Something to be done by itself later.
struct Due {
  enum class What { recheck, lift };
  What what = What::recheck;
  UtcMicros at;
};

/// A sign-in of our own that the platform's logs will tell.
struct Trace {
  std::string source;  ///< our address and port
  UtcMicros at;
};

struct Operation {
  std::string id;
  std::string incident;
  std::string platform;  ///< the name of the connector
  std::string kind;      ///< of the connector
  std::string account;   ///< of the incident, which the platform may name otherwise; empty: none
  std::string task;      ///< that it serves; empty: none
  State state = State::planned;
  Plan plan;
  std::string reason;                 ///< why, in the author's words
  std::vector<std::string> evidence;  ///< ids of the findings that justify it
  std::string author, person;         ///< who planned it: name, and account's id
  bool author_unproven = false;       ///< a name given at the terminal
  bool password_left = false;         ///< its temporary password was not shown yet
  UtcMicros planned;
  std::optional<Approval> approval;
  std::string exhibit;  ///< the prior state
  std::vector<StepRun> runs;
  std::vector<Probe> probes;          ///< of the last verification
  std::vector<Trace> traces;          ///< of all verifications
  std::optional<UtcMicros> accepted;  ///< when the last step was
  std::optional<UtcMicros> proven;    ///< when the first verification held
  std::optional<UtcMicros> ended;
  std::string error;
  std::string undoes;         ///< the operation that this one takes back; empty: none
  std::string undone_by;      ///< the operation that took this one back
  std::string superseded_by;  ///< the later operation that its checks go on with; empty: none
  std::vector<Due> dues;
};

std::string_view name(State state);
std::string_view name(StepState state);
std::string_view name(Due::What what);

/// Nothing more will happen to it by itself but what `dues` say.
bool is_closed(State state);
/// May have touched the platform.
bool has_acted(const Operation& operation);

/// A new operation for a plan, with its steps pending.
Operation begin(Plan plan);

// Each move refuses (conflict) what the state does not allow, and changes nothing then.

Result<void> approve(Operation& operation, Approval approval);
/// Also of one that failed before anything was sent.
Result<void> cancel(Operation& operation, UtcMicros at);
/// `exhibit` may be empty only when the plan has no prior state.
Result<void> seal(Operation& operation, std::string exhibit);
/// The step to send next; nothing when all are done.
std::optional<std::size_t> next_step(const Operation& operation);
/// On disk before the platform hears of it.
Result<void> send(Operation& operation, std::size_t step, UtcMicros at);
/// The platform accepted it. The last one makes the operation applied, with checks due at once, after 15 minutes and 24 hours, and the lift
/// of what holds until a date.
Result<void> accept(Operation& operation, std::size_t step, std::string answer, UtcMicros at);
/// For a plan without steps: the platform was already as wanted, which is to be proven all the same.
Result<void> accept_nothing(Operation& operation, UtcMicros at);
/// Step or seal that did not work: ends it as failed.
Result<void> fail_at(Operation& operation, std::optional<std::size_t> step, std::string error, UtcMicros at);
/// What a later look at the platform says of a step that was sent and not answered: before, it is pending again; after, done; other,
/// the operation fails. A pulse is pending again.
Result<void> recover(Operation& operation, std::size_t step, Stand stand, UtcMicros at);
/// A verification: verified when every probe is good. Not good on the first time leaves it applied, tried again for ten minutes; after it
/// was verified, two checks in a row that do not hold make it failed. Of more than 1,000 probes those that are not good are kept first.
Result<void> prove(Operation& operation, std::vector<Probe> probes, UtcMicros at);
/// What `undo` (verified) took back: nothing of it is due any more.
Result<void> take_back(Operation& operation, const std::string& undo);
/// Removes what was due at `at` or before, oldest first.
std::vector<Due> take_dues(Operation& operation, UtcMicros at);

json::Value to_json(const Operation& operation);
Result<Operation> operation_of(const json::Value& value);

}  // namespace digue::containment
