#pragma once

#include <array>
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
inline constexpr double novelty_cap = 2.4;                         ///< of the four above together
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

/// What a finding inside a session adds; times confidence / full_confidence, at most full_factor.
struct RuleWeight {
  std::string_view rule;
  Weight weight;
};
inline constexpr double full_confidence = 0.7;
inline constexpr double full_factor = 1.1;
inline constexpr double undecided = 0.4;  ///< factor when it cannot be told which of two sessions is the unusual one

inline constexpr std::array<RuleWeight, 24> rule_weights{{
    {"impossible_travel", {2.6, "reason.impossible_travel"}},
    {"failures_then_success", {2.0, "reason.failures_then_success"}},
    {"mfa_fatigue", {3.2, "reason.mfa_fatigue"}},
    {"session_several_networks", {2.4, "reason.session_several_networks"}},
    {"scripted_client", {1.4, "reason.scripted_client"}},
    {"inbox_rule", {2.2, "reason.inbox_rule"}},
    {"mailbox_forwarding", {2.2, "reason.mailbox_forwarding"}},
    {"delegation", {0.8, "reason.delegation"}},
    {"consent", {1.4, "reason.consent"}},
    {"app_registration", {0.8, "reason.app_registration"}},
    {"mfa_method_added", {1.4, "reason.mfa_method_added"}},
    {"mfa_disabled", {1.0, "reason.mfa_disabled"}},
    {"device_added", {0.8, "reason.device_added"}},
    {"password_changed", {1.0, "reason.password_changed"}},
    {"role_given", {0.6, "reason.role_given"}},
    {"access_removed", {0.4, "reason.access_removed"}},
    {"account_created", {0.6, "reason.account_created"}},
    {"protocol_enabled", {0.6, "reason.protocol_enabled"}},
    {"audit_disabled", {1.2, "reason.audit_disabled"}},
    {"policy_changed", {1.0, "reason.policy_changed"}},
    {"mail_access", {0.8, "reason.mail_access"}},
    {"mass_sending", {1.8, "reason.mass_sending"}},
    {"mass_deletion", {0.9, "reason.mass_deletion"}},
    {"mass_download", {0.9, "reason.mass_download"}},
}};

/// From these probabilities on a session is the attacker's, in strong doubt, or the user's when nothing else speaks.
inline constexpr double attacker_from = 0.8;
inline constexpr double doubt_from = 0.5;
inline constexpr double user_up_to = 0.2;

}  // namespace digue::story
