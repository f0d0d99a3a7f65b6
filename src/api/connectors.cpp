#include "service/platforms.hpp"

#include <array>

#include "api/api.hpp"
#include "api/containment.hpp"
#include "api/reply.hpp"

namespace digue::api {

namespace {

using containment::Readiness;

std::string_view way_name(Readiness::Way way) {
  constexpr std::array<std::string_view, 3> names{"automatic", "guided", "impossible"};
  return names[static_cast<std::size_t>(way)];
}

json::Value platform_json(const service::PlatformView& one) {
  return json::Object{{"name", one.name},
                      {"kind", one.kind},
                      {"settings", one.settings},
                      {"secrets", json::array_of(one.secrets)},
                      {"changed", to_iso8601(one.changed)},
                      {"by", one.by}};
}

/// An object, or its JSON text (from a file, at the terminal).
Result<json::Object> object_at(const json::Value& body, std::string_view key) {
  const auto* object = body.if_object();
  const auto* value = object == nullptr ? nullptr : object->if_contains(boost::json::string_view(key.data(), key.size()));
  if (value == nullptr || value->is_null()) return json::Object();
  if (value->is_object()) return value->get_object();
  if (value->is_string()) {
    auto parsed = json::parse(std::string_view(value->get_string()));
    if (!parsed) return fail(parsed.error().code, parsed.error().message, std::string(key) + ": " + parsed.error().where);
    if (parsed->is_object()) return std::move(parsed->as_object());
  }
  return fail(ErrorCode::bad_input, tr("json.not_an_object"), std::string(key));
}

/// The text of a key in both languages; null when no catalogue has it.
json::Value told(const std::string& key) {
  const Localized text{tr_in(Language::fr, key), tr_in(Language::en, key)};
  return text.fr == key ? json::Value(nullptr) : both(text);
}

/// What a setting's kind says of it, else what all say.
json::Value told(std::string_view kind, std::string_view name, const std::string& what) {
  auto own = told("setting." + std::string(kind) + "." + std::string(name) + what);
  return own.is_null() ? told("setting." + std::string(name) + what) : own;
}

Answer kinds(Call& call) {
  constexpr std::array<std::string_view, 5> types{"text", "number", "flag", "list", "choice"};
  json::Array out;
  for (const auto* maker : call.api.platforms.kinds()) {
    const std::string kind(maker->kind);
    json::Array settings, secrets;
    for (const auto& one : maker->settings) {
      json::Array choices;
      for (const auto choice : one.choices) choices.push_back(json::Value(choice));
      settings.push_back(json::Object{{"name", one.name},
                                      {"type", types[static_cast<std::size_t>(one.type)]},
                                      {"needed", one.needed},
                                      {"choices", std::move(choices)},
                                      {"label", told(kind, one.name, "")},
                                      {"hint", told(kind, one.name, ".hint")}});
    }
    for (const auto secret : maker->secrets) secrets.push_back(json::Object{{"name", secret}, {"label", told(kind, secret, "")}});
    out.push_back(json::Object{{"kind", kind},
                               {"label", told("connector." + kind)},
                               {"about", told("connector." + kind + ".about")},
                               {"rights", told("connector." + kind + ".rights")},
                               {"settings", std::move(settings)},
                               {"secrets", std::move(secrets)}});
  }
  return reply_json(out);
}

Answer list(Call& call) {
  const auto all = call.api.platforms.list();
  if (!all) return tl::make_unexpected(all.error());
  json::Array out;
  for (const auto& one : *all) out.push_back(platform_json(one));
  return reply_json(out);
}

Answer put(Call& call) {
  json::Fields fields(call.body);
  service::NewPlatform platform;
  platform.name = call.ids[0];
  platform.kind = fields.text("kind", 64);
  if (auto good = fields.done(); !good) return tl::make_unexpected(good.error());
  auto settings = object_at(call.body, "settings");
  if (!settings) return tl::make_unexpected(settings.error());
  platform.settings = std::move(*settings);
  const auto secrets = object_at(call.body, "secrets");
  if (!secrets) return tl::make_unexpected(secrets.error());
  for (const auto& [key, value] : *secrets) {
    if (!value.is_string()) return fail(ErrorCode::bad_input, tr("field.not_text", {{"field", std::string(key)}}), std::string(key));
    platform.secrets.emplace(key, value.get_string());
  }
  const auto base = based_on(call);
  if (!base) return tl::make_unexpected(base.error());
  platform.based_on = base->value_or(std::nullopt);  // not said: a new one
  const auto done = call.api.platforms.put(call.caller, platform);
  if (done) return reply_json(platform_json(*done));
  if (is_stale(done.error())) {
    const auto all = call.api.platforms.list();
    if (!all) return tl::make_unexpected(all.error());
    for (const auto& one : *all)
      if (one.name == platform.name) return reply_stale(done.error(), platform_json(one));
  }
  return tl::make_unexpected(done.error());
}

Answer remove(Call& call) {
  if (const auto done = call.api.platforms.remove(call.caller, call.ids[0]); !done) return tl::make_unexpected(done.error());
  return reply_nothing();
}

Answer test(Call& call) {
  const auto ready = call.api.platforms.test(call.ids[0]);
  if (!ready) return refuse_platform(ready.error());
  json::Array out;
  for (const auto& action : *ready) {
    json::Array capabilities;
    for (const auto& one : action.capabilities)
      capabilities.push_back(json::Object{{"capability", one.capability}, {"way", way_name(one.way)}, {"why", both(one.why)}});
    out.push_back(json::Object{{"action", action.action}, {"way", way_name(action.way)}, {"capabilities", std::move(capabilities)}});
  }
  return reply_json(out);
}

json::Value key_json(const Call& call) {
  return json::Object{{"passphrase", call.api.platforms.has_passphrase()}, {"locked", call.api.platforms.locked()}};
}

Answer reply_key(const Call& call, const Result<service::Platforms::Unlocking>& done) {
  if (!done) return tl::make_unexpected(done.error());
  if (done->wait > 0) return reply_wait(done->wait, tr("key.wait_help"));
  if (!done->good) return reply_refusal(403, "refused", tr("key.wrong_passphrase"), tr("key.wrong_passphrase_help"));
  return reply_json(key_json(call));
}

Answer show_key(Call& call) {
  return reply_json(key_json(call));
}

Answer unlock(Call& call) {
  json::Fields fields(call.body);
  const auto passphrase = fields.text("passphrase", people::max_password);
  if (auto good = fields.done(); !good) return tl::make_unexpected(good.error());
  // A command without a workbench ends, and what it unlocked with it.
  if (!call.api.serves()) return fail(ErrorCode::conflict, tr("key.no_workbench"), {}, tr("key.no_workbench_help"));
  return reply_key(call, call.api.platforms.unlock(call.caller, passphrase));
}

Answer lock(Call& call) {
  if (const auto done = call.api.platforms.lock(call.caller); !done) return tl::make_unexpected(done.error());
  return reply_json(key_json(call));
}

Answer set_passphrase(Call& call) {
  json::Fields fields(call.body);
  const auto current = fields.text_or("current", people::max_password, "");
  const auto passphrase = fields.text("passphrase", people::max_password);
  if (auto good = fields.done(); !good) return tl::make_unexpected(good.error());
  return reply_key(call, call.api.platforms.set_passphrase(call.caller, current, passphrase));
}

Answer remove_passphrase(Call& call) {
  json::Fields fields(call.body);
  const auto current = fields.text("current", people::max_password);
  if (auto good = fields.done(); !good) return tl::make_unexpected(good.error());
  return reply_key(call, call.api.platforms.set_passphrase(call.caller, current, {}));
}

constexpr std::array routes{
    Route{"GET", "connectors", list}.needs(people::Right::edit_directory),
    Route{"GET", "connectors/kinds", kinds}.needs(people::Right::edit_directory),
    Route{"GET", "connectors/key", show_key}.needs(people::Right::edit_directory),
    Route{"POST", "connectors/key/unlocking", unlock}.needs(people::Right::administrate).step_up(),
    Route{"POST", "connectors/key/locking", lock}.needs(people::Right::administrate),
    Route{"PUT", "connectors/key/passphrase", set_passphrase}.needs(people::Right::administrate).step_up(),
    Route{"POST", "connectors/key/passphrase/removal", remove_passphrase}.needs(people::Right::administrate).step_up(),
    Route{"PUT", "connectors/{}", put}.needs(people::Right::administrate).step_up(),
    Route{"DELETE", "connectors/{}", remove}.needs(people::Right::administrate).step_up(),
    Route{"POST", "connectors/{}/test", test}.needs(people::Right::edit_directory),
};

}  // namespace

Answer refuse_platform(const Error& error) {
  if (error.code != ErrorCode::io || service::is_locked(error)) return tl::make_unexpected(error);
  return reply_refusal(502, "platform", error.message, error.help, error.where);
}

std::span<const Route> connector_routes() {
  return routes;
}

}  // namespace digue::api
