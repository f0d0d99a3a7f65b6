#include "service/platforms.hpp"

#include <algorithm>
#include <array>

#include "base/encoding.hpp"
#include "base/text.hpp"
#include "people/throttle.hpp"
#include "service/notes.hpp"

namespace digue::service {

namespace {

using containment::Readiness;

constexpr std::size_t max_name = 64;
constexpr std::size_t max_secret = 64 * 1024;
constexpr std::size_t max_name_pair = 641;  // two names of accounts
constexpr const char* key_name = "platforms.key";
constexpr const char* attempts_key = "passphrase:platforms";
constexpr std::array<std::string_view, 4> common_names{"account_form", "account_names", "dry_run", "emergency_accounts"};
constexpr const char* form_without_domain = "without_domain";

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

tl::unexpected<Error> locked_now() {
  return fail(ErrorCode::io, tr("platform.locked"), key_name, tr("platform.locked_help"));
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

/// "camille.martin@chu.test=cmartin"; nothing for another text.
std::optional<std::pair<std::string, std::string>> name_pair(std::string_view text) {
  const auto mark = text.find('=');
  if (mark == std::string_view::npos) return std::nullopt;
  const auto account = trim(text.substr(0, mark)), named = trim(text.substr(mark + 1));
  if (account.empty() || named.empty() || text.size() > max_name_pair) return std::nullopt;
  return std::pair(lower(account), std::string(named));
}

/// One account has one name on the platform; two may have the same, when a person has several addresses.
Result<void> check_names(const json::Object& settings) {
  if (const auto* form = settings.if_contains("account_form");
      form != nullptr && (!form->is_string() || (form->get_string() != "as_is" && form->get_string() != form_without_domain)))
    return fail(ErrorCode::bad_input, tr("platform.account_form"), "account_form");
  const auto* list = settings.if_contains("account_names");
  if (list == nullptr) return {};
  if (!list->is_array()) return fail(ErrorCode::bad_input, tr("field.not_a_list", {{"field", "account_names"}}), "account_names");
  std::map<std::string, std::string> seen;
  for (const auto& one : list->get_array()) {
    const auto pair = one.is_string() ? name_pair(std::string_view(one.get_string())) : std::nullopt;
    if (!pair) return fail(ErrorCode::bad_input, tr("platform.account_name"), "account_names", tr("platform.account_name_help"));
    const auto [at, fresh] = seen.insert(*pair);
    if (!fresh && at->second != pair->second)
      return fail(ErrorCode::bad_input, tr("platform.two_names", {{"account", pair->first}}), "account_names");
  }
  return {};
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
  if (auto good = check_names(settings); !good) return good;
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

bool is_locked(const Error& error) {
  return error.code == ErrorCode::io && error.where == key_name;
}

CommonSettings common_settings(const json::Object& settings) {
  CommonSettings out;
  if (const auto* flag = settings.if_contains("dry_run"); flag != nullptr && flag->is_bool()) out.dry_run = flag->get_bool();
  if (const auto* list = settings.if_contains("emergency_accounts"); list != nullptr && list->is_array())
    for (const auto& one : list->get_array())
      if (one.is_string()) out.emergency_accounts.insert(lower(trim(std::string_view(one.get_string()))));
  if (const auto* form = settings.if_contains("account_form"); form != nullptr && form->is_string())
    out.without_domain = form->get_string() == form_without_domain;
  if (const auto* list = settings.if_contains("account_names"); list != nullptr && list->is_array())
    for (const auto& one : list->get_array())
      if (const auto pair = one.is_string() ? name_pair(std::string_view(one.get_string())) : std::nullopt) out.account_names.insert(*pair);
  for (const auto& account : out.emergency_accounts)
    if (auto name = lower(out.name_of(account)); name != account) out.emergency_names.insert(std::move(name));
  return out;
}

Result<Profile> known_names(const std::vector<store::Platform>& platforms) {
  std::vector<CommonSettings> all;
  for (const auto& platform : platforms) {
    const auto settings = object_of(platform.record);
    if (!settings) return tl::make_unexpected(settings.error());
    all.push_back(common_settings(*settings));
  }
  Profile out;
  std::set<std::string> several;
  for (const auto& one : all)
    for (const auto& [account, named] : one.account_names) {
      const auto name = lower(named);
      if (name == account) continue;
      const auto [at, fresh] = out.aliases.emplace(name, account);
      const bool by_rule = name.find('@') == std::string::npos && std::any_of(all.begin(), all.end(), [&](const auto& other) {
                             return other.without_domain && lower(other.name_of(account)) != name;
                           });
      if (by_rule || (!fresh && at->second != account)) several.insert(name);
    }
  std::erase_if(out.aliases, [&](const auto& one) { return several.contains(one.first); });
  out.settle_aliases();
  return out;
}

Result<Profile> known_names(store::CaseReader& reader) {
  const auto platforms = reader.platforms();
  return platforms ? known_names(*platforms) : tl::make_unexpected(platforms.error());
}

std::string CommonSettings::name_of(const std::string& account) const {
  if (const auto at = account_names.find(lower(trim(account))); at != account_names.end()) return at->second;
  const auto mark = account.find('@');
  return without_domain && mark != std::string::npos && mark > 0 ? account.substr(0, mark) : account;
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
    const auto before = writer.platform_named(platform.name);
    if (!before && (before.error().code != ErrorCode::not_found || platform.based_on.value_or(std::nullopt)))
      return tl::make_unexpected(before.error());
    if (before) {
      if (platform.based_on && !*platform.based_on)
        return fail(ErrorCode::conflict, tr("platform.exists", {{"name", platform.name}}), "name", tr("platform.exists_help"));
      if (auto fresh = check_based_on(platform.based_on, before->changed, before->by); !fresh) return fresh;
      if (before->kind != platform.kind)
        return fail(ErrorCode::bad_input, tr("platform.other_kind", {{"kind", before->kind}}), "kind", tr("platform.other_kind_help"));
      // Sealed by a key that is lost, they are given again; the kind says which are missing.
      if (auto kept = unseal(before->secrets); kept)
        secrets.merge(*kept);
      else if (is_locked(kept.error()))
        return tl::make_unexpected(kept.error());
    }
    std::erase_if(secrets, [](const auto& one) { return one.second.empty(); });
    // What cannot be opened later is refused now.
    if (const auto made = maker->make({platform.name, platform.kind, platform.settings, secrets}); !made)
      return tl::make_unexpected(made.error());
    const auto sealed = seal(secrets);
    if (!sealed) return tl::make_unexpected(sealed.error());
    if (auto put = writer.put_platform({platform.name, platform.kind, json::canonical(platform.settings), *sealed, now(), caller.name});
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
    if (!opened && is_locked(opened.error())) return tl::make_unexpected(opened.error());
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

Result<std::string> Platforms::seal(const std::map<std::string, std::string>& secrets) const {
  if (secrets.empty()) return std::string();
  const auto box = key_->box();
  if (!box) return locked_now();
  json::Object object;  // any bytes: JSON carries them in hexadecimal
  for (const auto& [key, value] : secrets) object[key] = hex(value);
  return box->seal(json::canonical(object));
}

Result<std::map<std::string, std::string>> Platforms::unseal(const std::string& sealed) const {
  if (sealed.empty()) return std::map<std::string, std::string>();
  const auto box = key_->box();
  if (!box) return locked_now();
  return secrets_of(box->unseal(sealed));
}

// Counted as wrong before it is looked at, so that many at once cannot slip by; a right one takes that back.
Result<Platforms::Unlocking> Platforms::attempt(const Caller& caller, std::string kind, const std::function<Result<void>()>& work) {
  const auto time = now();
  const auto wait = store::writing(context_.cases, [&](store::CaseWriter& writer) -> Result<std::int64_t> {
    const auto failures = writer.failures(attempts_key);
    if (!failures) return tl::make_unexpected(failures.error());
    if (const auto left = people::wait_before(people::pair_rule, *failures, time); left > 0) return left;
    if (auto put = writer.put_failures(attempts_key, people::failed_again(*failures, time)); !put) return tl::make_unexpected(put.error());
    return 0;
  });
  if (!wait) return tl::make_unexpected(wait.error());
  if (*wait > 0) return Unlocking{false, *wait};
  const auto done = work();
  const bool wrong = !done && done.error().code == ErrorCode::forbidden;
  if (wrong) kind = "connectors_unlock_failed";
  const auto told = context_.cases.write([&](store::CaseWriter& writer) -> Result<void> {
    if (done)
      if (auto put = writer.put_failures(attempts_key, {}); !put) return put;
    return done || wrong ? write_security_note(writer, caller, kind, {}) : Result<void>();
  });
  if (!done && !wrong) return tl::make_unexpected(done.error());
  if (!told) return tl::make_unexpected(told.error());
  if (done) context_.notify("platform", {});
  return Unlocking{!wrong, 0};
}

Result<Platforms::Unlocking> Platforms::unlock(const Caller& caller, const std::string& passphrase) {
  if (!has_passphrase()) return fail(ErrorCode::conflict, tr("platform.no_passphrase"));
  return attempt(caller, "connectors_unlocked", [&] { return key_->unlock(passphrase); });
}

Result<void> Platforms::lock(const Caller& caller) {
  if (!has_passphrase()) return fail(ErrorCode::conflict, tr("platform.no_passphrase"));
  key_->lock();
  context_.notify("platform", {});
  return context_.cases.write([&](store::CaseWriter& writer) { return write_security_note(writer, caller, "connectors_locked", {}); });
}

Result<Platforms::Unlocking> Platforms::set_passphrase(const Caller& caller, const std::string& current, const std::string& passphrase) {
  // No try at the passphrase that holds.
  if (!passphrase.empty() && passphrase.size() < min_passphrase)
    return fail(ErrorCode::bad_input, tr("sealed.short", {{"count", std::to_string(min_passphrase)}}), "passphrase");
  return attempt(caller, passphrase.empty() ? "connectors_passphrase_removed" : "connectors_passphrase_set",
                 [&] { return key_->set_passphrase(current, passphrase); });
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
