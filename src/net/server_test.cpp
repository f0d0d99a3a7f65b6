#include "net/server.hpp"

#include <arpa/inet.h>
#include <doctest/doctest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <stdexcept>
#include <thread>

#include "net/live.hpp"

using namespace digue;
using namespace digue::net;

namespace {

/// Whole bodies up to 10 bytes come back; /stream counts bytes, and notes uploads that were given up.
class EchoHandler final : public Handler {
 public:
  LiveHub live;
  std::atomic<int> kept{0};
  std::atomic<int> given_up{0};

  Plan plan(const Request& request) override {
    Plan plan;
    plan.limit = 10;
    if (request.path.size() == 1 && request.path[0] == "stream") plan.body = Plan::Body::streamed;
    if (request.path.size() == 1 && request.path[0] == "refused") plan.refusal = text("no", 403);
    return plan;
  }
  Response handle(const Request& request) override {
    const std::string path = request.path.empty() ? "" : request.path[0];
    if (path == "throw") throw std::runtime_error("inside");
    if (path == "live") {
      Response response;
      response.live = live.subscribe(nullptr, request.header("last-event-id"), "somebody");
      return response;
    }
    if (path == "parts") {
      Response response;
      response.parts = [count = 0](std::string& part) mutable {
        part = "part" + std::to_string(++count) + ";";
        return count < 3;
      };
      return response;
    }
    return text(request.method + " " + path + " " + request.body, 200);
  }
  std::unique_ptr<BodySink> receive(const Request& request, Response& refusal) override {
    if (request.parameter("no")) {
      refusal = text("not here", 404);
      return nullptr;
    }
    return std::make_unique<Sink>(*this);
  }
  Response refuse(int status) override { return text("refused", status); }

 private:
  static Response text(std::string body, int status) {
    Response response;
    response.status = status;
    response.body = std::move(body);
    return response;
  }
  class Sink final : public BodySink {
   public:
    explicit Sink(EchoHandler& to) : to_(to) {}
    ~Sink() override {
      if (!finished_) ++to_.given_up;
    }
    std::optional<Response> write(std::string_view part) override {
      bytes_ += part.size();
      if (part.find("stop") != std::string_view::npos) return text("full", 507);
      return std::nullopt;
    }
    Response finish() override {
      finished_ = true;
      ++to_.kept;
      return text(std::to_string(bytes_), 201);
    }

   private:
    EchoHandler& to_;
    std::size_t bytes_ = 0;
    bool finished_ = false;
  };
};

class Client {
 public:
  explicit Client(std::uint16_t port) : fd_(::socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    REQUIRE(::connect(fd_, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0);
    const timeval limit{20, 0};
    ::setsockopt(fd_, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
  }
  ~Client() { ::close(fd_); }
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;
  void send(std::string_view text) {
    while (!text.empty()) {
      const auto sent = ::send(fd_, text.data(), text.size(), MSG_NOSIGNAL);
      if (sent <= 0) return;
      text.remove_prefix(static_cast<std::size_t>(sent));
    }
  }
  /// Reads until `end` was seen, or the connection ends.
  std::string until(std::string_view end) {
    while (got_.find(end) == std::string::npos) {
      char bytes[4096];
      const auto size = ::recv(fd_, bytes, sizeof bytes, 0);
      if (size <= 0) return std::exchange(got_, {});
      got_.append(bytes, static_cast<std::size_t>(size));
    }
    const auto at = got_.find(end) + end.size();
    std::string out = got_.substr(0, at);
    got_.erase(0, at);
    return out;
  }
  std::string rest() { return until("\x01never"); }

 private:
  int fd_;
  std::string got_;
};

struct Running {
  EchoHandler handler;
  std::unique_ptr<Server> server;
  std::thread thread;
  explicit Running(std::size_t connections = 64) {
    ServerOptions options;
    options.threads = 2;
    options.max_connections = connections;
    server = Server::listen(options, handler).value();
    thread = std::thread([this] { server->run(); });
  }
  ~Running() { stop(); }
  void stop() {
    if (!thread.joinable()) return;
    server->stop();
    thread.join();
  }
};

const std::string get = " HTTP/1.1\r\nHost: h\r\n\r\n";

}  // namespace

TEST_CASE("requests follow each other on one connection, sent apart or together") {
  Running running;
  Client client(running.server->port());
  client.send("GET /a" + get);
  CHECK(client.until("GET a ").starts_with("HTTP/1.1 200 OK\r\n"));
  client.send("GET /b" + get + "POST /c HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\nhello" + "GET /d" + get);
  client.until("GET b ");
  client.until("POST c hello");
  CHECK(client.until("GET d ").find("Content-Length: 6\r\n") != std::string::npos);
}

TEST_CASE("a whole body has a limit, told or not") {
  Running running;
  for (const auto* text : {"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 11\r\n\r\n",
                           "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\nb\r\nhello world\r\n"}) {
    Client client(running.server->port());
    client.send(text);
    const auto answer = client.rest();
    CHECK(answer.starts_with("HTTP/1.1 413 "));
    CHECK(answer.find("Connection: close") != std::string::npos);
  }
}

TEST_CASE("what is not HTTP gets an answer and the end") {
  Running running;
  for (const auto* text : {"NONSENSE\r\n\r\n", "GET / HTTP/1.1\r\n\r\n", "GET / HTTP/9.9\r\nHost: h\r\n\r\n"}) {
    Client client(running.server->port());
    client.send(text);
    CHECK(client.rest().starts_with("HTTP/1.1 400 "));
  }
}

TEST_CASE("a streamed body goes to its sink however it is framed") {
  Running running;
  const std::string big(3'000'000, 'x');
  Client client(running.server->port());
  client.send("POST /stream HTTP/1.1\r\nHost: h\r\nContent-Length: 3000000\r\n\r\n" + big);
  CHECK(client.until("3000000").starts_with("HTTP/1.1 201 "));
  client.send("POST /stream HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n100000\r\n" + big.substr(0, 0x100000) +
              "\r\n3\r\nabc\r\n0\r\n\r\n");
  CHECK(client.until("1048579").starts_with("HTTP/1.1 201 "));
  client.send("POST /stream HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\n");
  CHECK(client.until("\r\n\r\n") == "HTTP/1.1 100 Continue\r\n\r\n");
  client.send("abc");
  CHECK(client.until("\r\n\r\n3").starts_with("HTTP/1.1 201 "));
  client.send("POST /stream HTTP/1.1\r\nHost: h\r\nContent-Length: 0\r\n\r\n");
  CHECK(client.until("\r\n\r\n0").starts_with("HTTP/1.1 201 "));
  CHECK(running.handler.kept == 4);
}

TEST_CASE("an upload that is refused, fails or is cut leaves its sink unfinished") {
  Running running;
  const std::string big(3'000'000, 'x');
  {
    Client client(running.server->port());
    client.send("POST /stream?no HTTP/1.1\r\nHost: h\r\nContent-Length: 3000000\r\n\r\n" + big);
    CHECK(client.rest().starts_with("HTTP/1.1 404 "));
  }
  {
    Client client(running.server->port());
    client.send("POST /refused HTTP/1.1\r\nHost: h\r\nContent-Length: 3000000\r\n\r\n" + big);
    CHECK(client.rest().starts_with("HTTP/1.1 403 "));
  }
  {
    Client client(running.server->port());
    client.send("POST /stream HTTP/1.1\r\nHost: h\r\nContent-Length: 3000000\r\n\r\nstop" + big);
    CHECK(client.rest().starts_with("HTTP/1.1 507 "));
  }
  {
    Client client(running.server->port());
    client.send("POST /stream HTTP/1.1\r\nHost: h\r\nContent-Length: 3000000\r\n\r\n" + big.substr(0, 200'000));
  }
  while (running.handler.given_up < 2) std::this_thread::yield();
  running.stop();
  CHECK(running.handler.kept == 0);
  CHECK(running.handler.given_up == 2);
}

TEST_CASE("an exception becomes 500, and the connection serves on") {
  Running running;
  Client client(running.server->port());
  client.send("GET /throw" + get);
  CHECK(client.until("refused").starts_with("HTTP/1.1 500 "));
  client.send("GET /a" + get);
  CHECK(client.until("GET a ").starts_with("HTTP/1.1 200 "));
}

TEST_CASE("an answer in parts is chunked") {
  Running running;
  Client client(running.server->port());
  client.send("GET /parts" + get);
  CHECK(client.until("0\r\n\r\n").ends_with("\r\n\r\n6\r\npart1;\r\n6\r\npart2;\r\n6\r\npart3;\r\n0\r\n\r\n"));
}

TEST_CASE("live news reach the client; others are served meanwhile; a stop ends the stream") {
  Running running;
  Client client(running.server->port());
  client.send("GET /live" + get);
  client.until("event: hello\ndata: {}\n\n");
  running.handler.live.publish("journal", "i");
  CHECK(client.until("\n\n").ends_with("-1\nevent: journal\ndata: {\"incident\":\"i\"}\n\n"));
  Client other(running.server->port());
  other.send("GET /a" + get);
  other.until("GET a ");
  running.handler.live.publish("task", "i");
  client.until("event: task");
  running.stop();
  client.rest();
}

TEST_CASE("a live stream goes on behind the last event that its client had, and ends with its owner's right") {
  Running running;
  std::string id;
  {
    Client client(running.server->port());
    client.send("GET /live" + get);
    const auto text = client.until("event: hello\ndata: {}\n\n");
    const auto at = text.find("id: ") + 4;
    id = text.substr(at, text.find('\n', at) - at);
  }
  running.handler.live.publish("journal", "i");
  Client client(running.server->port());
  client.send("GET /live HTTP/1.1\r\nHost: h\r\nLast-Event-ID: " + id + "\r\n\r\n");
  client.until("event: hello");
  client.until("event: journal\ndata: {\"incident\":\"i\"}\n\n");
  running.handler.live.close_of("somebody");
  CHECK(client.rest().empty());
}

TEST_CASE("beyond the cap of connections the answer is 503") {
  Running running(1);
  Client first(running.server->port());
  first.send("GET /a" + get);
  first.until("GET a ");
  Client second(running.server->port());
  CHECK(second.rest().starts_with("HTTP/1.1 503 "));
}

TEST_CASE("without TLS only loopback addresses are listened on, a port once") {
  EchoHandler handler;
  ServerOptions options;
  options.address = "0.0.0.0";
  CHECK(Server::listen(options, handler).error().code == ErrorCode::usage);
  options.address = "192.0.2.1";
  CHECK(Server::listen(options, handler).error().code == ErrorCode::usage);
  options.address = "localhost";
  CHECK(Server::listen(options, handler).error().code == ErrorCode::usage);
  options.address = "127.0.0.1";
  const auto first = Server::listen(options, handler).value();
  options.port = first->port();
  CHECK(Server::listen(options, handler).error().code == ErrorCode::conflict);
  CHECK(authority("::1", 8047) == "[::1]:8047");
}
