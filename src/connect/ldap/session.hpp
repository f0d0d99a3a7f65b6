#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "base/trust.hpp"

struct ldap;

/// One connection to a directory (RFC 4511), always inside TLS. What the directory says is hostile text.
namespace digue::ldap {

struct Server {
  std::string url;  ///< "ldaps://dc1.chu.example", or "ldap://...", where StartTLS comes before anything else
  Trust trust;
  std::chrono::milliseconds connect{5'000}, total{30'000};
};

/// bad_input: neither ldap:// nor ldaps:// with a host and nothing behind the port.
Result<void> check_url(const std::string& url);

/// Attribute names know no case.
struct Caseless {
  using is_transparent = void;
  bool operator()(std::string_view a, std::string_view b) const;
};

struct Entry {
  std::string dn;
  std::map<std::string, std::vector<std::string>, Caseless> values;

  /// Empty when there is none.
  std::string first(std::string_view attribute) const;
  const std::vector<std::string>& all(std::string_view attribute) const;
  bool has(std::string_view attribute, std::string_view value) const;
};

struct Change {
  enum class Op { add, remove, replace };
  Op op = Op::add;
  std::string attribute;
  std::vector<std::string> values;  ///< remove, replace: none for all
};

/// How a sign-in was answered.
struct SignIn {
  int code = 0;               ///< 0: let in (RFC 4511, appendix A)
  std::string said;           ///< by the server
  std::optional<int> policy;  ///< of draft-behera-ldap-password-policy: 1 account locked, 2 password must be changed
  std::string source;         ///< our own address and port
};

/// Tries a name and a password, and goes. Any code is an answer; io when none came.
Result<SignIn> sign_in(const Server& server, const std::string& name, const std::string& password);

enum class Scope { base, subtree };

class Session {
 public:
  /// Signs in. forbidden: refused; io: unreachable, wrong TLS, out of time.
  static Result<Session> open(const Server& server, const std::string& name, const std::string& password);

  /// Gives the entries one by one; ends with what `each` fails with. not_found: no such base. limit: more than `most` entries or 256 MiB.
  Result<void> search(const std::string& base, Scope scope, const std::string& filter, const std::vector<std::string>& attributes,
                      const std::function<Result<void>(const Entry&)>& each, std::size_t most = 200'000);
  /// One entry by its name; nothing when it is not there.
  Result<std::optional<Entry>> read(const std::string& dn, const std::vector<std::string>& attributes);
  /// False as well where the attribute is not there.
  Result<bool> compare(const std::string& dn, const std::string& attribute, const std::string& value);
  /// All of it or nothing. conflict: a value to remove is not there, one to add is; not_found; forbidden: rights, or a read-only copy;
  /// bad_input: against the directory's rules; io: whether it was done is unknown.
  Result<void> modify(const std::string& dn, const std::vector<Change>& changes);
  /// RFC 3062: the server hashes it as it is set up to.
  Result<void> set_password(const std::string& dn, const std::string& password);
  /// As whom we are in (RFC 4532): a distinguished or another name; empty where the server does not tell.
  Result<std::string> who();
  /// Our own address and port.
  std::string source() const;

  Session(Session&&) noexcept;
  Session& operator=(Session&&) noexcept;
  ~Session();

 private:
  struct State;
  explicit Session(std::unique_ptr<State> state);
  static Result<Session> connected(const Server& server);
  friend Result<SignIn> sign_in(const Server& server, const std::string& name, const std::string& password);

  /// Every request goes through it: nothing is asked on a connection that broke.
  Result<struct ::ldap*> ready();
  Error error(int code) const;
  Result<SignIn> bind(const std::string& name, const std::string& password);

  std::unique_ptr<State> state_;
};

/// A distinguished name in its one spelling (RFC 4514), without the blanks that a person may put; as it is where it is none.
std::string normal_name(const std::string& name);
/// Whether two names, distinguished or not, are one: case and blanks make none another.
bool same_name(const std::string& a, const std::string& b);

/// What is sent for a change, as LDIF (RFC 2849); the values of `masked` as ***.
std::string ldif_of(const std::string& dn, const std::vector<Change>& changes, std::string_view masked = {});
/// An entry as LDIF, without those attributes.
std::string ldif_of(const Entry& entry, const std::vector<std::string_view>& without);

}  // namespace digue::ldap
