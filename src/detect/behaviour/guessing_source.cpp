#include <map>
#include <set>

#include "detect/detector.hpp"

namespace digue::detect {

namespace {

constexpr std::uint64_t many = 20;

/// Many wrong passwords against an account that never got in from this address before: the address is marked; the finding is the account's
/// (brute_force). A person's own phone with an old password has got in from there before.
void mark(std::span<const Attempt> attempts, SourceFacts& facts, const Profile&, std::vector<Finding>&) {
  if (facts.shared) return;
  std::set<std::string_view> known;
  std::map<std::string_view, std::uint64_t> refused;
  for (const Attempt& attempt : attempts) {
    if (attempt.outcome == Outcome::success) known.insert(attempt.account);
    if (!attempt.wrong_password || known.contains(attempt.account)) continue;
    if ((refused[attempt.account] += attempt.attempts) >= many) facts.sprayed = true;
  }
  // An owner who gets in at last stays: an address that many days of sign-ins follow was no guesser's.
  if (facts.sprayed && facts.accounts_succeeded == 1 && facts.days >= 3 && facts.accounts_failed == 1) facts.sprayed = false;
}

}  // namespace

const SourceDetector guessing_source_detector{"guessing_source", mark};

}  // namespace digue::detect
