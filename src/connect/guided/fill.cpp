#include <algorithm>

#include "base/ip.hpp"
#include "base/messages.hpp"
#include "base/text.hpp"
#include "connect/guided/guided.hpp"

namespace digue::guided {
namespace {

constexpr std::size_t max_value = 1024;

std::vector<std::string> time_text(const std::optional<UtcMicros>& time) {
  // Whole seconds: every platform reads them.
  if (!time) return {};
  return {to_iso8601(UtcMicros{time->value - time->value % 1'000'000})};
}

std::vector<std::string> one_or_none(const std::string& text) {
  return text.empty() ? std::vector<std::string>() : std::vector<std::string>{text};
}

/// Values of every placeholder for one block.
std::map<std::string_view, std::vector<std::string>> values_of(const Facts& facts, const std::string& account, const std::string& ip) {
  std::map<std::string_view, std::vector<std::string>> values;
  for (const auto& each : placeholders) {
    const auto given = facts.asked.find(std::string(each.name));
    values[each.name] = each.asked && given != facts.asked.end() ? one_or_none(given->second) : std::vector<std::string>();
  }
  values["account"] = one_or_none(account);
  values["ip"] = one_or_none(ip);
  values["accounts"] = facts.accounts;
  values["ips"] = facts.ips;
  values["since"] = time_text(facts.since);
  values["until"] = time_text(facts.until);
  values["expiry"] = time_text(facts.expiry);
  values["reference"] = one_or_none(facts.reference);
  return values;
}

bool only(std::string_view text, std::string_view marks) {
  return std::all_of(text.begin(), text.end(), [&](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || marks.find(c) != std::string_view::npos;
  });
}

bool fits(Kind kind, std::string_view value) {
  switch (kind) {
    case Kind::account:
    case Kind::address:
      return value.find('@') != std::string_view::npos && value.front() != '@' && value.back() != '@' &&
             value.find_first_of(" \t<>") == std::string_view::npos;
    case Kind::ip:
      return parse_ip(value).has_value();
    case Kind::domain:
      return value.find('.') != std::string_view::npos && only(value, ".-") && value.front() != '-' && value.front() != '.';
    case Kind::host:
      return only(value, ".-") && value.front() != '-';
    case Kind::token:
      return only(value, "-._~:@+=/{}$") && value.front() != '-';
    case Kind::message_id:
      return value.find('@') != std::string_view::npos && value.find_first_of(" \t") == std::string_view::npos;
    case Kind::distinguished_name:
      return value.find('=') != std::string_view::npos;
    case Kind::text:
      return true;
    default:
      return false;
  }
}

}  // namespace

Filled fill(std::span<const Step> steps, const Facts& facts) {
  Filled out;
  const auto loop = [](const std::vector<std::string>& all, bool used) {
    return used && !all.empty() ? all : std::vector<std::string>{std::string()};
  };
  for (std::size_t i = 0; i < steps.size(); ++i) {
    const auto names = steps[i].command.names();
    const auto uses = [&](std::string_view name) { return std::find(names.begin(), names.end(), name) != names.end(); };
    for (const auto& account : loop(facts.accounts, uses("account"))) {
      for (const auto& ip : loop(facts.ips, uses("ip"))) {
        if (out.blocks.size() == max_blocks) {
          ++out.left_out;
          continue;
        }
        Block block{i, account, ip, {}, {}, {}};
        const auto values = values_of(facts, account, ip);
        for (const auto name : names)
          if (values.at(name).empty()) block.missing.emplace_back(name);
        if (block.missing.empty() && steps[i].shell != Shell::console) {
          auto command = steps[i].command.fill([&](const Placeholder& what) { return &values.at(what.name); });
          if (command)
            block.command = std::move(*command);
          else
            block.refused = to_text(command.error());
        }
        out.blocks.push_back(std::move(block));
      }
    }
  }
  return out;
}

std::vector<std::string> asked_of(std::span<const Step> steps) {
  std::vector<std::string> out;
  for (const auto& step : steps)
    for (const auto name : step.command.names())
      if (placeholder(name)->asked && std::find(out.begin(), out.end(), name) == out.end()) out.emplace_back(name);
  return out;
}

Result<void> check_value(std::string_view name, std::string_view value) {
  const auto* what = placeholder(name);
  const std::string field(name);
  if (what == nullptr || !what->asked) return fail(ErrorCode::bad_input, tr("guided.unknown_value", {{"field", field}}), field);
  if (value.size() > max_value)
    return fail(ErrorCode::bad_input, tr("field.too_long", {{"field", field}, {"limit", std::to_string(max_value)}}), field);
  const bool clean = is_utf8(value) && std::none_of(value.begin(), value.end(), [](char c) { return (c >= 0 && c < 0x20) || c == 0x7f; });
  if (value.empty() || !clean || !fits(what->kind, value))
    return fail(ErrorCode::bad_input, tr("guided.bad_value", {{"field", tr("guided.value." + field)}}), field, tr("guided.bad_value_help"));
  return {};
}

}  // namespace digue::guided
