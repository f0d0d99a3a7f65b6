#pragma once

#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "base/time.hpp"
#include "net/http.hpp"

namespace digue::api {

/// Who may speak to the workbench: sign-in tokens good once, login sessions held by a cookie. Kept in memory only: a restart signs
/// everybody out. Any thread.
class Access {
 public:
  using Clock = std::function<UtcMicros()>;
  static constexpr std::int64_t token_life = 12 * micros_per_hour;
  static constexpr std::int64_t idle_life = 12 * micros_per_hour;
  static constexpr std::int64_t session_life = 72 * micros_per_hour;
  static constexpr std::size_t max_sessions = 1000;

  explicit Access(Clock clock = now) : clock_(std::move(clock)) {}

  struct Token {
    std::string text;  ///< 256 bits, hexadecimal
    UtcMicros expires;
  };
  Token new_token();
  /// The secret of a new login session; nothing when the token is wrong, used or too old.
  std::optional<std::string> sign_in(std::string_view token, std::string name);
  void sign_out(std::string_view secret);
  /// Whose session it is; nothing when there is none. Counts as activity unless `quiet`.
  std::optional<std::string> who(std::string_view secret, bool quiet = false);

 private:
  struct LoginSession {
    std::string name;
    UtcMicros started;
    UtcMicros last;
  };
  void forget_old(UtcMicros time);

  Clock clock_;
  std::mutex mutex_;
  // By SHA-256 of the secret: a look-up by hash tells nothing by its time, and memory holds no secret.
  std::map<std::string, UtcMicros> tokens_;
  std::map<std::string, LoginSession> sessions_;
};

/// What stands for a login session's secret where it is compared or kept: its SHA-256 in hexadecimal.
std::string session_key(std::string_view secret);

/// The value of a cookie of the request, empty when absent.
std::string cookie(const net::Request& request, std::string_view name);

}  // namespace digue::api
