#pragma once

#include <string>
#include <string_view>

#include "base/crypto/hash.hpp"
#include "base/result.hpp"
#include "base/time.hpp"

/// Time stamps of RFC 3161 over SHA-256 digests. No network: requests and answers are files that people carry.
namespace digue {

inline constexpr std::size_t max_timestamp = std::size_t{256} << 10;

/// A TimeStampReq (DER) with a nonce, asking for the authority's certificate.
std::string timestamp_request(const Sha256& digest);

struct Timestamp {
  UtcMicros time;         ///< genTime of the authority
  std::string authority;  ///< subject of the certificate that signed, RFC 2253
  std::string serial;     ///< of the token, hexadecimal
};

/// Checks a TimeStampResp (DER): granted, over this digest, signed by a certificate for time stamping that leads to one of `authorities`
/// (PEM, one or more). bad_input, saying what does not hold.
Result<Timestamp> verify_timestamp(std::string_view response, const Sha256& digest, std::string_view authorities);

}  // namespace digue
