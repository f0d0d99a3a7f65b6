#pragma once

#include <string_view>

#include "model/timeline.hpp"

/// What single values tell: folder names, words, clients, scopes. Each list is data for several detectors.
namespace digue::detect {

/// A folder where nobody looks: RSS feeds, deleted and junk mail, archive, conversation history, sync issues, notes; in the languages of
/// mail programs. Takes a name or a path (last part counts).
bool is_hidden_folder(std::string_view folder);
/// The first word in `text` by which intruders pick the mails to hide (payment, bank details, password, phishing, help desk ...), in French
/// or English; empty: none.
std::string_view telltale_word(std::string_view text);
/// Empty, punctuation only, or at most two characters: a name given in order not to be seen.
bool is_evasive_name(std::string_view name);
/// The subject of a warning about the account: new sign-in, changed password, second factor, phishing.
bool is_security_notice(std::string_view subject);
/// Talks of newsletters, mailing lists, notifications: what people file away.
bool is_newsletter(std::string_view text);

/// A second-factor request that was refused or not answered.
bool is_mfa_refusal(const Row& row);
/// The user said no, or reported a fraud.
bool is_mfa_denial(const Row& row);
bool is_fraud_report(const Row& row);

/// The program behind a user agent or client text that no person uses to read mail (python-requests, node, go-http-client, BAV2ROPC ...);
/// empty: none.
std::string_view scripted_client_name(const Row& row);

/// The first of the blank-separated scopes that gives mail, files or the whole mailbox to an application; empty: none.
std::string_view risky_scope(std::string_view scopes);

/// A role that administers the tenant or its mail ("Company Administrator", "Exchange Administrator", Google's super admin ...).
bool is_admin_role(std::string_view role);

}  // namespace digue::detect
