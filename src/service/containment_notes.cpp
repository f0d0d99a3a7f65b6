#include "service/containment_notes.hpp"

#include "base/text.hpp"
#include "service/analysis_json.hpp"
#include "service/duty_facts.hpp"
#include "service/exhibits.hpp"

namespace digue::service {

namespace {

using containment::Operation;

constexpr std::uint64_t max_prior = std::uint64_t{256} << 20;

std::string target_of(const containment::Order& order) {
  if (!order.account.empty()) return order.account;
  std::string out;
  for (const auto& [name, value] : order.parameters) out += (out.empty() ? "" : ", ") + name + " " + value;
  return out;
}

std::string trials_of(const Context& context, const Operation& operation) {
  std::string out;
  for (const auto& probe : operation.probes) {
    if (!out.empty()) out += ", ";
    const auto name = name_of(probe);
    out += (context.settings.language == Language::fr ? name.fr : name.en) + ' ' +
           say(context, probe.good ? "operation.holds" : "operation.does_not_hold") + " (" + std::string(clip(probe.seen, 200)) + ')';
    if (!probe.source.empty()) out += ' ' + say(context, "operation.our_source", {{"source", probe.source}});
  }
  return out;
}

}  // namespace

Localized name_of(const containment::Probe& probe) {
  // "group CN=...": a kind, and what it is of.
  const auto space = std::min(probe.what.find(' '), probe.what.size());
  const auto key = "probe." + probe.what.substr(0, space);
  const auto text = [&](Language language) {
    const auto out = tr_in(language, key);
    return out == key ? probe.what : out + probe.what.substr(space);
  };
  return {text(Language::fr), text(Language::en)};
}

std::string title_of(const Context& context, const Operation& operation) {
  return say(context, operation.undoes.empty() ? "operation.title" : "operation.title_undo",
             {{"what", say(context, "capability." + operation.plan.order.capability)},
              {"target", target_of(operation.plan.order)},
              {"platform", operation.platform}});
}

Note note_of_plan(const Context& context, const Operation& operation) {
  std::string steps;
  for (std::size_t i = 0; i < operation.plan.steps.size(); ++i)
    steps += ' ' + std::to_string(i + 1) + ". " + say(context, operation.plan.steps[i].says);
  auto note = note_of(context, operation, "operation.planned", operation.reason);
  note.text += steps;
  if (operation.author_unproven) note.text += ' ' + say(context, "note.operation.unproven_name");
  return note;
}

Note note_of(const Context& context, const Operation& operation, const std::string& about, const std::string& detail) {
  Note note{about,
            say(context, "note." + about,
                {{"what", title_of(context, operation)},
                 {"detail", detail},
                 {"error", operation.error},
                 {"trials", trials_of(context, operation)},
                 {"until", operation.plan.order.until ? local_text(*operation.plan.order.until, context.settings.zone) : std::string()},
                 {"reason", operation.approval ? operation.approval->reason : std::string()}}),
            {},
            {{"operation", operation.id}}};
  if (about == "operation.approved" && operation.approval && operation.approval->break_glass)
    note.text += ' ' + say(context, "note.operation.glass", {{"reason", operation.approval->reason}});
  if (about == "operation.cancelled" && !detail.empty()) note.text += ' ' + detail;
  if (!operation.account.empty()) note.accounts.push_back(operation.account);
  if (!operation.task.empty()) note.links.push_back({"task", operation.task});
  if (!operation.exhibit.empty()) note.links.push_back({"exhibit", operation.exhibit});
  note.kind = about == "operation.approved" || about == "operation.cancelled" ? journal::Kind::decision : journal::Kind::action;
  return note;
}

void tell(const Context& context, const Operation& operation) {
  for (const auto* kind : {"operation", "journal"}) context.notify(kind, operation.incident);
}

Caller workbench() {
  Caller out;
  out.name = "Digue";
  out.source = "local";
  out.everything = true;
  return out;
}

Result<store::SealedBytes> seal_bytes(const Context& context, std::string_view bytes) {
  auto incoming = context.vault.receive();
  if (!incoming) return tl::make_unexpected(incoming.error());
  if (auto written = incoming->write(bytes); !written) return tl::make_unexpected(written.error());
  return context.vault.seal(std::move(*incoming));
}

Result<std::string> exhibit_bytes(const Context& context, const std::string& incident, const std::string& exhibit) {
  const auto record = store::reading(context.cases, [&](store::CaseReader& reader) { return reader.exhibit(incident, exhibit); });
  if (!record) return tl::make_unexpected(record.error());
  const auto file = context.vault.open_exhibit(record->sha256);
  if (!file) return tl::make_unexpected(file.error());
  const auto size = file->size();
  if (!size) return tl::make_unexpected(size.error());
  if (*size > max_prior) return fail(ErrorCode::limit, tr("operation.prior_too_long"), record->name);
  std::string out(*size, '\0');
  const auto got = file->read_at(0, out.data(), out.size());
  if (!got) return tl::make_unexpected(got.error());
  // Nobody undoes from bytes that are not the sealed ones.
  if (*got != out.size() || to_hex(sha256(out)) != record->sha256)
    return fail(ErrorCode::conflict, tr("operation.prior_damaged"), record->name);
  return out;
}

Result<std::map<std::string, std::string>> secrets_of(const Context& context, const Platforms& platforms, const Operation& operation) {
  const auto sealed =
      store::reading(context.cases, [&](store::CaseReader& reader) { return reader.operation_secrets(operation.incident, operation.id); });
  if (!sealed) return tl::make_unexpected(sealed.error());
  return platforms.unseal(*sealed);
}

Result<void> lend_password(const Context& context, const Platforms& platforms, const Operation& operation, containment::Plan& plan) {
  if (plan.order.capability != "session.revoke" || operation.account.empty()) return {};
  const auto listed = platforms.list();
  if (!listed) return tl::make_unexpected(listed.error());
  const auto own = std::find_if(listed->begin(), listed->end(), [&](const auto& one) { return one.name == operation.platform; });
  const auto directory = own == listed->end() ? std::string() : text_of(own->settings, "directory");
  if (directory.empty()) return {};
  const auto all = store::reading(context.cases, [&](store::CaseReader& reader) { return reader.operations(operation.incident); });
  if (!all) return tl::make_unexpected(all.error());
  const Operation *block = nullptr, *reset = nullptr;
  for (const auto& one : *all) {
    if (one.account != operation.account || one.platform != directory || !one.undoes.empty()) continue;
    if (one.plan.order.capability == "account.block" && one.state == containment::State::verified) block = &one;
    if (one.plan.order.capability == "password.reset" && one.accepted && (reset == nullptr || *reset->accepted < *one.accepted))
      reset = &one;
  }
  if (block == nullptr || reset == nullptr) return {};
  const auto secrets = secrets_of(context, platforms, *reset);
  if (!secrets) return {};  // what cannot be opened cannot be lent; the sessions are looked at all the same
  if (const auto at = secrets->find("password"); at != secrets->end()) plan.secrets["refused"] = at->second;
  return {};
}

Result<incident::Exhibit> take_piece(const Context& context, const Caller& caller, const std::string& incident, const NewCollection& wanted,
                                     const containment::Collected& piece) {
  const auto sealed = seal_bytes(context, piece.bytes);
  if (!sealed) return tl::make_unexpected(sealed.error());
  Result<incident::Exhibit> out;
  const auto done = record_sealed(context, *sealed, [&](store::CaseWriter& writer) -> Result<void> {
    const auto record = writer.incident(incident);
    if (!record) return tl::make_unexpected(record.error());
    Arrival arrival;
    arrival.content = piece.content;
    arrival.acquisition.source = wanted.platform;
    arrival.acquisition.authority = say(context, "acquisition.response", {{"reference", record->reference}});
    arrival.acquisition.tool = "Digue";
    arrival.acquisition.tool_version = DIGUE_VERSION;
    arrival.acquisition.query = std::string(clip(piece.query, 4000));
    Note note{"exhibit.collected",
              say(context, "note.collected",
                  {{"name", std::string(clip(piece.name, 1000))},
                   {"platform", wanted.platform},
                   {"bytes", std::to_string(sealed->bytes)},
                   {"sha256", sealed->sha256}}),
              {},
              {}};
    if (!wanted.account.empty()) note.accounts.push_back(wanted.account);
    if (!wanted.task.empty()) note.links.push_back({"task", wanted.task});
    out = take_in(writer, context, caller, incident, *sealed, piece.bytes,
                  {std::string(clip(piece.name, max_exhibit_name)), "connector", std::move(arrival), std::move(note)});
    return out ? Result<void>() : tl::make_unexpected(out.error());
  });
  if (!done) return tl::make_unexpected(done.error());
  return out;
}

Result<Operation> undo_of(const Context& context, Platforms& platforms, const containment::Policy& policy, const std::string& incident,
                          const std::string& id, const std::string& undo) {
  std::vector<Operation> resting;
  const auto original = store::reading(context.cases, [&](store::CaseReader& reader) -> Result<Operation> {
    auto operation = reader.operation(incident, id);
    if (!operation) return operation;
    auto others = reader.operations_on(operation->platform);
    if (!others) return tl::make_unexpected(others.error());
    std::erase_if(*others, [&](const auto& one) { return one.id == undo; });
    if (auto good = containment::check_undo(*operation, *others); !good) return tl::make_unexpected(good.error());
    std::copy_if(others->begin(), others->end(), std::back_inserter(resting),
                 [&](const auto& one) { return containment::rests_on(one, *operation); });
    return operation;
  });
  if (!original) return original;
  std::string prior;
  if (!original->exhibit.empty()) {
    auto bytes = exhibit_bytes(context, incident, original->exhibit);
    if (!bytes) return tl::make_unexpected(bytes.error());
    prior = std::move(*bytes);
  }
  auto full = original->plan;
  if (auto secrets = secrets_of(context, platforms, *original))
    full.secrets = std::move(*secrets);
  else
    return tl::make_unexpected(secrets.error());
  auto plan = platforms.with(original->platform,
                             [&](containment::Connector& connector, const CommonSettings&) { return connector.plan_undo(full, prior); });
  if (!plan) return tl::make_unexpected(plan.error());
  plan->order = original->plan.order;
  plan->order.until.reset();
  for (const auto& one : resting) {
    const auto text = [&](Language language) {
      return tr_in(language, "operation.takes_along",
                   {{"what", tr_in(language, "capability." + one.plan.order.capability)}, {"id", one.id}});
    };
    plan->notes.push_back({text(Language::fr), text(Language::en)});
    plan->two_persons |= containment::needs_two(one.plan, policy);
  }
  auto out = containment::begin(std::move(*plan));
  out.incident = incident;
  out.platform = original->platform;
  out.account = original->account;
  out.task = original->task;
  out.evidence = original->evidence;
  out.undoes = original->id;
  return out;
}

}  // namespace digue::service
