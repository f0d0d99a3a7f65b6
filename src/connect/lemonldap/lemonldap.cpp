#include <algorithm>
#include <array>
#include <map>

#include "base/text.hpp"
#include "connect/connectors.hpp"
#include "connect/lemonldap/portal.hpp"

/// The sessions and second factors of an account at a single sign-on. Neither can be given back: only what they were is sealed.
namespace digue::lemonldap {

using namespace containment;

namespace {

constexpr std::string_view schema = "digue.lemonldap/1";
constexpr std::string_view end = "session.end", remove = "method.remove";
constexpr std::string_view registered = "registered", absent = "absent", unreadable = "unreadable";
constexpr std::int64_t right_after = 600;  ///< seconds within which a new session shows that somebody still gets in
constexpr std::size_t max_listed = 20, max_told = 3'000;
const std::string known = "known", began = "began";  // beside a plan's secrets

std::string time_of(const std::string& epoch) {
  if (epoch.empty() || epoch.size() > 11 || epoch.find_first_not_of("0123456789") != std::string::npos) return epoch;
  return to_iso8601({std::stoll(epoch) * micros_per_second});
}
std::string line_of(const std::string& text) {
  return std::string(clip(text, 300));
}
std::string line_of(const Session& one) {
  return one.kind + " " + one.from + " " + (one.began ? time_of(std::to_string(*one.began)) : "?") + " " + one.digest.substr(0, 12);
}
std::string line_of(const Method& one) {
  return one.type + " " + one.epoch + " (" + time_of(one.epoch) + ", " + std::string(clip(one.name, 100)) + ")";
}

/// Short enough to be read, and it says how many more there are.
template <class Items>
std::string lines_of(const Items& items) {
  std::string out;
  std::size_t told = 0;
  for (const auto& one : items) {
    if (told == max_listed || out.size() > max_told) return out + "; +" + std::to_string(items.size() - told);
    out += (out.empty() ? "" : "; ") + line_of(one);
    ++told;
  }
  return out;
}

std::string object_of(const Method& one) {
  return json::canonical(
      json::Object{{"account", one.of}, {"type", one.type}, {"name", one.name}, {"epoch", one.epoch}, {"digest", one.digest}});
}
Result<Method> method_of(const Step& step) {
  const auto value = json::parse(step.object, {std::size_t{64} << 10, 4});
  if (!value || !value->is_object()) return fail(ErrorCode::bad_input, tr("lemonldap.step"));
  json::Fields fields(*value);
  Method out{fields.text("account", 4'096), fields.text("digest", 64), fields.text_or("type", 4'096, ""), fields.text_or("name", 4'096, ""),
             fields.text_or("epoch", 4'096, "")};
  if (!fields.done()) return fail(ErrorCode::bad_input, tr("lemonldap.step"));
  return out;
}
bool holds(const std::vector<Method>& all, const Method& wanted) {
  return std::any_of(all.begin(), all.end(), [&](const auto& one) { return one.digest == wanted.digest && one.of == wanted.of; });
}

/// What is not in a list that nobody can read is not known to be gone; nor when all that is kept of the account may be what is damaged.
bool is_whole(const Methods& one) {
  return one.unreadable == 0 && (one.damaged == 0 || !one.names.empty());
}

tl::unexpected<Error> not_offered(const std::string& capability) {
  return fail(ErrorCode::bad_input, tr("lemonldap.capability", {{"capability", capability}}), "capability");
}

class LemonLdap final : public Connector {
 public:
  explicit LemonLdap(Setup setup) : setup_(std::move(setup)) {}

  std::string_view kind() const override { return "lemonldap"; }

  std::span<const Offer> offers() const override {
    static const std::array<Offer, 4> all{
        {{"session.list", {}}, {"session.revoke", {}}, {"method.list", {}}, {"method.remove", {{"method", true}, {"epoch", false}}}}};
    return all;
  }

  Result<std::vector<Readiness>> test() override {
    const auto can = read_abilities(setup_);
    if (!can && can.error().code == ErrorCode::io) return tl::make_unexpected(can.error());
    std::vector<Readiness> out;
    for (const auto& offer : offers()) {
      Readiness one{std::string(offer.capability), Readiness::Way::guided, {}};
      if (!can)
        one.why = {to_text(can.error()), to_text(can.error())};
      else if (!can->lacks.empty())
        one.why = says("lemonldap.lacks.store", {{"why", can->lacks}});
      else if (!can->writable && capability_named(offer.capability)->reach == Reach::change)
        one.why = says("lemonldap.lacks.writing");
      else if (!can->methods && offer.capability.starts_with("method."))
        one.why = says("lemonldap.lacks.methods");
      else
        one.way = Readiness::Way::automatic;
      out.push_back(std::move(one));
    }
    return out;
  }

  Result<Plan> plan(const Order& order) override {
    Plan plan;
    plan.order = order;
    plan.undo = Undo::irreversible;
    if (order.capability == "session.revoke") return plan_end(std::move(plan));
    if (order.capability == remove) return plan_removal(std::move(plan));
    return not_offered(order.capability);
  }

  Result<Plan> plan_undo(const Plan& plan, std::string_view) override {
    return fail(ErrorCode::bad_input, tr("lemonldap.no_undo"), plan.order.capability);
  }

  Result<Stand> stand(const Plan&, const Step& step) override {
    const auto method = method_of(step);
    if (!method) return tl::make_unexpected(method.error());
    const auto there = read_methods(setup_, method->of);
    if (!there) return tl::make_unexpected(there.error());
    return holds(there->methods, *method) ? Stand::before : is_whole(*there) ? Stand::after : Stand::other;
  }

  Result<std::string> apply(const Plan& plan, const Step& step) override {
    if (step.verb == end) {
      const auto done = end_sessions(setup_, plan.order.account);
      if (!done) return tl::make_unexpected(done.error());
      return json::canonical(json::Object{{"now", done->now},
                                          {"at", done->tried_at},
                                          {"tried", done->tried},
                                          {"refused", done->refused},
                                          {"seen", std::string(clip(done->seen, 200))},
                                          {"ended", std::string(clip(lines_of(done->sessions), max_told))}});
    }
    const auto method = method_of(step);
    if (!method) return tl::make_unexpected(method.error());
    if (auto done = remove_method(setup_, *method); !done) return tl::make_unexpected(done.error());
    return std::string("removed");
  }

  Result<std::vector<Probe>> verify(const Plan& plan) override {
    return plan.order.capability == remove ? verify_removal(plan) : verify_end(plan);
  }

  Result<void> collect(const Order& order, const Take& take) override {
    if (order.capability == "session.list") return hand_out(read_sessions(setup_, order.account), "sessions", order, take);
    if (order.capability == "method.list") return hand_out(read_methods(setup_, order.account), "methods", order, take);
    return not_offered(order.capability);
  }

 private:
  tl::unexpected<Error> unknown(const std::string& account) const {
    return fail(ErrorCode::not_found, tr("lemonldap.nobody", {{"keys", setup_.keys}}), to_utf8_lossy(clip(account, 320)),
                tr("lemonldap.nobody.help"));
  }

  template <class Told>
  Result<void> hand_out(const Result<Told>& told, const std::string& what, const Order& order, const Take& take) const {
    if (!told) return tl::make_unexpected(told.error());
    if (told->names.empty()) return unknown(order.account);
    return take(
        {what + ".json", "log", connect::shown(helper_name, words_of(setup_, what, order.account)), json::canonical(told->told) + "\n"});
  }

  /// From here on the account has the portal's own name, which it keeps when its last session is gone.
  template <class Told>
  Result<void> name_account(Plan& plan, const Told& told) const {
    if (told.names.empty()) return unknown(plan.order.account);
    if (!iequals(told.names.front(), plan.order.account))
      plan.notes.push_back(says("lemonldap.note.named", {{"given", plan.order.account}, {"account", told.names.front()}}));
    plan.order.account = told.names.front();
    if (!told.also.empty()) plan.notes.push_back(says("lemonldap.note.also", {{"accounts", lines_of(told.also)}}));
    if (told.damaged > 0) plan.notes.push_back(says("lemonldap.note.damaged", {{"count", std::to_string(told.damaged)}}));
    plan.prior = json::canonical(
        json::Object{{"schema", schema}, {"capability", plan.order.capability}, {"account", plan.order.account}, {"told", told.told}});
    return {};
  }

  Result<Plan> plan_end(Plan plan) const {
    const auto there = read_sessions(setup_, plan.order.account);
    if (!there) return tl::make_unexpected(there.error());
    if (auto good = name_account(plan, *there); !good) return tl::make_unexpected(good.error());
    const auto& account = plan.order.account;
    const auto count = std::to_string(static_cast<std::int64_t>(there->sessions.size()) + there->more);
    const auto words = words_of(setup_, "sessions-end", account);
    plan.rights = {std::string(helper_name) + " sessions, sessions-end"};
    // What was opened since is ended, too: there is nothing to compare.
    plan.steps.push_back({std::string(end),
                          account,
                          Act::pulse,
                          {},
                          {},
                          connect::shown(helper_name, words),
                          says("lemonldap.step.end", {{"account", account}}),
                          Undo::irreversible});
    plan.mail = {says("lemonldap.end.mail", {{"count", count}})};
    plan.care = {says("lemonldap.end.care")};
    plan.notes.push_back(there->sessions.empty() ? says("lemonldap.note.none")
                                                 : says("lemonldap.note.sessions", {{"sessions", lines_of(there->sessions)}}));
    plan.notes.push_back(says("lemonldap.note.block_first"));
    plan.notes.push_back(says("lemonldap.note.elsewhere"));
    plan.secrets[began] = std::to_string(there->now);
    return plan;
  }

  Result<Plan> plan_removal(Plan plan) const {
    const auto there = read_methods(setup_, plan.order.account);
    if (!there) return tl::make_unexpected(there.error());
    if (auto good = name_account(plan, *there); !good) return tl::make_unexpected(good.error());
    if (there->unreadable > 0)
      return fail(ErrorCode::conflict, tr("lemonldap.unreadable"), plan.order.account, tr("lemonldap.unreadable.help"));
    const auto type = plan.order.parameter("method"), epoch = plan.order.parameter("epoch");
    const bool all = type == "all";
    std::vector<Method> chosen, left;
    for (const auto& one : there->methods) (all || (iequals(one.type, type) && one.epoch == epoch) ? chosen : left).push_back(one);
    const auto listed = there->methods.empty() ? tr("lemonldap.no_method") : lines_of(there->methods);
    if (all ? !epoch.empty() : chosen.empty())
      return fail(all ? ErrorCode::bad_input : ErrorCode::not_found, tr("lemonldap.which"), "epoch",
                  tr("lemonldap.which.help", {{"known", listed}}));
    plan.rights = {std::string(helper_name) + " methods, method-remove"};
    for (const auto& one : chosen) {
      plan.steps.push_back(
          {std::string(remove), object_of(one), Act::change, std::string(registered), std::string(absent),
           connect::shown(helper_name, words_of(one)),
           says("lemonldap.step.remove", {{"type", one.type}, {"name", one.name}, {"account", one.of}, {"when", time_of(one.epoch)}}),
           Undo::irreversible});
    }
    for (const auto& one : there->methods) plan.secrets[known] += one.digest + " ";
    if (chosen.empty()) {
      plan.notes.push_back(says("lemonldap.note.no_method"));
      return plan;
    }
    plan.mail = {says(left.empty() ? "lemonldap.remove.last" : "lemonldap.remove.owner")};
    plan.care = {says("lemonldap.remove.care")};
    plan.notes.push_back(says("lemonldap.note.alike"));
    if (!left.empty()) plan.notes.push_back(says("lemonldap.note.left", {{"methods", lines_of(left)}}));
    if (there->open > 0) plan.notes.push_back(says("lemonldap.note.open", {{"count", std::to_string(there->open)}}));
    plan.notes.push_back(says("lemonldap.note.reset_first"));
    return plan;
  }

  Result<std::vector<Probe>> verify_end(const Plan& plan) const {
    const auto there = read_sessions(setup_, plan.order.account);
    if (!there) return tl::make_unexpected(there.error());
    const auto kept = plan.secrets.find(began);
    if (kept == plan.secrets.end()) return fail(ErrorCode::bad_input, tr("lemonldap.step"));
    std::int64_t ended = std::stoll(kept->second), at = 0, tried = 0, refused = 0;
    std::string seen;
    if (const auto told = plan.secrets.find("answer." + std::string(end)); told != plan.secrets.end()) {
      const auto value = json::parse(told->second);
      if (!value || !value->is_object()) return fail(ErrorCode::bad_input, tr("lemonldap.step"));
      json::Fields fields(*value);
      ended = fields.integer("now", 0, INT64_MAX);
      at = fields.integer("at", 0, INT64_MAX);
      tried = fields.integer("tried", 0, INT64_MAX);
      refused = fields.integer("refused", 0, INT64_MAX);
      seen = fields.text_or("seen", 1'000, "");
      if (!fields.done()) return fail(ErrorCode::bad_input, tr("lemonldap.step"));
    }
    std::vector<Session> left, since;
    for (const auto& one : there->sessions) (one.began.value_or(0) < ended + right_after ? left : since).push_back(one);
    std::vector<Probe> out;
    out.push_back(
        {"sessions", tr("lemonldap.probe.none"), left.empty() ? tr("lemonldap.probe.none") : lines_of(left), left.empty(), now(), {}, {}});
    if (!since.empty()) out.push_back({"sessions", tr("lemonldap.probe.since"), lines_of(since), true, now(), {}, {}});
    // Named as what it is: no trial. What was read back stands beside it.
    if (tried == 0)
      out.push_back({tr("lemonldap.probe.not_tried"),
                     tr("lemonldap.probe.impossible"),
                     tr("lemonldap.probe.why", {{"seen", seen}}),
                     true,
                     now(),
                     {},
                     {}});
    else
      out.push_back({"portal",
                     tr("lemonldap.probe.refused", {{"count", std::to_string(tried)}}),
                     tr("lemonldap.probe.refused", {{"count", std::to_string(refused)}}) + ", " + seen,
                     refused == tried,
                     UtcMicros{at * micros_per_second},
                     {},
                     {}});
    return out;
  }

  Result<std::vector<Probe>> verify_removal(const Plan& plan) const {
    const auto kept = plan.secrets.find(known);
    std::map<std::string, Methods> there;  // by account, as the portal writes it
    std::vector<Probe> out;
    std::vector<Method> since;
    for (const auto& step : plan.steps) {
      const auto method = method_of(step);
      if (!method) return tl::make_unexpected(method.error());
      if (!there.contains(method->of)) {
        auto read = read_methods(setup_, method->of);
        if (!read) return tl::make_unexpected(read.error());
        for (const auto& one : read->methods)
          if (kept == plan.secrets.end() || kept->second.find(one.digest) == std::string::npos) since.push_back(one);
        there.emplace(method->of, std::move(*read));
      }
      const auto& now_there = there[method->of];
      const auto state = std::string(holds(now_there.methods, *method) ? registered : is_whole(now_there) ? absent : unreadable);
      out.push_back({line_of(*method), step.after, state, state == step.after, now(), {}, {}});
    }
    if (!since.empty()) out.push_back({tr("lemonldap.probe.methods"), tr("lemonldap.probe.look"), lines_of(since), true, now(), {}, {}});
    return out;
  }

  const Setup setup_;
};

}  // namespace

}  // namespace digue::lemonldap

namespace digue::connect {

using containment::Maker;
using Type = containment::Setting::Type;
extern const Maker lemonldap;
const Maker lemonldap{
    "lemonldap",
    {"identity"},
    {
        {"account_attributes", Type::list},
        {"domains", Type::list},
        {"seconds", Type::number},
        {"host"},
        {"port", Type::number},
        {"user"},
        {"host_key"},
        {"helper"},
        {"sudo", Type::flag},
    },
    [](const containment::Settings& settings) -> Result<std::unique_ptr<containment::Connector>> {
      auto setup = digue::lemonldap::setup_of(settings);
      if (!setup) return tl::make_unexpected(setup.error());
      return std::make_unique<digue::lemonldap::LemonLdap>(std::move(*setup));
    },
};

}  // namespace digue::connect
