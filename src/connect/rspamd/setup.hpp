#pragma once

#include <string>
#include <vector>

#include "base/http_client.hpp"
#include "base/localized.hpp"
#include "base/messages.hpp"
#include "containment/connector.hpp"

namespace digue::rspamd {

/// An Rspamd as it was set up:
/// - `url` of its controller, `ca_file`, `pin`, `connect_seconds`, `seconds`, secret `password` (its enable_password, where it has one);
/// - `sender_map`, `domain_map`, `url_map`, `attachment_map`: as its list of maps names them (the path of the file), or their numbers;
/// - `check_url` of a normal worker, where a refusal is tried; `domains`: the establishment's own, which are never refused.
struct Setup {
  std::string url, check_url, password, sender_map, domain_map, url_map, attachment_map;
  std::vector<std::string> domains;
  HttpSettings http;
};

/// bad_input names the setting.
Result<Setup> setup_of(const containment::Settings& settings);

}  // namespace digue::rspamd
