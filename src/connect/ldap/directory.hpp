#pragma once

#include "connect/ldap/kind.hpp"

namespace digue::ldap {

/// A connector over a directory as it was set up; bad_input names the setting.
Result<std::unique_ptr<containment::Connector>> connector_of(const containment::Settings& settings, std::unique_ptr<Kind> kind);
/// What setup_of() reads, for a form; `more`: of one kind alone.
std::vector<containment::Setting> directory_settings(std::vector<containment::Setting> more = {});

/// The one account of that name: one of its names, or its distinguished name. not_found; conflict when several have it.
Result<Entry> find_account(Session& session, const Setup& setup, const Kind& kind, const std::string& name);
/// The one that no renaming changes (see Kind::identity). not_found.
Result<Entry> account_by_identity(Session& session, const Setup& setup, const Kind& kind, const std::string& identity);
/// What Digue itself signs in with is not closed: forbidden.
Result<void> not_ours(Session& session, const Setup& setup, const Kind& kind, const Entry& account);
/// Whether the establishment keeps it for emergencies, by whatever name it gave it.
bool is_emergency(const Setup& setup, const Kind& kind, const Entry& account);
/// What names the account in a group that it left as `value`: the same, byte for byte, while that is its name. Renamed since, the right is
/// this account's, never that of who has the old name now.
std::string member_again(const Entry& account, const std::string& attribute, const std::string& value);
/// Attributes that are of use to whoever guesses passwords, and to nobody else: in no exhibit.
const std::vector<std::string_view>& secret_attributes();
/// What an order that only reads gives: privilege.list, account.list, policy.read.
Result<void> read_out(Session& session, const Setup& setup, const Kind& kind, const containment::Order& order,
                      const containment::Connector::Take& take);

}  // namespace digue::ldap
