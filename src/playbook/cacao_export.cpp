#include "base/crypto/uuid.hpp"
#include "base/json/value.hpp"
#include "playbook/cacao.hpp"

namespace digue::playbook {

namespace {

using json::Array;
using json::Object;

/// The name that TLP:CLEAR has in every CACAO playbook.
constexpr const char* tlp_clear = "marking-tlp--94868c89-83c2-464b-929b-a1a8aa3c8487";
constexpr const char* tlp_author = "identity--5abe695c-7bd5-4c31-8824-2528696cdbf1";

std::string both(const Text& text) {
  return "[fr] " + text.fr + "\n[en] " + text.en;
}

std::string lines(std::string_view fr, std::string_view en, const std::vector<Text>& texts) {
  std::string french = "[fr] " + std::string(fr), english = "\n[en] " + std::string(en);
  for (const auto& text : texts) {
    french += "\n- " + text.fr;
    english += "\n- " + text.en;
  }
  return french + english;
}

class Exporter {
 public:
  explicit Exporter(const Playbook& playbook) : playbook_(playbook) {}

  std::string run() {
    const auto& credits = playbook_.credits;
    // The card is dated by its month.
    const std::string date = credits.consulted + (credits.consulted.size() == 7 ? "-01" : "") + "T00:00:00.000Z";
    const auto author = id("identity", "digue");
    const auto statement = id("marking-statement", "licence");
    const auto group = id("group", "responders");
    build_workflow(group);
    Object targets;
    for (const auto& target : target_names) targets[target_id(target.value)] = target_json(target.value);
    Object markings;
    markings[tlp_clear] = Object{{"type", "marking-tlp"},
                                 {"id", tlp_clear},
                                 {"created_by", tlp_author},
                                 {"created", "2022-10-01T00:00:00.000Z"},
                                 {"tlpv2_level", "TLP:CLEAR"}};
    markings[statement] = Object{{"type", "marking-statement"},
                                 {"id", statement},
                                 {"created_by", author},
                                 {"created", date},
                                 {"statement", credits.publisher + ", « " + credits.card + " », " + credits.licence + " (" +
                                                   credits.licence_url + "). " + both(credits.origin) + "\n" + both(credits.changes)}};
    const Object root{
        {"type", "playbook"},
        {"spec_version", "cacao-2.0"},
        {"id", id("playbook", playbook_.name)},
        {"name", playbook_.title.fr + " / " + playbook_.title.en},
        {"description", lines("Avant de commencer :", "Before you start:", playbook_.before)},
        {"playbook_types", Array{"mitigation", "investigation", "remediation"}},
        {"playbook_activities", Array{"restrict-access", "eliminate-risk", "identify-indicators", "configure-systems"}},
        {"created_by", author},
        {"created", date},
        {"modified", date},
        {"revoked", false},
        {"priority", 1},
        {"industry_sectors", Array{"healthcare"}},
        {"labels", Array{"fr", "en"}},
        {"external_references", Array{Object{{"name", credits.publisher}, {"description", credits.card}, {"url", credits.site}}}},
        {"markings", Array{tlp_clear, statement}},
        {"playbook_variables",
         Object{{"__account__",
                 Object{{"type", "string"}, {"description", "[fr] Compte compromis\n[en] Compromised account"}, {"external", true}}}}},
        {"workflow_start", id("start", "workflow")},
        {"workflow", std::move(workflow_)},
        {"agent_definitions", Object{{group, Object{{"type", "group"}, {"name", "Équipe de réponse / Response team"}}}}},
        {"target_definitions", std::move(targets)},
        {"data_marking_definitions", std::move(markings)},
    };
    return json::canonical(root);
  }

 private:
  std::string id(const std::string& type, const std::string& name) const {
    return type + "--" + uuid_of_url("urn:digue:" + playbook_.name + ":" + type + ":" + name);
  }

  static std::string target_name(Target target) { return std::string(name_of(target_names, target)); }
  std::string target_id(Target target) const {
    const bool person = target == Target::account || target == Target::tenant;
    return id(person ? "organization" : "security-category", target_name(target));
  }
  static Object target_json(Target target) {
    switch (target) {
      case Target::account:
        return {{"type", "organization"}, {"name", "Compte compromis / Compromised account"}};
      case Target::tenant:
        return {{"type", "organization"}, {"name", "Messagerie de l’établissement / The establishment's mail system"}};
      case Target::workstation:
        return {{"type", "security-category"}, {"name", "Poste de travail / Workstation"}, {"category", Array{"desktop"}}};
      case Target::gateway:
        break;
    }
    return {{"type", "security-category"}, {"name", "Passerelle de messagerie / Mail gateway"}, {"category", Array{"content-gateway"}}};
  }

  /// start, then each action in the order of priority, then end.
  void build_workflow(const std::string& agent) {
    std::vector<std::pair<const Action*, const PriorityGroup*>> actions;
    for (const auto& group : playbook_.priorities)
      for (const auto& number : group.measures)
        if (const auto* measure = playbook_.measure(number))
          for (const auto& action : measure->actions) actions.emplace_back(&action, &group);
    const auto end = id("end", "workflow");
    const auto first = actions.empty() ? end : id("action", actions.front().first->id);
    workflow_[id("start", "workflow")] = Object{{"type", "start"}, {"on_completion", first}};
    for (std::size_t i = 0; i < actions.size(); ++i) {
      const auto next = i + 1 < actions.size() ? id("action", actions[i + 1].first->id) : end;
      workflow_[id("action", actions[i].first->id)] = step_json(*actions[i].first, *actions[i].second, agent, next);
    }
    workflow_[end] = Object{{"type", "end"}};
  }

  Object step_json(const Action& action, const PriorityGroup& group, const std::string& agent, const std::string& next) const {
    const auto command = [](const std::string& text, const char* activity) {
      return Object{{"type", "manual"}, {"command", text}, {"playbook_activity", activity}};
    };
    Array commands;
    if (!action.seal_first.empty())
      commands.push_back(command(lines("À sceller d’abord :", "Seal first:", action.seal_first), "analyze-collected-data"));
    commands.push_back(command(lines("Étapes :", "Steps:", action.steps), action.destroys ? "eliminate-risk" : "restrict-access"));
    commands.push_back(command(lines("Preuve :", "Proof:", action.verify), "analyze-collected-data"));
    Array references;
    const auto refer = [&](const char* name, const std::vector<std::string>& ids) {
      for (const auto& one : ids) references.push_back(Object{{"name", name}, {"external_id", one}});
    };
    refer("MITRE ATT&CK", action.attack);
    refer("RE&CT", action.react);
    refer("MITRE D3FEND", action.d3fend);
    Array targets;
    for (const auto target : action.targets) targets.emplace_back(target_id(target));
    std::string description = both(action.why) + "\n" + both(action.impact) + "\n" + both(action.care);
    description += "\n" + both(action.undo.how);
    if (action.applies_if) description += "\n" + both(*action.applies_if);
    Object step{
        {"type", "action"},
        {"name", std::string(name_of(priority_names, group.priority)) + " " + action.id + " " + action.title.fr + " / " + action.title.en},
        {"description", description},
        {"commands", std::move(commands)},
        {"agent", agent},
        {"targets", std::move(targets)},
        {"step_variables",
         Object{{"__done__", Object{{"type", "bool"}, {"description", "[fr] Fait et prouvé\n[en] Done and proven"}}},
                {"__evidence__", Object{{"type", "string"}, {"description", "[fr] Pièce qui le prouve\n[en] Exhibit that proves it"}}}}},
        {"out_args", Array{"__done__", "__evidence__"}},
        {"on_completion", next},
    };
    if (action.scope == Scope::account) step["in_args"] = Array{"__account__"};
    if (!references.empty()) step["external_references"] = std::move(references);
    return step;
  }

  const Playbook& playbook_;
  Object workflow_;
};

}  // namespace

std::string to_cacao(const Playbook& playbook) {
  return Exporter(playbook).run();
}

}  // namespace digue::playbook
