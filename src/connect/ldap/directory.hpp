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
/// Attributes that are of use to whoever guesses passwords, and to nobody else: in no exhibit.
const std::vector<std::string_view>& secret_attributes();
/// What an order that only reads gives: privilege.list, account.list, policy.read.
Result<void> read_out(Session& session, const Setup& setup, const Kind& kind, const containment::Order& order,
                      const containment::Connector::Take& take);

}  // namespace digue::ldap
