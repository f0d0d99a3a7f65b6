#include "service/platforms.hpp"

#include <algorithm>
#include <array>

#include "base/encoding.hpp"
#include "base/text.hpp"
#include "service/notes.hpp"

namespace digue::service {

namespace {

using containment::Readiness;

constexpr std::size_t max_name = 64;
constexpr std::size_t max_secret = 64 * 1024;
constexpr std::array<std::string_view, 2> common_names{"dry_run", "emergency_accounts"};

Result<json::Object> object_of(const std::string& text, json::Bounds bounds = {}) {
  auto value = json::parse(text, bounds);
  if (!value) return tl::make_unexpected(value.error());
  if (!value->is_object()) return fail(ErrorCode::bad_input, tr("json.not_an_object"));
  return std::move(value->as_object());
}

bool good_name(const std::string& name) {
  return !name.empty() && name.size() <= max_name && std::all_of(name.begin(), name.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
  });
}

Result<std::map<std::string, std::string>> secrets_of(const std::optional<std::string>& opened) {
  if (!opened) return fail(ErrorCode::io, tr("platform.sealed_elsewhere"), {}, tr("platform.sealed_elsewhere_help"));
  const auto object = object_of(*opened, {.bytes = std::size_t{256} << 20});
  if (!object) return tl::make_unexpected(object.error());
  std::map<std::string, std::string> out;
  for (const auto& [key, value] : *object)
    if (auto bytes = value.is_string() ? from_hex(std::string_view(value.get_string())) : std::nullopt) out.emplace(key, std::move(*bytes));
  return out;
}

/// What is misspelt would not hold: it is refused.
Result<void> check_settings(const containment::Maker& maker, const json::Object& settings) {
  for (const auto& [key, value] : settings) {
    const auto named = [&, &key = key](std::string_view one) { return std::string_view(key) == one; };
    if (std::any_of(common_names.begin(), common_names.end(), named)) continue;
    if (std::none_of(maker.settings.begin(), maker.settings.end(), [&](const auto& one) { return named(one.name); }))
      return fail(ErrorCode::bad_input, tr("platform.no_setting", {{"kind", std::string(maker.kind)}}), std::string(key),
                  tr("platform.no_setting_help"));
  }
  const auto* flag = settings.if_contains("dry_run");
  if (flag != nullptr && !flag->is_bool()) return fail(ErrorCode::bad_input, tr("field.not_a_flag", {{"field", "dry_run"}}), "dry_run");
  const auto* list = settings.if_contains("emergency_accounts");
  if (list == nullptr) return {};
  if (!list->is_array() || !std::all_of(list->get_array().begin(), list->get_array().end(), [](const auto& one) {
        return one.is_string() && !trim(std::string_view(one.get_string())).empty();
      }))
    return fail(ErrorCode::bad_input, tr("field.not_a_list", {{"field", "emergency_accounts"}}), "emergency_accounts");
  return {};
}

}  // namespace

CommonSettings common_settings(const json::Object& settings) {
  CommonSettings out;
  if (const auto* flag = settings.if_contains("dry_run"); flag != nullptr && flag->is_bool()) out.dry_run = flag->get_bool();
  if (const auto* list = settings.if_contains("emergency_accounts"); list != nullptr && list->is_array())
    for (const auto& one : list->get_array())
      if (one.is_string()) out.emergency_accounts.insert(lower(trim(std::string_view(one.get_string()))));
  return out;
}

std::string Platforms::kinds_text() const {
  std::string out;
  for (const auto* maker : makers_) out += (out.empty() ? "" : ", ") + std::string(maker->kind);
  return out;
}

Result<std::vector<PlatformView>> Platforms::list() const {
  const auto all = store::reading(context_.cases, [](store::CaseReader& reader) { return reader.platforms(); });
  if (!all) return tl::make_unexpected(all.error());
  std::vector<PlatformView> out;
  for (const auto& one : *all) {
    auto settings = object_of(one.record);
    if (!settings) return tl::make_unexpected(settings.error());
    PlatformView view{one.name, one.kind, std::move(*settings), {}, one.changed, one.by};
    if (const auto secrets = unseal(one.secrets))
      for (const auto& [key, value] : *secrets) view.secrets.push_back(key);
    out.push_back(std::move(view));
  }
  return out;
}

Result<PlatformView> Platforms::put(const Caller& caller, const NewPlatform& platform) {
  if (!good_name(platform.name)) return fail(ErrorCode::bad_input, tr("platform.bad_name"), "name");
  const auto* maker = maker_named(platform.kind);
  if (maker == nullptr) return fail(ErrorCode::bad_input, tr("platform.no_kind", {{"kinds", kinds_text()}}), "kind");
  for (const auto& [key, value] : platform.secrets) {
    if (std::find(maker->secrets.begin(), maker->secrets.end(), key) == maker->secrets.end())
      return fail(ErrorCode::bad_input, tr("platform.no_secret"), key);
    if (value.size() > max_secret)
      return fail(ErrorCode::bad_input, tr("field.too_long", {{"field", key}, {"limit", std::to_string(max_secret)}}), key);
  }
  for (const auto& secret : maker->secrets)
    if (platform.settings.contains(boost::json::string_view(secret.data(), secret.size())))
      return fail(ErrorCode::bad_input, tr("platform.secret_in_clear"), std::string(secret));
  if (auto good = check_settings(*maker, platform.settings); !good) return tl::make_unexpected(good.error());
  auto done = context_.cases.write([&](store::CaseWriter& writer) -> Result<void> {
    auto secrets = platform.secrets;
    if (const auto before = writer.platform_named(platform.name); before && before->kind == platform.kind) {
      // Sealed by a key that is lost, they are given again; the kind says which are missing.
      if (auto kept = unseal(before->secrets)) secrets.merge(*kept);
    }
    std::erase_if(secrets, [](const auto& one) { return one.second.empty(); });
    // What cannot be opened later is refused now.
    if (const auto made = maker->make({platform.name, platform.kind, platform.settings, secrets}); !made)
      return tl::make_unexpected(made.error());
    if (auto put =
            writer.put_platform({platform.name, platform.kind, json::canonical(platform.settings), seal(secrets), now(), caller.name});
        !put)
      return put;
    return write_security_note(writer, caller, "platform_set", platform.name + " (" + platform.kind + ")");
  });
  if (!done) return tl::make_unexpected(done.error());
  context_.notify("platform", {});
  const auto all = list();
  if (!all) return tl::make_unexpected(all.error());
  for (const auto& one : *all)
    if (one.name == platform.name) return one;
  return fail(ErrorCode::not_found, tr("platform.absent"), platform.name);
}

Result<void> Platforms::remove(const Caller& caller, const std::string& name) {
  auto done = context_.cases.write([&](store::CaseWriter& writer) -> Result<void> {
    const auto operations = writer.operations_on(name);
    if (!operations) return tl::make_unexpected(operations.error());
    for (const auto& one : *operations)
      if (one.state == containment::State::approved || one.state == containment::State::sealed ||
          one.state == containment::State::applying ||
          std::any_of(one.dues.begin(), one.dues.end(), [](const auto& due) { return due.what == containment::Due::What::lift; }))
        return fail(ErrorCode::conflict, tr("platform.in_use"), one.id, tr("platform.in_use_help"));
    if (auto removed = writer.remove_platform(name, now(), caller.name); !removed) return removed;
    return write_security_note(writer, caller, "platform_removed", name);
  });
  if (done) context_.notify("platform", {});
  return done;
}

Result<std::map<std::string, std::vector<containment::Offer>>> Platforms::offers() const {
  const auto all = store::reading(context_.cases, [](store::CaseReader& reader) { return reader.platforms(); });
  if (!all) return tl::make_unexpected(all.error());
  std::map<std::string, std::vector<containment::Offer>> out;
  for (const auto& one : *all) {
    // One whose secrets are lost offers nothing until they are given again.
    const auto opened = open(one.name);
    if (!opened) continue;
    const auto offered = opened->connector->offers();
    out.emplace(one.name, std::vector(offered.begin(), offered.end()));
  }
  return out;
}

Result<std::vector<ActionReadiness>> Platforms::test(const std::string& name) {
  auto ready = reading(name, [](containment::Connector& connector, const CommonSettings& common) -> Result<std::vector<Readiness>> {
    auto out = connector.test();
    if (out && common.dry_run)
      for (auto& one : *out)
        if (one.way == Readiness::Way::automatic) {
          one.way = Readiness::Way::guided;
          one.why = {tr_in(Language::fr, "platform.dry_run"), tr_in(Language::en, "platform.dry_run")};
        }
    return out;
  });
  if (!ready) return tl::make_unexpected(ready.error());
  std::vector<ActionReadiness> out;
  for (const auto& measure : context_.playbook.measures)
    for (const auto& action : measure.actions) {
      ActionReadiness one{action.id, Readiness::Way::guided, {}};
      for (const auto& readiness : *ready) {
        const auto* capability = containment::capability_named(readiness.capability);
        if (capability == nullptr || capability->action != action.id) continue;
        if (readiness.way == Readiness::Way::automatic) one.way = Readiness::Way::automatic;
        one.capabilities.push_back(readiness);
      }
      if (one.way == Readiness::Way::guided && !one.capabilities.empty() &&
          std::all_of(one.capabilities.begin(), one.capabilities.end(),
                      [](const auto& readiness) { return readiness.way == Readiness::Way::impossible; }))
        one.way = Readiness::Way::impossible;
      out.push_back(std::move(one));
    }
  return out;
}

std::string Platforms::seal(const std::map<std::string, std::string>& secrets) const {
  if (secrets.empty()) return {};
  json::Object object;  // any bytes: JSON carries them in hexadecimal
  for (const auto& [key, value] : secrets) object[key] = hex(value);
  return box_.seal(json::canonical(object));
}

Result<std::map<std::string, std::string>> Platforms::unseal(const std::string& sealed) const {
  if (sealed.empty()) return std::map<std::string, std::string>();
  return secrets_of(box_.unseal(sealed));
}

const containment::Maker* Platforms::maker_named(std::string_view kind) const {
  const auto at = std::find_if(makers_.begin(), makers_.end(), [&](const auto* one) { return one->kind == kind; });
  return at == makers_.end() ? nullptr : *at;
}

Result<Platforms::Opened> Platforms::open(const std::string& name) const {
  const auto platform = store::reading(context_.cases, [&](store::CaseReader& reader) { return reader.platform_named(name); });
  if (!platform) return tl::make_unexpected(platform.error());
  const auto* maker = maker_named(platform->kind);
  if (maker == nullptr) return fail(ErrorCode::bad_input, tr("platform.no_kind", {{"kinds", kinds_text()}}), platform->kind);
  auto settings = object_of(platform->record);
  if (!settings) return tl::make_unexpected(settings.error());
  auto secrets = unseal(platform->secrets);
  if (!secrets) return tl::make_unexpected(secrets.error());
  const auto common = common_settings(*settings);
  auto connector = maker->make({platform->name, platform->kind, std::move(*settings), std::move(*secrets)});
  if (!connector) return tl::make_unexpected(connector.error());
  return Opened{std::move(*connector), common};
}

std::shared_ptr<std::mutex> Platforms::lock_of(const std::string& name) {
  const std::lock_guard lock(mutex_);
  auto& out = locks_[name];
  if (!out) out = std::make_shared<std::mutex>();
  return out;
}

}  // namespace digue::service
