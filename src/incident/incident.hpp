#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/crypto/hash.hpp"
#include "base/time.hpp"
#include "incident/custody.hpp"

/// The case file: what a store keeps of one incident.
namespace digue::incident {

struct Incident {
  std::string id;
  std::string reference;  ///< for people: year and number
  std::string title;
  std::string description;
  UtcMicros created;
  std::string created_by;
  std::optional<std::string> severity;  ///< decided by a person; nothing before the qualification
  bool confirmed = false;
  bool exercise = false;
  std::string tlp = "amber";
};

/// One line of the list of incidents.
struct Summary {
  Incident incident;
  std::int64_t accounts = 0;
  std::int64_t exhibits = 0;
  std::optional<UtcMicros> last_entry;
};

/// An account concerned by the incident. It has joined when a person added it or an analysis called it compromised: then it has tasks.
struct Account {
  std::string account;  ///< lower-case
  std::string origin;   ///< person, analysis
  std::optional<std::string> verdict;
  bool joined = false;
};

struct Exhibit {
  std::string id;
  std::string name;  ///< as given, a relative path for dropped folders
  std::int64_t bytes = 0;
  std::string sha256;
  UtcMicros received;
  std::string by;
  std::string method;  ///< how it came: upload, pasted
  std::optional<std::string> format;
  std::optional<std::int64_t> records;
  std::optional<std::int64_t> rejected;
  std::string state = "received";       ///< received, analysed, unrecognised, damaged, destroyed
  std::string sha512{};                 ///< empty: taken in by a version that did not compute it
  std::string content = "log";          ///< log, mail: what is private to a person asks for a reason before it is read
  std::vector<std::string> parents{};   ///< exhibits that it was made of
  std::string transformation{};         ///< how, when it has parents
  std::optional<UtcMicros> verified{};  ///< when its bytes were last read again and found good
};

/// A workstation of a compromised user, named by a person: then it has tasks.
struct Workstation {
  std::string name;
  std::string account;  ///< whose it is; may be empty
  UtcMicros added;
  std::string by;
};

/// A person's word on who did something; outweighs the computed attribution.
struct Pin {
  std::string id;
  std::string kind;  ///< session, ip, device, account
  std::string value;
  std::string actor;  ///< attacker, user, known_good
  std::string reason;
  UtcMicros created;
  std::string by;
};

struct Job {
  std::string id;
  std::string incident;
  std::string kind;   ///< analysis, verification, package
  std::string state;  ///< queued, running, done, failed, cancelled
  std::int64_t bytes_done = 0;
  std::int64_t bytes_total = 0;
  UtcMicros queued;
  std::optional<UtcMicros> started;
  std::optional<UtcMicros> ended;
  std::optional<std::string> error;
  std::string by;
};

/// Which exhibit an item of inputs[] of the analysis stands for (empty: none), and how the analysis names it.
struct StoryInput {
  std::string exhibit;
  std::string path;
  bool operator==(const StoryInput&) const = default;
};

/// One computed story.
struct StoryVersion {
  std::int64_t version = 0;
  UtcMicros computed;
  std::string analysis;  ///< JSON, docs/schemas/analysis.schema.json
  std::vector<StoryInput> inputs;
};

}  // namespace digue::incident
