#include <algorithm>
#include <array>
#include <mutex>
#include <thread>

#include "base/text.hpp"
#include "connect/connectors.hpp"
#include "connect/rspamd/controller.hpp"
#include "connect/rspamd/lines.hpp"

/// What is refused is a line of a map that a multimap rule asks; a second line, where the first one cannot be tried. A map is read and
/// replaced as a whole, without any version: what counts is the state of the one line.
namespace digue::rspamd {

using namespace containment;

namespace {

constexpr std::string_view schema = "digue.rspamd/1";
constexpr std::string_view add = "map.add", remove = "map.remove";
constexpr std::int64_t longest_block = 31 * micros_per_day;
constexpr std::chrono::milliseconds reload{8'000}, between{250};
constexpr int in_a_row = 3;      ///< several workers answer, each of which reads maps by itself
const std::string own = "line";  ///< beside a plan's secrets: the line that an undo is about

/// Two of our own never replace the same map at once.
std::mutex& writing() {
  static std::mutex one;
  return one;
}

std::string mark_of(const Order& order) {
  return order.mark + (order.until ? " until " + to_iso8601({order.until->value / micros_per_second * micros_per_second}) : "");
}
std::string line_of(const Order& order, const std::string& key) {
  return written(key) + " # " + mark_of(order) + " by digue";
}

/// Written by us, and lifted at its end.
bool is_ours(std::string_view line) {
  return line.find(" # ") != std::string_view::npos && trim(line).ends_with(" by digue");
}
/// Whether a line of a block makes no difference: it stands there, or one that stays. Beside others of ours it does: each is lifted at its
/// own end.
bool is_needless(const std::vector<std::string>& there, const std::string& line) {
  return std::any_of(there.begin(), there.end(), [&](const auto& one) { return one == line || !is_ours(one); });
}

std::string object_named(const std::string& map, const std::string& key) {
  return map + " " + written(key);
}
std::pair<std::string, std::string> object_of(const Step& step) {
  const auto at = std::min(step.object.rfind(step.object.ends_with('"') ? " \"" : " "), step.object.size());
  return {step.object.substr(0, at), key_of_line(std::string_view(step.object).substr(at))};
}

tl::unexpected<Error> no_prior() {
  return fail(ErrorCode::bad_input, tr("rspamd.prior"));
}
tl::unexpected<Error> changed(const std::string& map, const std::string& key) {
  return fail(ErrorCode::conflict, tr("rspamd.changed", {{"key", key}, {"map", map}}), {}, tr("rspamd.changed.help"));
}

class Rspamd final : public Connector {
 public:
  explicit Rspamd(Setup setup) : setup_(std::move(setup)), controller_(setup_) {}
  Rspamd(const Rspamd&) = delete;
  Rspamd& operator=(const Rspamd&) = delete;

  std::string_view kind() const override { return "rspamd"; }

  std::span<const Offer> offers() const override {
    static const auto all = [] {
      std::vector<Offer> out;
      for (const auto& kind : kinds()) out.push_back({kind.capability, {{kind.parameter, true}}});
      return out;
    }();
    return all;
  }

  Result<std::vector<Readiness>> test() override {
    const auto read_only = controller_.is_read_only();
    if (!read_only && read_only.error().code != ErrorCode::forbidden) return tl::make_unexpected(read_only.error());
    std::vector<Readiness> out;
    for (const auto& kind : kinds()) {
      auto lacks = read_only ? missing(kind, *read_only) : tl::make_unexpected(read_only.error());
      if (!lacks && lacks.error().code == ErrorCode::io) return tl::make_unexpected(lacks.error());
      if (!lacks) lacks = Localized{to_text(lacks.error()), to_text(lacks.error())};
      out.push_back(
          {std::string(kind.capability), *lacks ? Readiness::Way::guided : Readiness::Way::automatic, lacks->value_or(Localized{})});
    }
    return out;
  }

  Result<Plan> plan(const Order& order) override {
    const auto* kind = kind_named(order.capability);
    if (kind == nullptr) return not_offered(order.capability);
    const auto key = key_of(*kind, order);
    if (!key) return tl::make_unexpected(key.error());
    if (auto good = check_end(order); !good) return tl::make_unexpected(good.error());
    const auto& name = setup_.*kind->map;
    if (name.empty()) return fail(ErrorCode::bad_input, tr("rspamd.lacks.map", {{"field", std::string(kind->setting)}}));
    const auto map = controller_.find(name);
    if (!map) return tl::make_unexpected(map.error());
    if (!map->editable)
      return fail(ErrorCode::forbidden, tr("rspamd.lacks.editable", {{"map", map->uri}}), {}, tr("rspamd.not_written.help"));
    const auto text = controller_.read(*map);
    if (!text) return tl::make_unexpected(text.error());

    Plan out;
    out.order = order;
    out.rights = {rights(name)};
    const auto there = lines_of(*text, *key);
    const auto line = line_of(order, *key);
    if (is_needless(there, line)) {
      out.notes.push_back(says("rspamd.note.already", {{"key", *key}, {"map", name}, {"line", to_utf8_lossy(clip(there.front(), 300))}}));
      return out;
    }
    if (!there.empty()) out.notes.push_back(says("rspamd.note.until", {{"key", *key}, {"line", to_utf8_lossy(clip(there.front(), 300))}}));
    json::Object prior{{"schema", schema}, {"map", name}, {"key", *key}, {"before", state_of(there)}, {"line", line}};
    out.steps.push_back(addition("rspamd.step.add", name, *key, there, line));
    const std::string topic(kind->topic);
    out.mail.push_back(says("rspamd.mail." + topic, {{"key", *key}}));
    out.care.push_back(says("rspamd.care." + topic, {{"key", *key}}));
    for (const auto note : kind->notes(*key)) out.notes.push_back(says(note, {{"key", *key}}));
    // Behind the key's own line: a worker that knows this one has read that one.
    const auto tried = kind->samples(order.parameter(kind->parameter), *key).front().key;
    const auto beside = lines_of(*text, tried);
    const auto sample = line_of(order, tried);
    if (tried != *key && !setup_.check_url.empty() && !is_needless(beside, sample)) {
      prior["sample"] = sample;
      out.steps.push_back(addition("rspamd.step.add_sample", name, tried, beside, sample));
      out.notes.push_back(says("rspamd.note.sample"));
    }
    out.notes.push_back(says("rspamd.note.no_version"));
    if (trim(*text).empty()) out.notes.push_back(says("rspamd.note.empty"));
    if (setup_.check_url.empty()) out.notes.push_back(says("rspamd.note.not_tried"));
    out.prior = json::canonical(json::Value(std::move(prior)));
    return out;
  }

  Result<Plan> plan_undo(const Plan& plan, std::string_view prior) override {
    const auto value = json::parse(prior, {std::size_t{64} << 10, 4});
    const auto* kind = kind_named(plan.order.capability);
    if (!value || kind == nullptr) return no_prior();
    json::Fields fields(*value);
    bool known = fields.text("schema", 100) == schema;
    const auto name = fields.text("map", 1024), key = fields.text("key", 1024), before = fields.text("before", 2048),
               line = fields.text("line", 2048), sample = fields.text_or("sample", 2048, "");
    std::vector<std::pair<std::string, std::string>> added{{key, line}};
    if (!sample.empty()) added.emplace_back(kind->samples(plan.order.parameter(kind->parameter), key).front().key, sample);
    known = fields.done() && known && plan.steps.size() == added.size();
    for (std::size_t i = 0; known && i < added.size(); ++i) {
      const auto& done = plan.steps[i];
      known = done.verb == add && done.object == object_named(name, added[i].first) && (i > 0 || done.before == before) &&
              added[i].second == line_of(plan.order, added[i].first);
    }
    if (!known) return no_prior();
    const auto text = text_of(name);
    if (!text) return tl::make_unexpected(text.error());

    Plan out;
    out.order = plan.order;
    out.undo = Undo::irreversible;
    out.rights = {rights(name)};
    for (const auto& [one, its_line] : added) {
      auto lines = lines_of(*text, one);
      if (lines.empty()) continue;
      const auto state = state_of(lines);
      const auto ours = std::find(lines.begin(), lines.end(), its_line);
      if (ours == lines.end()) {
        if (one == key) return changed(name, one);
        // Nobody's mail holds our sample: it must not keep the file refused past its date.
        out.notes.push_back(says("rspamd.note.other_line", {{"key", one}, {"line", to_utf8_lossy(clip(lines.front(), 300))}}));
        continue;
      }
      lines.erase(ours);
      out.steps.push_back(
          step_of(remove, one == key ? "rspamd.step.remove" : "rspamd.step.remove_sample", name, one, state, state_of(lines), its_line));
      out.steps.back().undo = out.undo;
      if (!lines.empty())
        out.notes.push_back(says("rspamd.note.other_line", {{"key", one}, {"line", to_utf8_lossy(clip(lines.front(), 300))}}));
      else if (one == key)
        out.mail.push_back(says("rspamd.mail.open_again", {{"key", key}}));
    }
    if (out.steps.empty()) {
      out.notes.push_back(says("rspamd.note.as_before", {{"key", key}, {"map", name}}));
      return out;
    }
    out.secrets[own] = line;
    out.notes.push_back(says("rspamd.note.no_version"));
    return out;
  }

  Result<Stand> stand(const Plan&, const Step& step) override {
    const auto [name, key] = object_of(step);
    const auto text = text_of(name);
    if (!text) return tl::make_unexpected(text.error());
    const auto state = state_of(lines_of(*text, key));
    return state == step.after ? Stand::after : state == step.before ? Stand::before : Stand::other;
  }

  Result<std::string> apply(const Plan& plan, const Step& step) override {
    const auto [name, key] = object_of(step);
    const auto line = our_line(plan, key);
    const bool adds = step.verb == add;
    if (key.empty() || (!adds && step.verb != remove)) return no_prior();
    const std::lock_guard lock(writing());
    const auto map = controller_.find(name);
    if (!map) return tl::make_unexpected(map.error());
    const auto text = controller_.read(*map);
    if (!text) return tl::make_unexpected(text.error());
    const auto next = adds ? with_line(*text, line) : without_line(*text, line);
    if (state_of(lines_of(*text, key)) != step.before || state_of(lines_of(next, key)) != step.after) return changed(name, key);
    if (auto saved = controller_.save(*map, next); !saved) return tl::make_unexpected(saved.error());
    const auto there = controller_.read(*map);
    if (!there) return tl::make_unexpected(there.error());
    // Other lines may be somebody else's, who came after us.
    if (state_of(lines_of(*there, key)) != step.after) return changed(name, key);
    return "savemap " + std::to_string(map->id) + ": success; " + std::to_string(next.size()) + " bytes";
  }

  Result<std::vector<Probe>> verify(const Plan& plan) override {
    const auto* kind = kind_named(plan.order.capability);
    if (kind == nullptr || plan.steps.empty()) return no_prior();
    const auto given = plan.order.parameter(kind->parameter);
    const auto key = kind->key(given);
    if (!key) return tl::make_unexpected(key.error());
    const bool blocks = plan.steps.front().verb == add;
    const auto text = text_of(object_of(plan.steps.front()).first);
    if (!text) return tl::make_unexpected(text.error());
    std::vector<Probe> out;
    bool good = true;
    for (const auto& step : plan.steps) {
      const auto one = object_of(step).second;
      const auto lines = lines_of(*text, one);
      const auto line = our_line(plan, one);
      const bool ours = std::find(lines.begin(), lines.end(), line) != lines.end();
      out.push_back({"map", blocks ? line : "no line of ours", state_of(lines), blocks == ours, now(), {}, {}});
      good = good && blocks == ours;
    }
    const auto [sample, beside] = kind->samples(given, *key);
    const bool stands = !lines_of(*text, sample.key).empty();
    // Another line of the key goes on refusing: there is nothing to try.
    if (!blocks && stands) return out;
    const bool listed =
        std::any_of(plan.steps.begin(), plan.steps.end(), [&](const Step& one) { return object_of(one).second == sample.key; });
    if (setup_.check_url.empty() || !listed || (sample.key != *key && blocks && !stands)) {
      // Named as what it is: no trial. What was read back stands beside it.
      out.push_back({"checkv2", "no trial possible", setup_.check_url.empty() ? "no check_url" : "no sample", true, now(), {}, {}});
      return out;
    }
    // Only what stands in the map is waited for.
    out.push_back(try_mail(plan.order, sample, blocks, good ? reload : std::chrono::milliseconds(0)));
    if (blocks) out.push_back(try_mail(plan.order, beside, false, {}));
    return out;
  }

  Result<void> collect(const Order& order, const Take&) override { return not_offered(order.capability); }

 private:
  static tl::unexpected<Error> not_offered(const std::string& capability) {
    return fail(ErrorCode::bad_input, tr("rspamd.capability", {{"capability", capability}}), "capability");
  }
  /// What takes a block back has no date any more, of which the line was made; all lines of a plan end alike.
  static std::string our_line(const Plan& plan, const std::string& key) {
    const auto kept = plan.secrets.find(own);
    return kept == plan.secrets.end() ? line_of(plan.order, key) : written(key) + kept->second.substr(kept->second.rfind(" # "));
  }
  static std::string rights(const std::string& map) { return "rspamd: GET /maps, GET /getmap, POST /savemap " + map; }

  Result<std::optional<Localized>> missing(const Kind& kind, bool read_only) const {
    const auto& name = setup_.*kind.map;
    if (name.empty()) return std::optional(says("rspamd.lacks.map", {{"field", std::string(kind.setting)}}));
    if (read_only) return std::optional(says("rspamd.lacks.writing"));
    const auto map = controller_.find(name);
    if (!map) return tl::make_unexpected(map.error());
    if (!map->editable) return std::optional(says("rspamd.lacks.editable", {{"map", map->uri}}));
    const auto text = controller_.read(*map);
    if (!text) return tl::make_unexpected(text.error());
    return std::nullopt;
  }

  /// The key that an order means, as it will stand in the map.
  Result<std::string> key_of(const Kind& kind, const Order& order) const {
    const std::string field(kind.parameter);
    for (const auto& [name, value] : order.parameters)
      if (name != field) return fail(ErrorCode::bad_input, tr("rspamd.parameter", {{"field", name}}), name);
    auto key = kind.key(order.parameter(field));
    if (!key) return key;
    const auto own_domain =
        std::find_if(setup_.domains.begin(), setup_.domains.end(), [&](const auto& one) { return kind.is_own(*key, one); });
    if (own_domain != setup_.domains.end())
      return fail(ErrorCode::forbidden, tr("rspamd.own_" + field, {{"key", *key}, {"domain", *own_domain}}), field);
    return key;
  }

  static Result<void> check_end(const Order& order) {
    const auto left = order.until ? order.until->value - now().value : -1;
    if (left <= 0 || left > longest_block) return fail(ErrorCode::bad_input, tr("rspamd.until"), "until");
    const auto mark = mark_of(order);
    if (order.mark.empty() || mark.size() > 120 ||
        mark.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789 .:+_/-") != std::string::npos)
      return fail(ErrorCode::bad_input, tr("rspamd.mark"), "mark");
    return {};
  }

  Result<std::string> text_of(const std::string& name) const {
    const auto map = controller_.find(name);
    if (!map) return tl::make_unexpected(map.error());
    return controller_.read(*map);
  }

  Step step_of(std::string_view verb, std::string_view text, const std::string& map, const std::string& key, std::string before,
               std::string after, const std::string& line) const {
    Step out;
    out.verb = verb;
    out.object = object_named(map, key);
    out.before = std::move(before);
    out.after = std::move(after);
    out.request = "POST " + setup_.url + "/savemap\nPassword: ***\nMap: " + map + "\n\n" + (verb == add ? "+" : "-") + line + "\n";
    out.says = says(text, {{"key", key}, {"map", map}});
    return out;
  }

  Step addition(std::string_view text, const std::string& map, const std::string& key, std::vector<std::string> there,
                const std::string& line) const {
    auto before = state_of(there);
    there.insert(there.begin(), line);
    return step_of(add, text, map, key, std::move(before), state_of(there), line);
  }

  /// Workers read a map again a moment after it was saved: `patience`.
  Probe try_mail(const Order& order, const Sample& mail, bool refused, std::chrono::milliseconds patience) const {
    Probe out{"checkv2 " + std::string(clip(mail.name, 200)), refused ? "refused" : "not refused by this map", {}, false, now(), {}, {}};
    const auto end = std::chrono::steady_clock::now() + patience;
    for (int times = 0; times < in_a_row;) {
      const auto verdict = controller_.judge(mail, order.mark);
      out.at = now();
      if (!verdict) {
        out.seen = to_text(verdict.error());
        return out;
      }
      out.seen = std::string(clip(verdict->action, 100));
      for (const auto& symbol : verdict->symbols) out.seen += " " + std::string(clip(symbol, 100));
      // Refused by another rule is not refused by ours.
      if (refused == (verdict->action == "reject" && !verdict->symbols.empty())) {
        ++times;
        continue;
      }
      if (std::chrono::steady_clock::now() >= end) return out;
      times = 0;
      std::this_thread::sleep_for(between);
    }
    out.good = true;
    return out;
  }

  const Setup setup_;
  const Controller controller_;
};

}  // namespace

}  // namespace digue::rspamd

namespace digue::connect {

using containment::Maker;
using Type = containment::Setting::Type;
extern const Maker rspamd;
const Maker rspamd{
    "rspamd",
    {"password"},
    {
        {"url", Type::text, true},
        {"sender_map"},
        {"domain_map"},
        {"url_map"},
        {"attachment_map"},
        {"check_url"},
        {"domains", Type::list},
        {"ca_file"},
        {"pin"},
        {"connect_seconds", Type::number},
        {"seconds", Type::number},
    },
    [](const containment::Settings& settings) -> Result<std::unique_ptr<containment::Connector>> {
      auto setup = digue::rspamd::setup_of(settings);
      if (!setup) return tl::make_unexpected(setup.error());
      return std::make_unique<digue::rspamd::Rspamd>(std::move(*setup));
    },
};

}  // namespace digue::connect
