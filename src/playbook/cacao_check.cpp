#include <algorithm>
#include <map>
#include <set>

#include "base/json/value.hpp"
#include "base/messages.hpp"
#include "base/time.hpp"
#include "playbook/cacao.hpp"

namespace digue::playbook {

namespace {

using json::Array;
using json::Object;
using json::Value;

/// The check of branches walks the workflow once for each of them.
constexpr std::size_t max_steps = 2000;
constexpr std::array<std::string_view, 8> step_types{"start",    "end",          "action",          "playbook-action",
                                                     "parallel", "if-condition", "while-condition", "switch-condition"};
constexpr std::array<std::string_view, 4> text_commands{"manual", "bash", "powershell", "ssh"};
constexpr std::array<std::string_view, 5> encoded_commands{"sigma", "elastic", "yara", "jupyter", "kestrel"};
constexpr std::array<std::string_view, 32> playbook_members{"type",
                                                            "spec_version",
                                                            "id",
                                                            "name",
                                                            "description",
                                                            "playbook_types",
                                                            "playbook_activities",
                                                            "playbook_processing_summary",
                                                            "created_by",
                                                            "created",
                                                            "modified",
                                                            "revoked",
                                                            "valid_from",
                                                            "valid_until",
                                                            "derived_from",
                                                            "related_to",
                                                            "priority",
                                                            "severity",
                                                            "impact",
                                                            "industry_sectors",
                                                            "labels",
                                                            "external_references",
                                                            "markings",
                                                            "playbook_variables",
                                                            "workflow",
                                                            "workflow_start",
                                                            "workflow_exception",
                                                            "playbook_extensions",
                                                            "signatures",
                                                            "agent_definitions",
                                                            "target_definitions",
                                                            "authentication_info_definitions"};
constexpr std::array<std::string_view, 2> more_members{"extension_definitions", "data_marking_definitions"};

template <class List>
bool holds(const List& list, std::string_view word) {
  return std::find(list.begin(), list.end(), word) != list.end();
}

std::string_view view(boost::json::string_view text) {
  return {text.data(), text.size()};
}

const Value* member(const Object& object, std::string_view key) {
  return object.if_contains(boost::json::string_view(key.data(), key.size()));
}

std::string text_of(const Object& object, std::string_view key) {
  const auto* found = member(object, key);
  return found != nullptr && found->is_string() ? std::string(found->get_string()) : std::string();
}

/// "type--UUID" with a UUID of version 1 to 5.
bool is_id(std::string_view text) {
  const auto mark = text.rfind("--");
  if (mark == std::string_view::npos || mark == 0 || text.size() != mark + 38) return false;
  const auto uuid = text.substr(mark + 2);
  for (std::size_t i = 0; i < uuid.size(); ++i) {
    const char c = uuid[i];
    const bool hex = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
    if (i == 8 || i == 13 || i == 18 || i == 23 ? c != '-' : !hex) return false;
  }
  return uuid[14] >= '1' && uuid[14] <= '5' && std::string_view("89abAB").find(uuid[19]) != std::string_view::npos;
}

std::string type_of(std::string_view id) {
  return std::string(id.substr(0, id.rfind("--")));
}

bool is_variable(std::string_view name) {
  return name.size() >= 5 && name.size() <= 204 && name.starts_with("__") && name.ends_with("__") &&
         std::all_of(name.begin(), name.end(), [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
         });
}

/// RFC 6901.
std::string below(const std::string& pointer, std::string_view key) {
  std::string out = pointer + "/";
  for (const char c : key) c == '~' ? out += "~0" : c == '/' ? out += "~1" : out += c;
  return out;
}

/// Where a step leads: (member's pointer below the step, id).
struct Edge {
  std::string from;
  std::string to;
  bool branch = false;  ///< opened by a condition or parallel step: ends in an end step of its own
};

std::vector<Edge> edges_of(const Object& step) {
  std::vector<Edge> out;
  const auto one = [&](std::string_view key, bool branch) {
    if (const auto* found = member(step, key); found != nullptr && found->is_string())
      out.push_back({"/" + std::string(key), std::string(found->get_string()), branch});
  };
  for (const auto* key : {"on_true", "on_false"}) one(key, true);
  if (const auto* list = member(step, "next_steps"); list != nullptr && list->is_array()) {
    std::size_t at = 0;
    for (const auto& each : list->get_array()) {
      if (each.is_string()) out.push_back({"/next_steps/" + std::to_string(at), std::string(each.get_string()), true});
      ++at;
    }
  }
  if (const auto* cases = member(step, "cases"); cases != nullptr && cases->is_object())
    for (const auto& each : cases->get_object())
      if (each.value().is_string()) out.push_back({below("/cases", view(each.key())), std::string(each.value().get_string()), true});
  for (const auto* key : {"on_completion", "on_success", "on_failure"}) one(key, false);
  return out;
}

class Checker {
 public:
  explicit Checker(const Object& root) : root_(root) {}

  std::vector<CacaoProblem> run() {
    check_root();
    const auto* workflow = member(root_, "workflow");
    if (workflow == nullptr || !workflow->is_object()) return std::move(problems_);
    if (workflow->get_object().size() > max_steps) {
      tell("/workflow", "cacao.too_many", {{"limit", std::to_string(max_steps)}});
      return std::move(problems_);
    }
    for (const auto& entry : workflow->get_object()) {
      const std::string id(entry.key());
      const auto* step = entry.value().if_object();
      if (step == nullptr)
        tell(below("/workflow", id), "cacao.not_object");
      else
        steps_[id] = step;
    }
    for (const auto& [id, step] : steps_) check_step(id, *step);
    check_flow();
    check_summary();
    return std::move(problems_);
  }

 private:
  void tell(const std::string& pointer, std::string_view key, MessageValues values = {}, std::string_view help_key = {}) {
    if (problems_.size() < max_cacao_problems)
      problems_.push_back({pointer, tr(key, values), help_key.empty() ? std::string() : tr(help_key, values)});
  }

  const Object* definitions(std::string_view key) const {
    const auto* found = member(root_, key);
    return found != nullptr ? found->if_object() : nullptr;
  }

  void check_root() {
    for (const auto* key : {"type", "spec_version", "id", "name", "created_by", "created", "modified", "workflow_start"})
      if (text_of(root_, key).empty()) tell(below("", key), "cacao.missing", {{"member", key}}, "cacao.help_text");
    if (text_of(root_, "type") != "playbook") tell("/type", "cacao.value", {{"wanted", "playbook"}});
    if (text_of(root_, "spec_version") != "cacao-2.0") tell("/spec_version", "cacao.value", {{"wanted", "cacao-2.0"}});
    for (const auto& entry : root_) {
      const auto key = view(entry.key());
      if (!holds(playbook_members, key) && !holds(more_members, key)) tell(below("", key), "cacao.unknown", {{"member", std::string(key)}});
    }
    if (!is_id(text_of(root_, "id")) || type_of(text_of(root_, "id")) != "playbook") tell("/id", "cacao.id", {}, "cacao.help_id");
    if (!is_id(text_of(root_, "created_by"))) tell("/created_by", "cacao.id", {}, "cacao.help_id");
    const auto created = time("created", true), modified = time("modified", true);
    if (created && modified && *created > *modified) tell("/modified", "cacao.modified_before");
    const auto from = time("valid_from", false), until = time("valid_until", false);
    if (from && until && *from >= *until) tell("/valid_until", "cacao.valid_before");
    if (const auto* types = member(root_, "playbook_types"); types != nullptr && types->is_array() && !types->get_array().empty()) {
      const auto* activities = member(root_, "playbook_activities");
      if (activities == nullptr || !activities->is_array() || activities->get_array().empty())
        tell("/playbook_activities", "cacao.activities", {}, "cacao.help_activities");
    }
    for (const auto* key : {"priority", "severity", "impact"})
      if (const auto* found = member(root_, key);
          found != nullptr && !(found->is_int64() && found->get_int64() >= 0 && found->get_int64() <= 100))
        tell(below("", key), "cacao.range");
    if (const auto* workflow = member(root_, "workflow"); workflow == nullptr || !workflow->is_object())
      tell("/workflow", "cacao.missing", {{"member", "workflow"}});
    for (const auto* key : {"agent_definitions", "target_definitions", "data_marking_definitions", "authentication_info_definitions"}) {
      if (const auto* object = definitions(key))
        for (const auto& entry : *object) check_definition(below("", key), std::string(entry.key()), entry.value());
    }
    references("markings", "data_marking_definitions");
    variables("/playbook_variables", root_, "playbook_variables");
  }

  std::optional<std::int64_t> time(std::string_view key, bool millis) {
    const auto text = text_of(root_, key);
    if (text.empty()) return std::nullopt;
    const auto parsed = parse_iso8601(text);
    const auto dot = text.find('.');
    const bool three = dot != std::string::npos && text.size() == dot + 5;
    if (!parsed || !text.ends_with("Z") || (millis && !three)) {
      tell(below("", key), "cacao.time", {}, "cacao.help_time");
      return std::nullopt;
    }
    return parsed->civil;
  }

  void check_definition(const std::string& pointer, const std::string& id, const Value& value) {
    const auto at = below(pointer, id);
    if (!is_id(id)) tell(at, "cacao.id", {}, "cacao.help_id");
    const auto* object = value.if_object();
    if (object == nullptr) return tell(at, "cacao.not_object");
    const auto type = text_of(*object, "type");
    if (type != type_of(id)) tell(below(at, "type"), "cacao.key_type", {{"id", id}, {"type", type}});
    if (member(*object, "authentication_info")) {
      const auto wanted = text_of(*object, "authentication_info");
      const auto* known = definitions("authentication_info_definitions");
      if (known == nullptr || member(*known, wanted) == nullptr) tell(below(at, "authentication_info"), "cacao.dangling", {{"id", wanted}});
    }
  }

  void references(std::string_view list, std::string_view where) {
    const auto* ids = member(root_, list);
    if (ids == nullptr || !ids->is_array()) return;
    const auto* known = definitions(where);
    std::size_t at = 0;
    for (const auto& each : ids->get_array()) {
      const std::string id = each.is_string() ? std::string(each.get_string()) : std::string();
      if (known == nullptr || member(*known, id) == nullptr)
        tell(below("", list) + "/" + std::to_string(at), "cacao.dangling", {{"id", id}});
      ++at;
    }
  }

  /// Declared variables of an owner, by name; true for constants.
  std::map<std::string, bool> variables(const std::string& pointer, const Object& owner, std::string_view key) {
    std::map<std::string, bool> out;
    const auto* found = member(owner, key);
    if (found == nullptr) return out;
    if (!found->is_object()) {
      tell(pointer, "cacao.not_object");
      return out;
    }
    for (const auto& entry : found->get_object()) {
      const std::string name(entry.key());
      if (!is_variable(name)) tell(below(pointer, name), "cacao.variable_name", {{"name", name}}, "cacao.help_variable");
      const auto* object = entry.value().if_object();
      const auto* constant = object != nullptr ? member(*object, "constant") : nullptr;
      out[name] = constant != nullptr && constant->is_bool() && constant->get_bool();
    }
    return out;
  }

  void check_step(const std::string& id, const Object& step) {
    const auto at = below("/workflow", id);
    const auto type = text_of(step, "type");
    if (!is_id(id)) tell(at, "cacao.id", {}, "cacao.help_id");
    if (!holds(step_types, type)) return tell(below(at, "type"), "cacao.step_type", {{"type", type}}, "cacao.help_step_type");
    if (type != type_of(id)) tell(below(at, "type"), "cacao.key_type", {{"id", id}, {"type", type}});
    const bool completion = member(step, "on_completion") != nullptr;
    const bool success = member(step, "on_success") != nullptr, failure = member(step, "on_failure") != nullptr;
    if (completion && (success || failure)) tell(below(at, "on_completion"), "cacao.exclusive");
    if (type == "start" && (success || failure)) tell(at, "cacao.start_on");
    if (type == "end" && (completion || success || failure)) tell(at, "cacao.end_on");
    if (type != "end" && !completion && !success) tell(at, "cacao.no_way_on", {}, "cacao.help_way_on");
    for (const auto& edge : edges_of(step))
      if (!steps_.contains(edge.to)) tell(at + edge.from, "cacao.dangling", {{"id", edge.to}});
    const auto need = [&](std::string_view key) {
      if (member(step, key) == nullptr) tell(at, "cacao.missing", {{"member", std::string(key)}});
    };
    if (type == "if-condition" || type == "while-condition") {
      need("condition");
      need("on_true");
    } else if (type == "switch-condition") {
      need("switch");
      need("cases");
    } else if (type == "parallel") {
      const auto* list = member(step, "next_steps");
      if (list == nullptr || !list->is_array() || list->get_array().size() < 2) tell(below(at, "next_steps"), "cacao.parallel");
    } else if (type == "playbook-action") {
      if (!is_id(text_of(step, "playbook_id"))) tell(below(at, "playbook_id"), "cacao.id", {}, "cacao.help_id");
    } else if (type == "action") {
      check_action(at, step);
    }
  }

  void check_action(const std::string& at, const Object& step) {
    auto known = variables(below(at, "step_variables"), step, "step_variables");
    if (const auto* all = definitions("playbook_variables"))
      for (const auto& entry : *all) {
        const auto* object = entry.value().if_object();
        const auto* constant = object != nullptr ? member(*object, "constant") : nullptr;
        known.emplace(std::string(entry.key()), constant != nullptr && constant->is_bool() && constant->get_bool());
      }
    const auto agent = text_of(step, "agent");
    const auto* agents = definitions("agent_definitions");
    if (agent.empty())
      tell(at, "cacao.missing", {{"member", "agent"}});
    else if (agents == nullptr || member(*agents, agent) == nullptr)
      tell(below(at, "agent"), "cacao.dangling", {{"id", agent}});
    each_text(step, "targets", [&](const std::string& id, const std::string& place) {
      const auto* targets = definitions("target_definitions");
      if (targets == nullptr || member(*targets, id) == nullptr) tell(at + place, "cacao.dangling", {{"id", id}});
    });
    for (const auto* key : {"in_args", "out_args"})
      each_text(step, key, [&](const std::string& name, const std::string& place) {
        const auto found = known.find(name);
        if (found == known.end())
          tell(at + place, "cacao.variable_unknown", {{"name", name}});
        else if (found->second && std::string_view(key) == "out_args")
          tell(at + place, "cacao.variable_constant", {{"name", name}});
      });
    const auto* commands = member(step, "commands");
    if (commands == nullptr || !commands->is_array() || commands->get_array().empty())
      return tell(below(at, "commands"), "cacao.no_command", {}, "cacao.help_command");
    std::size_t number = 0;
    for (const auto& each : commands->get_array()) {
      const auto place = below(at, "commands") + "/" + std::to_string(number++);
      const auto* command = each.if_object();
      if (command == nullptr) {
        tell(place, "cacao.not_object");
        continue;
      }
      const auto type = text_of(*command, "type");
      const bool text = !text_of(*command, "command").empty(), encoded = !text_of(*command, "command_b64").empty();
      if (type.empty()) tell(place, "cacao.missing", {{"member", "type"}});
      if ((holds(text_commands, type) && !text && !encoded) || (holds(encoded_commands, type) && !encoded) || (type == "http-api" && !text))
        tell(place, "cacao.no_command", {}, "cacao.help_command");
      check_uses(below(place, "command"), text_of(*command, "command"), known);
    }
  }

  /// Every __name__:value in a text is declared.
  void check_uses(const std::string& at, const std::string& text, const std::map<std::string, bool>& known) {
    for (std::size_t end = text.find("__:value"); end != std::string::npos; end = text.find("__:value", end + 1)) {
      const auto begin = text.rfind("__", end == 0 ? 0 : end - 1);
      if (begin == std::string::npos || begin >= end) continue;
      const auto name = text.substr(begin, end + 2 - begin);
      if (is_variable(name) && !known.contains(name)) tell(at, "cacao.variable_unknown", {{"name", name}});
    }
  }

  template <class Use>
  void each_text(const Object& object, std::string_view key, Use use) {
    const auto* list = member(object, key);
    if (list == nullptr || !list->is_array()) return;
    std::size_t at = 0;
    for (const auto& each : list->get_array()) {
      use(each.is_string() ? std::string(each.get_string()) : std::string(), below("", key) + "/" + std::to_string(at));
      ++at;
    }
  }

  std::string type_at(const std::string& id) const {
    const auto found = steps_.find(id);
    return found == steps_.end() ? std::string() : text_of(*found->second, "type");
  }

  void check_flow() {
    const auto start = text_of(root_, "workflow_start");
    if (!start.empty() && !steps_.contains(start))
      tell("/workflow_start", "cacao.dangling", {{"id", start}});
    else if (!start.empty() && type_at(start) != "start")
      tell("/workflow_start", "cacao.not_start");
    const auto exception = text_of(root_, "workflow_exception");
    if (!exception.empty() && !steps_.contains(exception)) tell("/workflow_exception", "cacao.dangling", {{"id", exception}});
    bool works = false, ends = false;
    for (const auto& [id, step] : steps_) {
      const auto type = text_of(*step, "type");
      works = works || type == "action" || type == "playbook-action";
      ends = ends || type == "end";
    }
    if (!works || !ends) tell("/workflow", "cacao.too_small");

    std::set<std::string> reached;
    for (const auto& first : {start, exception}) walk(first, reached);
    for (const auto& [id, step] : steps_)
      if (!reached.contains(id)) tell(below("/workflow", id), "cacao.unreachable");
    for (const auto& cycle : cycles(start)) tell(below("/workflow", cycle), "cacao.cycle");
    // Each branch has ends of its own: none that another branch, or what follows the opening step, reaches.
    for (const auto& [id, step] : steps_) {
      std::map<std::string, std::string> owners;
      std::set<std::string> outside;
      for (const auto& edge : edges_of(*step))
        if (!edge.branch) walk(edge.to, outside);
      for (const auto& edge : edges_of(*step)) {
        if (!edge.branch) continue;
        std::set<std::string> inside;
        walk(edge.to, inside);
        bool ended = false;
        for (const auto& each : inside) {
          if (type_at(each) != "end") continue;
          ended = true;
          const auto [at, is_new] = owners.emplace(each, edge.from);
          if (outside.contains(each) || (!is_new && at->second != edge.from))
            tell(below("/workflow", id) + edge.from, "cacao.shared_end", {{"id", each}});
        }
        if (!ended) tell(below("/workflow", id) + edge.from, "cacao.branch_end");
      }
    }
  }

  void walk(const std::string& first, std::set<std::string>& reached) const {
    std::vector<std::string> open{first};
    while (!open.empty()) {
      const auto id = std::move(open.back());
      open.pop_back();
      const auto found = steps_.find(id);
      if (found == steps_.end() || !reached.insert(id).second) continue;
      for (auto& edge : edges_of(*found->second)) open.push_back(std::move(edge.to));
    }
  }

  /// Steps that lead back to a step on the way to them. Without recursion: a hostile workflow may be as deep as it is long.
  std::vector<std::string> cycles(const std::string& start) const {
    std::vector<std::string> out;
    std::set<std::string> done, on_way;
    std::vector<std::pair<std::string, std::size_t>> way;
    const auto enter = [&](const std::string& id) {
      if (!steps_.contains(id) || done.contains(id)) return;
      on_way.insert(id);
      way.emplace_back(id, 0);
    };
    enter(start);
    while (!way.empty()) {
      const std::string id = way.back().first;
      const auto edges = edges_of(*steps_.at(id));
      if (way.back().second == edges.size()) {
        on_way.erase(id);
        done.insert(id);
        way.pop_back();
        continue;
      }
      const auto& to = edges[way.back().second++].to;
      if (on_way.contains(to))
        out.push_back(id);
      else
        enter(to);
    }
    return out;
  }

  /// What the summary says of the workflow's logic agrees with its steps.
  void check_summary() {
    const auto* summary = definitions("playbook_processing_summary");
    if (summary == nullptr) return;
    const std::array<std::pair<std::string_view, std::string_view>, 5> logic{{{"if_logic", "if-condition"},
                                                                              {"while_logic", "while-condition"},
                                                                              {"switch_logic", "switch-condition"},
                                                                              {"parallel_processing", "parallel"},
                                                                              {"external_playbooks", "playbook-action"}}};
    for (const auto& [key, type] : logic) {
      const auto* said = member(*summary, key);
      const bool has =
          std::any_of(steps_.begin(), steps_.end(), [&, wanted = type](const auto& one) { return text_of(*one.second, "type") == wanted; });
      if (said != nullptr && said->is_bool() && said->get_bool() != has) tell(below("/playbook_processing_summary", key), "cacao.summary");
    }
  }

  const Object& root_;
  std::map<std::string, const Object*> steps_;
  std::vector<CacaoProblem> problems_;
};

Result<Value> read_object(std::string_view text) {
  auto value = json::parse(text, {.bytes = max_cacao, .depth = 32});
  if (value && !value->is_object()) return fail(ErrorCode::bad_input, tr("json.not_an_object"));
  return value;
}

CacaoStep step_view(const std::string& id, const Object& step) {
  CacaoStep out{id, text_of(step, "type"), text_of(step, "name"), text_of(step, "description"), {}, false};
  const auto* commands = member(step, "commands");
  if (commands == nullptr || !commands->is_array()) return out;
  for (const auto& each : commands->get_array()) {
    const auto* command = each.if_object();
    if (command == nullptr) continue;
    const auto type = text_of(*command, "type");
    const auto text = text_of(*command, "command");
    out.executable = out.executable || type != "manual";
    out.commands.push_back(type + ": " + (text.empty() ? text_of(*command, "command_b64") : text));
  }
  return out;
}

}  // namespace

Result<std::vector<CacaoProblem>> check_cacao(std::string_view text) {
  const auto value = read_object(text);
  if (!value) return tl::make_unexpected(value.error());
  return Checker(value->get_object()).run();
}

Result<CacaoView> view_cacao(std::string_view text) {
  const auto value = read_object(text);
  if (!value) return tl::make_unexpected(value.error());
  const auto& root = value->get_object();
  CacaoView out{text_of(root, "id"),
                text_of(root, "name"),
                text_of(root, "description"),
                text_of(root, "created_by"),
                text_of(root, "created"),
                text_of(root, "modified"),
                false,
                {}};
  const auto* revoked = member(root, "revoked");
  out.revoked = revoked != nullptr && revoked->is_bool() && revoked->get_bool();
  const auto* workflow = member(root, "workflow");
  if (workflow == nullptr || !workflow->is_object()) return out;
  std::set<std::string> shown;
  std::vector<std::string> open{text_of(root, "workflow_start")};
  const auto show = [&](const std::string& id) {
    const auto* step = member(workflow->get_object(), id);
    if (step == nullptr || !step->is_object() || !shown.insert(id).second) return;
    out.steps.push_back(step_view(id, step->get_object()));
    auto edges = edges_of(step->get_object());
    for (auto edge = edges.rbegin(); edge != edges.rend(); ++edge) open.push_back(edge->to);
  };
  while (!open.empty()) {
    const auto id = std::move(open.back());
    open.pop_back();
    show(id);
  }
  for (const auto& entry : workflow->get_object()) {
    show(std::string(entry.key()));
    open.clear();
  }
  return out;
}

}  // namespace digue::playbook
