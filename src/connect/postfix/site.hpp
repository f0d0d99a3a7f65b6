#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/trust.hpp"
#include "connect/host/helper.hpp"

namespace digue::connect::mta {

struct Endpoint {
  std::string host;
  std::uint16_t port = 0;
};

inline constexpr std::string_view helper_name = "digue-mail-host";

/// A Postfix as it is set up.
struct Site {
  std::string sasl_block, sender_block;      ///< tables: "hash:/etc/postfix/digue_sasl_block"; empty: none
  std::optional<Endpoint> submission, smtp;  ///< where users send, and where other servers deliver: only for trials
  Trust trust;                               ///< of STARTTLS there
  std::vector<std::string> domains;          ///< our own, lower case
  std::chrono::milliseconds limit{30'000};   ///< of one trial
  Helper helper;
};

}  // namespace digue::connect::mta
