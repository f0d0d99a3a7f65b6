#include "net/parser.hpp"

#include <boost/beast/http/basic_parser.hpp>
#include <boost/beast/http/error.hpp>

#include "base/text.hpp"

namespace digue::net {

namespace http = boost::beast::http;
using boost::beast::string_view;
using boost::system::error_code;

class RequestParser::Machine final : public http::basic_parser<true> {
 public:
  Machine() {
    header_limit(max_head);
    body_limit(boost::none);
  }

  Request request;
  std::string body;
  State state = State::head;
  int status = 400;

  void refuse(int code) {
    state = State::failed;
    status = code;
  }

 private:
  void on_request_impl(http::verb, string_view method, string_view target, int, error_code& ec) override {
    request.method.assign(method.data(), method.size());
    if (!split_target({target.data(), target.size()}, request)) ec = http::error::bad_target;
  }
  void on_response_impl(int, string_view, int, error_code&) override {}
  void on_field_impl(http::field, string_view name, string_view value, error_code&) override {
    request.headers.emplace_back(lower({name.data(), name.size()}), std::string(value.data(), value.size()));
  }
  void on_header_impl(error_code& ec) override {
    request.keep_alive = keep_alive();
    if (const auto length = content_length()) request.content_length = *length;
    request.has_body = chunked() || request.content_length.value_or(0) > 0;
    // A request line of HTTP/1.1 without exactly one Host is refused (RFC 9112 3.2).
    if (request.header_count("host") != 1) ec = http::error::bad_field;
    state = State::body;
  }
  void on_body_init_impl(const boost::optional<std::uint64_t>&, error_code&) override {}
  std::size_t on_body_impl(string_view part, error_code&) override {
    body.append(part.data(), part.size());
    return part.size();
  }
  void on_chunk_header_impl(std::uint64_t, string_view, error_code&) override {}
  std::size_t on_chunk_body_impl(std::uint64_t, string_view part, error_code&) override {
    body.append(part.data(), part.size());
    return part.size();
  }
  void on_finish_impl(error_code&) override { state = State::done; }
};

RequestParser::RequestParser() : machine_(std::make_unique<Machine>()) {}
RequestParser::~RequestParser() = default;

std::size_t RequestParser::feed(std::string_view data) {
  std::size_t used = 0;
  const State before = machine_->state;
  while (used < data.size() && machine_->state == before && (before == State::head || before == State::body)) {
    error_code problem;
    const auto took = machine_->put(boost::asio::const_buffer(data.data() + used, data.size() - used), problem);
    used += took;
    if (problem == http::error::need_more) {
      if (before == State::head && data.size() - used >= max_head) machine_->refuse(431);
      break;
    }
    if (problem) machine_->refuse(problem == http::error::header_limit ? 431 : 400);
  }
  return used;
}

RequestParser::State RequestParser::state() const {
  return machine_->state;
}
int RequestParser::status() const {
  return machine_->status;
}
Request RequestParser::take_request() {
  return std::move(machine_->request);
}
std::string RequestParser::take_body() {
  return std::exchange(machine_->body, {});
}

}  // namespace digue::net
