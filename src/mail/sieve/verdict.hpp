#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace digue::sieve {

/// What a script may do to a mail that it lets pass or not.
struct Effect {
  enum class Kind { redirect, discard, fileinto, reject, vacation, notify, include, flag };
  Kind kind = Kind::discard;
  std::string target;        ///< address, mailbox, reason, method, script or flags, as the script writes it; hostile text
  bool copy = false;         ///< the mail also goes where it would have gone (RFC 3894)
  bool conditional = false;  ///< inside a test's block
  bool computed = false;     ///< the target holds variables (RFC 5229): what it is shows only when a mail comes
  std::size_t line = 1;
};

struct Verdict {
  std::vector<Effect> effects;
  std::optional<std::string> unread;  ///< why the script could not be read to its end
  bool forwards() const;              ///< redirects or notifies somebody
  bool hides() const;                 ///< keeps mail out of the inbox: discards, files, rejects, marks as read or deleted
};

/// Reads every command of the script, whether a test guards it or not; encoded characters (RFC 5228, section 2.4.2.4) decoded. Judges
/// nothing from comments. Any text; never recurses.
Verdict verdict(std::string_view script);

std::string_view name(Effect::Kind kind);

}  // namespace digue::sieve
