#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/json/value.hpp"
#include "base/result.hpp"

/// What an establishment adds to the playbook: its own steps, contacts and platforms, and the actions that it has no use for.
namespace digue::playbook {

struct OverlayStep {
  std::string text;
  std::string owner;     ///< a role of the directory ("messaging"), or who does it in the establishment's words; empty: whoever acts
  std::string platform;  ///< only there; empty: everywhere
};

struct OverlayContact {
  std::string name, phone, mail, note;
};

struct OverlayAction {
  std::string action;
  std::string not_applicable;              ///< why the establishment has no use for it; empty: it applies
  std::vector<OverlayStep> before, after;  ///< the playbook's own steps
  std::vector<OverlayContact> contacts;    ///< whom to reach for it
};

struct Overlay {
  std::vector<std::string> platforms;  ///< of guided commands, the first one preselected
  std::vector<OverlayAction> actions;  ///< those with something of the establishment's own

  const OverlayAction* find(std::string_view action) const;
  bool empty() const { return platforms.empty() && actions.empty(); }
};

inline constexpr std::size_t max_overlay = std::size_t{256} << 10;
inline constexpr std::size_t max_overlay_text = 2000;
inline constexpr std::size_t max_overlay_items = 20;  ///< steps before or after, contacts of one action, platforms

/// The names that an overlay may refer to.
struct OverlayNames {
  std::vector<std::string> actions, platforms;
};

/// A file of the schema digue.overlay/1: YAML, or the JSON of to_json(). Errors: bad_input with `file` and line, what was expected and an
/// example; limit. `names` null: references are not checked (what was stored under other content).
Result<Overlay> load_overlay(std::string_view text, const std::string& file, const OverlayNames* names);
/// The file that load_overlay() reads.
std::string to_yaml(const Overlay& overlay);
json::Value to_json(const Overlay& overlay);

}  // namespace digue::playbook
