#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <optional>
#include <thread>

#include "api/api.hpp"
#include "api/containment.hpp"
#include "api/reply.hpp"
#include "base/text.hpp"
#include "service/proposals.hpp"
#include "service/tasks.hpp"

namespace digue::api {

namespace {

using containment::Operation;

constexpr std::int64_t max_wait = 60;  // seconds
constexpr int max_waiting = 4;
constexpr std::size_t max_wave = 50;  // each is planned on the platform while the request waits

json::Value operation_json(const Call& call, const Operation& operation) {
  auto out = containment::to_json(operation).as_object();
  const auto* capability = containment::capability_named(operation.plan.order.capability);
  out["action"] = capability == nullptr ? json::Value(nullptr) : json::Value(capability->action);
  out["needs_two"] = call.api.containment.needs_two(operation);
  out["closable"] = operation.state == containment::State::failed && !containment::has_acted(operation);
  for (std::size_t i = 0; i < operation.probes.size(); ++i)
    out["probes"].as_array()[i].as_object()["name"] = both(service::name_of(operation.probes[i]));
  if (operation.state == containment::State::planned) out["approval_by_you"] = call.api.containment.approval_by(call.caller, operation);
  return out;
}

Answer reply_operation(const Call& call, const Result<Operation>& operation, unsigned status = 200) {
  if (!operation) return refuse_platform(operation.error());
  return reply_json(operation_json(call, *operation), status);
}

/// What is wanted of a platform, with what it serves.
Result<service::NewOperation> wanted(const Call& call) {
  json::Fields fields(call.body);
  service::NewOperation out;
  out.platform = fields.text("platform", 64);
  out.order.capability = fields.text("capability", 64);
  out.account = fields.text_or("account", 320, "");
  out.order.account = fields.text_or("platform_account", 320, "");
  out.task = fields.text_or("task", 64, "");
  out.reason = fields.text_or("reason", 4000, "");
  out.evidence = fields.texts("evidence", 200, 64);
  const auto until = fields.optional_text("until", 64);
  if (auto good = fields.done(); !good) return tl::make_unexpected(good.error());
  if (until && !until->empty()) {
    const auto at = instant(*until, "until");
    if (!at) return tl::make_unexpected(at.error());
    out.order.until = *at;
  }
  if (const auto* parameters = call.body.as_object().if_contains("parameters"); parameters != nullptr && !parameters->is_null()) {
    if (!parameters->is_object()) return fail(ErrorCode::bad_input, tr("json.not_an_object"), "parameters");
    for (const auto& [key, value] : parameters->get_object()) {
      if (!value.is_string()) return fail(ErrorCode::bad_input, tr("field.not_text", {{"field", std::string(key)}}), std::string(key));
      out.order.parameters.emplace(key, value.get_string());
    }
  }
  return out;
}

Answer list(Call& call) {
  const auto all = call.api.containment.list(call.incident());
  if (!all) return tl::make_unexpected(all.error());
  json::Array out;
  for (const auto& one : *all) out.push_back(operation_json(call, one));
  return reply_json(out);
}

/// With `wait` (seconds), answers when nothing more happens to it by itself at once, or when the time is over.
Answer show(Call& call) {
  static std::atomic<int> waiting{0};
  auto wait = call.number("wait", 0, 0, max_wait);
  if (!wait) return tl::make_unexpected(wait.error());
  // A few may wait; who comes then is answered at once, so that threads are left for work.
  const struct Place {
    int taken = ++waiting;
    ~Place() { --waiting; }
  } place;
  if (place.taken > max_waiting) *wait = 0;
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(*wait);
  for (;;) {
    const auto operation = call.api.containment.show(call.incident(), call.ids[1]);
    if (!operation || containment::is_closed(operation->state) || operation->state == containment::State::planned ||
        std::chrono::steady_clock::now() >= end)
      return reply_operation(call, operation);
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
  }
}

Answer plan(Call& call) {
  const auto order = wanted(call);
  if (!order) return tl::make_unexpected(order.error());
  return reply_operation(call, call.api.containment.plan(call.caller, call.incident(), *order), 201);
}

json::Value refused_json(std::string_view key, const std::string& name, const Error& error) {
  return json::Object{{key, name}, {"message", error.message}, {"where", error.where}, {"help", error.help}};
}

/// One order for many accounts, each an operation of its own: what cannot be planned keeps no other from it.
Answer wave(Call& call) {
  json::Fields fields(call.body);
  service::NewOperation order;
  order.platform = fields.text("platform", 64);
  order.order.capability = fields.text("capability", 64);
  const auto task = fields.text_or("task", 64, "");
  order.reason = fields.text_or("reason", 4000, "");
  const auto accounts = fields.texts("accounts", max_wave, 320);
  if (auto good = fields.done(); !good) return tl::make_unexpected(good.error());
  if (accounts.empty()) return fail(ErrorCode::bad_input, tr("field.missing", {{"field", "accounts"}}), "accounts");
  auto others = call.api.containment.list(call.incident());
  if (!others) return tl::make_unexpected(others.error());
  std::erase_if(*others, [&](const Operation& one) {
    return one.state != containment::State::planned || !one.undoes.empty() || one.platform != order.platform ||
           one.plan.order.capability != order.order.capability;
  });
  const auto waits = [&](const std::string& account) {
    return std::any_of(others->begin(), others->end(),
                       [&](const Operation& one) { return one.account == account || one.plan.order.account == account; });
  };
  const auto tasks = service::list_tasks(call.api.context, call.incident());
  if (!tasks) return tl::make_unexpected(tasks.error());
  const auto* capability = containment::capability_named(order.order.capability);
  const auto task_of = [&](const std::string& target) {
    const auto at = std::find_if(tasks->begin(), tasks->end(), [&](const auto& one) {
      return capability != nullptr && one.task.action == capability->action && iequals(one.task.target, target);
    });
    return at == tasks->end() ? std::string() : at->task.id;
  };
  json::Array planned, refused;
  std::optional<Error> silent;
  for (const auto& account : accounts) {
    order.account = account;
    order.task = !task.empty() ? task : task_of(account).empty() ? task_of({}) : task_of(account);
    // Asked again after half of it was planned: nobody is reset twice.
    if (waits(account)) {
      refused.push_back(refused_json("account", account, {ErrorCode::conflict, tr("operation.waits_already"), account, {}}));
      continue;
    }
    // When nobody answers, nobody would for the others.
    const auto one =
        silent ? Result<Operation>(tl::make_unexpected(*silent)) : call.api.containment.plan(call.caller, call.incident(), order);
    if (one && waits(one->plan.order.account)) {
      // The same account by another of its names.
      if (auto gone = call.api.containment.cancel(call.caller, call.incident(), one->id); !gone) return tl::make_unexpected(gone.error());
      refused.push_back(refused_json("account", account, {ErrorCode::conflict, tr("operation.waits_already"), account, {}}));
      continue;
    }
    if (one) {
      planned.push_back(operation_json(call, *one));
      others->push_back(*one);
      continue;
    }
    if (one.error().code == ErrorCode::io) silent = one.error();
    refused.push_back(refused_json("account", account, one.error()));
  }
  return reply_json(json::Object{{"planned", std::move(planned)}, {"refused", std::move(refused)}}, 201);
}

/// Where accounts exist, a name given at the terminal approves nothing: it takes that person's password and code, and their rights on the
/// incident. Nothing: go on.
std::optional<Answer> unproven(Call& call, json::Fields& fields) {
  const auto password = fields.text_or("password", people::max_password, "");
  const auto code = fields.text_or("code", 100, "");
  if (!call.request.local || !call.api.people.has_accounts()) return std::nullopt;
  if (call.caller.person.empty() || password.empty() || code.empty())
    return reply_refusal(403, "step_up", tr("operation.prove"), tr("operation.prove_help"));
  const auto outcome = call.api.people.vouch(call.caller, password, code);
  if (!outcome || outcome->kind != service::People::Outcome::Kind::done) return admit(call.api, outcome);
  if (const auto allowed = call.api.people.allow(call.caller, people::Right::contain, call.incident(), "approval at the terminal");
      !allowed)
    return Answer(tl::make_unexpected(allowed.error()));
  return std::nullopt;
}

/// The approval of several at once; the others wait for the next wave. Never alone where two persons are asked.
Answer approve_wave(Call& call) {
  json::Fields fields(call.body);
  const auto ids = fields.texts("operations", max_wave, 64);
  auto stopped = unproven(call, fields);
  if (auto good = fields.done(); !good) return tl::make_unexpected(good.error());
  if (stopped) return std::move(*stopped);
  json::Array approved, refused;
  for (const auto& id : ids)
    if (const auto one = call.api.containment.approve(call.caller, call.incident(), id, false, {}); one)
      approved.push_back(operation_json(call, *one));
    else
      refused.push_back(refused_json("operation", id, one.error()));
  return reply_json(json::Object{{"approved", std::move(approved)}, {"refused", std::move(refused)}});
}

Answer dry_run(Call& call) {
  const auto order = wanted(call);
  if (!order) return tl::make_unexpected(order.error());
  const auto tried = call.api.containment.try_plan(call.incident(), *order);
  if (!tried) return refuse_platform(tried.error());
  return reply_json(containment::to_json(*tried));
}

Answer approve(Call& call) {
  json::Fields fields(call.body);
  const bool glass = fields.flag_or("break_glass", false);
  const auto reason = fields.text_or("reason", 4000, "");
  auto stopped = unproven(call, fields);
  if (auto good = fields.done(); !good) return tl::make_unexpected(good.error());
  if (stopped) return std::move(*stopped);
  return reply_operation(call, call.api.containment.approve(call.caller, call.incident(), call.ids[1], glass, reason));
}

Answer cancel(Call& call) {
  json::Fields fields(call.body);
  const auto reason = fields.text_or("reason", 4000, "");
  if (auto good = fields.done(); !good) return tl::make_unexpected(good.error());
  return reply_operation(call, call.api.containment.cancel(call.caller, call.incident(), call.ids[1], reason));
}

Answer undo(Call& call) {
  json::Fields fields(call.body);
  const auto reason = fields.text("reason", 4000);
  if (auto good = fields.done(); !good) return tl::make_unexpected(good.error());
  return reply_operation(call, call.api.containment.plan_undo(call.caller, call.incident(), call.ids[1], reason), 201);
}

Answer verify(Call& call) {
  return reply_operation(call, call.api.containment.verify(call.caller, call.incident(), call.ids[1]), 202);
}

Answer password(Call& call) {
  const auto taken = call.api.containment.take_password(call.caller, call.incident(), call.ids[1]);
  if (!taken) return tl::make_unexpected(taken.error());
  return reply_json(json::Object{{"password", *taken}});
}

Answer collect(Call& call) {
  const auto order = wanted(call);
  if (!order) return tl::make_unexpected(order.error());
  const auto pieces =
      call.api.containment.collect(call.caller, call.incident(), {order->platform, order->order, order->account, order->task});
  if (!pieces) return refuse_platform(pieces.error());
  json::Array out;
  for (const auto& one : *pieces)
    out.push_back(json::Object{{"id", one.id}, {"name", one.name}, {"bytes", one.bytes}, {"sha256", one.sha256}});
  return reply_json(out, 201);
}

Answer propose(Call& call) {
  const auto all = service::proposals(call.api.context, call.api.platforms, call.incident());
  if (!all) return tl::make_unexpected(all.error());
  json::Array out;
  for (const auto& one : *all) {
    const auto* capability = containment::capability_named(one.capability);
    json::Object parameters;
    for (const auto& [key, value] : one.parameters) parameters[key] = value;
    out.push_back(json::Object{{"capability", one.capability},
                               {"action", capability->action},
                               {"reads", capability->reach == containment::Reach::collect},
                               {"until", capability->until},
                               {"undo", containment::name(capability->undo)},
                               {"account", one.account},
                               {"parameters", std::move(parameters)},
                               {"missing", json::array_of(one.missing)},
                               {"platforms", json::array_of(one.platforms)},
                               {"evidence", json::array_of(one.evidence)},
                               {"task", one.task},
                               {"why", both(one.why)},
                               {"operation", one.operation},
                               {"state", one.state}});
  }
  return reply_json(out);
}

/// What the platforms that are set up can be asked for, whatever the story says.
Answer offers(Call& call) {
  const auto all = call.api.platforms.offers();
  if (!all) return tl::make_unexpected(all.error());
  json::Array out;
  for (const auto& [platform, list] : *all)
    for (const auto& offer : list) {
      const auto* capability = containment::capability_named(offer.capability);
      if (capability == nullptr) continue;
      json::Array parameters;
      for (const auto& one : offer.parameters) parameters.push_back(json::Object{{"name", one.name}, {"needed", one.needed}});
      out.push_back(json::Object{{"platform", platform},
                                 {"capability", offer.capability},
                                 {"action", capability->action},
                                 {"aim", containment::name(capability->aim)},
                                 {"reads", capability->reach == containment::Reach::collect},
                                 {"until", capability->until},
                                 {"parameters", std::move(parameters)}});
    }
  return reply_json(out);
}

constexpr std::array routes{
    Route{"GET", "incidents/{}/operations", list},
    Route{"GET", "incidents/{}/offers", offers}.needs(people::Right::contain),
    Route{"GET", "incidents/{}/proposals", propose},
    Route{"POST", "incidents/{}/operations", plan}.needs(people::Right::contain),
    Route{"POST", "incidents/{}/operations/dry-run", dry_run}.needs(people::Right::contain),
    Route{"POST", "incidents/{}/operations/waves", wave}.needs(people::Right::contain),
    Route{"POST", "incidents/{}/operations/approvals", approve_wave}.needs(people::Right::contain).step_up(),
    Route{"GET", "incidents/{}/operations/{}", show},
    Route{"POST", "incidents/{}/operations/{}/approval", approve}.needs(people::Right::contain).step_up(),
    Route{"POST", "incidents/{}/operations/{}/cancellation", cancel}.needs(people::Right::contain),
    Route{"POST", "incidents/{}/operations/{}/undo", undo}.needs(people::Right::contain),
    Route{"POST", "incidents/{}/operations/{}/verification", verify}.needs(people::Right::contain),
    Route{"POST", "incidents/{}/operations/{}/password", password}.needs(people::Right::contain).step_up(),
    Route{"POST", "incidents/{}/collections", collect}.needs(people::Right::contain),
};

}  // namespace

std::span<const Route> operation_routes() {
  return routes;
}

}  // namespace digue::api
