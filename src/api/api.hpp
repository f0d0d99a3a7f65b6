#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "api/assets.hpp"
#include "api/downloads.hpp"
#include "base/json/value.hpp"
#include "net/http.hpp"
#include "net/live.hpp"
#include "people/roles.hpp"
#include "service/edits.hpp"
#include "service/people.hpp"

namespace digue::service {
class Analyses;
class Containment;
class Jobs;
class Platforms;
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
  /// What the door is told of the browser.
  service::People::Visitor visitor() const;
};

using Answer = Result<net::Response>;

struct Route {
  std::string_view method;
  std::string_view path;  ///< below /api/v1: "incidents/{}/tasks/{}"
  Answer (*action)(Call&) = nullptr;
  bool open = false;                                                   ///< needs no login session
  Result<std::unique_ptr<net::BodySink>> (*receive)(Call&) = nullptr;  ///< instead of `action`: a streamed body
  std::optional<people::Right> right{};                                ///< see needed()
  bool sensitive = false;                                              ///< asks for a proof of identity not older than five minutes
  bool lasting = false;                                                ///< changes even an incident that was destroyed

  constexpr Route needs(people::Right which) const {
    auto out = *this;
    out.right = which;
    return out;
  }
  constexpr Route step_up() const {
    auto out = *this;
    out.sensitive = true;
    return out;
  }
  constexpr Route lasts() const {
    auto out = *this;
    out.lasting = true;
    return out;
  }
  /// True when the first {} is an incident, on which the right must be held.
  bool of_incident() const { return path.starts_with("incidents/{}"); }
  /// Where nothing is said, the narrow choice: read_mail to read of an incident, work to change it; edit_directory to change what all
  /// incidents share.
  people::Right needed() const;
};

/// What the routes work with; all of it outlives the interface.
struct Parts {
  const service::Context& context;
  service::Analyses& analyses;
  service::Jobs& jobs;
  service::People& people;
  service::LoginSessions& sessions;
  net::LiveHub& live;
  service::Presence& presence;
  service::Platforms& platforms;
  service::Containment& containment;
};

/// docs/api.md over the use cases. One route, one function, in the file of its resource.
class Api final : public net::Handler, public Parts {
 public:
  /// Ends the live streams and the presence of each login session that ends.
  explicit Api(const Parts& parts);

  Downloads downloads;

  struct Place {
    std::string address;
    std::uint16_t port = 0;
    bool secure = false;             ///< through TLS
    std::vector<std::string> names;  ///< host names by which the page may be reached, beside the address
  };
  /// Where the page is reached; before the first request.
  void serve_at(const Place& place);
  /// "https://digue.example:8047/"; "/" while nothing is served.
  const std::string& origin() const { return origin_; }
  /// False while a command works with the routes by itself.
  bool serves() const { return origin_ != "/"; }
  /// "signin" or "setup" with its token, as a link to follow.
  std::string link(std::string_view page, const std::string& token) const { return origin_ + "#/" + std::string(page) + "?token=" + token; }
  const std::string& cookie_name() const { return cookie_name_; }
  std::string secret_of(const net::Request& request) const;
  /// The value of Set-Cookie that gives the browser this secret; empty: takes it away.
  std::string session_cookie(const std::string& secret) const;
  /// Who asks; nothing: nobody is signed in. Counts as activity unless `quiet`.
  std::optional<service::Caller> who(const net::Request& request, bool quiet = false) const;
  /// What the router answers before any action; nothing when the request may pass.
  std::optional<net::Response> refusal(const net::Request& request);

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
  /// Whether it is asked for as it must be, by somebody who is signed in. Quick.
  std::optional<net::Response> check(const net::Request& request, const Match& match) const;
  /// Whether that person may, and proved lately who they are where that is needed. A refusal is kept in the security log.
  std::optional<net::Response> check_rights(const net::Request& request, const Match& match);
  Call call_of(const net::Request& request, Match match);

  Assets assets_;
  std::vector<std::string> hosts_;
  std::string scheme_ = "http://";
  std::string origin_ = "/";
  std::string cookie_name_ = "digue";
};

/// All routes, one list per resource.
std::span<const Route> session_routes();
std::span<const Route> live_routes();
std::span<const Route> account_routes();
std::span<const Route> people_routes();
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
std::span<const Route> disk_routes();
std::span<const Route> job_routes();
std::span<const Route> package_routes();
std::span<const Route> retention_routes();
std::span<const Route> backup_routes();
std::span<const Route> moving_routes();
std::span<const Route> download_routes();
std::span<const Route> connector_routes();
std::span<const Route> operation_routes();

/// Every route, in the order of the lists.
std::vector<const Route*> all_routes();

/// The value of a cookie of the request, empty when absent.
std::string cookie(const net::Request& request, std::string_view name);

/// What the door answered: the session's new cookie with `body`, or why not.
Answer admit(const Api& api, const Result<service::People::Outcome>& outcome, json::Object body = {});

/// 429 after too many wrong attempts.
net::Response reply_wait(std::int64_t wait, const std::string& help);

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
