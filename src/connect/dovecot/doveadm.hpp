#pragma once

#include <set>
#include <string>
#include <string_view>

#include "base/json/value.hpp"
#include "connect/dovecot/setup.hpp"

namespace digue::dovecot {

/// doveadm over HTTP, one command at a time (Dovecot 2.3, doveadm/v1). A command that Dovecot cannot read makes it end without an answer:
/// only well-formed ones are sent from here.
class Doveadm {
 public:
  explicit Doveadm(const Setup& setup) : setup_(setup) {}

  struct Reply {
    int exit = 0;  ///< as the doveadm program's exit code
    json::Value value;
  };
  /// Errors: forbidden (the key), bad_input (the server does not know the command), io, limit. Any exit code is a reply.
  Result<Reply> call(std::string_view command, const json::Object& parameters) const;
  /// The same where only exit code 0 is an answer, which is a list. not_found: no such account (67), or thing (68); io: the others.
  Result<json::Array> rows(std::string_view command, const json::Object& parameters) const;
  /// The error that an exit code stands for.
  static Error error_of(int exit, std::string_view command, const json::Object& parameters);

  /// What this server can be asked.
  Result<std::set<std::string, std::less<>>> commands() const;
  /// The name that the server keeps the account under. not_found; bad_input (see check_account).
  Result<std::string> account(const std::string& name) const;

  /// What call() sends, for a person.
  std::string request(std::string_view command, const json::Object& parameters) const;

 private:
  Result<std::string> ask(const std::string& method, const std::string& body) const;
  const Setup& setup_;
};

/// A member of a row that is a text; empty when absent.
std::string text_of(const json::Value& row, std::string_view member);

}  // namespace digue::dovecot
