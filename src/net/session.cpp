#include "net/session.hpp"

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>
#include <cstring>
#include <exception>

#include "base/text.hpp"

namespace digue::net {

namespace asio = boost::asio;
using boost::system::error_code;

namespace {

constexpr std::size_t input_size = 128 * 1024;
/// What a client may still send after its answer before the connection is cut.
constexpr std::size_t linger_bytes = std::size_t{16} << 20;

std::string head_of(const Response& response, std::string_view framing, bool keep_alive, bool secure) {
  std::string head = "HTTP/1.1 " + std::to_string(response.status) + " ";
  head.append(reason(response.status)).append("\r\n");
  for (const auto& [name, value] : response.headers) head.append(name).append(": ").append(value).append("\r\n");
  if (secure) head.append("Strict-Transport-Security: max-age=31536000\r\n");
  head.append(framing);
  if (!keep_alive) head.append("Connection: close\r\n");
  return head.append("\r\n");
}

}  // namespace

Session::Session(asio::io_context& io, asio::thread_pool& pool, std::unique_ptr<Stream> stream, Handler& handler, const Timeouts& timeouts,
                 Peer peer)
    : io_(io),
      pool_(pool),
      stream_(std::move(stream)),
      handler_(handler),
      timeouts_(timeouts),
      timer_(io),
      heartbeat_(io),
      input_(input_size),
      parser_(std::make_unique<RequestParser>()),
      peer_(std::move(peer)) {}

template <class Work, class Then>
void Session::on_pool(Work work, Then then) {
  step_ = Step::busy;
  timer_.expires_at(std::chrono::steady_clock::time_point::max());
  asio::post(pool_,
             [self = shared_from_this(), work = std::move(work), then = std::move(then), guard = asio::make_work_guard(io_)]() mutable {
               auto result = work();
               auto& io = self->io_;
               asio::post(io, [self = std::move(self), then = std::move(then), result = std::move(result)]() mutable {
                 if (self->step_ != Step::closed) then(std::move(result));
               });
             });
}

void Session::start() {
  deadline(timeouts_.idle);
  read();
}

void Session::turn_away() {
  stopping_ = true;
  refuse(503);
}

void Session::stop() {
  stopping_ = true;
  if (step_ == Step::live || step_ == Step::linger || (step_ == Step::head && filled_ == 0)) close();
}

void Session::close() {
  if (step_ == Step::closed) return;
  step_ = Step::closed;
  if (response_.live) response_.live->on_news(nullptr);
  timer_.cancel();
  heartbeat_.cancel();
  stream_->close();
  drop_sink();
}

// An upload that did not come to its end is taken back; its file work belongs on the pool.
void Session::drop_sink() {
  if (sink_) asio::post(pool_, [sink = std::exchange(sink_, nullptr)]() mutable { sink.reset(); });
}

void Session::deadline(std::chrono::milliseconds after) {
  timer_.expires_after(after);
  timer_.async_wait([self = shared_from_this()](const error_code& cancelled) {
    if (cancelled || self->timer_.expiry() > std::chrono::steady_clock::now()) return;
    if (self->step_ == Step::body && !self->stopping_)
      self->refuse(408);
    else
      self->close();
  });
}

void Session::read() {
  reading_ = true;
  stream_->read_some(input_.data() + filled_, input_.size() - filled_,
                     [self = shared_from_this()](const error_code& problem, std::size_t size) {
                       self->reading_ = false;
                       if (self->step_ != Step::head && self->step_ != Step::body && self->step_ != Step::linger) return;
                       if (problem) return self->close();
                       self->on_read(size);
                     });
}

void Session::on_read(std::size_t size) {
  if (step_ == Step::linger) {
    lingered_ += size;
    if (lingered_ > linger_bytes) return close();
    return read();
  }
  if (step_ == Step::head && filled_ == 0) deadline(timeouts_.head);
  filled_ += size;
  advance();
}

// Feeds the parser until it needs more bytes, or there is something to do.
void Session::advance() {
  for (;;) {
    const auto before = parser_->state();
    const auto used = parser_->feed({input_.data(), filled_});
    filled_ -= used;
    std::memmove(input_.data(), input_.data() + used, filled_);
    const auto state = parser_->state();
    if (state == RequestParser::State::failed) return refuse(parser_->status());
    if (before == RequestParser::State::head && state != before) return head_done();
    if (state != RequestParser::State::head) return body_progress();
    if (filled_ == input_.size()) return refuse(431);
    return read();
  }
}

void Session::head_done() {
  request_ = parser_->take_request();
  request_.local = peer_.local;
  request_.source = peer_.address;
  plan_ = handler_.plan(request_);
  step_ = Step::body;
  if (plan_.refusal) {
    plan_.refusal->close = plan_.refusal->close || request_.has_body;
    return respond(std::move(*plan_.refusal));
  }
  if (plan_.body == Plan::Body::whole && request_.content_length.value_or(0) > plan_.limit) return refuse(413);
  const bool waits = request_.has_body && iequals(request_.header("expect"), "100-continue");
  const auto go = [self = shared_from_this()] {
    if (self->plan_.body == Plan::Body::streamed) return self->open_sink();
    self->body_progress();
  };
  if (!waits) return go();
  stream_->write("HTTP/1.1 100 Continue\r\n\r\n", {}, [self = shared_from_this(), go](const error_code& problem, std::size_t) {
    if (self->step_ == Step::closed) return;
    if (problem) return self->close();
    go();
  });
}

void Session::body_progress() {
  step_ = Step::body;
  std::string part = parser_->take_body();
  const auto state = parser_->state();
  const bool last = state == RequestParser::State::done;
  if (plan_.body == Plan::Body::streamed) {
    if (last || !part.empty()) return feed_sink(std::move(part), last);
  } else {
    if (request_.body.size() + part.size() > plan_.limit) return refuse(413);
    request_.body += part;
    if (last) return call_handler();
  }
  if (filled_ > 0 && filled_ < input_.size() && state == RequestParser::State::body) {
    // Bytes that came with the head.
    const auto before = filled_;
    const auto used = parser_->feed({input_.data(), filled_});
    filled_ -= used;
    std::memmove(input_.data(), input_.data() + used, filled_);
    if (parser_->state() == RequestParser::State::failed) return refuse(parser_->status());
    if (filled_ != before || parser_->state() == RequestParser::State::done) return body_progress();
  }
  if (filled_ == input_.size()) return refuse(400);
  deadline(timeouts_.progress);
  read();
}

void Session::call_handler() {
  on_pool(
      [this] {
        try {
          return handler_.handle(request_);
        } catch (const std::exception&) {
          return handler_.refuse(500);
        }
      },
      [this](Response response) { respond(std::move(response)); });
}

void Session::open_sink() {
  struct Opened {
    std::unique_ptr<BodySink> sink;
    Response refusal;
  };
  on_pool(
      [this] {
        Opened opened;
        try {
          opened.sink = handler_.receive(request_, opened.refusal);
        } catch (const std::exception&) {
          opened.refusal = handler_.refuse(500);
        }
        return opened;
      },
      [this](Opened opened) {
        sink_ = std::move(opened.sink);
        if (sink_) return body_progress();
        opened.refusal.close = true;
        respond(std::move(opened.refusal));
      });
}

void Session::feed_sink(std::string part, bool last) {
  on_pool(
      [this, sink = sink_, part = std::move(part), last]() -> std::optional<Response> {
        try {
          if (auto answer = part.empty() ? std::optional<Response>() : sink->write(part)) return answer;
          if (last) return sink->finish();
          return std::nullopt;
        } catch (const std::exception&) {
          return handler_.refuse(500);
        }
      },
      [this, last](std::optional<Response> answer) {
        if (!answer) return body_progress();
        answer->close = answer->close || !last;
        drop_sink();
        respond(std::move(*answer));
      });
}

void Session::refuse(int status) {
  auto response = handler_.refuse(status);
  response.close = true;
  drop_sink();
  respond(std::move(response));
}

void Session::respond(Response response) {
  step_ = Step::answer;
  response_ = std::move(response);
  if (!request_.keep_alive || stopping_) response_.close = true;
  if (response_.live) return start_live();
  const bool empty = response_.status == 204 || response_.status == 304;
  const auto body = response_.fixed.empty() ? std::string_view(response_.body) : response_.fixed;
  std::string framing = response_.parts ? "Transfer-Encoding: chunked\r\n"
                        : empty         ? ""
                                        : "Content-Length: " + std::to_string(body.size()) + "\r\n";
  head_ = head_of(response_, framing, !response_.close, peer_.secure);
  deadline(timeouts_.progress);
  stream_->write(head_, response_.parts ? std::string_view() : body, [self = shared_from_this()](const error_code& problem, std::size_t) {
    if (self->step_ == Step::closed) return;
    if (problem) return self->close();
    if (self->response_.parts) return self->write_parts();
    self->response_done();
  });
}

void Session::write_parts() {
  struct Part {
    bool more = false;
    bool broken = false;
    std::string bytes;
  };
  on_pool(
      [this] {
        Part part;
        try {
          part.more = response_.parts(part.bytes);
        } catch (const std::exception&) {
          part.broken = true;
        }
        return part;
      },
      [this](Part part) {
        // A chunked answer that ends without its last chunk is seen as cut by the client.
        if (part.broken) return close();
        step_ = Step::answer;
        static constexpr char digits[] = "0123456789abcdef";
        std::string size;
        for (auto rest = part.bytes.size(); rest > 0; rest >>= 4) size.insert(size.begin(), digits[rest & 15]);
        part_ = size.empty() ? std::string() : size + "\r\n" + part.bytes + "\r\n";
        if (!part.more) part_ += "0\r\n\r\n";
        deadline(timeouts_.progress);
        stream_->write(part_, {}, [self = shared_from_this(), more = part.more](const error_code& problem, std::size_t) {
          if (self->step_ == Step::closed) return;
          if (problem) return self->close();
          if (more) return self->write_parts();
          self->response_done();
        });
      });
}

void Session::response_done() {
  if (response_.close || stopping_) return linger();
  parser_ = std::make_unique<RequestParser>();
  request_ = {};
  response_ = {};
  step_ = Step::head;
  deadline(timeouts_.idle);
  if (filled_ > 0) return advance();
  read();
}

// Closing while the client still sends would reset the connection, and the answer could be lost with it.
void Session::linger() {
  step_ = Step::linger;
  stream_->end_write();
  filled_ = 0;
  deadline(std::chrono::milliseconds(2000));
  if (!reading_) read();
}

void Session::start_live() {
  step_ = Step::live;
  timer_.expires_at(std::chrono::steady_clock::time_point::max());
  head_ = head_of(response_, "", false, peer_.secure) + "retry: 2000\n\n";
  live_writing_ = true;
  watch_client();
  stream_->write(head_, {}, [self = shared_from_this()](const error_code& problem, std::size_t) {
    self->live_writing_ = false;
    if (self->step_ != Step::live) return;
    if (problem) return self->close();
    self->response_.live->on_news([weak = std::weak_ptr<Session>(self)] {
      if (const auto session = weak.lock())
        asio::post(session->io_, [session] {
          if (session->step_ != Step::live) return;
          if (session->response_.live->closed()) return session->close();
          if (!session->live_writing_) session->write_live(session->response_.live->take());
        });
    });
    self->write_live({});
  });
}

void Session::write_live(std::string text) {
  if (response_.allowed && !response_.allowed()) return close();
  heartbeat_.expires_after(timeouts_.heartbeat);
  heartbeat_.async_wait([self = shared_from_this()](const error_code& cancelled) {
    if (cancelled || self->step_ != Step::live) return;
    // A client that takes no byte for a whole beat is gone.
    if (self->live_writing_) return self->close();
    self->write_live(":\n\n");
  });
  if (text.empty()) return;
  part_ = std::move(text);
  live_writing_ = true;
  stream_->write(part_, {}, [self = shared_from_this()](const error_code& problem, std::size_t) {
    self->live_writing_ = false;
    if (self->step_ != Step::live) return;
    if (problem) return self->close();
    if (auto more = self->response_.live->take(); !more.empty()) self->write_live(std::move(more));
  });
}

// Nothing is expected from the client of a live stream but its end.
void Session::watch_client() {
  stream_->read_some(input_.data(), input_.size(), [self = shared_from_this()](const error_code& problem, std::size_t) {
    if (self->step_ != Step::live) return;
    if (problem) return self->close();
    self->watch_client();
  });
}

}  // namespace digue::net
