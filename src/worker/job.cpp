#include "worker/job.hpp"

#include "base/json/value.hpp"
#include "base/json/writer.hpp"

namespace digue::worker {

namespace {

constexpr json::Bounds bounds{std::size_t{64} << 20, 16};
constexpr std::size_t max_text = 8192;
constexpr std::size_t max_items = 1'000'000;

void texts(JsonWriter& json, std::string_view key, const std::vector<std::string>& list) {
  json.key(key).open_array();
  for (const std::string& text : list) json.text(text);
  json.close_array();
}

void optional_time(JsonWriter& json, std::string_view key, const std::optional<UtcMicros>& time) {
  json.key(key);
  time ? json.number(time->value) : json.null();
}

constexpr std::string_view pin_kinds[] = {"session", "ip", "device", "account"};
constexpr std::string_view pin_actors[] = {"attacker", "user", "known_good"};

template <class Enum, std::size_t N>
Result<Enum> one_of(const std::string_view (&names)[N], const std::string& name) {
  for (std::size_t i = 0; i < N; ++i)
    if (names[i] == name) return static_cast<Enum>(i);
  return fail(ErrorCode::bad_input, "unknown word '" + name + "' in the job");
}

const json::Value& member(const json::Value& value, std::string_view key) {
  static const json::Value nothing;
  if (const auto* object = value.if_object())
    if (const auto* found = object->if_contains(key)) return *found;
  return nothing;
}

}  // namespace

Result<Profile> profile_from_json(const json::Value& value) {
  constexpr std::int64_t any_time = std::int64_t{1} << 60;
  Profile profile;
  json::Fields fields(value);
  profile.own_domains = fields.texts("own_domains", 1000, max_text);
  for (const std::string& text : fields.texts("own_ranges", 10'000, max_text)) {
    const auto range = parse_range(text);
    if (!range) return fail(ErrorCode::bad_input, "not an address range: " + text);
    profile.own_ranges.push_back(*range);
  }
  if (const auto zone = fields.optional_text("zone", 100)) {
    auto named = Zone::named(*zone);
    if (!named) return tl::make_unexpected(named.error());
    profile.zone = std::move(*named);
  }
  if (const auto year = fields.optional_integer("year", 1970, 9999)) profile.year = static_cast<int>(*year);
  if (const auto since = fields.optional_integer("since", -any_time, any_time)) profile.since = UtcMicros{*since};
  if (const auto until = fields.optional_integer("until", -any_time, any_time)) profile.until = UtcMicros{*until};
  profile.bare_domain = fields.text_or("bare_domain", max_text, "");
  if (auto done = fields.done(); !done) return tl::make_unexpected(done.error());
  if (const auto* aliases = member(value, "aliases").if_array())
    for (const json::Value& item : *aliases) {
      json::Fields one(item);
      auto name = one.text("name", max_text), account = one.text("account", max_text);
      if (auto done = one.done(); !done) return tl::make_unexpected(done.error());
      profile.aliases.emplace(std::move(name), std::move(account));
    }
  if (const auto* rosters = member(value, "rosters").if_array())
    for (const json::Value& item : *rosters) {
      json::Fields one(item);
      Profile::Roster roster;
      roster.accounts = one.texts("accounts", 100'000, max_text);
      roster.from = static_cast<int>(one.integer("from", 0, 24 * 60));
      roster.to = static_cast<int>(one.integer("to", 0, 24 * 60));
      if (auto done = one.done(); !done) return tl::make_unexpected(done.error());
      profile.rosters.push_back(std::move(roster));
    }
  if (const auto* pins = member(value, "pins").if_array())
    for (const json::Value& item : *pins) {
      json::Fields one(item);
      Pin pin;
      const auto kind = one_of<Pin::Kind>(pin_kinds, one.text("kind", 20));
      const auto as = one_of<decltype(pin.as)>(pin_actors, one.text("actor", 20));
      pin.value = one.text("value", max_text);
      pin.reason = one.text_or("reason", max_text, "");
      if (auto done = one.done(); !done) return tl::make_unexpected(done.error());
      if (!kind) return tl::make_unexpected(kind.error());
      if (!as) return tl::make_unexpected(as.error());
      pin.kind = *kind;
      pin.as = *as;
      profile.pins.push_back(std::move(pin));
    }
  if (const auto* probes = member(value, "own_probes").if_array())
    for (const json::Value& item : *probes) {
      json::Fields one(item);
      Profile::OwnProbe probe;
      probe.account = one.text("account", max_text);
      const auto ip = parse_ip(one.text("ip", 64));
      probe.port = static_cast<std::uint16_t>(one.integer("port", 0, 65535));
      probe.from = UtcMicros{one.integer("from", -any_time, any_time)};
      probe.to = UtcMicros{one.integer("to", -any_time, any_time)};
      if (auto done = one.done(); !done) return tl::make_unexpected(done.error());
      if (!ip) return fail(ErrorCode::bad_input, "own_probes: not an address");
      probe.ip = *ip;
      profile.own_probes.push_back(std::move(probe));
    }
  return profile;
}

std::string to_json(const Job& job) {
  std::string out;
  JsonWriter json(out);
  json.open_object().key("sources").open_array();
  for (const Job::Source& source : job.sources)
    json.open_object().key("path").text(source.path).key("name").text(source.name).key("fd").number(std::int64_t{source.fd}).close_object();
  json.close_array().key("profile").open_object();
  const Profile& profile = job.profile;
  texts(json, "own_domains", profile.own_domains);
  json.key("own_ranges").open_array();
  for (const IpRange& range : profile.own_ranges)
    json.text(to_text(range.base) + "/" + std::to_string(range.base.is_v4() ? range.prefix - 96 : range.prefix));
  json.close_array().key("zone").text_or_null(profile.zone ? profile.zone->name() : "").key("year");
  profile.year ? json.number(std::int64_t{*profile.year}) : json.null();
  optional_time(json, "since", profile.since);
  optional_time(json, "until", profile.until);
  json.key("bare_domain").text(profile.bare_domain).key("aliases").open_array();
  for (const auto& [name, account] : profile.aliases) json.open_object().key("name").text(name).key("account").text(account).close_object();
  json.close_array().key("rosters").open_array();
  for (const Profile::Roster& roster : profile.rosters) {
    json.open_object();
    texts(json, "accounts", roster.accounts);
    json.key("from").number(std::int64_t{roster.from}).key("to").number(std::int64_t{roster.to}).close_object();
  }
  json.close_array();
  json.key("pins").open_array();
  for (const Pin& pin : profile.pins)
    json.open_object()
        .key("kind")
        .text(pin_kinds[static_cast<std::size_t>(pin.kind)])
        .key("value")
        .text(pin.value)
        .key("actor")
        .text(pin_actors[static_cast<std::size_t>(pin.as)])
        .key("reason")
        .text(pin.reason)
        .close_object();
  json.close_array().key("own_probes").open_array();
  for (const auto& probe : profile.own_probes)
    json.open_object()
        .key("account")
        .text(probe.account)
        .key("ip")
        .text(to_text(probe.ip))
        .key("port")
        .number(std::int64_t{probe.port})
        .key("from")
        .number(probe.from.value)
        .key("to")
        .number(probe.to.value)
        .close_object();
  json.close_array().close_object();
  texts(json, "geo_databases", job.geo_databases);
  json.key("threads").number(std::int64_t{job.threads}).key("all_accounts").boolean(job.all_accounts);
  json.key("allow_unjailed").boolean(job.allow_unjailed).key("streams").open_array();
  for (const Stream stream : job.streams) json.text(name(stream));
  json.close_array();
  if (job.excerpt)
    json.key("excerpt")
        .open_object()
        .key("path")
        .text(job.excerpt->path)
        .key("offset")
        .number(static_cast<std::int64_t>(job.excerpt->offset))
        .key("size")
        .number(static_cast<std::int64_t>(job.excerpt->size))
        .close_object();
  json.close_object();
  return out;
}

Result<Job> job_from_json(std::string_view text) {
  const auto value = json::parse(text, bounds);
  if (!value) return tl::make_unexpected(value.error());
  Job job;
  json::Fields fields(*value);
  job.geo_databases = fields.texts("geo_databases", 16, max_text);
  job.threads = static_cast<unsigned>(fields.integer("threads", 1, 64));
  job.all_accounts = fields.flag_or("all_accounts", false);
  job.allow_unjailed = fields.flag_or("allow_unjailed", false);
  for (const std::string& stream : fields.texts("streams", stream_count, 32)) {
    const auto known = stream_named(stream);
    if (!known) return fail(ErrorCode::bad_input, "unknown output '" + stream + "' in the job");
    job.streams.push_back(*known);
  }
  if (auto done = fields.done(); !done) return tl::make_unexpected(done.error());
  auto profile = profile_from_json(member(*value, "profile"));
  if (!profile) return tl::make_unexpected(profile.error());
  job.profile = std::move(*profile);
  if (const auto& excerpt = member(*value, "excerpt"); excerpt.is_object()) {
    json::Fields one(excerpt);
    job.excerpt.emplace();
    job.excerpt->path = one.text("path", max_text);
    job.excerpt->offset = static_cast<std::uint64_t>(one.integer("offset", 0, std::int64_t{1} << 60));
    job.excerpt->size = static_cast<std::uint64_t>(one.integer("size", 1, static_cast<std::int64_t>(max_excerpt)));
    if (auto done = one.done(); !done) return tl::make_unexpected(done.error());
  }
  if (const auto* sources = member(*value, "sources").if_array()) {
    if (sources->size() > max_items) return fail(ErrorCode::limit, "too many files in one analysis");
    for (const json::Value& item : *sources) {
      json::Fields one(item);
      Job::Source source;
      source.path = one.text_or("path", max_text, "");
      source.name = one.text("name", max_text);
      source.fd = static_cast<int>(one.optional_integer("fd", -1, 1 << 20).value_or(-1));
      if (auto done = one.done(); !done) return tl::make_unexpected(done.error());
      job.sources.push_back(std::move(source));
    }
  }
  return job;
}

}  // namespace digue::worker
