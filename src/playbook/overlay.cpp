#include "playbook/overlay.hpp"

#include <algorithm>

#include "base/json/writer.hpp"
#include "base/messages.hpp"
#include "base/text.hpp"
#include "base/yaml_fields.hpp"

namespace digue::playbook {

namespace {

constexpr std::string_view schema = "digue.overlay/1";

/// Of what a reader is told when a field is wrong.
constexpr std::string_view example =
    "{action: 3.b, not_applicable: \"no webmail\"} or {action: 1.a, after: [{text: \"Tell the switchboard\", owner: \"On-call manager\"}]}";

class Reader {
 public:
  Reader(const std::string& file, const OverlayNames* names) : problems_(file), names_(names) {}

  const std::optional<Error>& problem() const { return problems_.first(); }

  Overlay read(const YamlNode& root) {
    Overlay out;
    YamlFields fields(problems_, root, "overlay");
    if (const auto given = fields.text("schema"); given != schema)
      problems_.complain(fields.line(), tr("overlay.schema", {{"schema", given}}),
                         tr("overlay.expected", {{"expected", std::string(schema)}}));
    if (fields.optional("platforms") != nullptr) {
      out.platforms = fields.words("platforms");
      bound(fields, "platforms", out.platforms.size());
      for (const auto& platform : out.platforms) known(fields, "platforms", platform, names_ ? &names_->platforms : nullptr);
    }
    if (const auto* list = fields.optional("actions"); list != nullptr) {
      for (const auto& node : fields.list("actions")) {
        auto action = read_action(node);
        if (out.find(action.action) != nullptr) problems_.complain(node.line, tr("overlay.twice", {{"action", action.action}}));
        out.actions.push_back(std::move(action));
      }
    }
    fields.finish();
    return out;
  }

 private:
  OverlayAction read_action(const YamlNode& node) {
    const auto* id = node.find("action");
    YamlFields fields(problems_, node, "action " + (id != nullptr ? id->text : std::string("?")));
    OverlayAction out;
    out.action = fields.text("action");
    known(fields, "action", out.action, names_ ? &names_->actions : nullptr);
    if (fields.optional("not_applicable") != nullptr) out.not_applicable = text(fields, "not_applicable");
    out.before = items<OverlayStep>(fields, "before", [this](YamlFields& step) { return read_step(step); });
    out.after = items<OverlayStep>(fields, "after", [this](YamlFields& step) { return read_step(step); });
    out.contacts = items<OverlayContact>(fields, "contacts", [this](YamlFields& contact) {
      return OverlayContact{text(contact, "name"), optional(contact, "phone"), optional(contact, "mail"), optional(contact, "note")};
    });
    fields.finish();
    if (out.not_applicable.empty() && out.before.empty() && out.after.empty() && out.contacts.empty())
      problems_.complain(node.line, tr("overlay.nothing", {{"action", out.action}}),
                         tr("overlay.expected", {{"expected", std::string(example)}}));
    return out;
  }

  OverlayStep read_step(YamlFields& fields) {
    OverlayStep out{text(fields, "text"), optional(fields, "owner"), optional(fields, "platform")};
    if (!out.platform.empty()) known(fields, "platform", out.platform, names_ ? &names_->platforms : nullptr);
    return out;
  }

  template <class Item, class Read>
  std::vector<Item> items(YamlFields& fields, std::string_view key, Read read) {
    std::vector<Item> out;
    if (fields.optional(key) == nullptr) return out;
    for (const auto& node : fields.list(key)) {
      YamlFields inner(problems_, node, fields.what() + ", " + std::string(key) + " " + std::to_string(out.size() + 1));
      out.push_back(read(inner));
      inner.finish();
    }
    bound(fields, key, out.size());
    return out;
  }

  std::string text(YamlFields& fields, std::string_view key) {
    std::string out(trim(fields.text(key)));
    if (out.size() > max_overlay_text)
      problems_.complain(fields.optional(key)->line, fields.what() + ": " + tr("overlay.too_long", {{"field", std::string(key)}}),
                         tr("overlay.at_most", {{"count", std::to_string(max_overlay_text)}}));
    return out;
  }

  std::string optional(YamlFields& fields, std::string_view key) {
    const auto* node = fields.optional(key);
    // An empty text says that there is none.
    if (node == nullptr || (node->kind == YamlNode::Kind::scalar && trim(node->text).empty())) return {};
    return text(fields, key);
  }

  void bound(YamlFields& fields, std::string_view key, std::size_t count) {
    if (count > max_overlay_items)
      problems_.complain(fields.optional(key)->line, fields.what() + ": " + tr("overlay.too_many", {{"field", std::string(key)}}),
                         tr("overlay.at_most", {{"count", std::to_string(max_overlay_items)}}));
  }

  void known(YamlFields& fields, std::string_view key, const std::string& value, const std::vector<std::string>* names) {
    if (names == nullptr || value.empty() || std::find(names->begin(), names->end(), value) != names->end()) return;
    std::string expected;
    for (const auto& name : *names) expected += (expected.empty() ? "" : ", ") + name;
    const auto* node = fields.optional(key);
    problems_.complain(node != nullptr ? node->line : fields.line(),
                       fields.what() + ": " + tr("overlay.unknown", {{"field", std::string(key)}, {"value", value}}),
                       tr("overlay.expected", {{"expected", expected}}));
  }

  YamlProblems problems_;
  const OverlayNames* names_;
};

/// A double-quoted scalar: JSON strings are YAML ones.
std::string scalar(std::string_view text) {
  std::string out;
  JsonWriter(out).text(text);
  return out;
}

void line(std::string& out, std::string_view indent, std::string_view key, const std::string& text) {
  if (!text.empty()) out.append(indent).append(key).append(": ").append(scalar(text)).append("\n");
}

void steps_yaml(std::string& out, std::string_view key, const std::vector<OverlayStep>& steps) {
  if (steps.empty()) return;
  out.append("    ").append(key).append(":\n");
  for (const auto& step : steps) {
    line(out, "      - ", "text", step.text);
    line(out, "        ", "owner", step.owner);
    line(out, "        ", "platform", step.platform);
  }
}

json::Array steps_json(const std::vector<OverlayStep>& steps) {
  json::Array out;
  for (const auto& step : steps) out.push_back(json::Object{{"text", step.text}, {"owner", step.owner}, {"platform", step.platform}});
  return out;
}

}  // namespace

const OverlayAction* Overlay::find(std::string_view action) const {
  const auto at = std::find_if(actions.begin(), actions.end(), [&](const OverlayAction& one) { return one.action == action; });
  return at == actions.end() ? nullptr : &*at;
}

Result<Overlay> load_overlay(std::string_view text, const std::string& file, const OverlayNames* names) {
  if (text.size() > max_overlay)
    return fail(ErrorCode::limit, tr("overlay.too_large"), file, tr("overlay.at_most", {{"count", std::to_string(max_overlay)}}));
  const auto root = parse_yaml(text, file);
  if (!root) return tl::make_unexpected(root.error());
  Reader reader(file, names);
  auto overlay = reader.read(*root);
  if (auto problem = reader.problem()) {
    if (problem->help.empty()) problem->help = tr("overlay.expected", {{"expected", std::string(example)}});
    return tl::make_unexpected(std::move(*problem));
  }
  return overlay;
}

std::string to_yaml(const Overlay& overlay) {
  std::string out = "schema: " + std::string(schema) + "\n";
  if (!overlay.platforms.empty()) {
    out += "platforms:\n";
    for (const auto& platform : overlay.platforms) out += "  - " + scalar(platform) + "\n";
  }
  if (!overlay.actions.empty()) out += "actions:\n";
  for (const auto& action : overlay.actions) {
    out += "  - action: " + scalar(action.action) + "\n";
    line(out, "    ", "not_applicable", action.not_applicable);
    steps_yaml(out, "before", action.before);
    steps_yaml(out, "after", action.after);
    if (!action.contacts.empty()) out += "    contacts:\n";
    for (const auto& contact : action.contacts) {
      line(out, "      - ", "name", contact.name);
      line(out, "        ", "phone", contact.phone);
      line(out, "        ", "mail", contact.mail);
      line(out, "        ", "note", contact.note);
    }
  }
  return out;
}

json::Value to_json(const Overlay& overlay) {
  json::Array actions;
  for (const auto& action : overlay.actions) {
    json::Array contacts;
    for (const auto& one : action.contacts)
      contacts.push_back(json::Object{{"name", one.name}, {"phone", one.phone}, {"mail", one.mail}, {"note", one.note}});
    json::Object out{{"action", action.action}};
    if (!action.not_applicable.empty()) out["not_applicable"] = action.not_applicable;
    out["before"] = steps_json(action.before);
    out["after"] = steps_json(action.after);
    out["contacts"] = std::move(contacts);
    actions.push_back(std::move(out));
  }
  return json::Object{{"schema", std::string(schema)}, {"platforms", json::array_of(overlay.platforms)}, {"actions", std::move(actions)}};
}

}  // namespace digue::playbook
