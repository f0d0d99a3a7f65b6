#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/thread_pool.hpp>
#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "net/http.hpp"
#include "net/live.hpp"
#include "net/parser.hpp"
#include "net/stream.hpp"

namespace digue::net {

struct Timeouts {
  std::chrono::milliseconds head{15'000};       ///< a request's head, from its first byte
  std::chrono::milliseconds idle{75'000};       ///< between requests
  std::chrono::milliseconds progress{60'000};   ///< without a byte of a body, either way
  std::chrono::milliseconds heartbeat{15'000};  ///< between signs of life of the live stream
};

/// Who is at the other end.
struct Peer {
  bool local = false;   ///< through the Unix socket
  bool secure = false;  ///< through TLS
  std::string address;  ///< IP address, empty when local
};

/// One connection: head, body, answer, again. All members run on the network thread; handlers run on the pool and come back by post().
/// Shared by the operations under way, which keep it alive.
class Session : public std::enable_shared_from_this<Session> {
 public:
  Session(boost::asio::io_context& io, boost::asio::thread_pool& pool, std::unique_ptr<Stream> stream, Handler& handler,
          const Timeouts& timeouts, Peer peer = {});
  void start();
  /// Answers 503 and ends.
  void turn_away();
  /// Ends as soon as the request under way is answered; at once when there is none.
  void stop();
  /// Ends now.
  void close();

 private:
  void read();
  void on_read(std::size_t size);
  void advance();
  void head_done();
  void body_progress();
  void call_handler();
  void open_sink();
  void feed_sink(std::string part, bool last);
  void refuse(int status);
  void respond(Response response);
  void write_parts();
  void start_live();
  void write_live(std::string text);
  void watch_client();
  void response_done();
  void linger();
  void drop_sink();
  void deadline(std::chrono::milliseconds after);

  /// Runs `work` on the pool, then `then` with its result on the network thread.
  template <class Work, class Then>
  void on_pool(Work work, Then then);

  boost::asio::io_context& io_;
  boost::asio::thread_pool& pool_;
  std::unique_ptr<Stream> stream_;
  Handler& handler_;
  const Timeouts& timeouts_;
  boost::asio::steady_timer timer_;
  boost::asio::steady_timer heartbeat_;
  std::vector<char> input_;
  std::size_t filled_ = 0;
  std::size_t lingered_ = 0;
  std::unique_ptr<RequestParser> parser_;
  Request request_;
  Plan plan_;
  std::shared_ptr<BodySink> sink_;  ///< shared with the part that the pool is writing
  Response response_;
  std::string head_;
  std::string part_;
  enum class Step { head, body, busy, answer, live, linger, closed } step_ = Step::head;
  Peer peer_;
  bool stopping_ = false;
  bool reading_ = false;
  bool live_writing_ = false;
};

}  // namespace digue::net
