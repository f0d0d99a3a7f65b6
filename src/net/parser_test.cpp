#include "net/parser.hpp"

#include <doctest/doctest.h>

using namespace digue::net;
using State = RequestParser::State;

namespace {

struct Parsed {
  State state = State::head;
  int status = 0;
  Request request;
  std::string body;
  std::size_t left = 0;
};

/// Gives the text in steps of `step` bytes, keeping what is not taken, as a connection does.
Parsed parse(std::string_view text, std::size_t step) {
  RequestParser parser;
  Parsed out;
  std::string buffer;
  std::size_t at = 0;
  bool have_head = false;
  for (;;) {
    const auto used = parser.feed(buffer);
    buffer.erase(0, used);
    out.body += parser.take_body();
    if (!have_head && (parser.state() == State::body || parser.state() == State::done)) {
      out.request = parser.take_request();
      have_head = true;
    }
    if (parser.state() == State::done || parser.state() == State::failed) break;
    if (used > 0 && !buffer.empty()) continue;
    if (at == text.size()) break;
    buffer += text.substr(at, step);
    at = std::min(text.size(), at + step);
  }
  out.state = parser.state();
  out.status = parser.status();
  out.left = buffer.size() + text.size() - at;
  return out;
}

}  // namespace

TEST_CASE("a request is read alike however its bytes arrive") {
  const std::string text =
      "POST /api/v1/a%2Fb/c?x=1+2&y=%C3%A9&x=3&flag HTTP/1.1\r\nHost: 127.0.0.1:8047\r\nX-Digue-Request: 1\r\nContent-Length: "
      "5\r\n\r\nhelloGET";
  for (const std::size_t step : {1u, 3u, 7u, 1000u}) {
    const auto got = parse(text, step);
    REQUIRE(got.state == State::done);
    CHECK(got.request.method == "POST");
    CHECK(got.request.path == std::vector<std::string>{"api", "v1", "a/b", "c"});
    CHECK(got.request.parameter("x") == "1 2");
    CHECK(got.request.parameter("y") == "é");
    CHECK(got.request.parameter("flag") == "");
    CHECK_FALSE(got.request.parameter("z"));
    CHECK(got.request.header("x-digue-request") == "1");
    CHECK(got.request.content_length == 5);
    CHECK(got.body == "hello");
    CHECK(got.left == 3);
  }
}

TEST_CASE("chunked bodies") {
  const std::string text = "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n6;ext=1\r\n world\r\n0\r\n\r\n";
  for (const std::size_t step : {1u, 4u, 1000u}) {
    const auto got = parse(text, step);
    CHECK(got.state == State::done);
    CHECK(got.request.has_body);
    CHECK(got.body == "hello world");
  }
}

TEST_CASE("what is ambiguous, broken or too large is refused") {
  const auto status = [](std::string_view text) {
    const auto got = parse(text, 4096);
    return got.state == State::failed ? got.status : 0;
  };
  CHECK(status("GET / HTTP/1.1\r\nHost: h\r\n\r\n") == 0);
  CHECK(status("GET / HTTP/1.1\r\n\r\n") == 400);
  CHECK(status("GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n") == 400);
  CHECK(status("GET http://other/ HTTP/1.1\r\nHost: h\r\n\r\n") == 400);
  CHECK(status("GET /%zz HTTP/1.1\r\nHost: h\r\n\r\n") == 400);
  CHECK(status("GET /?a=%4 HTTP/1.1\r\nHost: h\r\n\r\n") == 400);
  CHECK(status("\x16\x03\x01\x02\x00\x01\x00") == 400);
  CHECK(status("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n") == 400);
  CHECK(status("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\n") == 400);
  CHECK(status("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: -5\r\n\r\n") == 400);
  CHECK(status("POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n") == 400);
  CHECK(status("GET / HTTP/1.1\r\nHost: h\r\nX: " + std::string(max_head, 'a') + "\r\n\r\n") == 431);
  CHECK(status("GET /" + std::string(2 * max_head, 'a')) == 431);
}

TEST_CASE("escapes decode to any byte, broken ones to nothing") {
  CHECK(percent_decode("a%00%ff+b", false) == std::string("a\0\xff+b", 5));
  CHECK(percent_decode("a+b", true) == "a b");
  CHECK_FALSE(percent_decode("%", false));
  CHECK_FALSE(percent_decode("%a", false));
  CHECK_FALSE(percent_decode("%g0", false));
}
