#pragma once

#include "connect/dovecot/setup.hpp"
#include "connect/host/host.hpp"

namespace digue::dovecot {

/// The line of an account in the passwd-file, through digue-mail-host. Digests are hexadecimal, under a key that stays on the host: of no
/// use to whoever would guess passwords; "-": there is none.
struct PasswdLine {
  bool found = false;
  bool locked = false;
  std::string digest;    ///< of the whole line
  std::string password;  ///< of its password field
  std::string kept;      ///< of that field in the line that the last change through digue-mail-host replaced
};

/// Changes compare the line with `expect` under a lock there. Errors: conflict (another line), not_found, forbidden (not listed in the
/// host's configuration), io.
class PasswdFile {
 public:
  PasswdFile(connect::Host& host, const Setup& setup) : host_(host), setup_(setup) {}
  Result<PasswdLine> read(const std::string& account) const { return read(account, setup_.passwd_file); }
  /// In another one, which the host lets be read as well.
  Result<PasswdLine> read(const std::string& account, const std::string& file) const;
  /// Of a password field, as the lines' digests are made.
  Result<std::string> digest(const std::string& field) const;
  /// `field`: scheme and hash.
  Result<void> set(const std::string& account, const std::string& expect, const std::string& field) const;
  Result<void> lock(const std::string& account, const std::string& expect) const;
  Result<void> restore(const std::string& account, const std::string& expect) const;
  /// Whether the host lets this file be changed.
  Result<bool> listed() const;
  /// The databases that Dovecot asks, as digue-mail-host tells them: see passdbs_of().
  Result<std::string> passdbs() const { return run({"passdbs"}); }

 private:
  Result<std::string> run(const std::vector<std::string>& arguments, const std::string& input = {}) const;
  Result<void> change(const std::vector<std::string>& arguments, const std::string& input = {}) const;

  connect::Host& host_;
  const Setup& setup_;
};

}  // namespace digue::dovecot
