#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "model/story.hpp"

/// Whose sessions are whose, and what was done in them. One account at a time; what other accounts showed comes through World and hostile
/// sources.
namespace digue::story {

/// Groups an account's rows into sessions (native session id, else IP + device + client with pauses up to six hours) and sets Row::session.
/// A platform session that is used from places that differ in country, network or device becomes one session for each. Mail protocols
/// number connections, not sessions: theirs are grouped by address. Rows of an address whose place only other rows tell are given it.
std::vector<Session> build_sessions(std::string_view account, std::vector<Row>& rows);

/// A source address known to be hostile, with why: "reason.hostile_source" (address) for one that guessed or sprayed, another key
/// ("reason.other_account": account) for one through which somebody got in.
struct HostileSource {
  IpAddress ip;
  double confidence = 0;
  Text reason;
};

/// Attribution of every session, the account's verdict, indicators, reach and exposure.
/// `findings` are the account's own as detected (their confidence is raised or lowered by the context they are seen in: telling again
/// starts from the detected ones); `hostile` is sorted by ip.
AccountStory tell(const AccountView& view, std::vector<Finding>& findings, const std::vector<HostileSource>& hostile);

/// The time that an intruder was inside through an account, and a day more.
struct Intrusion {
  std::string account;
  UtcMicros from, to;
};
/// The one that an account was made in, which `row` (its account_create, without an actor) tells: rather one whose account made it. Null
/// when there is none.
const Intrusion* intrusion_at(const Row& row, std::span<const Intrusion> intrusions, const Profile& profile);
/// About that account.
Finding planted_account(const Row& row, const Intrusion& intrusion, const World& world);

}  // namespace digue::story
