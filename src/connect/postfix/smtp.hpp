#pragma once

#include <chrono>
#include <string>

#include "base/result.hpp"
#include "connect/postfix/site.hpp"

namespace digue::connect::mta {

/// An attempt to send that stops before the message: no DATA is ever given.
struct SmtpTrial {
  Endpoint at;
  Trust trust;
  bool tls = false;            ///< STARTTLS (RFC 3207) or nothing; always with a password
  std::string user, password;  ///< of AUTH PLAIN (RFC 4954, 4616); both empty: none
  std::string sender, recipient;
};

struct SmtpAnswer {
  std::string stage;   ///< the command that was refused, else "RCPT"
  int code = 0;        ///< of the reply to it
  std::string text;    ///< "554 5.7.1 ...", its lines joined by blanks; hostile text
  std::string source;  ///< our own address and port
};

/// Goes as far as the recipient, or the first refusal. bad_input for addresses that SMTP cannot carry here; io as LineClient says.
Result<SmtpAnswer> try_smtp(const SmtpTrial& trial, std::chrono::milliseconds limit);

}  // namespace digue::connect::mta
