#include <algorithm>
#include <array>
#include <map>
#include <set>

#include "base/crypto/hash.hpp"
#include "base/encoding.hpp"
#include "base/quote.hpp"
#include "base/text.hpp"
#include "connect/dovecot/group.hpp"
#include "connect/dovecot/mailbox.hpp"

/// Mail: as evidence, and taken out of every mailbox.
namespace digue::dovecot {

using namespace containment;

namespace {

constexpr std::size_t max_exported = 20'000, max_purged = 2'000;
constexpr std::size_t max_sealed = std::size_t{96} << 20;
constexpr std::size_t max_told = 100;  ///< mailboxes with a probe of their own
constexpr std::string_view clean = "dovecot.purge.clean";

json::Object described(const Message& one) {
  return {{"account", one.account},
          {"mailbox", one.mailbox},
          {"mailbox_guid", one.mailbox_guid},
          {"uid", one.uid},
          {"guid", one.guid},
          {"flags", one.flags},
          {"received", one.received},
          {"size", one.size},
          {"from", one.from},
          {"message_id", one.message_id},
          {"subject", one.subject}};
}

std::string object_of(const Message& one) {
  return json::canonical(json::Object{
      {"account", one.account}, {"mailbox", one.mailbox}, {"mailbox_guid", one.mailbox_guid}, {"uid", one.uid}, {"guid", one.guid}});
}
Message message_of(const json::Value& value) {
  Message out;
  out.account = text_of(value, "account");
  out.mailbox = text_of(value, "mailbox");
  out.mailbox_guid = text_of(value, "mailbox_guid");
  out.uid = text_of(value, "uid");
  out.guid = text_of(value, "guid");
  return out;
}

/// How the folders of the quarantine account begin that take what an incident purges.
std::string quarantine_folders(const Order& order) {
  std::string out = "Digue-";
  for (const char c : order.mark.empty() ? std::string_view("quarantine") : std::string_view(order.mark).substr(0, 60))
    out += (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ? c : '-';
  return out;
}

/// One folder for each mailbox that mail is taken from: what was delivered to several people at once has one GUID in all their mailboxes.
std::string quarantine_folder(const Order& order, const Message& one) {
  return quarantine_folders(order) + "-" + to_hex(id_of({one.account, one.mailbox_guid}), 8);
}

constexpr std::string_view in_mailbox = "in the mailbox", in_quarantine = "in quarantine only";

class Messages final : public Group {
 public:
  using Group::Group;

  std::span<const Offer> offers() const override {
    static const std::array<Offer, 2> all{
        {{"mail.export",
          {{"since", false}, {"until", false}, {"mailbox", false}, {"sender", false}, {"subject", false}, {"message_id", false}}},
         {"mail.purge",
          {{"message_id", false}, {"sender", false}, {"subject", false}, {"since", false}, {"until", false}, {"accounts", false}}}}};
    return all;
  }

  std::optional<Localized> missing(std::string_view capability, const Health& health) const override {
    if (capability == "mail.export") return lacking(health, {"fetch", "mailboxStatus"});
    if (auto lacks = lacking(health, {"fetch", "copy", "expunge", "mailboxCreate"})) return lacks;
    return health.quarantine;
  }

  Result<void> collect(const Order& order, const Connector::Take& take) override {
    const auto account = platform_.doveadm.account(order.account);
    if (!account) return tl::make_unexpected(account.error());
    const auto search = search_of(order);
    if (!search) return tl::make_unexpected(search.error());
    const auto found = find_messages(platform_.doveadm, *account, *search, max_exported);
    if (!found) return tl::make_unexpected(found.error());
    json::Array index;
    auto contents = read_contents();
    for (const auto& one : *found) {
      const auto content = contents.of(one);
      if (!content && content.error().code != ErrorCode::not_found) return tl::make_unexpected(content.error());
      if (!content) {
        auto line = described(one);
        line["gone"] = true;
        index.push_back(std::move(line));
        continue;
      }
      const auto folder = quote::url_component(one.mailbox);
      const auto name = "mail/" + (folder ? *folder : one.mailbox_guid) + "/" + one.uid + (content->exact ? ".eml" : ".inexact.eml");
      auto line = described(one);
      line["name"] = name;
      line["exact"] = content->exact;
      line["sha256"] = to_hex(sha256(content->bytes));
      index.push_back(std::move(line));
      if (auto taken = take(
              {name, "mail", (content->by_host ? "digue-mail-host mail-text " : "doveadm fetch text ") + object_of(one), content->bytes});
          !taken)
        return taken;
    }
    std::string query;
    for (const auto& [name, value] : order.parameters) query += (query.empty() ? "" : " ") + name + "=" + to_utf8_lossy(value);
    return take({"mail/index.json", "log", "doveadm fetch " + *account + " " + query, json::canonical(index) + "\n"});
  }

  Result<Plan> plan(const Order& order) override {
    if (order.capability != "mail.purge") return Group::plan(order);
    const auto search = search_of(order);
    if (!search) return tl::make_unexpected(search.error());
    if (search->message_id.empty() && (search->sender.empty() || (search->subject.empty() && (!search->since || !search->until))))
      return fail(ErrorCode::bad_input, tr("dovecot.purge.aim"), "message_id", tr("dovecot.purge.aim_help"));
    const auto keeper = quarantine();
    if (!keeper) return tl::make_unexpected(keeper.error());
    const auto accounts = accounts_of(order);
    if (!accounts) return tl::make_unexpected(accounts.error());

    Plan plan;
    plan.order = order;
    plan.undo = Undo::reversible;
    const auto found = find_all(*accounts, *keeper, *search);
    if (!found) return tl::make_unexpected(found.error());
    if (found->size() > max_purged) return fail(ErrorCode::limit, tr("dovecot.messages.many", {{"most", std::to_string(max_purged)}}));
    json::Array prior;
    std::size_t sealed = 0, inexact = 0, gone = 0;
    std::set<std::string_view> owners;
    auto contents = read_contents();
    for (const auto& one : *found) {
      const auto content = contents.of(one);
      if (!content && content.error().code != ErrorCode::not_found) return tl::make_unexpected(content.error());
      if (!content) {
        ++gone;
        continue;
      }
      sealed += content->bytes.size();
      if (sealed > max_sealed)
        return fail(ErrorCode::limit, tr("dovecot.purge.large", {{"bytes", std::to_string(max_sealed)}}), one.account,
                    tr("dovecot.purge.aim_help"));
      if (!content->exact) ++inexact;
      owners.insert(one.account);
      auto line = described(one);
      line["exact"] = content->exact;
      line["text"] = base64(content->bytes);
      prior.push_back(std::move(line));
      add_step(plan, "mail.quarantine", one, in_mailbox, in_quarantine, "dovecot.step.purge");
    }
    const auto touched = std::to_string(owners.size());
    plan.messages = static_cast<std::int64_t>(plan.steps.size());
    plan.rights = {"doveadm: fetch, copy, expunge, mailboxCreate (" + platform_.setup.url + ")"};
    if (platform_.host != nullptr) plan.rights.push_back("digue-mail-host mail-text");
    const auto count = std::to_string(plan.steps.size());
    plan.notes.push_back(
        says("dovecot.purge.searched", {{"accounts", std::to_string(accounts->size())}, {"touched", touched}, {"count", count}}));
    if (gone > 0) plan.notes.push_back(says("dovecot.purge.gone", {{"count", std::to_string(gone)}}));
    if (plan.steps.empty()) return plan;
    if (inexact > 0) plan.notes.push_back(says("dovecot.purge.inexact", {{"count", std::to_string(inexact)}}));
    plan.mail = {says("dovecot.purge.mail",
                      {{"count", count}, {"touched", touched}, {"quarantine", *keeper}, {"mailbox", quarantine_folders(order) + "-..."}})};
    plan.care = {says("dovecot.purge.care")};
    plan.prior = json::canonical(json::Object{{"schema", "digue.dovecot/1"},
                                              {"capability", order.capability},
                                              {"quarantine", *keeper},
                                              {"mailbox", quarantine_folders(order) + "-..."},
                                              {"messages", prior}});
    return plan;
  }

  Result<Plan> plan_undo(const Plan& plan, const json::Value& prior) override {
    const auto* list = prior.as_object().if_contains("messages");
    if (list == nullptr || !list->is_array()) return no_prior();
    Plan undo;
    undo.order = plan.order;
    undo.rights = {"doveadm: fetch, copy, expunge (" + platform_.setup.url + ")"};
    for (const auto& value : list->get_array()) {
      const auto one = message_of(value);
      if (!place_of(one) || !check_account(one.account)) return no_prior();
      const auto state = state_of(undo.order, one);
      if (!state) return tl::make_unexpected(state.error());
      if (*state == in_mailbox) continue;
      if (*state != in_quarantine)
        return fail(ErrorCode::conflict, tr("dovecot.purge.lost"), object_of(one), tr("dovecot.purge.lost_help"));
      add_step(undo, "mail.return", one, in_quarantine, in_mailbox, "dovecot.step.return");
    }
    undo.messages = static_cast<std::int64_t>(undo.steps.size());
    if (!undo.steps.empty()) undo.mail = {says("dovecot.purge.back", {{"count", std::to_string(undo.steps.size())}})};
    return undo;
  }

  Result<Stand> stand(const Plan& plan, const Step& step) override {
    const auto one = read(step);
    if (!one) return tl::make_unexpected(one.error());
    const auto state = state_of(plan.order, *one);
    if (!state) return tl::make_unexpected(state.error());
    return *state == step.after ? Stand::after : *state == step.before ? Stand::before : Stand::other;
  }

  Result<std::string> apply(const Plan& plan, const Step& step) override {
    const auto one = read(step);
    if (!one) return tl::make_unexpected(one.error());
    const auto state = state_of(plan.order, *one);
    if (!state) return tl::make_unexpected(state.error());
    if (*state != step.before) return changed_meanwhile(step);
    const auto keeper = quarantine();
    if (!keeper) return tl::make_unexpected(keeper.error());
    const auto folder = quarantine_folder(plan.order, *one);
    if (step.verb == "mail.quarantine") {
      if (auto made = make_folder(*keeper, folder); !made) return tl::make_unexpected(made.error());
      return move(*one, *keeper, folder);
    }
    if (step.verb != "mail.return") return Group::apply(plan, step);
    const auto kept = kept_of(*keeper, folder, one->guid);
    if (!kept) return tl::make_unexpected(kept.error());
    if (kept->empty()) return changed_meanwhile(step);
    return move(kept->front(), one->account, one->mailbox);
  }

  Result<std::vector<Probe>> verify(const Plan& plan) override {
    std::vector<Probe> out;
    const bool undone = !plan.steps.empty() && plan.steps.front().verb == "mail.return";
    if (undone) {
      for (const auto& step : plan.steps) {
        const auto one = read(step);
        if (!one) return tl::make_unexpected(one.error());
        const auto state = state_of(plan.order, *one);
        if (!state) return tl::make_unexpected(state.error());
        out.push_back({"message " + one->account + " " + one->mailbox, step.after, *state, *state == step.after, now(), {}, {}});
      }
      return out;
    }
    const auto search = search_of(plan.order);
    const auto accounts = accounts_of(plan.order);
    const auto keeper = quarantine();
    if (!search) return tl::make_unexpected(search.error());
    if (!accounts) return tl::make_unexpected(accounts.error());
    if (!keeper) return tl::make_unexpected(keeper.error());
    const auto found = find_all(*accounts, *keeper, *search);
    if (!found) return tl::make_unexpected(found.error());
    std::map<std::string_view, std::size_t> left;
    for (const auto& one : *found) ++left[one.account];
    for (const auto& [account, count] : left) {
      if (out.size() == max_told) break;
      out.push_back({"messages " + std::string(account), "0", std::to_string(count), false, now(), {}, {}});
    }
    const auto summary = [&](std::string_view key, std::size_t count) {
      if (count > 0) out.push_back({"messages", "0", tr(key, {{"count", std::to_string(count)}}), key == clean, now(), {}, {}});
    };
    summary("dovecot.purge.more_left", left.size() - out.size());
    const auto searched = accounts->size() - static_cast<std::size_t>(std::count(accounts->begin(), accounts->end(), *keeper));
    summary(clean, searched - left.size());
    return out;
  }

 private:
  Contents read_contents() const { return {platform_.doveadm, platform_.host.get(), platform_.setup.host_limit}; }

  void add_step(Plan& plan, const std::string& verb, const Message& one, std::string_view before, std::string_view after,
                std::string_view key) const {
    const auto target =
        verb == "mail.return" ? one.account + " " + one.mailbox : platform_.setup.quarantine + " " + quarantine_folder(plan.order, one);
    plan.steps.push_back({verb, object_of(one), Act::change, std::string(before), std::string(after),
                          "doveadm copy + expunge: " + object_of(one) + " -> " + target,
                          says(key, {{"account", one.account},
                                     {"mailbox", one.mailbox},
                                     {"uid", one.uid},
                                     {"from", to_utf8_lossy(clip(one.from, 200))},
                                     {"subject", to_utf8_lossy(clip(one.subject, 200))},
                                     {"message_id", to_utf8_lossy(clip(one.message_id, 200))}}),
                          Undo::reversible});
  }

  Result<Message> read(const Step& step) const {
    const auto value = json::parse(step.object, {std::size_t{64} << 10, 4});
    if (!value) return no_prior();
    auto one = message_of(*value);
    if (auto good = place_of(one); !good) return tl::make_unexpected(good.error());
    return one;
  }

  Result<std::string> quarantine() const {
    if (platform_.setup.quarantine.empty()) return fail(ErrorCode::bad_input, tr("dovecot.no_quarantine"), "quarantine");
    return platform_.doveadm.account(platform_.setup.quarantine);
  }

  /// Those of the order, else of the settings, else all that the server lists.
  Result<std::vector<std::string>> accounts_of(const Order& order) const {
    std::vector<std::string> names;
    std::string_view rest =
        trim(std::string_view(order.parameters.contains("accounts") ? order.parameters.at("accounts") : std::string_view()));
    while (!rest.empty()) {
      const auto end = rest.find_first_of(" ,\n\r\t");
      if (end != 0) names.emplace_back(rest.substr(0, end));
      rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
    }
    if (names.empty()) names = platform_.setup.accounts;
    if (names.empty()) {
      const auto reply = platform_.doveadm.call("user", {{"userMask", json::Array{"*"}}});
      if (!reply) return tl::make_unexpected(reply.error());
      const auto* object = reply->value.if_object();
      const auto* list = object == nullptr ? nullptr : object->if_contains("userList");
      if (reply->exit != 0 || list == nullptr || !list->is_array() || list->get_array().empty())
        return fail(ErrorCode::bad_input, tr("dovecot.no_list"), "accounts", tr("dovecot.no_list.help"));
      std::vector<std::string> listed;
      for (const auto& one : list->get_array()) {
        listed.emplace_back(one.is_string() ? std::string(one.get_string()) : std::string());
        if (auto good = check_account(listed.back()); !good) return tl::make_unexpected(good.error());
      }
      return listed;
    }
    std::vector<std::string> out;
    for (const auto& name : names) {
      const auto account = platform_.doveadm.account(name);
      if (!account) return tl::make_unexpected(account.error());
      if (std::find(out.begin(), out.end(), *account) == out.end()) out.push_back(*account);
    }
    return out;
  }

  /// What is to be purged, in the order of the accounts. What several see (public and shared folders) is there once.
  Result<std::vector<Message>> find_all(const std::vector<std::string>& accounts, const std::string& keeper, const Search& search) const {
    // Who sees the quarantine shared must not have it purged.
    const auto kept =
        platform_.doveadm.rows("mailboxStatus", {{"user", keeper}, {"field", json::Array{"guid"}}, {"mailboxMask", json::Array{"*"}}});
    if (!kept) return tl::make_unexpected(kept.error());
    std::set<std::string> quarantined;
    for (const auto& row : *kept) quarantined.insert(text_of(row, "guid"));
    std::vector<Message> out;
    std::map<std::pair<std::string, std::string>, std::size_t> places;
    for (const auto& account : accounts) {
      if (account == keeper) continue;
      auto found = find_messages(platform_.doveadm, account, search, max_purged);
      if (!found) return found;
      for (auto& one : *found) {
        if (quarantined.contains(one.mailbox_guid)) continue;
        const auto [at, first] = places.try_emplace({one.mailbox_guid, one.uid}, out.size());
        // Whose folder it is sees it without the prefix of what is shared.
        if (first)
          out.push_back(std::move(one));
        else if (one.mailbox.size() < out[at->second].mailbox.size())
          out[at->second] = std::move(one);
      }
    }
    return out;
  }

  Result<std::vector<Message>> kept_of(const std::string& keeper, const std::string& folder, const std::string& guid) const {
    auto kept = find_guid(platform_.doveadm, keeper, guid);
    if (kept) std::erase_if(*kept, [&](const Message& one) { return one.mailbox != folder || one.guid != guid; });
    return kept;
  }

  /// Where it lies: the mailbox it was found in, the quarantine, or neither.
  Result<std::string> state_of(const Order& order, const Message& one) const {
    const auto there = find_guid(platform_.doveadm, one.account, one.guid);
    if (!there) return tl::make_unexpected(there.error());
    for (const auto& other : *there)
      if (other.guid == one.guid && other.mailbox_guid == one.mailbox_guid) return std::string(in_mailbox);
    const auto keeper = quarantine();
    if (!keeper) return tl::make_unexpected(keeper.error());
    const auto kept = kept_of(*keeper, quarantine_folder(order, one), one.guid);
    if (!kept) return tl::make_unexpected(kept.error());
    return std::string(kept->empty() ? "gone" : in_quarantine);
  }

  Result<void> make_folder(const std::string& account, const std::string& folder) const {
    const json::Array name{json::Value(folder)};
    const auto there = platform_.doveadm.rows("mailboxStatus", {{"user", account}, {"field", json::Array{"guid"}}, {"mailboxMask", name}});
    if (there && !there->empty()) return {};
    if (!there && there.error().code != ErrorCode::not_found) return tl::make_unexpected(there.error());
    const auto made = platform_.doveadm.rows("mailboxCreate", {{"user", account}, {"mailbox", name}});
    if (!made) return tl::make_unexpected(made.error());
    return {};
  }

  /// Copied, seen there, then taken out here: never nowhere. Copies keep identity, flags and dates.
  Result<std::string> move(const Message& from, const std::string& account, const std::string& folder) const {
    const auto query = place_of(from);
    if (!query) return tl::make_unexpected(query.error());
    const auto arrived = [&]() -> Result<bool> {
      const auto there = find_guid(platform_.doveadm, account, from.guid);
      if (!there) return tl::make_unexpected(there.error());
      return std::any_of(there->begin(), there->end(), [&](const auto& one) { return one.guid == from.guid && one.mailbox == folder; });
    };
    auto there = arrived();
    if (!there) return tl::make_unexpected(there.error());
    if (!*there) {
      const auto copied = platform_.doveadm.rows(
          "copy",
          {{"user", account}, {"destinationMailbox", folder}, {"sourceType", "user"}, {"sourceUser", from.account}, {"query", *query}});
      if (!copied) return tl::make_unexpected(copied.error());
      there = arrived();
      if (!there) return tl::make_unexpected(there.error());
    }
    if (!*there) return fail(ErrorCode::io, tr("dovecot.purge.not_copied"), object_of(from));
    json::Array exactly = *query;
    exactly.push_back("GUID");
    exactly.push_back(json::Value(from.guid));
    const auto gone = platform_.doveadm.rows("expunge", {{"user", from.account}, {"query", exactly}});
    if (!gone) return tl::make_unexpected(gone.error());
    return account + " " + folder;
  }
};

}  // namespace

std::unique_ptr<Group> messages_group(Platform& platform) {
  return std::make_unique<Messages>(platform);
}

}  // namespace digue::dovecot
