#include "base/text.hpp"
#include "story/story.hpp"

namespace digue::story {

namespace {

/// Whether a DN names the account: its first value is the name, or the address, that people sign in with.
bool names(std::string_view dn, std::string_view account) {
  const auto value = trim(dn.substr(std::min(dn.find('='), dn.size() - 1) + 1));
  const auto first = value.substr(0, value.find(','));
  return iequals(first, account) || iequals(first, account.substr(0, account.find('@')));
}

}  // namespace

Finding planted_account(const Row& row, const Intrusion& intrusion, const Zone& zone) {
  Finding out;
  out.rule = "account_planted";
  out.severity = Severity::medium;
  out.confidence = 0.4;
  out.techniques = {"T1136.002"};
  out.account = row.get(Field::target);
  out.why = {{"why.account_created", {std::string(clip(out.account, 120)), to_local(row.time, zone)}},
             {"why.while_inside", {intrusion.account, to_local(intrusion.from, zone)}}};
  const auto creator = row.get(Field::property) == "creatorsName" ? row.get(Field::new_value) : std::string_view();
  if (!creator.empty() && names(creator, intrusion.account)) {
    out.severity = Severity::high;
    out.confidence = 0.9;
    out.why.push_back({"why.creator_compromised", {intrusion.account}});
  } else {
    if (!creator.empty()) out.why.push_back({"why.creator", {std::string(clip(creator, 200))}});
    out.benign.push_back({"benign.new_person", {}});
  }
  out.prove(row);
  return out;
}

}  // namespace digue::story
