#include "base/text.hpp"
#include "story/story.hpp"

namespace digue::story {

namespace {

/// Whether a DN is of the account, by the name or the address that people sign in with; "cn=admin" is the name of a service as well.
bool names(std::string_view dn, std::string_view account, const Profile& profile) {
  const auto type = trim(dn.substr(0, dn.find('=')));
  if (!iequals(type, "uid") && !iequals(type, "mail")) return false;
  const auto value = dn.substr(dn.find('=') + 1);
  const auto first = trim(value.substr(0, value.find(',')));
  const auto* alias = profile.alias_of(lower(first));
  return iequals(first, account) || (alias != nullptr && *alias == account) ||
         (iequals(type, "uid") && iequals(first, account.substr(0, account.find('@'))));
}

std::string_view creator_of(const Row& row) {
  return row.get(Field::property) == "creatorsName" ? row.get(Field::new_value) : std::string_view();
}

}  // namespace

const Intrusion* intrusion_at(const Row& row, std::span<const Intrusion> intrusions, const Profile& profile) {
  const Intrusion* found = nullptr;
  for (const auto& one : intrusions) {
    if (row.time < one.from || row.time > one.to) continue;
    if (names(creator_of(row), one.account, profile)) return &one;
    if (found == nullptr) found = &one;
  }
  return found;
}

Finding planted_account(const Row& row, const Intrusion& intrusion, const World& world) {
  const Zone& zone = *world.zone;
  Finding out;
  out.rule = "account_planted";
  out.severity = Severity::medium;
  out.confidence = 0.4;
  out.techniques = {"T1136.002"};
  out.account = row.get(Field::target);
  out.why = {{"why.account_created", {std::string(clip(out.account, 120)), to_local(row.time, zone)}},
             {"why.while_inside", {intrusion.account, to_local(intrusion.from, zone), to_local(intrusion.to, zone)}}};
  const auto creator = creator_of(row);
  if (!creator.empty() && names(creator, intrusion.account, *world.profile)) {
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
