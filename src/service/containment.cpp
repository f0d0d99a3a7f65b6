#include "service/containment.hpp"

#include <algorithm>

#include "base/crypto/random.hpp"
#include "base/text.hpp"
#include "model/timeline.hpp"
#include "service/containment_notes.hpp"
#include "service/establishments.hpp"
#include "service/exhibits.hpp"

namespace digue::service {

namespace {

using containment::Operation;
using containment::Order;
using containment::Plan;
using containment::State;

constexpr std::size_t max_reason = 4000;
constexpr std::size_t max_value = 4000;
constexpr std::size_t max_collected = 10'000;

/// The order as the platform takes it: a capability that it offers, its parameters and no others.
Result<void> check_offer(const containment::Connector& connector, const Order& order) {
  const auto offers = connector.offers();
  const auto at = std::find_if(offers.begin(), offers.end(), [&](const auto& one) { return one.capability == order.capability; });
  if (at == offers.end()) return fail(ErrorCode::bad_input, tr("operation.not_offered"), "capability", tr("operation.not_offered_help"));
  for (const auto& parameter : at->parameters)
    if (parameter.needed && !order.parameters.contains(std::string(parameter.name)))
      return fail(ErrorCode::bad_input, tr("field.missing", {{"field", std::string(parameter.name)}}), std::string(parameter.name));
  for (const auto& [name, value] : order.parameters) {
    if (std::none_of(at->parameters.begin(), at->parameters.end(), [&](const auto& one) { return one.name == name; }))
      return fail(ErrorCode::bad_input, tr("operation.no_parameter"), name);
    if (value.size() > max_value)
      return fail(ErrorCode::bad_input, tr("field.too_long", {{"field", name}, {"limit", std::to_string(max_value)}}), name);
  }
  return {};
}

Result<void> check_reason(const std::string& reason) {
  if (trim(reason).empty()) return fail(ErrorCode::bad_input, tr("field.missing", {{"field", "reason"}}), "reason");
  if (reason.size() > max_reason)
    return fail(ErrorCode::bad_input, tr("field.too_long", {{"field", "reason"}, {"limit", std::to_string(max_reason)}}), "reason");
  return {};
}

struct Ground {
  std::string mark;
  std::vector<std::string> accounts;  ///< of the incident
  Profile establishment;              ///< its domains, where they are known, and the other names of its accounts
};

/// Incident, task and account as they must be.
Result<Ground> ground_of(const Context& context, const std::string& incident, const std::string& task, const std::string& account) {
  return store::reading(context.cases, [&](store::CaseReader& reader) -> Result<Ground> {
    const auto record = reader.incident(incident);
    if (!record) return tl::make_unexpected(record.error());
    if (account.size() > 320) return fail(ErrorCode::bad_input, tr("field.too_long", {{"field", "account"}, {"limit", "320"}}), "account");
    const auto accounts = reader.accounts(incident);
    if (!accounts) return tl::make_unexpected(accounts.error());
    auto settings = settings_for(reader, context, incident);
    if (!settings) return tl::make_unexpected(settings.error());
    auto names = known_names(reader);
    if (!names) return tl::make_unexpected(names.error());
    Ground out{"IR-" + record->reference, {}, std::move(*names)};
    if (!task.empty()) {
      const auto tasks = reader.tasks(incident);
      if (!tasks) return tl::make_unexpected(tasks.error());
      const auto served = std::find_if(tasks->begin(), tasks->end(), [&](const auto& one) { return one.id == task; });
      if (served == tasks->end()) return fail(ErrorCode::not_found, tr("task.absent"), task);
      const bool of_account =
          std::any_of(accounts->begin(), accounts->end(), [&](const auto& one) { return iequals(one.account, served->target); });
      if (of_account && !account.empty() &&
          out.establishment.account_of(lower(served->target)) != out.establishment.account_of(lower(trim(account))))
        return fail(ErrorCode::bad_input, tr("operation.task_of_other", {{"target", served->target}, {"account", account}}), "task");
    }
    for (const auto& domain : settings->own_domains) out.establishment.own_domains.push_back(lower(domain));
    for (const auto& one : *accounts) out.accounts.push_back(one.account);
    return out;
  });
}

/// The order by itself; an account that the platform's settings will name counts as given.
Result<void> check_wanted(Order order, const std::string& account, UtcMicros at) {
  if (order.account.empty()) order.account = account;
  return containment::check_order(order, at);
}

/// Names the account as the platform does, where the caller did not. A rule that makes one of two accounts decides nothing.
Result<void> name_there(Order& order, const std::string& account, const Ground& ground, const CommonSettings& common) {
  if (!order.account.empty() || account.empty()) return {};
  using containment::Aim;
  const auto aim = containment::capability_named(order.capability)->aim;
  if (aim != Aim::account && aim != Aim::messages && aim != Aim::queue) {
    order.account = account;  // whom it serves; the platform is asked for something else
    return {};
  }
  const auto name = common.name_of(account);
  const bool outside = !ground.establishment.own_domains.empty() && !ground.establishment.is_own_address(lower(account));
  if (outside && name != account && !common.account_names.contains(lower(account)))
    return fail(ErrorCode::conflict, tr("operation.outside_account", {{"account", account}, {"name", name}}), "account",
                tr("operation.outside_account_help"));
  for (const auto& other : ground.accounts) {
    if (iequals(other, account) || !iequals(common.name_of(other), name)) continue;
    if (ground.establishment.account_of(lower(other)) == ground.establishment.account_of(lower(account))) continue;
    if (common.account_names.contains(lower(account)) && common.account_names.contains(lower(other))) continue;
    return fail(ErrorCode::conflict, tr("operation.two_accounts", {{"account", account}, {"other", other}, {"name", name}}), "account",
                tr("operation.two_accounts_help"));
  }
  order.account = name;
  if (const auto at = order.parameters.find("sasl_username"); at != order.parameters.end() && iequals(at->second, account))
    at->second = name;
  return {};
}

/// For who approves, the name under which the platform will be asked.
void tell_name(Plan& plan, const std::string& account, const std::string& name) {
  if (account.empty() || iequals(name, account)) return;
  const auto text = [&](Language language) { return tr_in(language, "operation.named_there", {{"account", account}, {"name", name}}); };
  plan.notes.push_back({text(Language::fr), text(Language::en)});
}

/// Whether a text holds the name, as a whole: a short one stands within many others.
bool names(std::string_view text, std::string_view name) {
  const auto inside = [](char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '.' || c == '-' || c == '_'; };
  for (auto at = text.find(name); at != std::string_view::npos; at = text.find(name, at + 1)) {
    const auto end = at + name.size();
    if ((at == 0 || !inside(text[at - 1])) && (end == text.size() || !inside(text[end]))) return true;
  }
  return false;
}

/// A name that was given at the terminal is one that nobody proved.
bool is_unproven(const Caller& caller) {
  return caller.source == "local" && caller.everything;
}

Result<CommonSettings> common_of(store::CaseReader& reader, const std::string& name) {
  const auto platform = reader.platform_named(name);
  if (!platform) return tl::make_unexpected(platform.error());
  const auto settings = json::parse(platform->record);
  if (!settings || !settings->is_object()) return fail(ErrorCode::bad_input, tr("json.not_an_object"), name);
  return common_settings(settings->get_object());
}

}  // namespace

void add_risks(Plan& plan, const std::vector<std::string>& asked, const CommonSettings& common) {
  std::vector<std::string> named{lower(plan.order.account)};
  for (const auto& one : asked) named.push_back(lower(one));
  for (const auto& [key, value] : plan.order.parameters) named.push_back(lower(value));
  for (const auto& step : plan.steps) named.push_back(lower(step.object));
  // A unit or group may be called like an account: of a DN only its own name counts, unless the account is given by its DN.
  const auto holds = [](const std::string& text, const std::string& account) {
    const auto own = text.substr(0, text.find(','));
    return names(own.find('=') == std::string::npos || account.find('=') != std::string::npos ? text : own, account);
  };
  if (std::find(plan.risks.begin(), plan.risks.end(), containment::Risk::break_glass) != plan.risks.end()) return;  // the connector knew
  const bool touched = std::any_of(named.begin(), named.end(), [&](const std::string& text) {
    return std::any_of(common.emergency_accounts.begin(), common.emergency_accounts.end(),
                       [&](const auto& account) { return holds(text, account); }) ||
           std::any_of(common.emergency_names.begin(), common.emergency_names.end(), [&](const auto& name) { return holds(text, name); });
  });
  if (touched) plan.risks.push_back(containment::Risk::break_glass);
}

Result<std::vector<Operation>> Containment::list(const std::string& incident) const {
  return store::reading(context_.cases, [&](store::CaseReader& reader) -> Result<std::vector<Operation>> {
    if (const auto known = reader.incident(incident); !known) return tl::make_unexpected(known.error());
    return reader.operations(incident);
  });
}

Result<Operation> Containment::show(const std::string& incident, const std::string& id) const {
  return store::reading(context_.cases, [&](store::CaseReader& reader) { return reader.operation(incident, id); });
}

std::string_view Containment::approval_by(const Caller& caller, const Operation& operation) const {
  const auto platform = store::reading(context_.cases, [&](store::CaseReader& reader) { return common_of(reader, operation.platform); });
  if (platform && platform->dry_run) return "dry_run";
  containment::Approval approval{caller.name, caller.person, {}, false, {}, !caller.everything};
  if (containment::check_approval(operation, options_.policy, approval)) return "free";
  approval.break_glass = true;
  approval.reason = "alone";
  return containment::check_approval(operation, options_.policy, approval) ? "glass" : "other";
}

Result<Plan> Containment::make_plan(const std::string& incident, const NewOperation& wanted) {
  if (auto good = check_wanted(wanted.order, wanted.account, options_.clock()); !good) return tl::make_unexpected(good.error());
  if (containment::capability_named(wanted.order.capability)->reach == containment::Reach::collect)
    return fail(ErrorCode::bad_input, tr("operation.only_reads"), "capability");
  const auto ground = ground_of(context_, incident, wanted.task, wanted.account);
  if (!ground) return tl::make_unexpected(ground.error());
  auto order = wanted.order;
  order.mark = ground->mark;
  return platforms_.reading(wanted.platform, [&](containment::Connector& connector, const CommonSettings& common) -> Result<Plan> {
    if (auto good = name_there(order, wanted.account, *ground, common); !good) return tl::make_unexpected(good.error());
    if (auto good = check_offer(connector, order); !good) return tl::make_unexpected(good.error());
    auto plan = connector.plan(order);
    if (!plan) return plan;
    tell_name(*plan, wanted.account, order.account);
    add_risks(*plan, {wanted.account, order.account}, common);
    if (auto good = containment::check_never(*plan); !good) return tl::make_unexpected(good.error());
    return plan;
  });
}

Result<Plan> Containment::try_plan(const std::string& incident, const NewOperation& wanted) {
  auto plan = make_plan(incident, wanted);
  if (plan) plan->secrets.clear();
  return plan;
}

Result<Operation> Containment::plan(const Caller& caller, const std::string& incident, const NewOperation& wanted) {
  if (auto good = check_reason(wanted.reason); !good) return tl::make_unexpected(good.error());
  auto plan = make_plan(incident, wanted);
  if (!plan) return tl::make_unexpected(plan.error());
  auto operation = containment::begin(std::move(*plan));
  operation.incident = incident;
  operation.platform = wanted.platform;
  operation.account = wanted.account;
  operation.task = wanted.task;
  operation.reason = wanted.reason;
  operation.evidence = wanted.evidence;
  operation.author_unproven = is_unproven(caller);
  return add(caller, std::move(operation));
}

Result<Operation> Containment::add(const Caller& caller, Operation operation) {
  const auto added = context_.cases.write([&](store::CaseWriter& writer) { return add_to(writer, caller, operation); });
  if (!added) return tl::make_unexpected(added.error());
  tell(context_, operation);
  return operation;
}

Result<void> Containment::add_to(store::CaseWriter& writer, const Caller& caller, Operation& operation) {
  operation.id = random_hex(8);
  operation.author = caller.name;
  operation.person = caller.person;
  operation.planned = options_.clock();
  const auto secrets = platforms_.seal(operation.plan.secrets);
  if (!secrets) return tl::make_unexpected(secrets.error());
  operation.password_left = operation.plan.secrets.contains("password");
  operation.plan.secrets.clear();
  operation.plan.prior.clear();  // read again, compared and sealed before the first step
  const auto platform = writer.platform_named(operation.platform);
  if (!platform) return tl::make_unexpected(platform.error());
  operation.kind = platform->kind;
  // Whom it serves has one name, whatever the platform calls them.
  const auto names = known_names(writer);
  if (!names) return tl::make_unexpected(names.error());
  const auto account = lower(trim(operation.account));
  if (const auto* known = names->alias_of(account))
    operation.account = *known;
  else if (account.find('@') != std::string::npos && account.find('=') == std::string::npos)  // a DN is told as its directory writes it
    operation.account = account;
  if (auto done = writer.add_operation(operation, *secrets); !done) return done;
  const auto line = write_note(writer, context_, caller, operation.incident, note_of_plan(context_, operation));
  return line ? Result<void>() : tl::make_unexpected(line.error());
}

Result<Operation> Containment::move(const Caller& caller, const std::string& incident, const std::string& id, const std::string& about,
                                    const Move& move, const std::string& detail) {
  auto moved = store::writing(context_.cases, [&](store::CaseWriter& writer) -> Result<Operation> {
    auto operation = writer.operation(incident, id);
    if (!operation) return operation;
    if (auto done = move(*operation); !done) return tl::make_unexpected(done.error());
    if (auto done = writer.set_operation(*operation); !done) return tl::make_unexpected(done.error());
    const auto line = write_note(writer, context_, caller, incident,
                                 note_of(context_, *operation, operation->state == State::failed ? "operation.failed" : about, detail));
    if (!line) return tl::make_unexpected(line.error());
    return operation;
  });
  if (moved) tell(context_, *moved);
  return moved;
}

Result<Operation> Containment::approve(const Caller& caller, const std::string& incident, const std::string& id, bool break_glass,
                                       const std::string& reason) {
  if (reason.size() > max_reason)
    return fail(ErrorCode::bad_input, tr("field.too_long", {{"field", "reason"}, {"limit", std::to_string(max_reason)}}), "reason");
  const containment::Approval approval{caller.name, caller.person, options_.clock(), break_glass, reason, !caller.everything};
  auto approved = store::writing(context_.cases, [&](store::CaseWriter& writer) -> Result<Operation> {
    auto operation = writer.operation(incident, id);
    if (!operation) return operation;
    const auto common = common_of(writer, operation->platform);
    if (!common) return tl::make_unexpected(common.error());
    if (common->dry_run) return fail(ErrorCode::forbidden, tr("platform.dry_run"), operation->platform);
    // An emergency account that was closed by mistake is given back.
    if (operation->undoes.empty()) add_risks(operation->plan, {operation->account}, *common);
    const auto others = writer.operations_on(operation->platform);
    if (!others) return tl::make_unexpected(others.error());
    if (auto good = containment::check_turn(*operation, *others); !good) return tl::make_unexpected(good.error());
    if (!operation->undoes.empty()) {
      // What came to rest on it since the plan was made counts, too.
      const auto original = writer.operation(incident, operation->undoes);
      if (!original) return tl::make_unexpected(original.error());
      for (const auto& other : *others)
        operation->plan.two_persons |= containment::rests_on(other, *original) && containment::needs_two(other.plan, options_.policy);
    }
    if (auto good = containment::check_approval(*operation, options_.policy, approval); !good) return tl::make_unexpected(good.error());
    if (auto good = containment::approve(*operation, approval); !good) return tl::make_unexpected(good.error());
    if (auto done = writer.set_operation(*operation); !done) return tl::make_unexpected(done.error());
    auto note = note_of(context_, *operation, "operation.approved");
    if (is_unproven(caller)) note.text += ' ' + say(context_, "note.operation.unproven_name");
    const auto line = write_note(writer, context_, caller, incident, std::move(note));
    if (!line) return tl::make_unexpected(line.error());
    return operation;
  });
  if (!approved) return approved;
  tell(context_, *approved);
  {
    const std::lock_guard lock(mutex_);
    woken_ = true;
  }
  wake_.notify_one();
  return approved;
}

Result<Operation> Containment::cancel(const Caller& caller, const std::string& incident, const std::string& id, const std::string& reason) {
  return move(
      caller, incident, id, "operation.cancelled",
      [&](Operation& operation) -> Result<void> {
        // What failed is put aside with a reason; what waits needs none.
        if (operation.state == State::failed || !reason.empty())
          if (auto good = check_reason(reason); !good) return good;
        return containment::cancel(operation, options_.clock());
      },
      reason);
}

Result<Operation> Containment::plan_undo(const Caller& caller, const std::string& incident, const std::string& id,
                                         const std::string& reason) {
  if (auto good = check_reason(reason); !good) return tl::make_unexpected(good.error());
  auto undo = undo_of(context_, platforms_, options_.policy, incident, id);
  if (!undo) return tl::make_unexpected(undo.error());
  undo->reason = reason;
  undo->author_unproven = is_unproven(caller);
  // What the card wants done before is said, not forced: care may not wait.
  const auto open = store::reading(context_.cases, [&](store::CaseReader& reader) -> Result<std::string> {
    std::string out;
    const auto tasks = reader.tasks(incident);
    if (!tasks) return tl::make_unexpected(tasks.error());
    for (const auto& task : *tasks)
      if (task.id == undo->task)
        for (const auto& action : incident::open_lift_needs(context_.plan, task, *tasks)) out += (out.empty() ? "" : ", ") + action;
    return out;
  });
  if (!open) return tl::make_unexpected(open.error());
  if (!open->empty())
    undo->plan.notes.push_back({tr_in(Language::fr, "operation.lift_needs", {{"actions", *open}}),
                                tr_in(Language::en, "operation.lift_needs", {{"actions", *open}})});
  return add(caller, std::move(*undo));
}

Result<std::string> Containment::take_password(const Caller& caller, const std::string& incident, const std::string& id) {
  auto taken = store::writing(context_.cases, [&](store::CaseWriter& writer) -> Result<std::string> {
    auto operation = writer.operation(incident, id);
    if (!operation) return tl::make_unexpected(operation.error());
    const auto sealed = writer.operation_secrets(incident, id);
    if (!sealed) return tl::make_unexpected(sealed.error());
    auto secrets = platforms_.unseal(*sealed);
    if (!secrets) return tl::make_unexpected(secrets.error());
    const auto at = secrets->find("password");
    if (at == secrets->end()) return fail(ErrorCode::not_found, tr("operation.no_password"), id, tr("operation.no_password_help"));
    // Once it is set nobody else has it: it is told even where a later step failed.
    const auto& steps = operation->plan.steps;
    const auto set = std::find_if(steps.begin(), steps.end(), [](const auto& step) { return step.act == containment::Act::change; });
    const bool is_set =
        operation->accepted ||
        (set != steps.end() && operation->runs[static_cast<std::size_t>(set - steps.begin())].state == containment::StepState::done);
    if (!is_set) return fail(ErrorCode::conflict, tr("operation.password_not_set"), id);
    auto password = at->second;
    secrets->erase(at);
    const auto left = platforms_.seal(*secrets);
    if (!left) return tl::make_unexpected(left.error());
    if (auto done = writer.set_operation_secrets(incident, id, *left); !done) return tl::make_unexpected(done.error());
    operation->password_left = false;
    if (auto done = writer.set_operation(*operation); !done) return tl::make_unexpected(done.error());
    const auto line = write_note(writer, context_, caller, incident, note_of(context_, *operation, "operation.password"));
    if (!line) return tl::make_unexpected(line.error());
    return password;
  });
  if (taken)
    for (const auto* kind : {"operation", "journal"}) context_.notify(kind, incident);
  return taken;
}

Result<std::vector<incident::Exhibit>> Containment::collect(const Caller& caller, const std::string& incident,
                                                            const NewCollection& wanted) {
  if (auto good = check_wanted(wanted.order, wanted.account, options_.clock()); !good) return tl::make_unexpected(good.error());
  if (containment::capability_named(wanted.order.capability)->reach != containment::Reach::collect)
    return fail(ErrorCode::bad_input, tr("operation.changes"), "capability");
  const auto ground = ground_of(context_, incident, wanted.task, wanted.account);
  if (!ground) return tl::make_unexpected(ground.error());
  auto order = wanted.order;
  order.mark = ground->mark;
  std::vector<incident::Exhibit> out;
  const auto take = [&](containment::Collected piece) -> Result<void> {
    if (out.size() >= max_collected) return fail(ErrorCode::limit, tr("operation.too_many_pieces"));
    auto exhibit = take_piece(context_, caller, incident, wanted, piece);
    if (!exhibit) return tl::make_unexpected(exhibit.error());
    out.push_back(std::move(*exhibit));
    return {};
  };
  auto done = platforms_.reading(wanted.platform, [&](containment::Connector& connector, const CommonSettings& common) -> Result<void> {
    if (auto good = name_there(order, wanted.account, *ground, common); !good) return good;
    if (auto good = check_offer(connector, order); !good) return good;
    return connector.collect(order, take);
  });
  for (const auto* kind : {"exhibit", "journal"}) context_.notify(kind, incident);
  if (done) return out;
  // What came before the cut is kept, and it is said that it is not all.
  if (!out.empty()) done.error().help = tr("operation.collected_part", {{"count", std::to_string(out.size())}});
  return tl::make_unexpected(done.error());
}

}  // namespace digue::service
