#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/time.hpp"
#include "model/event.hpp"
#include "model/text.hpp"

namespace digue {

/// An event of one account after clocks were resolved, duplicates removed and places enriched. Views live as long as the account's
/// partition.
struct Row {
  UtcMicros time;
  Id128 id;
  Activity activity = Activity::other;
  Outcome outcome = Outcome::unknown;
  bool own_range = false;  ///< the address is the establishment's own (given or inferred)
  std::uint32_t repeats = 1;
  std::optional<IpAddress> ip;
  Place place;
  std::string_view account, operation, uid;
  std::string_view country;  ///< ISO alpha-2 of the source, from the record, else from the database; empty: unknown
  std::string_view network;  ///< "AS64500 Name" or empty
  std::string_view device;   ///< "Chrome on Windows 10", "python-requests", "imap"; empty: unknown
  std::span<const std::pair<Field, std::string_view>> fields;
  std::uint32_t session = no_session;  ///< index in the account's sessions

  static constexpr std::uint32_t no_session = 0xffffffff;
  /// The first value of a detail, empty when there is none.
  std::string_view get(Field field) const {
    for (const auto& [id_, value] : fields)
      if (id_ == field) return value;
    return {};
  }
  /// A decimal detail, `otherwise` when absent or not a number.
  std::uint64_t number(Field field, std::uint64_t otherwise = 0) const;
};

enum class Actor : std::uint8_t { unknown, user, attacker };

/// Activity of an account through one access context: the platform's session id, else IP + device + client while no pause exceeds six
/// hours.
struct Session {
  Id128 id;                         ///< hash of (account, context, id of the first event)
  std::vector<std::uint32_t> rows;  ///< indices, ascending
  UtcMicros first, last;
  std::vector<IpAddress> ips;  ///< distinct, ascending; likewise below
  std::vector<std::string> countries, networks, devices;
  bool native = false;  ///< told by the platform's own session id
  Actor actor = Actor::unknown;
  double confidence = 0;  ///< that the actor is right; for an unknown actor: how probable the attacker is
  std::vector<Text> reasons;
};

enum class Severity : std::uint8_t { informational, low, medium, high, critical };

/// Something detected, with the records that prove it.
struct Finding {
  Id128 id;          ///< hash of rule, account, and the ids of its records; set by finish()
  std::string rule;  ///< detector id; title key is "rule.<rule>" unless title is set
  Text title;
  Severity severity = Severity::low;
  double confidence = 0.5;              ///< 0..1 that it is hostile, after benign explanations
  std::vector<std::string> techniques;  ///< ATT&CK ids
  std::string account;                  ///< empty: none
  UtcMicros first, last;
  std::vector<IpAddress> ips;  ///< distinct and ascending from finish() on, like `sessions`
  std::vector<Text> why, benign;
  struct Record {
    Place place;
    std::string uid;
    Id128 event;
  };
  std::vector<Record> records;  ///< at most max_records, those with the smallest (time, id) first
  std::uint64_t records_total = 0;
  std::vector<std::uint32_t> sessions;  ///< indices in the account's sessions that did it
  /// Adds a row as proof (place, uid, ip, time span).
  void prove(const Row& row);
  /// The same for a row that completes the picture but is not the doing itself: its session is not counted among `sessions`.
  void show(const Row& row);
  static constexpr std::size_t max_records = 200;
};

/// A decision of a person that outweighs every computed reason.
struct Pin {
  enum class Kind : std::uint8_t { session, ip, device, account } kind = Kind::ip;
  std::string value;
  enum class As : std::uint8_t { attacker, user, known_good } as = As::attacker;
  std::string reason;
};

/// What is known of the establishment; inferred parts are told in notes.
struct Profile {
  std::vector<std::string> own_domains;  ///< lower-case; a subdomain of one is own too
  std::vector<IpRange> own_ranges;
  std::optional<Zone> zone;  ///< nothing: inferred, else Europe/Paris
  std::optional<int> year;   ///< of the last line of year-less logs
  std::optional<UtcMicros> since, until;
  /// Hours at which accounts are on duty, local clock, in minutes since midnight; `to` before `from` passes midnight, equal: day and night.
  struct Roster {
    std::vector<std::string> accounts;
    int from = 0, to = 0;
    bool covers(std::string_view account, int minute) const;
  };
  std::vector<Roster> rosters;
  std::vector<Pin> pins;
  /// A sign-in that responders tried themselves, to see whether a door is shut.
  struct OwnProbe {
    std::string account;     ///< lower-case
    IpAddress ip;            ///< ours
    std::uint16_t port = 0;  ///< 0: any
    UtcMicros from, to;
  };
  std::vector<OwnProbe> own_probes;
  std::map<std::string, std::string, std::less<>> aliases;  ///< another name of an account -> the account; lower-case, see settle_aliases()
  std::string bare_domain;  ///< the domain of people's names that are logged without one; empty: they stay as they are
  bool is_own_address(std::string_view mail_address) const;
  /// Makes every alias lead to its account at once. Names that lead to each other are all the smallest one's.
  void settle_aliases();
  /// The account that has this other name; null: none.
  const std::string* alias_of(std::string_view name) const;
  /// Whether a name gets `bare_domain`: a person's, not an address, an identifier or a service's.
  bool is_bare(std::string_view name) const;
  /// The account that a logged name stands for, which is mostly the name itself. Lower-case.
  std::string account_of(std::string_view name) const;
};

/// What one source address did over all accounts.
struct SourceFacts {
  IpAddress ip;
  std::uint32_t accounts_succeeded = 0;  ///< distinct accounts that signed in
  std::uint32_t accounts_failed = 0;     ///< distinct accounts with a failed attempt
  std::uint64_t successes = 0, failures = 0;
  std::uint32_t days = 0;  ///< distinct days with a success
  UtcMicros first, last;
  bool sprayed = false;  ///< shape of password spraying or guessing: set by the source detectors
  bool shared = false;   ///< an address that many accounts use day after day: the establishment's own or its VPN's
};

/// What detectors know beyond one account.
struct World {
  const Profile* profile = nullptr;
  const Zone* zone = nullptr;
  std::uint32_t accounts = 0;                                    ///< that had a successful sign-in
  std::vector<SourceFacts> sources;                              ///< notable ones, sorted by ip
  std::vector<std::pair<std::string, std::uint32_t>> countries;  ///< accounts that signed in from it, sorted by country
  const SourceFacts* source(const IpAddress& ip) const;
  std::uint32_t accounts_in(std::string_view country) const;
};

/// One account's evidence, sorted by (time, id).
struct AccountView {
  std::string_view account;
  std::span<const Row> rows;
  std::span<const Session> sessions;
  const World* world = nullptr;
};

}  // namespace digue
