#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include "base/http_client.hpp"
#include "base/localized.hpp"
#include "base/messages.hpp"
#include "containment/connector.hpp"

namespace digue::dovecot {

/// Where a mailbox's owner signs in, by one protocol.
struct Door {
  enum class State { unset, none, set };
  enum class Tls { implicit, starttls, plain };
  std::string_view protocol;  ///< "imap", "pop3", "managesieve", "submission"
  State state = State::unset;
  Tls tls = Tls::starttls;
  std::string host;
  std::uint16_t port = 0;
};

/// A Dovecot as it was set up:
/// - `url` of doveadm's HTTP interface, secret `api_key`; `ca_file`, `pin`, `proxy`; `connect_seconds`, `seconds`;
/// - `imap`, `pop3`, `managesieve`, `submission`: "host:port", or "none" where the server does not speak it; `<protocol>_tls`: "starttls"
///   (unless said otherwise), "implicit", or "plain" on this machine only; `door_ca_file`;
/// - `passwd_file` on the mail host, reached as connect/host/host.hpp says (secret `identity`); where `host` or `helper` is given,
///   it is asked for mail that is no UTF-8, too;
/// - `quarantine`: the account that keeps purged mail; `accounts`: those searched by a purge, unless all that Dovecot lists;
/// - `directory`: the platform here that holds the passwords.
struct Setup {
  HttpSettings http;
  std::string url, api_key;
  std::array<Door, 4> doors;
  Trust door_trust;
  std::chrono::milliseconds door_limit{15'000}, host_limit{30'000};
  std::string passwd_file, quarantine;
  std::vector<std::string> accounts;
};

Result<Setup> setup_of(const containment::Settings& settings);

/// A name that Dovecot would not read as a pattern, an address or another line: refuses (bad_input) blanks at the ends, control and
/// invisible characters, * ? : and IP addresses.
Result<void> check_account(const std::string& name);

}  // namespace digue::dovecot
