#include "analysis/analysis.hpp"

#include <algorithm>
#include <iterator>
#include <map>
#include <set>
#include <thread>
#include <tuple>

#include "analysis/accounts.hpp"
#include "analysis/event_order.hpp"
#include "analysis/ingest.hpp"
#include "analysis/join.hpp"
#include "analysis/sources.hpp"
#include "base/text.hpp"
#include "detect/detector.hpp"

namespace digue::analysis {

namespace {

constexpr std::size_t spill_memory = std::size_t{48} << 20;
constexpr int max_rounds = 4;
constexpr std::size_t most_planted = 50;

/// Addresses from which attackers came, with the accounts that show it: an account is never accused by its own sessions alone.
class HostileSources {
 public:
  void add(const IpAddress& ip, double confidence, const Text& reason) {
    general_.try_emplace(ip, story::HostileSource{ip, confidence, reason});
  }

  /// True when the address was not known through this account.
  bool add_account(const IpAddress& ip, const std::string& account, double confidence) {
    auto& accounts = by_account_[ip];
    const bool is_new = accounts.size() < 2 && !accounts.contains(account);
    auto [at, added] = accounts.try_emplace(account, confidence);
    at->second = std::max(at->second, confidence);
    return is_new;
  }

  std::vector<story::HostileSource> for_account(std::string_view account) const {
    std::map<IpAddress, story::HostileSource> out = general_;
    for (const auto& [ip, accounts] : by_account_)
      for (const auto& [other, confidence] : accounts)
        if (other != account) {
          out.try_emplace(ip, story::HostileSource{ip, confidence * 0.9, Text{"reason.other_account", {other}}});
          break;
        }
    std::vector<story::HostileSource> list;
    for (auto& [ip, source] : out) list.push_back(std::move(source));
    return list;
  }

 private:
  std::map<IpAddress, story::HostileSource> general_;
  std::map<IpAddress, std::map<std::string, double>> by_account_;
};

class Run {
 public:
  Run(Options options, ReadControl& control)
      : options_(std::move(options)),
        control_(control),
        inputs_(std::make_unique<Inputs>()),
        spill_(all_partitions, spill_memory, options_.spill_file) {
    settle_names(options_.profile);
  }

  Result<Analysis> operator()(const EventSink* events) {
    if (!options_.geo_databases.empty()) {
      auto geo = enrich::GeoDatabase::open(options_.geo_databases);
      if (!geo) return tl::make_unexpected(geo.error());
      geo_ = std::move(*geo);
    }
    if (auto status = read(); !status) return tl::make_unexpected(status.error());
    if (auto status = settle(); !status) return tl::make_unexpected(status.error());
    if (auto status = accounts(); !status) return tl::make_unexpected(status.error());
    if (auto status = relayed(); !status) return tl::make_unexpected(status.error());
    if (auto status = created_meanwhile(); !status) return tl::make_unexpected(status.error());
    if (events != nullptr)
      if (auto status = emit(*events); !status) return tl::make_unexpected(status.error());
    return gather();
  }

 private:
  Result<void> cancelled() const {
    if (control_.cancelled) return fail(ErrorCode::cancelled, "cancelled");
    return {};
  }

  /// First step: one pass over the bytes, parsed by several threads into the spill.
  Result<void> read() {
    BlockQueue queue(options_.threads + 2);
    std::vector<Result<void>> results(options_.threads);
    std::vector<std::thread> threads;
    for (unsigned i = 0; i < options_.threads; ++i)
      threads.emplace_back([&, i] { results[i] = parse_blocks(queue, *inputs_, spill_, names_); });
    auto status = read_all(options_.sources, *inputs_, queue, control_);
    queue.close();
    for (auto& thread : threads) thread.join();
    for (const auto& result : results)
      if (!result) return result;
    return status;
  }

  Result<void> settle() {
    settle_clock();
    std::unordered_map<std::uint32_t, Inputs::Loaded> loaded;
    if (auto status = join_fragments(spill_, clock_, names_, loaded); !status) return status;
    inputs_->merge(loaded);
    tell_names();
    if (options_.profile.own_domains.empty()) {
      options_.profile.own_domains = inputs_->likely_own_domains();
      for (const std::string& domain : options_.profile.own_domains) notes_.push_back({"note.own_domain_inferred", {domain}});
    }
    world_.profile = &options_.profile;
    world_.zone = &clock_.zone;
    auto found = survey_sources(spill_, clock_, geo_.get(), world_);
    if (!found) return tl::make_unexpected(found.error());
    source_findings_ = std::move(*found);
    for (const SourceFacts& facts : world_.sources)
      if (facts.sprayed && !facts.shared) hostile_.add(facts.ip, 0.9, {"reason.hostile_source", {to_text(facts.ip)}});
    return cancelled();
  }

  void tell_names() {
    constexpr std::size_t most_named = 20;
    std::string told;
    std::size_t count = 0;
    for (const auto name : names_.seen())
      if (count++ < most_named)
        told += (told.empty() ? "" : ", ") + std::string(name) + " = " + std::string(clip(*options_.profile.alias_of(name), 120));
    if (count > 0) notes_.push_back({count > most_named ? "note.names_joined_first" : "note.names_joined", {std::to_string(count), told}});
  }

  void settle_clock() {
    bool from_others = false;
    if (options_.profile.zone)
      clock_.zone = *options_.profile.zone;
    else
      clock_.zone = likely_zone(*inputs_, from_others);
    clock_.inputs = inputs_.get();
    for (std::uint32_t i = 0; i < inputs_->size(); ++i) {
      Input& input = (*inputs_)[i];
      if (input.total.zoneless > 0)
        input.notes.push_back({options_.profile.zone ? "note.zone_given"
                               : from_others         ? "note.zone_from_others"
                                                     : "note.zone_assumed",
                               {clock_.zone.name()}});
    }
    settle_years(*inputs_, options_.profile.year, inputs_->latest_dated({options_.now.value + micros_per_day}), options_.now);
  }

  /// Third step, repeated while attackers' addresses that it finds touch further accounts.
  Result<void> accounts() {
    std::set<IpAddress> fresh;
    for (int round = 0; round < max_rounds; ++round) {
      const bool first = round == 0;
      const auto wanted = [&](std::string_view, const std::vector<Row>& rows) {
        return first || std::any_of(rows.begin(), rows.end(), [&](const Row& row) { return row.ip && fresh.contains(*row.ip); });
      };
      if (auto status = each_partition(wanted, first); !status) return status;
      fresh = new_attacker_addresses();
      if (fresh.empty()) break;
    }
    return {};
  }

  Result<void> each_partition(const AccountAnalyser::Wanted& wanted, bool first) {
    std::atomic<std::size_t> next{0};
    std::mutex mutex;
    Result<void> status;
    const auto work = [&] {
      AccountAnalyser analyser(spill_, clock_, geo_.get(), world_);
      for (std::size_t p = next++; p < account_partitions && !control_.cancelled; p = next++) {
        std::unordered_map<std::uint32_t, Inputs::Loaded> loaded;
        std::map<std::string, AccountResult> results;
        auto done = analyser.run(
            p, wanted, [&](std::string_view account) { return hostile_.for_account(account); },
            [&](const AccountView& view, AccountResult result) {
              if (!first || keep(result)) results.insert_or_assign(std::string(view.account), std::move(result));
            },
            first ? &loaded : nullptr);
        if (first) inputs_->merge(loaded);
        const std::lock_guard lock(mutex);
        if (!done && status) status = done;
        for (auto& [account, result] : results) results_.insert_or_assign(account, std::move(result));
      }
    };
    std::vector<std::thread> threads;
    for (unsigned i = 1; i < options_.threads; ++i) threads.emplace_back(work);
    work();
    for (auto& thread : threads) thread.join();
    if (!status) return status;
    return cancelled();
  }

  /// Whom the intruder's mails reached, where the platform that sent them names nobody: a gateway's lines under the same Message-ID do.
  Result<void> relayed() {
    std::map<std::string_view, AccountResult*> senders;
    for (auto& [account, result] : results_)
      for (const Indicator& indicator : result.story.indicators)
        if (indicator.type == "message-id") senders.emplace(indicator.value, &result);
    if (senders.empty()) return {};
    const auto bytes = spill_.load(account_partition({}));
    if (!bytes) return tl::make_unexpected(bytes.error());
    Arena arena;
    std::unordered_map<std::uint32_t, Inputs::Loaded> unused;
    std::map<std::string_view, std::set<std::string_view>> told;  // a mail that crosses two gateways reached its recipient once
    for (const Spilled& event : without_duplicates(decode(*bytes, arena), unused)) {
      if (!event.account.empty() || event.outcome != Outcome::success) continue;
      const auto sender = senders.find(event.get(Field::message_id));
      if (sender == senders.end() || !told[sender->first].insert(event.get(Field::recipients)).second) continue;
      const std::string recipient(event.get(Field::recipients));
      sender->second->story.reach.push_back({recipient, options_.profile.is_own_address(recipient), "message", 1, clock_.resolve(event)});
    }
    return {};
  }

  /// Accounts that a directory made while an intruder was inside. Its records name nobody whose account it would be: they belong to none.
  Result<void> created_meanwhile() {
    std::vector<story::Intrusion> intrusions;
    for (const auto& [account, result] : results_) {
      const auto& from = result.story.account.first_access;
      if (result.story.account.verdict != Verdict::compromised || !from) continue;
      UtcMicros last = *from;
      for (const StorySession& session : result.story.sessions)
        if (session.session.actor == Actor::attacker) last = std::max(last, session.session.last);
      intrusions.push_back({account, *from, {last.value + micros_per_day}});
    }
    if (intrusions.empty()) return {};
    const auto bytes = spill_.load(account_partition({}));
    if (!bytes) return tl::make_unexpected(bytes.error());
    Arena arena;
    std::unordered_map<std::uint32_t, Inputs::Loaded> unused;
    std::size_t found = 0;
    for (const Spilled& event : without_duplicates(decode(*bytes, arena), unused)) {
      if (!event.account.empty() || event.activity != Activity::account_create || event.operation != "directory") continue;
      Row row;
      row.time = clock_.resolve(event);
      row.id = event.id;
      row.place = event.place;
      row.uid = event.uid;
      row.fields = event.fields;
      const auto* intrusion = story::intrusion_at(row, intrusions, options_.profile);
      if (intrusion == nullptr) continue;
      if (++found <= most_planted) source_findings_.push_back(story::planted_account(row, *intrusion, world_));
    }
    if (found > most_planted) notes_.push_back({"note.more_accounts_created", {std::to_string(found - most_planted)}});
    return {};
  }

  bool keep(const AccountResult& result) const {
    return options_.all_accounts || result.story.account.verdict != Verdict::clear || !result.findings.empty();
  }

  std::set<IpAddress> new_attacker_addresses() {
    std::set<IpAddress> fresh;
    for (const auto& [account, result] : results_) {
      if (result.story.account.verdict < Verdict::suspected) continue;  // attempts show no way in
      for (const StorySession& session : result.story.sessions) {
        if (session.session.actor != Actor::attacker || session.session.confidence < 0.8) continue;
        for (const IpAddress& ip : session.session.ips) {
          const SourceFacts* facts = world_.source(ip);
          const auto& own = options_.profile.own_ranges;
          if (ip.is_local() || (facts != nullptr && facts->shared) ||
              std::any_of(own.begin(), own.end(), [&](const IpRange& range) { return range.contains(ip); }))
            continue;
          if (hostile_.add_account(ip, account, session.session.confidence)) fresh.insert(ip);
        }
      }
    }
    return fresh;
  }

  /// The events of --events, in the order (time, id).
  Result<void> emit(const EventSink& sink) {
    std::set<std::size_t> partitions;
    for (const auto& [account, result] : results_)
      if (result.story.account.verdict != Verdict::clear) partitions.insert(account_partition(account));
    EventOrder order(spill_memory, options_.event_file);
    AccountAnalyser analyser(spill_, clock_, geo_.get(), world_);
    Result<void> kept;
    std::string text;
    const auto each = [&](const AccountView& view, const AccountResult& result) {
      const bool only_hostile = result.story.account.verdict == Verdict::targeted;
      for (std::size_t i = 0; i < view.rows.size() && kept; ++i) {
        const Row& row = view.rows[i];
        if (only_hostile && !result.story.row_hostile[i]) continue;
        const StorySession* session = row.session < result.story.sessions.size() ? &result.story.sessions[row.session] : nullptr;
        text.clear();
        sink.text({row, session, result.story.row_actors[i], session != nullptr ? session->session.confidence : 0}, text);
        kept = order.add(row.time, row.id, text);
      }
    };
    const auto wanted = [&](std::string_view account, const std::vector<Row>&) {
      const auto at = results_.find(std::string(account));
      return at != results_.end() && at->second.story.account.verdict != Verdict::clear;
    };
    for (const std::size_t p : partitions) {
      auto status = analyser.run(p, wanted, [&](std::string_view account) { return hostile_.for_account(account); }, each, nullptr);
      if (!status || !kept) return status ? kept : status;
      if (control_.cancelled) return cancelled();
    }
    return order.drain(sink.line);
  }

  Result<Analysis> gather();

  Options options_;
  ReadControl& control_;
  AccountNames names_{options_.profile};
  std::unique_ptr<Inputs> inputs_;
  Spill spill_;
  std::unique_ptr<enrich::GeoDatabase> geo_;
  Clock clock_;
  World world_;
  HostileSources hostile_;
  std::vector<Finding> source_findings_;
  std::map<std::string, AccountResult> results_;
  std::vector<Text> notes_;
};

template <class T, class Key>
void sort_by(std::vector<T>& list, Key key) {
  std::sort(list.begin(), list.end(), [&](const T& a, const T& b) { return key(a) < key(b); });
}

void merge_into(std::map<std::pair<std::string, std::string>, Indicator>& all, Indicator indicator) {
  auto [at, added] = all.try_emplace({indicator.type, indicator.value}, indicator);
  if (added) return;
  Indicator& kept = at->second;
  if (indicator.first && (!kept.first || *indicator.first < *kept.first)) kept.first = indicator.first;
  if (indicator.last && (!kept.last || *indicator.last > *kept.last)) kept.last = indicator.last;
  kept.accounts.insert(kept.accounts.end(), indicator.accounts.begin(), indicator.accounts.end());
  std::sort(kept.accounts.begin(), kept.accounts.end());
  kept.accounts.erase(std::unique(kept.accounts.begin(), kept.accounts.end()), kept.accounts.end());
  kept.why = std::min(kept.why, indicator.why);
}

void merge_into(std::map<std::pair<std::string, std::string>, Reach>& all, const Reach& reach) {
  auto [at, added] = all.try_emplace({reach.address, reach.how}, reach);
  if (added) return;
  at->second.messages += reach.messages;
  if (reach.first && (!at->second.first || *reach.first < *at->second.first)) at->second.first = reach.first;
}

Result<Analysis> Run::gather() {
  Analysis out;
  std::map<std::pair<std::string, std::string>, Indicator> indicators;
  std::map<std::pair<std::string, std::string>, Reach> reach;
  out.findings = std::move(source_findings_);
  for (auto& [account, result] : results_) {
    AccountStory& story = result.story;
    out.findings.insert(out.findings.end(), std::make_move_iterator(result.findings.begin()),
                        std::make_move_iterator(result.findings.end()));
    if (story.account.verdict == Verdict::clear && !options_.all_accounts) continue;
    out.accounts.push_back(std::move(story.account));
    std::move(story.sessions.begin(), story.sessions.end(), std::back_inserter(out.sessions));
    for (Indicator& indicator : story.indicators) merge_into(indicators, std::move(indicator));
    for (const Reach& one : story.reach) merge_into(reach, one);
    std::move(story.exposure.begin(), story.exposure.end(), std::back_inserter(out.exposure));
  }
  for (auto& [key, indicator] : indicators) out.indicators.push_back(std::move(indicator));
  for (auto& [key, one] : reach) out.reach.push_back(std::move(one));
  sort_by(out.accounts, [](const StoryAccount& a) { return std::make_tuple(-static_cast<int>(a.verdict), std::string_view(a.account)); });
  sort_by(out.sessions, [](const StorySession& s) { return std::tie(s.session.first, s.session.id); });
  for (Finding& finding : out.findings) detect::finish(finding);
  sort_by(out.findings, [](const Finding& f) { return std::tie(f.first, f.rule, f.id); });
  sort_by(out.exposure, [](const Exposure& e) { return std::tie(e.level, e.account, e.what, e.why); });
  if (geo_)
    for (const std::string& source : geo_->sources()) notes_.push_back({"note.geography", {source}});
  out.notes = std::move(notes_);
  out.profile = std::move(options_.profile);
  out.zone = clock_.zone;
  out.inputs = std::move(inputs_);
  return out;
}

}  // namespace

Result<Analysis> analyse(Options options, ReadControl& control, const EventSink* events) {
  options.threads = std::clamp(options.threads, 1U, 64U);
  return Run(std::move(options), control)(events);
}

}  // namespace digue::analysis
