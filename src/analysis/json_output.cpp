#include "analysis/output.hpp"
#include "base/json/writer.hpp"

namespace digue::analysis {

namespace {

std::string_view name(Verdict verdict) {
  switch (verdict) {
    case Verdict::compromised:
      return "compromised";
    case Verdict::suspected:
      return "suspected";
    case Verdict::targeted:
      return "targeted";
    case Verdict::clear:
      break;
  }
  return "clear";
}

std::string_view name(Severity severity) {
  static constexpr std::string_view names[] = {"informational", "low", "medium", "high", "critical"};
  return names[static_cast<std::size_t>(severity)];
}

class Output {
 public:
  Output(const Analysis& analysis, Language language) : analysis_(analysis), language_(language), json_(text_) {}

  std::string make() {
    json_.open_object().key("schema").text("digue.analysis/1");
    each("inputs", indices(), [&](std::uint32_t i) { input((*analysis_.inputs)[i]); });
    each("accounts", analysis_.accounts, [&](const StoryAccount& account) { this->account(account); });
    each("sessions", analysis_.sessions, [&](const StorySession& session) { this->session(session); });
    each("findings", analysis_.findings, [&](const Finding& finding) { this->finding(finding); });
    each("indicators", analysis_.indicators, [&](const Indicator& indicator) { this->indicator(indicator); });
    each("reach", analysis_.reach, [&](const Reach& reach) { this->reach(reach); });
    json_.key("exposure").open_object();
    exposure("certain", Exposure::Level::certain);
    exposure("possible", Exposure::Level::possible);
    exposure("unknowable", Exposure::Level::unknowable);
    json_.close_object();
    each("completeness", indices(), [&](std::uint32_t i) { completeness(i); });
    json_.close_object();
    return std::move(text_);
  }

 private:
  std::vector<std::uint32_t> indices() const {
    std::vector<std::uint32_t> out(analysis_.inputs->size());
    for (std::uint32_t i = 0; i < out.size(); ++i) out[i] = i;
    return out;
  }

  template <class List, class Each>
  void each(std::string_view key, const List& list, Each write) {
    json_.key(key).open_array();
    for (const auto& item : list) write(item);
    json_.close_array();
  }

  void time(std::string_view key, std::optional<UtcMicros> value) {
    json_.key(key);
    value ? json_.text(to_iso8601(*value)) : json_.null();
  }

  void texts(std::string_view key, const std::vector<std::string>& list) {
    each(key, list, [&](const std::string& text) { json_.text(text); });
  }
  void texts(std::string_view key, const std::vector<Text>& list) {
    each(key, list, [&](const Text& text) { json_.text(say(text, language_)); });
  }
  void ips(std::string_view key, const std::vector<IpAddress>& list) {
    each(key, list, [&](const IpAddress& ip) { json_.text(to_text(ip)); });
  }
  void count(std::string_view key, std::uint64_t value) { json_.key(key).number(static_cast<std::int64_t>(value)); }

  static std::optional<UtcMicros> utc(std::optional<std::int64_t> micros) {
    return micros ? std::optional(UtcMicros{*micros}) : std::nullopt;
  }

  void input(const Input& input) {
    json_.open_object().key("path").text(input.path).key("format").text_or_null(input.format());
    count("records", input.total.records);
    count("accepted", input.total.records - input.total.rejected - input.duplicates);
    count("duplicates", input.duplicates);
    count("rejected", input.total.rejected);
    time("first", utc(input.first));
    time("last", utc(input.last));
    texts("notes", notes_of(analysis_, input, language_));
    json_.close_object();
  }

  void account(const StoryAccount& account) {
    json_.open_object().key("account").text(account.account).key("verdict").text(name(account.verdict));
    json_.key("confidence").number(account.confidence);
    time("first_access", account.first_access);
    json_.key("vector").text_or_null(account.vector);
    texts("reasons", account.reasons);
    json_.key("sessions").open_array();
    for (const StorySession& session : analysis_.sessions)
      if (session.account == account.account) json_.text(to_hex(session.session.id, 8));
    json_.close_array().close_object();
  }

  void session(const StorySession& story) {
    const Session& session = story.session;
    json_.open_object().key("id").text(to_hex(session.id, 8)).key("account").text(story.account);
    json_.key("actor").text(session.actor == Actor::attacker ? "attacker" : session.actor == Actor::user ? "user" : "unknown");
    json_.key("confidence").number(session.confidence);
    texts("reasons", session.reasons);
    time("first", session.first);
    time("last", session.last);
    ips("ips", session.ips);
    texts("countries", session.countries);
    texts("networks", session.networks);
    texts("devices", session.devices);
    count("events", story.events);
    json_.close_object();
  }

  void finding(const Finding& finding) {
    const Text title = finding.title.key.empty() ? Text{"rule." + finding.rule, {}} : finding.title;
    json_.open_object().key("id").text(to_hex(finding.id, 8)).key("rule").text(finding.rule).key("title").text(say(title, language_));
    json_.key("severity").text(name(finding.severity)).key("confidence").number(finding.confidence);
    texts("techniques", finding.techniques);
    json_.key("account").text_or_null(finding.account);
    time("first", finding.first);
    time("last", finding.last);
    ips("ips", finding.ips);
    texts("why", finding.why);
    texts("benign", finding.benign);
    each("records", finding.records, [&](const Finding::Record& record) {
      json_.open_object().key("input").number(std::int64_t{record.place.input});
      count("offset", record.place.offset);
      count("length", record.place.length);
      json_.key("uid").text_or_null(record.uid).close_object();
    });
    json_.close_object();
  }

  void indicator(const Indicator& indicator) {
    json_.open_object().key("type").text(indicator.type).key("value").text(indicator.value);
    time("first", indicator.first);
    time("last", indicator.last);
    texts("accounts", indicator.accounts);
    json_.key("why").text(say(indicator.why, language_)).close_object();
  }

  void reach(const Reach& reach) {
    json_.open_object().key("address").text(reach.address).key("internal");
    reach.internal ? json_.boolean(*reach.internal) : json_.null();
    json_.key("how").text(reach.how);
    count("messages", reach.messages);
    time("first", reach.first);
    json_.close_object();
  }

  void exposure(std::string_view key, Exposure::Level level) {
    json_.key(key).open_array();
    for (const Exposure& exposure : analysis_.exposure) {
      if (exposure.level != level) continue;
      json_.open_object().key("what").text(exposure.what).key("account").text(exposure.account).key("count");
      exposure.count ? json_.number(static_cast<std::int64_t>(*exposure.count)) : json_.null();
      json_.key("why").text(say(exposure.why, language_)).close_object();
    }
    json_.close_array();
  }

  void completeness(std::uint32_t index) {
    const Input& input = (*analysis_.inputs)[index];
    json_.open_object().key("input").number(std::int64_t{index}).key("span");
    if (input.first) {
      json_.open_object();
      time("first", utc(input.first));
      time("last", utc(input.last));
      json_.close_object();
    } else {
      json_.null();
    }
    each("gaps", gaps_of(input), [&](const auto& gap) {
      json_.open_object();
      time("from", gap.first);
      time("to", gap.second);
      json_.close_object();
    });
    const Completeness told = completeness_of(input, language_);
    texts("truncation_signs", told.truncation_signs);
    texts("unseen", told.unseen);
    json_.close_object();
  }

  const Analysis& analysis_;
  Language language_;
  std::string text_;
  JsonWriter json_;
};

}  // namespace

std::string to_json(const Analysis& analysis, Language language) {
  return Output(analysis, language).make();
}

}  // namespace digue::analysis
