#pragma once

#include <string>

namespace digue {

/// Whom a TLS client believes. The certificate is always checked, for the name that was asked for; TLS 1.2 at least.
struct Trust {
  std::string ca_file;  ///< PEM file of the authorities believed; empty: the system's
  std::string pin;      ///< "sha256//" and base64 of the digest of the server's public key (RFC 7469), asked for beside; empty: none
};

/// True for "sha256//" and 44 characters of base64.
bool is_pin(const std::string& text);

}  // namespace digue
