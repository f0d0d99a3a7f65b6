#include "connect/dovecot/setup.hpp"

#include <algorithm>
#include <charconv>

#include "base/ip.hpp"
#include "base/quote.hpp"
#include "base/text.hpp"

namespace digue::dovecot {

namespace {

tl::unexpected<Error> wrong(const std::string& field, std::string_view key) {
  return fail(ErrorCode::bad_input, tr("dovecot.setting", {{"field", field}, {"why", tr(key)}}), field);
}

bool is_this_machine(const std::string& host) {
  const auto ip = parse_ip(host);
  return host == "localhost" || (ip && (parse_range("127.0.0.0/8")->contains(*ip) || *ip == *parse_ip("::1")));
}

/// "host:port", "[v6]:port".
bool read_address(std::string_view text, Door& door) {
  const auto colon = text.rfind(':');
  if (colon == std::string_view::npos) return false;
  auto host = text.substr(0, colon);
  const auto port = text.substr(colon + 1);
  const bool bracketed = host.size() > 2 && host.front() == '[' && host.back() == ']';
  if (bracketed) host = host.substr(1, host.size() - 2);
  if (host.empty() || (!bracketed && host.find(':') != std::string_view::npos)) return false;
  if (!bracketed &&
      !std::all_of(host.begin(), host.end(), [](unsigned char c) { return c < 0x80 && (std::isalnum(c) || c == '.' || c == '-'); }))
    return false;
  if (bracketed && !parse_ip(host)) return false;
  const auto [end, problem] = std::from_chars(port.data(), port.data() + port.size(), door.port);
  door.host = host;
  return problem == std::errc() && end == port.data() + port.size() && door.port != 0;
}

}  // namespace

Result<void> check_account(const std::string& name) {
  const auto refuse = [&] {
    return fail(ErrorCode::bad_input, tr("dovecot.account"), to_utf8_lossy(clip(name, 100)), tr("dovecot.account.help"));
  };
  if (name.empty() || name.size() > 320 || trim(name) != name || !is_utf8(name)) return refuse();
  if (name.find_first_of("*?:") != std::string::npos || parse_ip(name) || parse_range(name)) return refuse();
  // What JSON text that shows everything would escape is no part of a name.
  const auto shown = quote::json_text(name);
  if (!shown || *shown != name) return refuse();
  return {};
}

Result<Setup> setup_of(const containment::Settings& settings) {
  Setup out;
  const json::Value values(settings.values);
  json::Fields fields(values);
  out.url = fields.text("url", 2048);
  out.http.trust.ca_file = fields.text_or("ca_file", 4096, "");
  out.http.trust.pin = fields.text_or("pin", 100, "");
  out.http.proxy = fields.text_or("proxy", 2048, "");
  out.http.connect = std::chrono::seconds(fields.optional_integer("connect_seconds", 1, 60).value_or(5));
  out.http.total = std::chrono::seconds(fields.optional_integer("seconds", 1, 600).value_or(60));
  out.door_trust.ca_file = fields.text_or("door_ca_file", 4096, out.http.trust.ca_file);
  out.passwd_file = fields.text_or("passwd_file", 4096, "");
  out.quarantine = fields.text_or("quarantine", 320, "");
  out.accounts = fields.texts("accounts", 100'000, 320);
  fields.text_or("directory", 64, "");  // for service/containment_notes.hpp: lend_password()
  constexpr std::array<std::string_view, 4> protocols{"imap", "pop3", "managesieve", "submission"};
  std::array<std::string, protocols.size()> addresses, ways;
  for (std::size_t i = 0; i < protocols.size(); ++i) {
    addresses[i] = fields.text_or(protocols[i], 300, "");
    ways[i] = fields.text_or(std::string(protocols[i]) + "_tls", 20, "starttls");
  }
  if (auto good = fields.done(); !good) return tl::make_unexpected(good.error());

  if (auto good = check_url(out.url, out.http); !good) return tl::make_unexpected(good.error());
  if (!out.http.trust.pin.empty() && !is_pin(out.http.trust.pin)) return wrong("pin", "dovecot.setting.pin");
  for (std::size_t i = 0; i < protocols.size(); ++i) {
    auto& door = out.doors[i];
    const std::string field(protocols[i]);
    door.protocol = protocols[i];
    if (addresses[i].empty()) continue;
    if (addresses[i] == "none") {
      door.state = Door::State::none;
      continue;
    }
    door.state = Door::State::set;
    if (!read_address(addresses[i], door)) return wrong(field, "dovecot.setting.address");
    if (ways[i] == "implicit")
      door.tls = Door::Tls::implicit;
    else if (ways[i] == "plain" && is_this_machine(door.host))
      door.tls = Door::Tls::plain;
    else if (ways[i] != "starttls")
      return wrong(field + "_tls", "dovecot.setting.tls");
  }
  if (!out.passwd_file.empty() && out.passwd_file.front() != '/') return wrong("passwd_file", "dovecot.setting.path");
  if (!out.quarantine.empty() && !check_account(out.quarantine)) return wrong("quarantine", "dovecot.account");
  for (const auto& one : out.accounts)
    if (!check_account(one)) return wrong("accounts", "dovecot.account");
  const auto key = settings.secrets.find("api_key");
  if (key == settings.secrets.end() || key->second.empty()) return wrong("api_key", "dovecot.setting.key");
  out.api_key = key->second;
  return out;
}

}  // namespace digue::dovecot
