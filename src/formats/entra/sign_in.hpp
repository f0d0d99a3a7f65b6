#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

#include "formats/format.hpp"

namespace digue::formats::entra {

enum class SignInText : std::uint8_t {
  created,
  time,  ///< of the diagnostic-settings envelope
  id,
  upn,
  service_principal,
  service_principal_id,
  app_id,
  app_name,
  ip,
  caller_ip,
  client_app,
  user_agent,
  session,
  token,
  protocol,
  transfer,
  error_code,
  result_type,
  failure_reason,
  additional_details,
  device_id,
  device_name,
  os,
  browser,
  city,
  country,
  latitude,
  longitude,
  asn,
  risk_now,
  risk_aggregated,
  risk_state,
  risk_events,
  mfa_method,
  auth_methods,
  category,
  operation_name,
  event_types,
  interactive,
};
inline constexpr std::size_t sign_in_text_count = static_cast<std::size_t>(SignInText::interactive) + 1;

/// One sign-in, whatever its container (Graph, diagnostic settings, Log Analytics, portal CSV), folded flat.
struct SignIn {
  std::array<std::string_view, sign_in_text_count> texts{};
  std::optional<std::int64_t> time;  ///< when the container has read it; else it is read from the texts

  std::string_view operator[](SignInText text) const { return texts[static_cast<std::size_t>(text)]; }
  /// The last value that says something wins.
  void set(SignInText text, std::string_view value) {
    if (!value.empty()) texts[static_cast<std::size_t>(text)] = value;
  }
};

/// A sign-in as event; malformed when it lacks a readable time. `text`: the whole record, for the identity of one without id.
Parsed to_event(const SignIn& sign_in, std::string_view text, const Place& place, Arena& arena, Event& event);

}  // namespace digue::formats::entra
