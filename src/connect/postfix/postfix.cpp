#include <algorithm>
#include <array>

#include "base/text.hpp"
#include "connect/connectors.hpp"
#include "connect/postfix/queue.hpp"
#include "connect/postfix/tables.hpp"
#include "connect/postfix/trace.hpp"
#include "connect/postfix/uses.hpp"

namespace digue::connect {

namespace {

using namespace containment;
using namespace mta;

constexpr std::string_view letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
constexpr std::size_t max_domains = 1'000;

const std::vector<Offer>& all_offers() {
  static const std::vector<Offer> all{
      {"account.block", {}},
      {"queue.hold", {{"sasl_username"}, {"sender"}, {"ids"}}},
      {"queue.release", {{"sasl_username"}, {"sender"}, {"ids"}}},
      {"queue.delete", {{"sasl_username"}, {"sender"}, {"ids"}}},
      {"mail.trace", {{"since", true}, {"until"}}},
      {"sender.block", {{"sender", true}}},
      {"domain.block", {{"domain", true}}},
      {"logs.export", {{"since", true}, {"until"}}},
  };
  return all;
}

bool is_of_table(std::string_view capability) {
  return capability == "account.block" || capability == "sender.block" || capability == "domain.block";
}

bool is_of_logs(std::string_view capability) {
  return capability == "mail.trace" || capability == "logs.export";
}

class Postfix final : public Connector {
 public:
  explicit Postfix(Site site) : site_(std::move(site)) {}

  std::string_view kind() const override { return "postfix"; }
  std::span<const Offer> offers() const override { return all_offers(); }

  Result<std::vector<Readiness>> test() override {
    const auto told = site_.helper.ask_json({"version"});
    if (!told) return tl::make_unexpected(told.error());
    json::Fields fields(*told);
    const bool root = fields.flag_or("root", false);
    const auto maps = fields.texts("maps", 1000, 1024), logs = fields.texts("logs", 1000, 1024);
    if (auto good = fields.done(); !good) return odd_answer(helper_name, "version");
    std::vector<Readiness> out;
    for (const auto& offer : all_offers()) {
      Readiness one{std::string(offer.capability), Readiness::Way::automatic, {}};
      const auto lacks = [&](std::string_view key, MessageValues values = {}) {
        if (one.way != Readiness::Way::automatic) return;
        one.way = Readiness::Way::guided;
        one.why = says(key, values);
      };
      if (!root && !is_of_logs(offer.capability)) lacks("postfix.lacks.root");
      if (is_of_logs(offer.capability) && logs.empty()) lacks("postfix.lacks.logs");
      if (is_of_table(offer.capability)) {
        const auto& table = table_of(site_, offer.capability);
        if (table.empty()) {
          lacks(offer.capability == "account.block" ? "postfix.lacks.sasl_block" : "postfix.lacks.sender_block");
        } else if (std::find(maps.begin(), maps.end(), table) == maps.end()) {
          lacks("postfix.lacks.listed", {{"table", table}});
        } else {
          const auto text = site_.helper.ask({"map-uses", table});
          if (!text) return tl::make_unexpected(text.error());
          const bool users = offer.capability == "account.block";
          if (!uses_of(*text, table, users).asked)
            lacks("postfix.lacks.asked", {{"table", table}, {"check", users ? "check_sasl_access" : "check_sender_access"}});
        }
      }
      out.push_back(std::move(one));
    }
    return out;
  }

  Result<Plan> plan(const Order& order) override {
    if (auto good = check(order, Reach::change); !good) return tl::make_unexpected(good.error());
    return is_of_table(order.capability) ? plan_block(site_, order) : plan_queue(site_, order);
  }
  Result<Plan> plan_undo(const Plan& plan, std::string_view prior) override {
    return is_of_table(plan.order.capability) ? undo_block(site_, plan, prior) : undo_queue(site_, plan, prior);
  }
  Result<Stand> stand(const Plan& plan, const Step& step) override {
    return is_of_table(plan.order.capability) ? stand_of_line(site_, step) : stand_of_queue(site_, step);
  }
  Result<std::string> apply(const Plan& plan, const Step& step) override {
    return is_of_table(plan.order.capability) ? apply_line(site_, plan, step) : apply_queue(site_, step);
  }
  Result<std::vector<Probe>> verify(const Plan& plan) override {
    return is_of_table(plan.order.capability) ? verify_block(site_, plan) : verify_queue(site_, plan);
  }
  Result<void> collect(const Order& order, const Take& take) override {
    if (auto good = check(order, Reach::collect); !good) return good;
    return collect_logs(site_, order, take);
  }

 private:
  static Result<void> check(const Order& order, Reach reach) {
    const auto offered = [&](const Offer& one) { return one.capability == order.capability; };
    const auto* known = capability_named(order.capability);
    const auto at = std::find_if(all_offers().begin(), all_offers().end(), offered);
    if (known == nullptr || at == all_offers().end() || known->reach != reach)
      return fail(ErrorCode::bad_input, tr("postfix.capability", {{"capability", order.capability}}), "capability");
    for (const auto& [name, value] : order.parameters) {
      const auto named = [&, &given = name](const Parameter& one) { return one.name == given; };
      if (std::none_of(at->parameters.begin(), at->parameters.end(), named))
        return fail(ErrorCode::bad_input, tr("postfix.parameter", {{"field", name}}), name);
    }
    return {};
  }

  const Site site_;
};

bool holds_only(std::string_view text, std::string_view more) {
  return text.find_first_not_of(std::string(letters).append(more)) == std::string_view::npos;
}

/// "host:port", or "[address]:port".
std::optional<Endpoint> endpoint_of(std::string_view text) {
  const auto colon = text.rfind(':');
  if (colon == std::string_view::npos || colon == 0) return std::nullopt;
  auto host = text.substr(0, colon);
  const auto digits = text.substr(colon + 1);
  if (digits.empty() || digits.size() > 5 || digits.find_first_not_of("0123456789") != std::string_view::npos) return std::nullopt;
  const int port = std::stoi(std::string(digits));
  if (host.size() > 2 && host.front() == '[' && host.back() == ']') host = host.substr(1, host.size() - 2);
  if (port < 1 || port > 65535 || host.size() > 253 || host.front() == '-' || !holds_only(host, ".:-_")) return std::nullopt;
  return Endpoint{std::string(host), static_cast<std::uint16_t>(port)};
}

Result<std::unique_ptr<Connector>> make(const Settings& settings) {
  const auto identity = settings.secrets.find("identity");
  auto host = host_of(settings.values, identity == settings.secrets.end() ? "" : identity->second);
  if (!host) return tl::make_unexpected(host.error());
  const json::Value given(settings.values);
  json::Fields fields(given);
  const auto submission = fields.text_or("submission", 300, ""), smtp = fields.text_or("smtp", 300, "");
  const std::chrono::seconds seconds(fields.optional_integer("seconds", 1, 600).value_or(60));
  Site site{fields.text_or("sasl_block", 1024, ""),
            fields.text_or("sender_block", 1024, ""),
            endpoint_of(submission),
            endpoint_of(smtp),
            {fields.text_or("ca_file", 1024, ""), fields.text_or("pin", 64, "")},
            fields.texts("domains", max_domains, 253),
            seconds,
            Helper(std::string(helper_name), std::move(*host), seconds)};
  if (auto good = fields.done(); !good) return tl::make_unexpected(good.error());
  const auto wrong = [](const std::string& field) {
    return fail(ErrorCode::bad_input, tr("postfix.setting", {{"field", field}, {"expected", tr("postfix.setting." + field)}}), field);
  };
  if (!submission.empty() && !site.submission) return wrong("submission");
  if (!smtp.empty() && !site.smtp) return wrong("smtp");
  if (!site.trust.pin.empty() && !is_pin(site.trust.pin)) return wrong("pin");
  for (const auto& [field, table] :
       {std::pair<std::string, std::string>{"sasl_block", site.sasl_block}, {"sender_block", site.sender_block}}) {
    const auto colon = table.find(":/");
    if (!table.empty() && (colon == std::string::npos || colon == 0 || !holds_only(table, "._/+@:-"))) return wrong(field);
  }
  for (auto& domain : site.domains) {
    lower_in_place(domain);
    if (domain.empty() || !holds_only(domain, ".-") || domain.front() == '-') return wrong("domains");
  }
  return std::make_unique<Postfix>(std::move(site));
}

}  // namespace

using Type = containment::Setting::Type;
extern const Maker postfix;
const Maker postfix{
    "postfix",
    {"identity"},
    {
        {"sasl_block"},
        {"sender_block"},
        {"submission"},
        {"smtp"},
        {"ca_file"},
        {"pin"},
        {"domains", Type::list},
        {"seconds", Type::number},
        {"host"},
        {"port", Type::number},
        {"user"},
        {"host_key"},
        {"helper"},
        {"sudo", Type::flag},
    },
    make,
};

}  // namespace digue::connect
