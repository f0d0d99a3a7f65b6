#pragma once

#include <array>
#include <cstdint>
#include <string_view>

/// What each sign weighs when a session is attributed, in log-odds: the sum over independent signs, from the prior, gives the probability
/// that the session is the intruder's. No sign that travel, a new phone or a night shift produce alone reaches one half.
namespace digue::story {

struct Weight {
  double value;
  std::string_view reason;  ///< message key
};

/// Of a session of an account whose habits are known, and of one that is seen too shortly to tell.
inline constexpr double prior_known = -2.7;
inline constexpr double prior_unknown = -1.7;

// Signs read from the session itself.
inline constexpr Weight hostile_source{5.0, "reason.hostile_source"};  ///< times the source's confidence
inline constexpr Weight new_country{1.6, "reason.new_country"};
inline constexpr Weight country_unseen_elsewhere{0.3, "reason.country_unseen_elsewhere"};
inline constexpr Weight new_network{0.4, "reason.new_network"};
inline constexpr Weight new_device{0.6, "reason.new_device"};
inline constexpr Weight first_outside{1.2, "reason.first_outside"};
inline constexpr double novelty_cap = 2.4;                         ///< of the five above together
inline constexpr Weight between_home{1.0, "reason.between_home"};  ///< besides the cap
inline constexpr double stay_factor = 0.3;                         ///< of novelty, when the account's user stays in the country
inline constexpr Weight same_address{3.2, "reason.same_address"};  ///< as a session already attributed to the intruder
inline constexpr Weight same_network_device{1.8, "reason.same_network_device"};
inline constexpr Weight consented_application{2.4, "reason.consented_application"};
inline constexpr Weight among_attacker{3.4, "reason.among_attacker"};  ///< no address; only intruder's sessions were active
inline constexpr Weight among_both{0.8, "reason.among_both"};

// Signs against.
inline constexpr Weight own_address{-2.5, "reason.own_address"};
inline constexpr Weight shared_address{-2.0, "reason.shared_address"};
inline constexpr Weight regular{-2.0, "reason.regular"};
inline constexpr Weight regular_before{-1.4, "reason.regular_before"};
inline constexpr Weight known_device{-0.8, "reason.known_device"};  ///< in a new place
inline constexpr Weight among_user{-1.5, "reason.among_user"};

/// What a finding inside a session adds, its first "why" being the reason; times confidence / full_confidence, at most full_factor.
/// An administrator's evening of work makes many findings of one group: groups are independent of each other, members are not.
enum class RuleGroup : std::uint8_t { place, guessing, fatigue, client, mailbox, persistence, administration, volume };
inline constexpr double same_group_factor = 0.3;

struct RuleWeight {
  std::string_view rule;
  RuleGroup group;
  double value;
};
inline constexpr double full_confidence = 0.7;
inline constexpr double full_factor = 1.3;
inline constexpr double undecided = 0.4;  ///< factor when it cannot be told which of two sessions is the unusual one

inline constexpr std::array<RuleWeight, 29> rule_weights{{
    {"impossible_travel", RuleGroup::place, 2.6},
    {"failures_then_success", RuleGroup::guessing, 2.2},
    {"mfa_fatigue", RuleGroup::fatigue, 3.4},
    {"session_several_networks", RuleGroup::place, 2.6},
    {"scripted_client", RuleGroup::client, 1.6},
    {"inbox_rule", RuleGroup::mailbox, 2.6},
    {"mailbox_forwarding", RuleGroup::mailbox, 2.6},
    {"rule_effect", RuleGroup::mailbox, 2.6},
    {"delegation", RuleGroup::administration, 1.9},
    {"consent", RuleGroup::persistence, 2.0},
    {"app_registration", RuleGroup::administration, 1.9},
    {"mfa_method_added", RuleGroup::persistence, 2.0},
    {"mfa_disabled", RuleGroup::administration, 1.9},
    {"device_added", RuleGroup::persistence, 1.9},
    {"password_changed", RuleGroup::persistence, 2.0},
    {"role_given", RuleGroup::administration, 1.9},
    {"access_removed", RuleGroup::administration, 1.8},
    {"account_created", RuleGroup::administration, 1.9},
    {"protocol_enabled", RuleGroup::administration, 1.8},
    {"audit_disabled", RuleGroup::administration, 2.2},
    {"policy_changed", RuleGroup::administration, 2.0},
    {"notice_deletion", RuleGroup::mailbox, 2.2},
    {"mail_access", RuleGroup::volume, 1.4},
    {"sensitive_search", RuleGroup::volume, 1.6},
    {"file_sharing", RuleGroup::volume, 1.6},
    {"mass_sending", RuleGroup::volume, 2.4},
    {"mass_deletion", RuleGroup::volume, 2.0},
    {"mass_download", RuleGroup::volume, 2.0},
    {"content_export", RuleGroup::administration, 1.9},
}};

/// One kind of sign never makes an attacker, however strong: two that are independent do, or one that comes from elsewhere (a hostile
/// source, an address of the intruder's) or is made of two itself (second-factor fatigue).
inline constexpr double counted_from = 0.5;  ///< least weight of a sign that counts as one of the two
inline constexpr double lone_sign_limit = 0.79;

/// From these probabilities on a session is the attacker's, in strong doubt, or the user's when nothing else speaks.
inline constexpr double attacker_from = 0.8;
inline constexpr double doubt_from = 0.5;
inline constexpr double user_up_to = 0.2;

}  // namespace digue::story
