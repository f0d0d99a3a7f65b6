#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "model/story.hpp"

/// Whose sessions are whose, and what was done in them. One account at a time; what other accounts showed comes through World and hostile
/// sources.
namespace digue::story {

/// Groups an account's rows into sessions (native session id, else IP + device + client with pauses up to six hours) and sets Row::session.
std::vector<Session> build_sessions(std::string_view account, std::vector<Row>& rows);

/// A source address known to be hostile, with why (spray, another account's attacker sessions, a pin).
struct HostileSource {
  IpAddress ip;
  double confidence = 0;
  Text reason;
};

/// What a source detector's facts make of an address: hostile when it sprayed or guessed and is not shared; nothing otherwise.
std::optional<HostileSource> hostile_by(const SourceFacts& facts);

/// The address of another account's attacker session, for the accounts that have not been told yet.
HostileSource hostile_by(const IpAddress& ip, std::string_view account, double confidence);

/// Attribution of every session, the account's verdict, indicators, reach and exposure.
/// `findings` are the account's own as detected (their confidence is raised or lowered by the context they are seen in: telling again
/// starts from the detected ones); `hostile` is sorted by ip.
AccountStory tell(const AccountView& view, std::vector<Finding>& findings, const std::vector<HostileSource>& hostile);

}  // namespace digue::story
