#include "connect/postfix/trace.hpp"

#include <algorithm>
#include <array>

#include "base/text.hpp"
#include "base/time.hpp"
#include "formats/postfix/parts.hpp"

namespace digue::connect::mta {

namespace {

using namespace containment;

constexpr std::size_t max_lines = 10'000;
constexpr std::int64_t longest = 330 * micros_per_day;
constexpr std::int64_t shortest = micros_per_minute;

bool is_plain(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

template <class Each>
void lines_of(std::string_view text, Each each) {
  while (!text.empty()) {
    const auto end = std::min(text.find('\n'), text.size() - 1) + 1;
    each(text.substr(0, end));
    text.remove_prefix(end);
  }
}

/// Where a word stands with no letter or digit before it.
bool has_word(std::string_view line, std::string_view word) {
  for (auto at = line.find(word); at != std::string_view::npos; at = line.find(word, at + 1))
    if (at == 0 || !is_plain(line[at - 1])) return true;
  return false;
}

/// Whether an address stands there, and not as a part of another. Both in lower case.
bool names(std::string_view line, std::string_view address) {
  const auto joins = [&](std::size_t at) {
    return at < line.size() && (is_plain(line[at]) || line[at] == '-' || line[at] == '_' || line[at] == '+');
  };
  for (auto at = address.empty() ? std::string_view::npos : line.find(address); at != std::string_view::npos;
       at = line.find(address, at + 1)) {
    const auto end = at + address.size();
    const bool before = at > 0 && (joins(at - 1) || line[at - 1] == '.');
    if (!before && !joins(end) && !(line.substr(end).starts_with('.') && joins(end + 1))) return true;
  }
  return false;
}

/// What stands behind `name` up to one of `ends`; empty when it is not there.
std::string_view value_of(std::string_view line, std::string_view name, std::string_view ends) {
  const auto at = line.find(name);
  if (at == std::string_view::npos) return {};
  const auto from = at + name.size();
  return line.substr(from, std::min(line.find_first_of(ends, from), line.size()) - from);
}

std::string_view id_at(std::string_view text) {
  const auto end = static_cast<std::size_t>(std::find_if_not(text.begin(), text.end(), is_plain) - text.begin());
  return end >= 5 && end <= 40 ? text.substr(0, end) : std::string_view();
}

struct Named {
  std::string_view word, list;
};
/// Words of refusals, lower case, and who says so; the general ones last.
constexpr std::array block_lists{
    Named{"spamhaus", "spamhaus.org"},
    Named{"spamcop", "spamcop.net"},
    Named{"barracuda", "barracudacentral.org"},
    Named{"uceprotect", "uceprotect.net"},
    Named{"sorbs", "sorbs.net"},
    Named{"abuseat", "abuseat.org"},
    Named{"mailspike", "mailspike.org"},
    Named{"invaluement", "invaluement.com"},
    Named{"psbl", "psbl.org"},
    Named{"proofpoint", "proofpoint.com"},
    Named{"cloudmark", "cloudmark.com"},
    Named{"s3140", "outlook.com"},
    Named{"s3150", "outlook.com"},
    Named{"banned sending ip", "outlook.com"},
    Named{"dnsbl", "unnamed"},
    Named{"rbl", "unnamed"},
    Named{"block list", "unnamed"},
    Named{"blocklist", "unnamed"},
    Named{"black list", "unnamed"},
    Named{"blacklist", "unnamed"},
    Named{"poor reputation", "unnamed"},
    Named{"bad reputation", "unnamed"},
};

Result<UtcMicros> time_of(const Order& order, const char* name) {
  const auto at = order.parameters.find(name);
  const auto read = at == order.parameters.end() ? std::nullopt : parse_iso8601(at->second);
  if (!read || !read->offset_minutes) return fail(ErrorCode::bad_input, tr("postfix.logs.time", {{"field", name}}), name);
  return UtcMicros{read->civil - *read->offset_minutes * micros_per_minute};
}

std::string seconds_of(UtcMicros time) {
  return to_iso8601({time.value / micros_per_second * micros_per_second});
}

using Part = std::function<Result<void>(std::string_view text, std::string query)>;

/// The logs of a period, in as few parts as the answer's bound allows. Parts meet at whole seconds and share none. `incomplete` gets the
/// files that could not be read whole.
Result<void> read_logs(const Site& site, UtcMicros since, UtcMicros until, std::set<std::string>& incomplete, const Part& part) {
  std::string aside;
  const std::vector<std::string> words{"log-trace", seconds_of(since), seconds_of(until)};
  const auto text = site.helper.ask(words, {}, &aside);
  if (text) {
    constexpr std::string_view word = "incomplete ";
    lines_of(aside, [&](std::string_view line) {
      if (line.starts_with(word)) incomplete.insert(to_utf8_lossy(trim(line.substr(word.size()))));
    });
    return part(*text, shown(helper_name, words) + "\n" + to_utf8_lossy(clip(trim(aside), 8000)));
  }
  if (text.error().code != ErrorCode::limit || until.value - since.value < 2 * shortest) return tl::make_unexpected(text.error());
  const UtcMicros middle{(since.value + (until.value - since.value) / 2) / micros_per_second * micros_per_second};
  if (auto first = read_logs(site, since, middle, incomplete, part); !first) return first;
  return read_logs(site, {middle.value + micros_per_second}, until, incomplete, part);
}

}  // namespace

AccountLines::AccountLines(std::string_view account) : account_(lower(account)) {}

std::string_view queue_id_of(std::string_view line) {
  const auto program = line.find("postfix");
  const auto at = line.find("]: ", std::min(program, line.size()));
  if (at == std::string_view::npos) return {};
  auto message = line.substr(at + 3);
  return formats::postfix::take_queue_id(message);
}

void AccountLines::learn(std::string_view line) {
  const auto id = queue_id_of(line);
  if (id.empty()) return;
  if (ids_.contains(id)) {
    const auto next = line.find("queued as ");
    if (next != std::string_view::npos)
      if (const auto other = id_at(line.substr(next + 10)); !other.empty()) ids_.emplace(other);
    return;
  }
  const auto user = value_of(line, " sasl_username=", ", \n"), sender = value_of(line, " from=<", ">");
  if (iequals(user, account_) || iequals(sender, account_)) ids_.emplace(id);
}

std::string AccountLines::take(std::string_view text) {
  std::size_t known = 0;
  do {  // the id of a next hop may be told after that hop's own first line
    known = ids_.size();
    lines_of(text, [&](std::string_view line) { learn(line); });
  } while (ids_.size() != known);
  std::string out;
  lines_of(text, [&](std::string_view line) {
    if (ids_.contains(queue_id_of(line)) || names(lower(line), account_)) out += line;
  });
  return out;
}

std::string_view block_list_of(std::string_view line) {
  const auto text = lower(line);
  if (!has_word(text, "status=bounced") && !has_word(text, "status=deferred")) return {};
  const auto dsn = value_of(text, "dsn=", ", ");
  if (!dsn.starts_with("5.7.") && !dsn.starts_with("4.7.")) return {};
  // Only what the other server said: our own addresses may hold such words.
  const auto said = std::string_view(text).substr(std::min(text.find("status="), text.size()));
  for (const auto& one : block_lists)
    if (has_word(said, one.word)) return one.list;
  return {};
}

void BlockListed::take(std::string_view text) {
  lines_of(text, [&](std::string_view line) {
    ++read_;
    const auto list = block_list_of(line);
    if (list.empty()) return;
    ++refusals_;
    ++lists_[std::string(list)];
    const auto recipient = value_of(line, " to=<", ">");
    ++domains_[to_utf8_lossy(lower(recipient.substr(std::min(recipient.rfind('@'), recipient.size() - 1) + 1)))];
    if (lines_.size() < max_lines) lines_.push_back(to_utf8_lossy(trim(line)));
  });
}

json::Value BlockListed::to_json(const std::set<std::string>& incomplete) const {
  const auto counts = [](const auto& from) {
    json::Object out;
    for (const auto& [name, count] : from) out[name] = count;
    return out;
  };
  return {{"read", read_},
          {"refusals", refusals_},
          {"lists", counts(lists_)},
          {"domains", counts(domains_)},
          {"lines", json::array_of(lines_)},
          {"incomplete", json::array_of({incomplete.begin(), incomplete.end()})}};
}

Result<void> collect_logs(const Site& site, const Order& order, const Connector::Take& take) {
  const auto since = time_of(order, "since");
  if (!since) return tl::make_unexpected(since.error());
  const auto until = order.parameters.contains("until") ? time_of(order, "until") : Result<UtcMicros>(now());
  if (!until) return tl::make_unexpected(until.error());
  if (*until < *since || until->value - since->value > longest) return fail(ErrorCode::bad_input, tr("postfix.logs.period"), "since");
  const bool whole = order.capability == "logs.export";
  if (!whole && order.account.empty()) return fail(ErrorCode::bad_input, tr("field.missing", {{"field", "account"}}), "account");
  AccountLines account(order.account);
  BlockListed refusals;
  std::string queries;
  std::set<std::string> incomplete;
  int parts = 0;
  const auto read = read_logs(site, *since, *until, incomplete, [&](std::string_view text, std::string query) {
    refusals.take(text);
    queries += query + "\n";
    const auto name = std::string(whole ? "mail-log" : "mail-trace") + "-" + std::to_string(++parts) + ".log";
    if (whole) return take({name, "log", std::move(query), std::string(text)});
    return take({name, "log", query + "\n" + tr("postfix.logs.of", {{"account", order.account}}), account.take(text)});
  });
  if (!read) return read;
  if (auto taken = take({"block-lists.json", {}, queries, json::canonical(refusals.to_json(incomplete)) + "\n"}); !taken) return taken;
  if (incomplete.empty()) return {};
  std::string files;
  for (const auto& one : incomplete) files += (files.empty() ? "" : ", ") + one;
  return fail(ErrorCode::io, tr("postfix.logs.incomplete", {{"files", std::string(clip(files, 4000))}}));
}

}  // namespace digue::connect::mta
