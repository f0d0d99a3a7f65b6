#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "api/access.hpp"
#include "api/assets.hpp"
#include "base/json/value.hpp"
#include "net/http.hpp"
#include "net/live.hpp"
#include "service/context.hpp"
#include "service/edits.hpp"

namespace digue::service {
class Analyses;
class Presence;
}  // namespace digue::service

namespace digue::api {

class Api;

/// A request that passed all checks.
struct Call {
  Api& api;
  const net::Request& request;
  service::Caller caller;        ///< empty name before sign-in
  std::vector<std::string> ids;  ///< what stands for {i}, {j} ... in the route
  json::Value body;              ///< null when there was none

  const std::string& incident() const { return ids.front(); }
  /// A query parameter as a number; `fallback` when absent, bad_input outside the range.
  Result<std::int64_t> number(std::string_view name, std::int64_t fallback, std::int64_t low, std::int64_t high) const;
  std::string text(std::string_view name) const { return request.parameter(name).value_or(""); }
};

using Answer = Result<net::Response>;

struct Route {
  std::string_view method;
  std::string_view path;  ///< below /api/v1: "incidents/{}/tasks/{}"
  Answer (*action)(Call&) = nullptr;
  bool open = false;                                                   ///< needs no login session
  Result<std::unique_ptr<net::BodySink>> (*receive)(Call&) = nullptr;  ///< instead of `action`: a streamed body
};

/// What the routes work with; all of it outlives the interface.
struct Parts {
  const service::Context& context;
  service::Analyses& analyses;
  Access& access;
  net::LiveHub& live;
  service::Presence& presence;
};

/// docs/api.md over the use cases. One route, one function, in the file of its resource.
class Api final : public net::Handler, public Parts {
 public:
  explicit Api(const Parts& parts) : Parts(parts) {}
  /// Where the page is reached; before the first request.
  void serve_at(const std::string& address, std::uint16_t port);
  /// The sign-in link of a new token.
  std::string sign_in_link(const Access::Token& token) const { return "http://" + hosts_.front() + "/#/signin?token=" + token.text; }
  const std::string& cookie_name() const { return cookie_name_; }
  /// Signs the login session out, ends its live streams and takes it off the lists of who is here.
  void end_session(std::string_view secret);

  net::Plan plan(const net::Request& request) override;
  net::Response handle(const net::Request& request) override;
  std::unique_ptr<net::BodySink> receive(const net::Request& request, net::Response& refusal) override;
  net::Response refuse(int status) override;

 private:
  struct Match {
    const Route* route = nullptr;
    std::vector<std::string> ids;
    bool other_method = false;
  };
  static Match match(const net::Request& request);
  std::optional<net::Response> check(const net::Request& request, const Match& match);
  Call call_of(const net::Request& request, Match match);
  /// Who asks; empty: nobody is signed in.
  std::string who(const net::Request& request);

  Assets assets_;
  std::vector<std::string> hosts_;
  std::string cookie_name_;
};

/// All routes, one list per resource.
std::span<const Route> session_routes();
std::span<const Route> live_routes();
std::span<const Route> incident_routes();
std::span<const Route> journal_routes();
std::span<const Route> exhibit_routes();
std::span<const Route> task_routes();
std::span<const Route> analysis_routes();
std::span<const Route> playbook_routes();
std::span<const Route> qualification_routes();
std::span<const Route> duty_routes();
std::span<const Route> directory_routes();
std::span<const Route> guided_routes();
std::span<const Route> overlay_routes();

/// The language that the client asks for first, among ours; French else.
Language language_of(const net::Request& request);

/// ISO 8601 with its offset; bad_input names the field.
Result<UtcMicros> instant(const std::string& text, const char* field);

/// The member `based_on`: a time, null, or absent. bad_input when it is none of these.
Result<service::BasedOn> based_on(const Call& call);
/// True for the refusal of an edit that was based on an older state.
bool is_stale(const Error& error);

json::Value time_or_null(const std::optional<UtcMicros>& time);

}  // namespace digue::api
