#pragma once

#include <optional>

#include "connect/dovecot/passwd_file.hpp"

namespace digue::dovecot {

/// One of the databases that Dovecot asks for a password, in the order in which it does.
struct Passdb {
  std::string driver;
  std::string file;      ///< of its accounts, where they stand there under their whole names
  std::string protocol;  ///< asked for this one only, and before those of all
  std::string filter;    ///< username_filter
  std::string mechanisms;
  std::string failure = "continue", success = "return-ok", skip = "never";
  bool deny = false, master = false;
};

/// From what digue-mail-host's passdbs prints. A mechanism that asks none of them (Kerberos) stands first, as one of its own.
std::vector<Passdb> passdbs_of(std::string_view text);

/// Those that may let the account in whose line in `passwd_file` takes no password. Empty account: any.
std::vector<Passdb> others_than(const std::string& passwd_file, const std::string& account, const std::vector<Passdb>& all);

/// The same of a server, those left out whose file the mail host lets us read and which is closed to the account there: each as a person
/// finds it again in the configuration. An error: they could not be read.
Result<std::vector<std::string>> other_ways(connect::Host& host, const Setup& setup, const std::string& account);

/// What a person has to know of it; nothing: there is no other way.
std::optional<Localized> remark_on(const Result<std::vector<std::string>>& ways);

}  // namespace digue::dovecot
