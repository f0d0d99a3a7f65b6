#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

/// Requests and answers as handlers see them. No handler knows sockets.
namespace digue::net {

struct Request {
  std::string method;
  std::vector<std::string> path;                             ///< segments, percent-decoded: "/api/v1/x" is {"api", "v1", "x"}
  std::vector<std::pair<std::string, std::string>> query;    ///< decoded, in order
  std::vector<std::pair<std::string, std::string>> headers;  ///< names in lower case
  std::optional<std::uint64_t> content_length;               ///< nothing: no body, or chunked
  bool has_body = false;
  bool keep_alive = false;
  bool local = false;  ///< came through the server's own Unix socket: from the person who runs it
  std::string source;  ///< IP address of the client; empty through the Unix socket
  std::string body;    ///< when it was read whole

  /// First value, empty when absent.
  std::string_view header(std::string_view lower_name) const;
  /// First value; nothing when absent.
  std::optional<std::string> parameter(std::string_view name) const;
  /// How often a header occurs.
  std::size_t header_count(std::string_view lower_name) const;
};

class Subscription;

struct Response {
  int status = 200;
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body;
  std::string_view fixed;  ///< instead of `body`: bytes that outlive the server
  /// Instead of `body`: called on the pool for one part after the other, false at the end.
  std::function<bool(std::string& part)> parts;
  /// Instead of `body`: server-sent events, as long as `allowed` says so.
  std::shared_ptr<Subscription> live;
  std::function<bool()> allowed;
  bool close = false;  ///< ends the connection
};

/// Takes a body part by part. Destroyed before finish(): the client went away, nothing is kept.
class BodySink {
 public:
  virtual ~BodySink() = default;
  /// An answer ends the upload at once.
  virtual std::optional<Response> write(std::string_view part) = 0;
  virtual Response finish() = 0;
};

/// What to do with a request whose head was read.
struct Plan {
  enum class Body { whole, streamed };
  Body body = Body::whole;
  std::size_t limit = 0;  ///< of a whole body, bytes
  std::optional<Response> refusal;
};

class Handler {
 public:
  virtual ~Handler() = default;
  /// On the network thread: quick, waits for nothing.
  virtual Plan plan(const Request& request) = 0;
  /// On the pool.
  virtual Response handle(const Request& request) = 0;
  /// On the pool: where a streamed body goes, or an answer.
  virtual std::unique_ptr<BodySink> receive(const Request& request, Response& refusal) = 0;
  /// Answer to what is not HTTP or beyond a bound (400, 408, 413, 431, 503).
  virtual Response refuse(int status) = 0;
};

/// The reason phrase of a status that this server uses.
std::string_view reason(int status);
/// "%41b" -> "Ab"; nothing when an escape is broken. `plus`: '+' is a blank (query).
std::optional<std::string> percent_decode(std::string_view text, bool plus);
/// Fills path and query of a request target in origin form ("/a/b?x=1"); false for any other.
bool split_target(std::string_view target, Request& request);

}  // namespace digue::net
