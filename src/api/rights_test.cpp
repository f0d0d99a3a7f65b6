#include <doctest/doctest.h>

#include <filesystem>
#include <map>

#include "api/api.hpp"
#include "base/assets.hpp"
#include "people/totp.hpp"
#include "service/analyses.hpp"
#include "service/containment.hpp"
#include "service/incidents.hpp"
#include "service/presence.hpp"
#include "service/stores_test.hpp"

using namespace digue;
using namespace digue::api;
using people::Right;

namespace {

class NoAnalyser final : public service::Analyser {
 public:
  Result<std::string> run(const service::AnalysisJob&, const service::AnalysisSink&) override { return std::string(); }
  Result<std::string> excerpt(const service::AnalysisInput&, const std::string&, std::uint64_t, std::uint64_t) override {
    return std::string();
  }
};

/// The interface over a real store, with one signed-in person for each role, one without any, and an administrator.
struct Town : service::testing::Stores {
  UtcMicros time{1'800'000'000 * micros_per_second};
  NoAnalyser analyser;
  std::unique_ptr<service::Jobs> jobs;
  std::unique_ptr<service::Analyses> analyses;
  service::LoginSessions sessions{[this] { return time; }};
  people::CommonPasswords common{""};
  std::unique_ptr<service::People> people;
  std::unique_ptr<service::Platforms> platforms;
  std::unique_ptr<service::Containment> containment;
  net::LiveHub live;
  service::Presence presence;
  std::unique_ptr<Api> api;
  std::map<std::string, std::string> cookies;  ///< by role, "nobody", "administrator"
  std::map<std::string, std::string> ids;
  std::string incident;

  Town() {
    context->settings.directory = folder;
    jobs = std::make_unique<service::Jobs>(*context);
    analyses = std::make_unique<service::Analyses>(*context, analyser, *jobs);
    people = service::People::open(*context, sessions, SecretBox::open(folder + "/key").value(), common,
                                   {[this] { return time; }, {1, std::size_t{8} << 20}})
                 .value();
    platforms = std::make_unique<service::Platforms>(*context, KeyFile::open(folder + "/platforms.key").value(),
                                                     std::span<const containment::Maker* const>{});
    containment = std::make_unique<service::Containment>(*context, *platforms, service::Containment::Options{});
    api = std::make_unique<Api>(Parts{*context, *analyses, *jobs, *people, sessions, live, presence, *platforms, *containment});
    api->serve_at({"127.0.0.1", 8047, false, {}});
    add("administrator");
    incident = service::create_incident(*context, {"the terminal", {}, {}, "local", true}, {"Case", "", true, false}).value().incident.id;
    REQUIRE(people->refresh());
    const service::Caller owner{"root", {}, {}, "local", true};
    REQUIRE(people->set_roles(owner, incident, ids["administrator"], {}));
    add("nobody");
    for (const auto name : people::role_names()) {
      add(std::string(name));
      REQUIRE(people->set_roles(owner, incident, ids[std::string(name)], {std::string(name)}));
    }
  }
  ~Town() { jobs.reset(); }

  void add(const std::string& login) {
    const auto link = people->invite({"root", {}, {}, "local", true}, login, "Person " + login, false).value();
    const auto token = people->show_set_up(link.token).value();
    // The first code, from the secret that the store holds.
    const auto sealed = store::reading(*cases, [&](store::CaseReader& reader) { return reader.invitation(to_hex(sha256(link.token))); });
    const auto secret = SecretBox::open(folder + "/key").value().unseal(sealed.value().factor).value();
    const auto code = people::totp_code(secret, people::totp_step(time));
    const auto done = people->set_up(link.token, "kz7-fwqb-lupin", code, {"192.0.2.1", "", ""}).value();
    cookies[login] = done.secret;
    ids[login] = link.account.id;
  }

  net::Request request(std::string_view method, std::string path, const std::string& who) const {
    net::Request out;
    out.method = method;
    REQUIRE(net::split_target("/api/v1/" + path, out));
    out.headers = {{"host", "127.0.0.1:8047"}, {"x-digue-request", "1"}, {"cookie", api->cookie_name() + "=" + cookies.at(who)}};
    out.source = "192.0.2.1";
    return out;
  }
  /// The status of the router's refusal; 200 when the request may pass.
  int asked(const Route& route, const std::string& who) {
    std::string path(route.path);
    for (std::size_t at = path.find("{}"), first = 1; at != std::string::npos; at = path.find("{}"), first = 0)
      path.replace(at, 2, first == 1 && route.of_incident() ? incident : "x");
    const auto refused = api->refusal(request(route.method, path, who));
    return refused ? refused->status : 200;
  }
};

std::string code_of(const net::Response& response) {
  return std::string(json::parse(response.body).value().at("error").at("code").as_string());
}

}  // namespace

TEST_CASE("every route answers every role as the table of rights says") {
  Town town;
  const auto routes = all_routes();
  CHECK(routes.size() > 60);
  for (const auto* route : routes) {
    CAPTURE(route->method);
    CAPTURE(route->path);
    const auto right = route->needed();
    for (const auto& [who, cookie] : town.cookies) {
      CAPTURE(who);
      const auto role = people::role_named(who);
      const std::uint8_t held = role ? people::bit(*role) : 0;
      const bool administrator = who == "administrator";
      int wanted = 200;
      if (route->open) {
        // nobody needs anything
      } else if (!people::gives(held, administrator, right)) {
        wanted = route->of_incident() && held == 0 ? 404 : 403;
      } else if (route->of_incident() && held == 0 && right != Right::manage_team) {
        wanted = 404;
      }
      CHECK(town.asked(*route, who) == wanted);
    }
  }
}

TEST_CASE("every route but the open ones asks who is there, and every change for its header") {
  Town town;
  for (const auto* route : all_routes()) {
    CAPTURE(route->method);
    CAPTURE(route->path);
    auto request = town.request(route->method, "people", "nobody");
    request.path = {"api", "v1"};
    std::string_view rest = route->path;
    while (!rest.empty()) {
      const auto end = std::min(rest.find('/'), rest.size());
      request.path.emplace_back(rest.substr(0, end) == "{}" ? std::string_view("x") : rest.substr(0, end));
      rest.remove_prefix(std::min(end + 1, rest.size()));
    }
    request.headers = {{"host", "127.0.0.1:8047"}};
    const auto bare = town.api->refusal(request);
    if (route->method != "GET") {
      REQUIRE(bare);
      CHECK(bare->status == 403);
    } else if (!route->open) {
      REQUIRE(bare);
      CHECK(bare->status == 401);
    } else {
      CHECK_FALSE(bare);
    }
    request.headers.emplace_back("x-digue-request", "1");
    const auto unsigned_in = town.api->refusal(request);
    CHECK((unsigned_in ? unsigned_in->status : 200) == (route->open ? 200 : 401));
  }
}

TEST_CASE("an incident out of sight and one that is not there are told in the same words") {
  Town town;
  const auto hidden = town.api->handle(town.request("GET", "incidents/" + town.incident, "nobody"));
  const auto absent = town.api->handle(town.request("GET", "incidents/feedfeedfeedfeed", "nobody"));
  CHECK(hidden.status == 404);
  auto expected = absent.body;
  const auto at = expected.find("feedfeedfeedfeed");
  REQUIRE(at != std::string::npos);
  CHECK(hidden.body == expected.replace(at, 16, town.incident));
  CHECK(json::parse(town.api->handle(town.request("GET", "incidents", "nobody")).body).value().as_array().empty());
  CHECK(json::parse(town.api->handle(town.request("GET", "incidents", "reader")).body).value().as_array().size() == 1);
  CHECK(town.api->handle(town.request("GET", "calls?incident=" + town.incident, "nobody")).status == 404);
  CHECK(town.api->handle(town.request("GET", "live?incident=" + town.incident, "nobody")).status == 404);
}

TEST_CASE("what a sensitive route does needs a fresh proof of identity") {
  Town town;
  town.time.value += 6 * micros_per_minute;
  int sensitive = 0;
  for (const auto* route : all_routes()) {
    if (!route->sensitive) continue;
    ++sensitive;
    CAPTURE(route->path);
    const bool piloted = people::gives(people::bit(people::Role::pilot), false, route->needed());
    const std::string who = !route->of_incident() ? "administrator" : piloted ? "pilot" : "dpo";
    std::string path(route->path);
    for (auto at = path.find("{}"); at != std::string::npos; at = path.find("{}"))
      path.replace(at, 2, at < 12 && route->of_incident() ? town.incident : "x");
    const auto refused = town.api->refusal(town.request(route->method, path, who));
    REQUIRE(refused);
    CHECK(refused->status == 403);
    CHECK(code_of(*refused) == "step_up");
  }
  CHECK(sensitive >= 12);
  net::Request local = town.request("GET", "people", "nobody");
  local.local = true;
  local.headers = {{"x-digue-author", "root"}};
  CHECK_FALSE(town.api->refusal(local));
}

TEST_CASE("a link to an archive opens nothing once the right to it was taken away") {
  Town town;
  auto request = town.request("POST", "incidents/" + town.incident + "/export", "pilot");
  request.body = R"({"to":"elsewhere","link":true})";
  const auto link = [&] {
    const auto told = town.api->handle(request);
    REQUIRE(told.status == 201);
    return "downloads/" + std::string(json::parse(told.body).value().at("id").as_string()) + "/file";
  };
  CHECK(town.api->handle(town.request("GET", link(), "administrator")).status == 404);
  CHECK(town.api->handle(town.request("GET", link(), "pilot")).status == 200);
  const auto path = link();
  REQUIRE(town.people->set_roles({"root", {}, {}, "local", true}, town.incident, town.ids["pilot"], {"reader"}));
  CHECK(town.api->handle(town.request("GET", path, "pilot")).status == 403);
  CHECK(town.api->handle(town.request("POST", "incidents/" + town.incident + "/export", "pilot")).status == 403);
}

TEST_CASE("cookies of a secure place are bound to it") {
  Town town;
  CHECK(town.api->session_cookie("s") == "digue-8047=s; HttpOnly; SameSite=Strict; Path=/");
  town.api->serve_at({"192.0.2.9", 443, true, {"digue.example"}});
  CHECK(town.api->origin() == "https://digue.example/");
  CHECK(town.api->session_cookie("s") == "__Host-digue-443=s; HttpOnly; SameSite=Strict; Path=/; Secure");
  CHECK(town.api->session_cookie("") == "__Host-digue-443=; HttpOnly; SameSite=Strict; Path=/; Secure; Max-Age=0");
  auto request = town.request("GET", "access", "nobody");
  for (const auto* host : {"digue.example", "digue.example:443", "192.0.2.9", "localhost"}) {
    request.headers = {{"host", host}};
    CHECK_FALSE(town.api->plan(request).refusal);
  }
  request.headers = {{"host", "elsewhere.example"}};
  CHECK(town.api->plan(request).refusal->status == 421);
  request.method = "POST";
  request.headers = {{"host", "digue.example"}, {"origin", "http://digue.example"}, {"x-digue-request", "1"}};
  CHECK(town.api->plan(request).refusal->status == 403);
}

TEST_CASE("the cookie is found among others") {
  net::Request request;
  request.headers = {{"cookie", "a=1; digue-80470=x;digue-8047=y"}, {"cookie", "last=z"}};
  CHECK(cookie(request, "digue-8047") == "y");
  CHECK(cookie(request, "last") == "z");
  CHECK(cookie(request, "digue").empty());
}
