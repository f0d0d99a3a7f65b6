#include "service/guided.hpp"

#include <array>

#include "api/api.hpp"
#include "api/reply.hpp"

namespace digue::api {

namespace {

json::Value both(const guided::Text& text) {
  return json::Object{{"fr", text.fr}, {"en", text.en}};
}

json::Value both_or_null(const std::optional<guided::Text>& text) {
  return text ? both(*text) : json::Value(nullptr);
}

std::string label_of(const std::string& placeholder) {
  return tr("guided.value." + placeholder);
}

json::Value or_null_when_empty(const std::string& text) {
  return text.empty() ? json::Value(nullptr) : json::Value(text);
}

json::Array blocks_json(const std::vector<guided::Step>& steps, const guided::Filled& filled) {
  json::Array out;
  for (const auto& block : filled.blocks) {
    const auto& step = steps[block.step];
    json::Array missing;
    for (const auto& name : block.missing) missing.push_back(json::Object{{"name", name}, {"label", label_of(name)}});
    out.push_back(json::Object{
        {"step", static_cast<std::int64_t>(block.step) + 1},
        {"for", std::string(playbook::name_of(guided::purpose_names, step.purpose))},
        {"text", both(step.text)},
        {"shell", std::string(playbook::name_of(guided::shell_names, step.shell))},
        {"file", or_null_when_empty(step.file)},
        {"see", both_or_null(step.see)},
        {"irreversible", step.irreversible},
        {"account", or_null_when_empty(block.account)},
        {"ip", or_null_when_empty(block.ip)},
        {"command", or_null_when_empty(block.command)},
        {"missing", std::move(missing)},
        {"refused", or_null_when_empty(block.refused)},
    });
  }
  return out;
}

json::Value commands_json(const Call& call, const service::TaskCommands& commands) {
  json::Array platforms;
  for (const auto& one : call.api.context.platforms)
    platforms.push_back(json::Object{{"id", one.id}, {"name", one.name}, {"about", both(one.about)}});
  json::Object out{{"platforms", std::move(platforms)}, {"chosen", json::or_null(commands.chosen)}};
  if (commands.procedure == nullptr) {
    out["platform"] = nullptr;
    return out;
  }
  const auto& facts = commands.facts;
  json::Array asked;
  for (const auto& name : commands.asked) {
    const auto given = facts.asked.find(name);
    const auto known = commands.suggestions.find(name);
    asked.push_back(json::Object{{"name", name},
                                 {"label", label_of(name)},
                                 {"value", given == facts.asked.end() ? json::Value(nullptr) : json::Value(given->second)},
                                 {"suggestions", known == commands.suggestions.end() ? json::Array() : json::array_of(known->second)}});
  }
  out["platform"] = commands.platform->id;
  out["cannot"] = both_or_null(commands.procedure->cannot);
  out["right"] = both_or_null(commands.procedure->right);
  out["asked"] = std::move(asked);
  out["values"] = json::Object{{"accounts", json::array_of(facts.accounts)}, {"ips", json::array_of(facts.ips)},
                               {"since", time_or_null(facts.since)},         {"until", time_or_null(facts.until)},
                               {"expiry", time_or_null(facts.expiry)},       {"reference", facts.reference}};
  out["connect"] = blocks_json(commands.platform->connect, commands.connect);
  out["blocks"] = blocks_json(commands.procedure->steps, commands.steps);
  out["left_out"] = static_cast<std::int64_t>(commands.connect.left_out + commands.steps.left_out);
  return out;
}

Answer commands(Call& call) {
  std::map<std::string, std::string> asked;
  for (const auto& placeholder : guided::placeholders) {
    const std::string name(placeholder.name);
    if (const auto value = call.text(name); placeholder.asked && !value.empty()) asked.emplace(name, value);
  }
  const auto found = service::task_commands(call.api.context, call.incident(), call.ids[1], call.text("platform"), asked);
  if (!found) return tl::make_unexpected(found.error());
  return reply_json(commands_json(call, *found));
}

Answer choose(Call& call) {
  json::Fields fields(call.body);
  const auto platform = fields.text("platform", 64);
  if (auto good = fields.done(); !good) return tl::make_unexpected(good.error());
  if (auto done = service::choose_platform(call.api.context, call.caller, call.incident(), platform); !done)
    return tl::make_unexpected(done.error());
  return reply_nothing();
}

json::Value proof_json(const incident::Proof& proof) {
  return json::Object{{"id", proof.id},
                      {"task", proof.task},
                      {"exhibit", proof.exhibit},
                      {"sha256", proof.sha256},
                      {"bytes", proof.bytes},
                      {"platform", proof.platform},
                      {"command", proof.command},
                      {"note", proof.note},
                      {"at", to_iso8601(proof.at)},
                      {"by", proof.by}};
}

Answer prove(Call& call) {
  json::Fields fields(call.body);
  service::NewProof proof;
  proof.platform = fields.text("platform", 64);
  proof.command = fields.text_or("command", service::max_command, "");
  proof.answer = fields.text("answer", service::max_answer);
  proof.note = fields.text_or("note", 2000, "");
  if (auto good = fields.done(); !good) return tl::make_unexpected(good.error());
  const auto added = service::add_proof(call.api.context, call.caller, call.incident(), call.ids[1], proof);
  if (!added) return tl::make_unexpected(added.error());
  return reply_json(proof_json(*added), 201);
}

Answer proofs(Call& call) {
  const auto all = service::list_proofs(call.api.context, call.incident(), call.ids[1]);
  if (!all) return tl::make_unexpected(all.error());
  json::Array out;
  for (const auto& proof : *all) out.push_back(proof_json(proof));
  return reply_json(out);
}

constexpr std::array routes{
    Route{"GET", "incidents/{}/tasks/{}/commands", commands},
    Route{"PUT", "incidents/{}/platform", choose},
    Route{"POST", "incidents/{}/tasks/{}/proofs", prove},
    Route{"GET", "incidents/{}/tasks/{}/proofs", proofs},
};

}  // namespace

std::span<const Route> guided_routes() {
  return routes;
}

}  // namespace digue::api
