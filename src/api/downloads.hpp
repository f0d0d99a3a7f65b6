#pragma once

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "base/json/value.hpp"
#include "net/http.hpp"
#include "people/roles.hpp"
#include "service/backup.hpp"

namespace digue::api {

/// Archives that wait for their one download: a page cannot stream the answer of a POST into a file, a browser that follows a link can.
/// Each belongs to the login session that asked for it.
class Downloads {
 public:
  using Clock = std::function<UtcMicros()>;
  /// How long an archive waits; well below the life of a proof of identity, without which none is prepared.
  static constexpr std::int64_t life = micros_per_minute;
  /// How long it can be asked how a download ended.
  static constexpr std::int64_t memory = micros_per_hour;

  explicit Downloads(Clock clock = now) : clock_(std::move(clock)) {}

  /// What must be held, on which incident (none: empty), at the time of the download as well.
  struct Needs {
    people::Right right = people::Right::none;
    std::string incident;
  };
  /// Prepares it; the answer is what show() tells. An archive of the same session that still waits is given up.
  json::Value add(service::Outgoing out, const std::string& session, Needs needs);
  /// {id, name, state: waiting, sending, done, failed; bytes, about, sha256, error}; not_found for another session's.
  Result<json::Value> show(const std::string& id, const std::string& session);
  Result<Needs> needs(const std::string& id, const std::string& session);
  /// Once: the archive, made, counted and hashed while it leaves.
  Result<net::Response> take(const std::string& id, const std::string& session);
  /// Gives it up, even on its way: the browser sees a download that was cut off.
  Result<void> cancel(const std::string& id, const std::string& session);
  /// The session ended: what still waits is given up.
  void forget(const std::string& session);

 private:
  struct One;
  class Leaving;
  Result<std::shared_ptr<One>> find(const std::string& id, const std::string& session);
  static json::Value tell(const std::string& id, One& one);
  void forget_old();

  const Clock clock_;
  std::mutex mutex_;
  std::map<std::string, std::shared_ptr<One>> all_;
};

}  // namespace digue::api
