#include <algorithm>
#include <array>

#include "base/text.hpp"
#include "connect/dovecot/group.hpp"

/// Rights that an account's folders give to others.
namespace digue::dovecot {

using namespace containment;

namespace {

constexpr std::size_t max_folders = 5'000;

class Rights final : public Group {
 public:
  using Group::Group;

  std::span<const Offer> offers() const override {
    static const std::array<Offer, 1> all{{{"delegation.remove", {{"identifier", true}, {"mailbox", false}}}}};
    return all;
  }

  std::optional<Localized> missing(std::string_view, const Health& health) const override {
    return lacking(health, {"mailboxList", "aclGet", "aclDelete", "aclSet"});
  }

  Result<Plan> plan(const Order& order) override {
    const auto identifier = order.parameter("identifier"), only = order.parameter("mailbox");
    if (identifier.empty()) return fail(ErrorCode::bad_input, tr("field.missing", {{"field", "identifier"}}), "identifier");
    const auto account = platform_.doveadm.account(order.account);
    if (!account) return tl::make_unexpected(account.error());
    const auto folders = platform_.doveadm.rows("mailboxList", {{"user", *account}});
    if (!folders) return tl::make_unexpected(folders.error());
    if (folders->size() > max_folders) return fail(ErrorCode::limit, tr("dovecot.folders.many"), *account);
    Plan plan;
    plan.order = order;
    plan.order.account = *account;
    plan.rights = {"doveadm: mailboxList, aclGet, aclDelete (" + platform_.setup.url + ")"};
    json::Array prior;
    bool found = false;
    for (const auto& row : *folders) {
      const auto folder = text_of(row, "mailbox");
      if (!only.empty() && folder != only) continue;
      found = true;
      const auto rights = all_rights(*account, folder);
      if (!rights) {
        // Another's folder, shown here because it is shared: its rights are not this account's to give.
        if (!only.empty() || !is_exit(rights.error())) return tl::make_unexpected(rights.error());
        plan.notes.push_back(says("dovecot.acl.unread", {{"mailbox", folder}}));
        continue;
      }
      for (const auto& right : *rights) {
        if (text_of(right, "id") != identifier) continue;
        if (!text_of(right, "global").empty()) {
          plan.notes.push_back(says("dovecot.acl.global", {{"mailbox", folder}, {"identifier", identifier}}));
          continue;
        }
        const auto before = text_of(right, "rights");
        const auto object = object_of(folder, identifier);
        plan.steps.push_back(
            {"acl.delete", object, Act::change, before, "", platform_.doveadm.request("aclDelete", of(*account, folder, identifier)),
             says("dovecot.step.acl_delete", {{"mailbox", folder}, {"identifier", identifier}, {"rights", before}}), Undo::reversible});
        prior.push_back(json::Object{{"mailbox", folder}, {"identifier", identifier}, {"rights", before}});
      }
    }
    if (!found) return fail(ErrorCode::not_found, tr("dovecot.folder.absent"), to_utf8_lossy(clip(only, 200)));
    if (plan.steps.empty()) {
      plan.notes.push_back(says("dovecot.acl.none", {{"identifier", identifier}}));
      return plan;
    }
    plan.mail = {says("dovecot.acl.mail", {{"identifier", identifier}})};
    plan.care = {says("dovecot.acl.care")};
    plan.prior = json::canonical(
        json::Object{{"schema", "digue.dovecot/1"}, {"capability", order.capability}, {"account", *account}, {"rights", prior}});
    return plan;
  }

  Result<Plan> plan_undo(const Plan& plan, const json::Value& prior) override {
    const auto& account = plan.order.account;
    const auto* list = prior.as_object().if_contains("rights");
    if (text_of(prior, "account") != account || list == nullptr || !list->is_array()) return no_prior();
    Plan undo;
    undo.order = plan.order;
    undo.rights = {"doveadm: aclGet, aclSet (" + platform_.setup.url + ")"};
    for (const auto& one : list->get_array()) {
      const auto folder = text_of(one, "mailbox"), identifier = text_of(one, "identifier"), rights = text_of(one, "rights");
      if (folder.empty() || identifier.empty() || rights.empty()) return no_prior();
      const auto found = rights_of(account, folder, identifier);
      if (!found) return tl::make_unexpected(found.error());
      if (*found == rights) continue;
      if (!found->empty())
        return fail(ErrorCode::conflict, tr("dovecot.changed"), object_of(folder, identifier), tr("dovecot.changed.help"));
      undo.steps.push_back({"acl.set", object_of(folder, identifier), Act::change, "", rights,
                            platform_.doveadm.request("aclSet", set_of(account, folder, identifier, rights)),
                            says("dovecot.step.acl_set", {{"mailbox", folder}, {"identifier", identifier}, {"rights", rights}}),
                            Undo::reversible});
    }
    return undo;
  }

  Result<Stand> stand(const Plan& plan, const Step& step) override {
    const auto rights = rights_now(plan, step);
    if (!rights) return tl::make_unexpected(rights.error());
    return *rights == step.after ? Stand::after : *rights == step.before ? Stand::before : Stand::other;
  }

  Result<std::string> apply(const Plan& plan, const Step& step) override {
    const auto rights = rights_now(plan, step);
    if (!rights) return tl::make_unexpected(rights.error());
    if (*rights != step.before) return changed_meanwhile(step);
    const auto [folder, identifier] = object_read(step.object);
    const auto& account = plan.order.account;
    const auto done = step.verb == "acl.set" ? platform_.doveadm.rows("aclSet", set_of(account, folder, identifier, step.after))
                                             : platform_.doveadm.rows("aclDelete", of(account, folder, identifier));
    if (!done) return tl::make_unexpected(done.error());
    return json::canonical(*done);
  }

  Result<std::vector<Probe>> verify(const Plan& plan) override {
    std::vector<Probe> out;
    for (const auto& step : plan.steps) {
      const auto rights = rights_now(plan, step);
      if (!rights) return tl::make_unexpected(rights.error());
      out.push_back({"rights " + step.object,
                     step.after.empty() ? "none" : step.after,
                     rights->empty() ? "none" : *rights,
                     *rights == step.after,
                     now(),
                     {},
                     {}});
    }
    return out;
  }

 private:
  static json::Object of(const std::string& account, const std::string& folder, const std::string& identifier) {
    return {{"user", account}, {"mailbox", folder}, {"id", identifier}};
  }
  static json::Object set_of(const std::string& account, const std::string& folder, const std::string& identifier,
                             std::string_view rights) {
    auto out = of(account, folder, identifier);
    json::Array words;
    while (!rights.empty()) {
      const auto blank = rights.find(' ');
      words.push_back(json::Value(rights.substr(0, blank)));
      rights.remove_prefix(blank == std::string_view::npos ? rights.size() : blank + 1);
    }
    out["right"] = std::move(words);
    return out;
  }
  static std::string object_of(const std::string& folder, const std::string& identifier) {
    return json::canonical(json::Object{{"mailbox", folder}, {"identifier", identifier}});
  }
  static std::pair<std::string, std::string> object_read(const std::string& object) {
    const auto value = json::parse(object, {});
    return value ? std::pair(text_of(*value, "mailbox"), text_of(*value, "identifier")) : std::pair<std::string, std::string>();
  }
  /// The server answered, with an exit code.
  static bool is_exit(const Error& error) { return error.code == ErrorCode::not_found || error.code == ErrorCode::forbidden; }

  Result<json::Array> all_rights(const std::string& account, const std::string& folder) const {
    return platform_.doveadm.rows("aclGet", {{"user", account}, {"mailbox", folder}});
  }
  /// Empty: none.
  Result<std::string> rights_of(const std::string& account, const std::string& folder, const std::string& identifier) const {
    const auto rows = all_rights(account, folder);
    if (!rows) return tl::make_unexpected(rows.error());
    for (const auto& row : *rows)
      if (text_of(row, "id") == identifier && text_of(row, "global").empty()) return text_of(row, "rights");
    return std::string();
  }
  Result<std::string> rights_now(const Plan& plan, const Step& step) const {
    const auto [folder, identifier] = object_read(step.object);
    if (folder.empty()) return no_prior();
    return rights_of(plan.order.account, folder, identifier);
  }
};

}  // namespace

std::unique_ptr<Group> rights_group(Platform& platform) {
  return std::make_unique<Rights>(platform);
}

}  // namespace digue::dovecot
