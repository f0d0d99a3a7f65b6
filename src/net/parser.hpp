#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "net/http.hpp"

namespace digue::net {

inline constexpr std::size_t max_head = 16 * 1024;

/// One request at a time from the bytes of a connection. Strict: what two servers could read differently is refused.
class RequestParser {
 public:
  enum class State { head, body, done, failed };

  RequestParser();
  ~RequestParser();
  RequestParser(const RequestParser&) = delete;
  RequestParser& operator=(const RequestParser&) = delete;

  /// Reads on; returns the bytes taken, the rest is given again with more behind it. Stops behind the head, and behind each part of the
  /// body, so that the caller can act.
  std::size_t feed(std::string_view data);
  State state() const;
  /// What to answer when it failed: 400 or 431.
  int status() const;
  /// The head, once state() has left `head`.
  Request take_request();
  /// Body bytes read since the last call.
  std::string take_body();

 private:
  class Machine;
  std::unique_ptr<Machine> machine_;
};

}  // namespace digue::net
