#pragma once

#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.hpp"

namespace digue::service {

/// A person at a browser.
struct LoginSession {
  std::string id;      ///< may be shown; opens nothing
  std::string person;  ///< the account; empty: came by the one-time link, before accounts exist
  std::string name;
  std::string source;  ///< IP address
  std::string agent;   ///< what the browser says of itself
  UtcMicros started{};
  UtcMicros last{};
  UtcMicros proved{};  ///< when the person last gave a password or a code
};

/// Login sessions, held by the secret of a cookie, and sign-in tokens good once. Kept in memory only: a restart signs everybody out. Any
/// thread.
class LoginSessions {
 public:
  using Clock = std::function<UtcMicros()>;
  static constexpr std::int64_t token_life = 12 * micros_per_hour;
  /// Of sessions by the one-time link.
  static constexpr std::int64_t idle_life = 12 * micros_per_hour;
  static constexpr std::int64_t session_life = 72 * micros_per_hour;
  /// Of sessions by an account.
  static constexpr std::int64_t account_idle_life = 2 * micros_per_hour;
  static constexpr std::int64_t account_session_life = 24 * micros_per_hour;
  /// How long a proof of identity opens the sensitive actions.
  static constexpr std::int64_t proof_life = 5 * micros_per_minute;
  static constexpr std::size_t max_sessions = 1000;
  /// Of one account; one more ends the one that rested longest.
  static constexpr std::size_t max_of_one = 10;

  explicit LoginSessions(Clock clock = now) : clock_(std::move(clock)) {}

  struct Token {
    std::string text;  ///< 256 bits, hexadecimal
    UtcMicros expires;
  };
  Token new_token();
  /// The secret of a new login session without account; nothing when the token is wrong, used or too old.
  std::optional<std::string> sign_in(std::string_view token, std::string name, std::string source = {}, std::string agent = {});
  /// The secret of a new login session of an account; nothing when there is no room.
  std::optional<std::string> open(std::string person, std::string name, std::string source, std::string agent);
  /// The same session under a new secret, its identity proved now; nothing when there is none.
  std::optional<std::string> renew(std::string_view secret);
  void sign_out(std::string_view secret);
  /// Whose session it is; nothing when there is none. Counts as activity unless `quiet`.
  std::optional<LoginSession> who(std::string_view secret, bool quiet = false);
  bool proved_lately(std::string_view id);
  /// True while the session lasts, under whatever secret. No activity.
  bool lasts(std::string_view id);
  /// Called with the id of each session that is ended before its time. Set before threads start; called on any thread.
  void on_end(std::function<void(const std::string& id)> told) { told_ = std::move(told); }

  /// Newest first.
  std::vector<LoginSession> list();
  /// The session ended; nothing when there is none.
  std::optional<LoginSession> end(std::string_view id);
  /// Ends all of an account (empty: those without one) but one; how many.
  std::size_t end_all(std::string_view person, std::string_view but = {});

 private:
  void forget_old(UtcMicros time);
  template <class Which>
  std::vector<LoginSession> remove(Which which);

  Clock clock_;
  std::function<void(const std::string&)> told_;
  std::mutex mutex_;
  // By SHA-256 of the secret: a look-up by hash tells nothing by its time, and memory holds no secret.
  std::map<std::string, UtcMicros> tokens_;
  std::map<std::string, LoginSession> sessions_;
};

}  // namespace digue::service
