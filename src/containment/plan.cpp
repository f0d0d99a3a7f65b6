#include "containment/plan.hpp"

#include "containment/record.hpp"

namespace digue::containment {

namespace {

constexpr std::array<std::string_view, 2> act_names{"change", "pulse"};
constexpr std::array<std::string_view, 6> risk_names{"break_glass",     "last_administrator", "locks_everyone_out",
                                                     "deletes_account", "wipes_device",       "mass_purge"};

json::Value step_json(const Step& step) {
  return json::Object{{"verb", step.verb},   {"object", step.object},   {"act", name(step.act)},      {"before", step.before},
                      {"after", step.after}, {"request", step.request}, {"says", to_json(step.says)}, {"undo", name(step.undo)}};
}

Result<Step> step_of(const json::Value& value) {
  Record record(value);
  Step out{record.text("verb"),      record.text("object"), record.choice<Act>("act", act_names),
           record.text("before"),    record.text("after"),  record.text("request"),
           record.localized("says"), record.undo("undo")};
  if (auto good = record.done(); !good) return tl::make_unexpected(good.error());
  return out;
}

json::Array texts_json(const std::vector<Localized>& texts) {
  json::Array out;
  for (const auto& one : texts) out.push_back(to_json(one));
  return out;
}

Result<std::map<std::string, std::string>> parameters_of(const json::Value* value) {
  std::map<std::string, std::string> out;
  if (value == nullptr || !value->is_object()) return out;
  for (const auto& [key, one] : value->get_object())
    if (one.is_string()) out.emplace(key, one.get_string());
  return out;
}

}  // namespace

std::string Order::parameter(std::string_view wanted) const {
  const auto at = parameters.find(std::string(wanted));
  return at == parameters.end() ? std::string() : at->second;
}

std::string_view name(Act act) {
  return act_names[static_cast<std::size_t>(act)];
}

std::string_view name(Risk risk) {
  return risk_names[static_cast<std::size_t>(risk)];
}

json::Value to_json(const Plan& plan) {
  json::Object parameters;
  for (const auto& [key, value] : plan.order.parameters) parameters[key] = value;
  json::Array steps, risks;
  for (const auto& step : plan.steps) steps.push_back(step_json(step));
  for (const auto risk : plan.risks) risks.push_back(json::Value(name(risk)));
  return json::Object{{"capability", plan.order.capability},     {"account", plan.order.account}, {"parameters", std::move(parameters)},
                      {"until", time_or_null(plan.order.until)}, {"mark", plan.order.mark},       {"steps", std::move(steps)},
                      {"mail", texts_json(plan.mail)},           {"care", texts_json(plan.care)}, {"notes", texts_json(plan.notes)},
                      {"rights", json::array_of(plan.rights)},   {"risks", std::move(risks)},     {"messages", plan.messages},
                      {"two_persons", plan.two_persons},         {"undo", name(plan.undo)}};
}

Result<Plan> plan_of(const json::Value& value) {
  Record record(value);
  Plan out;
  out.order.capability = record.text("capability");
  out.order.account = record.text("account");
  if (auto parameters = parameters_of(record.find("parameters"))) out.order.parameters = std::move(*parameters);
  out.order.until = record.time("until");
  out.order.mark = record.text("mark");
  out.steps = record.each("steps", step_of);
  out.mail = record.each("mail", localized_of);
  out.care = record.each("care", localized_of);
  out.notes = record.each("notes", localized_of);
  out.rights = record.texts("rights");
  out.risks = record.each("risks", [](const json::Value& one) -> Result<Risk> {
    const auto risk = one.is_string() ? value_of<Risk>(risk_names, std::string_view(one.get_string())) : std::nullopt;
    if (!risk) return fail(ErrorCode::bad_input, {}, "risks");
    return *risk;
  });
  out.messages = record.integer("messages");
  out.two_persons = record.flag("two_persons");
  out.undo = record.undo("undo");
  if (auto good = record.done(); !good) return tl::make_unexpected(good.error());
  return out;
}

json::Value to_json(const Probe& probe) {
  return json::Object{{"what", probe.what},         {"expected", probe.expected}, {"seen", probe.seen},      {"good", probe.good},
                      {"at", to_iso8601(probe.at)}, {"source", probe.source},     {"session", probe.session}};
}

Result<Probe> probe_of(const json::Value& value) {
  Record record(value);
  Probe out{record.text("what"),   record.text("expected"), record.text("seen"), record.flag("good"), {},
            record.text("source"), record.text("session")};
  out.at = record.time("at").value_or(UtcMicros{});
  if (auto good = record.done(); !good) return tl::make_unexpected(good.error());
  return out;
}

}  // namespace digue::containment
