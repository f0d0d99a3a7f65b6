#include "service/analyses.hpp"

#include <algorithm>
#include <charconv>
#include <chrono>

#include "base/ip.hpp"
#include "base/json/value.hpp"
#include "base/text.hpp"
#include "service/custody.hpp"
#include "service/establishments.hpp"
#include "service/notes.hpp"
#include "service/other_logs.hpp"
#include "service/overlays.hpp"
#include "service/platforms.hpp"
#include "service/story.hpp"
#include "service/tasks.hpp"

namespace digue::service {

namespace {

using Steady = std::chrono::steady_clock;
constexpr auto tell_every = std::chrono::milliseconds(500);
constexpr std::size_t max_told_accounts = 20;
constexpr std::size_t max_own_probes = 50'000;  // the oldest go first

/// What our own trials of doors left in the logs: so that the next story does not take them for somebody's.
json::Array own_probes_of(const std::vector<containment::Operation>& operations) {
  constexpr std::int64_t second = micros_per_second;
  json::Array out;
  for (const auto& operation : operations) {
    if (operation.plan.order.account.empty()) continue;
    std::string ip;
    const auto add = [&](std::int64_t port, UtcMicros from, UtcMicros to) {
      out.push_back(json::Object{
          {"account", lower(operation.plan.order.account)}, {"ip", ip}, {"port", port}, {"from", from.value}, {"to", to.value}});
    };
    for (const auto& trace : operation.traces) {
      const auto address = parse_client_address(trace.source);
      std::uint16_t port = 0;
      const char* const end = trace.source.data() + trace.source.size();
      if (!address || std::from_chars(trace.source.data() + trace.source.rfind(':') + 1, end, port).ptr != end || port == 0) continue;
      ip = to_text(*address);
      add(port, {trace.at.value - 10 * second}, {trace.at.value + 10 * second});
    }
    if (ip.empty()) continue;
    // What a step tries is told without its port: all on the account from our address, as long as it ran.
    for (const auto& run : operation.runs)
      if (run.sent && run.ended) add(0, {run.sent->value - second}, {run.ended->value + second});
  }
  if (out.size() > max_own_probes) out.erase(out.begin(), out.end() - max_own_probes);
  return out;
}

std::string options_of(const Settings& settings, const std::vector<incident::Pin>& pins, const Profile& names, json::Array own_probes) {
  json::Array list, aliases;
  for (const auto& [name, account] : names.aliases) aliases.push_back(json::Object{{"name", name}, {"account", account}});
  for (const auto& pin : pins)
    list.push_back(json::Object{{"kind", pin.kind}, {"value", pin.value}, {"actor", pin.actor}, {"reason", pin.reason}});
  return json::canonical(json::Object{{"zone", settings.zone},
                                      {"own_domains", json::array_of(settings.own_domains)},
                                      {"own_ranges", json::array_of(settings.own_ranges)},
                                      {"language", settings.language == Language::fr ? "fr" : "en"},
                                      {"pins", std::move(list)},
                                      {"aliases", std::move(aliases)},
                                      {"own_probes", std::move(own_probes)}});
}

/// Answers pasted as proofs of a task are no evidence to analyse.
Result<std::vector<incident::Exhibit>> evidence_of(store::CaseReader& reader, const std::string& incident) {
  auto exhibits = reader.exhibits(incident);
  if (exhibits)
    std::erase_if(*exhibits,
                  [](const incident::Exhibit& exhibit) { return exhibit.method == "pasted" || exhibit.method == other_log_method; });
  return exhibits;
}

/// What one analysis reads and replaces.
struct Before {
  std::vector<incident::Exhibit> exhibits;
  std::vector<incident::Pin> pins;
  std::vector<containment::Operation> operations;
  std::int64_t version = 0;
  Settings settings;
  Profile names;
};

Result<Before> read_before(store::CaseReader& reader, const Context& context, const std::string& incident) {
  auto exhibits = evidence_of(reader, incident);
  if (!exhibits) return tl::make_unexpected(exhibits.error());
  auto pins = reader.pins(incident);
  if (!pins) return tl::make_unexpected(pins.error());
  auto operations = reader.operations(incident);
  if (!operations) return tl::make_unexpected(operations.error());
  const auto story = reader.story_head(incident);
  if (!story && story.error().code != ErrorCode::not_found) return tl::make_unexpected(story.error());
  auto settings = settings_for(reader, context, incident);
  if (!settings) return tl::make_unexpected(settings.error());
  auto names = known_names(reader);
  if (!names) return tl::make_unexpected(names.error());
  return Before{std::move(*exhibits),       std::move(*pins),     std::move(*operations),
                story ? story->version : 0, std::move(*settings), std::move(*names)};
}

Result<void> take_over_exhibits(store::CaseWriter& writer, const std::string& incident, const Before& before, const StoryFacts& facts,
                                const std::vector<incident::StoryInput>& inputs) {
  for (auto exhibit : before.exhibits) {
    exhibit.format.reset();
    exhibit.records = 0;
    exhibit.rejected = 0;
    for (std::size_t i = 0; i < inputs.size(); ++i) {
      if (inputs[i].exhibit != exhibit.id) continue;
      *exhibit.records += facts.inputs[i].records;
      *exhibit.rejected += facts.inputs[i].rejected;
      if (!exhibit.format) exhibit.format = facts.inputs[i].format;
    }
    if (exhibit.state != "damaged") exhibit.state = exhibit.format ? "analysed" : "unrecognised";
    if (auto done = writer.set_exhibit_findings(incident, exhibit); !done) return done;
  }
  return {};
}

/// Verdicts of compromised and suspected accounts; the compromised ones join the incident. Those that join now come back.
Result<std::vector<std::string>> take_over_accounts(store::CaseWriter& writer, const Context& context, const std::string& incident,
                                                    const StoryFacts& facts, const Profile& names) {
  const auto known = writer.accounts(incident);
  if (!known) return tl::make_unexpected(known.error());
  std::vector<std::string> joining;
  // One that was added by another of its names is judged as the account that it is.
  const auto verdict_of = [&](const std::string& name) -> std::optional<std::string> {
    const auto account = names.account_of(name);
    for (const auto& one : facts.accounts)
      if (one.account == account) return one.verdict;
    return std::nullopt;
  };
  const auto put = [&](incident::Account record, const std::optional<std::string>& verdict) -> Result<void> {
    record.verdict = verdict;
    if (verdict == "compromised" && !record.joined) {
      record.joined = true;
      joining.push_back(record.account);
    }
    return writer.put_account(incident, record, now());
  };
  for (const auto& record : *known)
    if (auto done = put(record, verdict_of(record.account).value_or("clear")); !done) return tl::make_unexpected(done.error());
  for (const auto& one : facts.accounts) {
    if (one.verdict != "compromised" && one.verdict != "suspected") continue;
    if (std::any_of(known->begin(), known->end(), [&](const auto& record) { return record.account == one.account; })) continue;
    if (auto done = put({one.account, "analysis", std::nullopt, false}, one.verdict); !done) return tl::make_unexpected(done.error());
  }
  for (const auto& account : joining)
    if (auto done = open_account_tasks(writer, context, incident, account); !done) return tl::make_unexpected(done.error());
  return joining;
}

std::string list_of(const std::vector<std::string>& accounts) {
  std::string out;
  for (std::size_t i = 0; i < std::min(accounts.size(), max_told_accounts); ++i) out += (i == 0 ? "" : ", ") + accounts[i];
  if (accounts.size() > max_told_accounts) out += ", +" + std::to_string(accounts.size() - max_told_accounts);
  return out;
}

Result<void> analyse(const Context& context, Analyser& analyser, const incident::Job& job, Running& running) {
  const auto& incident = job.incident;
  const Caller caller{job.by};
  const auto started = now();
  const auto before = store::writing(context.cases, [&](store::CaseWriter& writer) -> Result<Before> {
    auto found = read_before(writer, context, incident);
    if (!found) return found;
    if (auto done = job_started(writer, job, started); !done) return tl::make_unexpected(done.error());
    std::vector<incident::CustodyEvent> events;
    for (const auto& exhibit : found->exhibits) events.push_back({exhibit.id, started, job.by, "analysed", "analysis " + job.id});
    Note note{"analysis.started",
              say(context, "note.analysis_started",
                  {{"exhibits", std::to_string(found->exhibits.size())}, {"bytes", std::to_string(job.bytes_total)}}),
              {},
              {{"job", job.id}}};
    if (auto told = note_custody(writer, context, caller, incident, std::move(events), std::move(note)); !told)
      return tl::make_unexpected(told.error());
    return found;
  });
  if (!before) return tl::make_unexpected(before.error());
  context.notify("job", incident);
  context.notify("journal", incident);

  const auto names = unique_names(before->exhibits);
  AnalysisJob work;
  work.options = options_of(before->settings, before->pins, before->names, own_probes_of(before->operations));
  for (std::size_t i = 0; i < names.size(); ++i) work.inputs.push_back({context.vault.path_of(before->exhibits[i].sha256), names[i]});
  const std::int64_t version = before->version + 1;
  auto batch = context.events.begin(incident, version);
  if (!batch) return tl::make_unexpected(batch.error());
  const auto documents = context.documents.begin(incident, version);
  if (!documents) return tl::make_unexpected(documents.error());

  Steady::time_point told = Steady::now();
  AnalysisSink sink;
  sink.cancelled = &running.cancelled;
  sink.progress = [&](std::uint64_t done, std::uint64_t total) {
    running.bytes_done = done;
    running.bytes_total = total;
    if (Steady::now() - told < tell_every) return;
    told = Steady::now();
    context.notify("job", incident);
  };
  sink.events = [&](std::string_view lines) -> Result<void> {
    while (!lines.empty()) {
      const auto end = lines.find('\n');
      const auto line = lines.substr(0, end);
      lines = end == std::string_view::npos ? std::string_view() : lines.substr(end + 1);
      if (line.empty()) continue;
      const auto row = read_event(line);
      if (!row) return tl::make_unexpected(row.error());
      if (auto added = (*batch)->add(*row); !added) return added;
    }
    return {};
  };
  sink.document = [&](std::string_view kind, std::string_view bytes) { return (*documents)->write(kind, bytes); };
  auto analysis = analyser.run(work, sink);
  if (!analysis) return tl::make_unexpected(analysis.error());
  if (running.cancelled) return fail(ErrorCode::cancelled, "");
  const auto facts = read_story(*analysis);
  if (!facts) return tl::make_unexpected(facts.error());
  if (auto kept = (*batch)->commit(); !kept) return kept;
  if (auto kept = (*documents)->commit(); !kept) return kept;

  const auto done = context.cases.write([&](store::CaseWriter& writer) -> Result<void> {
    const auto inputs = map_inputs(facts->inputs, before->exhibits, names);
    const auto time = now();
    if (auto added = writer.add_story(incident, {version, time, *analysis, inputs}); !added) return added;
    if (auto taken = take_over_exhibits(writer, incident, *before, *facts, inputs); !taken) return taken;
    const auto joining = take_over_accounts(writer, context, incident, *facts, before->names);
    if (!joining) return tl::make_unexpected(joining.error());
    if (auto put = job_done(writer, job, started, time); !put) return put;
    std::int64_t records = 0;
    std::int64_t rejected = 0;
    for (const auto& input : facts->inputs) {
      records += input.records;
      rejected += input.rejected;
    }
    std::string text = say(context, "note.analysis_done",
                           {{"version", std::to_string(version)},
                            {"records", std::to_string(records)},
                            {"rejected", std::to_string(rejected)},
                            {"findings", std::to_string(facts->findings)}});
    if (!joining->empty()) text += ' ' + say(context, "note.analysis_accounts", {{"accounts", list_of(*joining)}});
    Note note{"analysis.done", std::move(text), *joining, {{"job", job.id}, {"story", std::to_string(version)}}};
    note.accounts.resize(std::min(note.accounts.size(), journal::max_items));
    const auto line = write_note(writer, context, caller, incident, std::move(note));
    if (!line) return tl::make_unexpected(line.error());
    if (const auto applied = apply_overlays(writer, context, caller, incident); !applied) return tl::make_unexpected(applied.error());
    return {};
  });
  if (!done) return done;
  // What stays of older versions takes room, no more; the next analysis tries again.
  static_cast<void>(context.events.keep_only(incident, version));
  static_cast<void>(context.documents.keep_only(incident, version));
  for (const auto* kind : {"story", "exhibit", "task", "incident", "journal"}) context.notify(kind, incident);
  return {};
}

}  // namespace

Result<JobView> Analyses::start(const Caller& caller, const std::string& incident) {
  const auto prepare = [&](store::CaseWriter& writer, incident::Job& job) -> Result<void> {
    const auto exhibits = evidence_of(writer, incident);
    if (!exhibits) return tl::make_unexpected(exhibits.error());
    if (exhibits->empty()) return fail(ErrorCode::bad_input, tr("analysis.no_exhibit"), {}, tr("analysis.no_exhibit_help"));
    for (const auto& exhibit : *exhibits) job.bytes_total += exhibit.bytes;
    return {};
  };
  return jobs_.start(
      caller, incident, "analysis", prepare,
      [&context = context_, &analyser = analyser_](const auto& job, Running& running) { return analyse(context, analyser, job, running); });
}

}  // namespace digue::service
