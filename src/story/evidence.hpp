#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "story/attribution.hpp"
#include "story/weights.hpp"

namespace digue::story {

struct Sign {
  enum class Kind : std::uint8_t { novelty, action, repeat, decisive, against } kind = Kind::action;
  double weight = 0;
  Text reason;
};
using Evidence = std::vector<Sign>;

/// All that speaks for or against the sessions of one account.
class Scene {
 public:
  Scene(const AccountView& view, const std::vector<Finding>& findings, const std::vector<HostileSource>& hostile);

  const AccountView& view() const { return view_; }
  /// Rebuilds the habits without the rows of sessions judged the attacker's.
  void learn(const std::vector<Judgement>& judged);

  Evidence evidence(std::size_t session, const std::vector<Judgement>& judged) const;
  bool enough_history(const Session& session) const;
  /// How sure one may be that a session without signs is the user's: 0 when nothing supports it.
  double user_support(const Session& session) const;

  /// The hostile source among the session's addresses; null: none.
  const HostileSource* hostile_of(const Session& session) const;
  /// A source known for more than guessing: it got into some account.
  bool got_in_somewhere(const HostileSource& source) const;
  /// The address of an intruder's session in the same neighbourhood, as of the last learn().
  std::optional<IpAddress> attacker_nearby(const Session& session) const;
  /// The session is part of a wave of guessing or of unwanted second-factor requests.
  bool is_guessing(std::size_t session) const { return guessing_.contains(session); }
  /// The place has been in use on other days.
  bool is_familiar(const Session& session) const;

 private:
  void adopt();
  void plant();
  std::vector<std::size_t> around(const Session& orphan, std::int64_t after) const;
  void add_source(const Session& session, Evidence& evidence) const;
  void add_novelty(const Session& session, const Row& row, Evidence& evidence) const;
  void add_findings(std::size_t index, Evidence& evidence) const;
  void add_kinship(const Session& session, const Row& row, Evidence& evidence) const;
  void add_applications(const Session& session, Evidence& evidence) const;
  void add_company(std::size_t index, const std::vector<Judgement>& judged, Evidence& evidence) const;
  void add_against(const Row& row, bool new_place, Evidence& evidence) const;
  double share_of_blame(const Finding& finding, std::size_t index) const;
  const Row* first_access(const Session& session) const;
  bool is_between_home(const Session& session, const Row& row) const;
  bool is_new_place(const Row& row) const;

  const AccountView& view_;
  const std::vector<Finding>& findings_;
  const std::vector<HostileSource>& hostile_;
  Habits habits_;
  std::map<std::size_t, std::vector<const Finding*>> by_session_;
  std::map<std::size_t, std::vector<std::size_t>> adopted_;  ///< session -> those without an address that were most likely done in it
  std::map<std::size_t, std::size_t> host_;                  ///< the other way round
  std::vector<std::size_t> long_sessions_;                   ///< longer than a day
  std::map<IpAddress, IpAddress> near_attacker_;
  std::set<std::pair<std::string, std::string>> like_attacker_;  ///< network and device
  std::optional<UtcMicros> mail_known_from_;                     ///< mail came in on two days until then
  std::set<std::size_t> guessing_;
  std::set<std::string_view> applications_;  ///< that were given risky rights
};

}  // namespace digue::story
