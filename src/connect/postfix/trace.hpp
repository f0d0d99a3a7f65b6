#pragma once

#include <map>
#include <set>

#include "connect/postfix/site.hpp"
#include "containment/connector.hpp"

/// mail.trace and logs.export: lines of the mail logs, as they are.
namespace digue::connect::mta {

/// The lines that concern one account: those that name it, and all of the messages that it sent, also under the id of the next hop here.
class AccountLines {
 public:
  explicit AccountLines(std::string_view account);
  /// The lines of the next part of the log; parts are given oldest first.
  std::string take(std::string_view text);
  std::size_t messages() const { return ids_.size(); }

 private:
  void learn(std::string_view line);
  const std::string account_;
  std::set<std::string, std::less<>> ids_;
};

/// The queue id of a line of Postfix; empty when it has none.
std::string_view queue_id_of(std::string_view line);

/// The block list for which another server refused our mail in this line: its name, "unnamed" when it only says that we are on one;
/// empty: it does not.
std::string_view block_list_of(std::string_view line);

/// Refusals of our mail because we are on a block list.
class BlockListed {
 public:
  void take(std::string_view text);
  /// An object: lines read, refusals, lists and recipient domains with counts, the lines themselves (10,000 at most), and the logs that
  /// could not be read (`incomplete`).
  json::Value to_json(const std::set<std::string>& incomplete = {}) const;

 private:
  std::uint64_t read_ = 0, refusals_ = 0;
  std::map<std::string, std::int64_t> lists_, domains_;
  std::vector<std::string> lines_;
};

/// Both capabilities. Errors of `take` end it. io at the end when logs could not be read whole: what was read is given all the same.
Result<void> collect_logs(const Site& site, const containment::Order& order, const containment::Connector::Take& take);

}  // namespace digue::connect::mta
