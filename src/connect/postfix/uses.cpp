#include "connect/postfix/uses.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <vector>

#include "base/text.hpp"

namespace digue::connect::mta {

namespace {

/// Those that are checked once sign-in and sender are known; the last two only where smtpd waits with its answer (the default).
constexpr std::array<std::string_view, 5> lists{"smtpd_sender_restrictions", "smtpd_relay_restrictions", "smtpd_recipient_restrictions",
                                                "smtpd_client_restrictions", "smtpd_helo_restrictions"};
constexpr std::size_t always = 3;

/// Takes the next word off `rest`; empty at the end.
std::string_view next_word(std::string_view& rest, std::string_view between) {
  rest.remove_prefix(std::min(rest.find_first_not_of(between), rest.size()));
  const auto word = rest.substr(0, rest.find_first_of(between));
  rest.remove_prefix(word.size());
  return word;
}

/// One's own networks hold the webmail, from which a stolen account sends, too; a sender is refused as it comes from elsewhere, where
/// nobody signs in.
bool lets_through(std::string_view restriction, bool users) {
  return users ? restriction.starts_with("permit") : restriction == "permit" || restriction == "permit_auth_destination";
}

bool asks(std::string_view list, std::string_view table, bool users) {
  constexpr std::string_view between = " \t\r,";
  std::string before;
  for (auto word = next_word(list, between); !word.empty(); word = next_word(list, between)) {
    auto restriction = lower(word);
    if (lets_through(restriction, users)) return false;
    if (restriction == (users ? "check_sasl_access" : "check_sender_access") && before != "warn_if_reject" &&
        next_word(list, between) == table)
      return true;
    before = std::move(restriction);
  }
  return false;
}

}  // namespace

Uses uses_of(std::string_view configuration, std::string_view table, bool users) {
  std::map<std::string, std::string_view, std::less<>> values;
  std::vector<std::string> services;
  while (!configuration.empty()) {
    auto line = configuration.substr(0, configuration.find('\n'));
    configuration.remove_prefix(std::min(configuration.size(), line.size() + 1));
    const auto first = next_word(line, " "), second = next_word(line, " ");
    if (second == "=")
      values[std::string(first)] = trim(line);
    else if (!second.empty())
      services.push_back(std::string(first) + "/" + std::string(second));
  }
  const auto value_of = [&](const std::string& service, std::string_view name) {
    auto at = values.find(service + "/" + std::string(name));
    if (at == values.end()) at = values.find(name);
    return at == values.end() ? std::string_view() : at->second;
  };
  Uses out;
  bool all = true;
  for (const auto& service : services) {
    if (users && value_of(service, "smtpd_sasl_auth_enable") != "yes") continue;
    const auto end = value_of(service, "smtpd_delay_reject") == "no" ? lists.begin() + always : lists.end();
    const auto at = std::find_if(lists.begin(), end, [&](std::string_view name) { return asks(value_of(service, name), table, users); });
    const bool asked = at != end;
    // A filter gives mail back on the loopback; that it inherits sign-in from main.cf lets nobody in.
    const bool inner = (service.starts_with("127.") || service.starts_with("[::1]:") || service.starts_with("localhost:")) &&
                       !values.contains(service + "/smtpd_sasl_auth_enable");
    if (users && inner && !asked) continue;
    out.told += service + ": " + (asked ? std::string(*at) + " = " + std::string(value_of(service, *at)) : "-") + "\n";
    out.asked = out.asked || asked;
    all = all && asked;
  }
  if (users) out.asked = out.asked && all;
  return out;
}

}  // namespace digue::connect::mta
