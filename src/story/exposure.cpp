#include <functional>
#include <map>
#include <set>

#include "base/text.hpp"
#include "story/attribution.hpp"
#include "story/weights.hpp"

namespace digue::story {

namespace {

struct Count {
  std::uint64_t records = 0, items = 0, bytes = 0;
  std::uint64_t recipients = 0;  ///< of mails sent, where the source tells
};

/// What an intruder's session did, by kind.
struct Doings {
  Count read, sent, removed, downloaded, shared, exported;
  std::set<std::string> folders;
  std::uint64_t throttled = 0;
  Count connections;  ///< of IMAP and POP
};

void note(Count& count, const Row& row) {
  ++count.records;
  count.items += row.number(Field::count, 1) * row.repeats;
  count.bytes += row.number(Field::bytes);
}

bool is_mail_protocol(const Row& row) {
  const std::string_view client = row.get(Field::client);
  return icontains(client, "imap") || icontains(client, "pop3");
}

void observe(const Row& row, Doings& doings) {
  switch (row.activity) {
    case Activity::mail_read:
      note(doings.read, row);
      doings.throttled += row.get(Field::throttled) == "true";
      break;
    case Activity::mail_sync:
      doings.folders.insert(row.get(Field::folder).empty() ? "?" : std::string(clip(row.get(Field::folder), 200)));
      doings.throttled += row.get(Field::throttled) == "true";
      break;
    case Activity::mail_send:
      ++doings.sent.records;
      doings.sent.items += row.repeats;
      doings.sent.recipients += row.number(Field::count) * row.repeats;
      break;
    case Activity::mail_delete:
    case Activity::mail_purge:
      note(doings.removed, row);
      break;
    case Activity::file_download:
      note(doings.downloaded, row);
      break;
    case Activity::file_share:
      note(doings.shared, row);
      break;
    case Activity::export_content:
      note(doings.exported, row);
      break;
    case Activity::sign_in:
    case Activity::sign_out:
      if (is_mail_protocol(row)) note(doings.connections, row);
      break;
    default:
      break;
  }
}

std::string number(std::uint64_t value) {
  return std::to_string(value);
}

/// Mail that left through forwarding or rules planted by the intruder: what filters told is certain; what arrived while a forwarding stood
/// is possible.
void find_forwarded(const AccountView& view, const Attribution& attribution, const PlantedFilters& planted,
                    const std::function<void(Exposure)>& add) {
  struct Span {
    UtcMicros from;
    std::optional<UtcMicros> to;
  };
  std::map<std::string, Span> open;  // destination
  std::vector<std::pair<std::string, Span>> spans;
  for (const Row& row : view.rows) {
    const bool intruder = row.session != Row::no_session && attribution.sessions[row.session].actor == Actor::attacker;
    const bool sets =
        row.activity == Activity::forwarding_set || row.activity == Activity::rule_create || row.activity == Activity::rule_change;
    if (sets && intruder)
      each_address(row.get(Field::forward_to), [&](const std::string& destination) { open.try_emplace(destination, Span{row.time, {}}); });
    if (row.activity == Activity::forwarding_remove || row.activity == Activity::rule_remove) {
      for (auto& [destination, span] : open) {
        span.to = row.time;
        spans.emplace_back(destination, span);
      }
      open.clear();
    }
  }
  for (auto& [destination, span] : open) spans.emplace_back(destination, span);
  std::map<std::string, std::uint64_t> told;
  for (const Row& row : view.rows)
    for (const std::string& destination : planted.destinations(row)) ++told[destination];
  for (const auto& [destination, count] : told)
    add({Exposure::Level::certain, "messages_forwarded", {}, count, {"exposure.forwarded", {destination, number(count)}}});
  for (const auto& [destination, span] : spans) {
    if (told.contains(destination)) continue;
    std::uint64_t arrived = 0;
    for (const Row& row : view.rows)
      arrived += row.activity == Activity::mail_receive && row.time >= span.from && (!span.to || row.time <= *span.to);
    Exposure possible{Exposure::Level::possible,
                      "messages_forwarded",
                      {},
                      std::nullopt,
                      {"exposure.forwarding_stood", {destination, to_iso8601(span.from), span.to ? to_iso8601(*span.to) : "-"}}};
    if (arrived > 0) possible.count = arrived;
    add(std::move(possible));
  }
}

}  // namespace

void find_exposure(const AccountView& view, const Attribution& attribution, const PlantedFilters& planted,
                   std::vector<Exposure>& exposure) {
  Doings done, doubted;
  bool intruder = false, doubt = false, reads_recorded = false;
  for (const Row& row : view.rows) {
    reads_recorded = reads_recorded || row.activity == Activity::mail_read || row.activity == Activity::mail_sync;
    if (row.session == Row::no_session || row.outcome == Outcome::failure) continue;
    const Judgement& judgement = attribution.sessions[row.session];
    if (!judgement.access) continue;
    if (judgement.actor == Actor::attacker) {
      intruder = true;
      observe(row, done);
    } else if (judgement.probability >= doubt_from) {
      doubt = true;
      observe(row, doubted);
    }
  }
  const auto add = [&](Exposure entry) {
    entry.account = view.account;
    exposure.push_back(std::move(entry));
  };
  using Level = Exposure::Level;
  const auto certain = [&](std::string_view what, std::string_view key, const Count& count) {
    if (count.records > 0) add({Level::certain, std::string(what), {}, count.items, {std::string(key), {number(count.items)}}});
  };
  certain("messages_read", "exposure.read", done.read);
  if (done.sent.recipients > 0)
    add({Level::certain,
         "messages_sent",
         {},
         done.sent.items,
         {"exposure.sent_to", {number(done.sent.items), number(done.sent.recipients)}}});
  else
    certain("messages_sent", "exposure.sent", done.sent);
  certain("messages_deleted", "exposure.deleted", done.removed);
  certain("files_downloaded", "exposure.downloaded", done.downloaded);
  certain("files_shared", "exposure.shared", done.shared);
  certain("mailbox_content", "exposure.exported", done.exported);
  const auto possible = [&](const Doings& doings, std::string_view folders_key, std::string_view volume_key) {
    if (!doings.folders.empty()) {
      std::string list;
      for (const auto& folder : doings.folders)
        if (list.size() < 400) list += (list.empty() ? "" : ", ") + folder;
      add({Level::possible,
           "folders_synchronised",
           {},
           doings.folders.size(),
           {std::string(folders_key), {number(doings.folders.size()), list}}});
    }
    if (doings.connections.records > 0)
      add({Level::possible,
           "mailbox_content",
           {},
           std::nullopt,
           {std::string(volume_key), {number(doings.connections.records), number(doings.connections.bytes)}}});
  };
  possible(done, "exposure.folders", "exposure.volume");
  if (doubt) {
    possible(doubted, "exposure.folders_doubt", "exposure.volume_doubt");
    if (doubted.read.records > 0)
      add({Level::possible, "messages_read", {}, doubted.read.items, {"exposure.read_doubt", {number(doubted.read.items)}}});
  }
  if (intruder) find_forwarded(view, attribution, planted, add);
  if (done.throttled > 0) add({Level::unknowable, "messages_read", {}, std::nullopt, {"exposure.throttled", {number(done.throttled)}}});
  if (intruder && !reads_recorded) add({Level::unknowable, "messages_read", {}, std::nullopt, {"exposure.reads_not_recorded", {}}});
}

}  // namespace digue::story
