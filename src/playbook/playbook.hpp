#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace digue::playbook {

/// One text in both languages of the product.
struct Text {
  std::string fr;
  std::string en;
};

/// Where a part was declared, for diagnostics.
struct Place {
  std::string file;
  int line = 0;
};

enum class Priority { p0, p1, p2, p3 };
enum class Target { account, tenant, workstation, gateway };
/// An incident holds one task of an action in all, or one per compromised account, or one per workstation.
enum class Scope { incident, account, workstation };
/// A requirement holds before the action starts, or before its effect is lifted (unblocking an account).
enum class Gate { start, lift };
enum class Reversibility { reversible, partly, irreversible };
enum class IndicatorMode { watch, block };

template <class Value>
struct Name {
  Value value;
  std::string_view text;
};
inline constexpr std::array<Name<Priority>, 4> priority_names{
    {{Priority::p0, "P0"}, {Priority::p1, "P1"}, {Priority::p2, "P2"}, {Priority::p3, "P3"}}};
inline constexpr std::array<Name<Target>, 4> target_names{
    {{Target::account, "account"}, {Target::tenant, "tenant"}, {Target::workstation, "workstation"}, {Target::gateway, "gateway"}}};
inline constexpr std::array<Name<Scope>, 3> scope_names{
    {{Scope::incident, "incident"}, {Scope::account, "account"}, {Scope::workstation, "workstation"}}};
inline constexpr std::array<Name<Gate>, 2> gate_names{{{Gate::start, "start"}, {Gate::lift, "lift"}}};
inline constexpr std::array<Name<Reversibility>, 3> reversibility_names{
    {{Reversibility::reversible, "reversible"}, {Reversibility::partly, "partly"}, {Reversibility::irreversible, "irreversible"}}};
inline constexpr std::array<Name<IndicatorMode>, 2> indicator_mode_names{
    {{IndicatorMode::watch, "watch"}, {IndicatorMode::block, "block"}}};

/// The name of an enumeration's value as content files and machine output write it.
template <class Value, std::size_t count>
constexpr std::string_view name_of(const std::array<Name<Value>, count>& names, Value value) {
  for (const auto& name : names)
    if (name.value == value) return name.text;
  return {};
}

/// Another action that comes first. A person may go on without it: `override_when` says in which case, and the reason is recorded.
struct Requirement {
  std::string action;
  Gate before = Gate::start;
  Text reason;
  Text override_when;
  Place place;
};

/// This action is opened again when `action` records `outcome`.
struct Reopening {
  std::string action;
  std::string outcome;
  Text reason;
  Place place;
};

/// What to do for one cause of the compromise.
struct Branch {
  std::string cause;
  Text recognise;
  std::vector<Text> steps;
};

struct Decision {
  Text question;
  std::vector<Branch> branches;  // one for each cause of the playbook
};

/// The kinds of indicator that an action puts in force, and how: sign-in addresses are watched, mail indicators are blocked.
struct IndicatorPolicy {
  IndicatorMode mode = IndicatorMode::watch;
  std::vector<std::string> kinds;
};

struct Undo {
  Reversibility reversibility = Reversibility::reversible;
  Text how;
};

struct Action {
  std::string id;       // "1.a" .. "9.b", "5"
  std::string measure;  // "1" .. "9"
  Text title;
  Priority priority = Priority::p0;
  std::string theme;
  std::vector<Target> targets;
  Scope scope = Scope::incident;
  std::optional<Text> applies_if;
  Text why;
  std::vector<Text> prerequisites;
  Text impact;
  Text care;  // effect on care
  std::vector<Text> steps;
  std::optional<Decision> decision;
  std::optional<IndicatorPolicy> indicators;
  bool destroys = false;         // destroys traces: seal_first comes before the first step
  std::vector<Text> seal_first;  // evidence to seal before
  Text leaves;                   // evidence that the action itself leaves
  std::vector<Text> verify;
  Undo undo;
  std::optional<int> review_days;  // the effect stays in force: reviewed or lifted after so many days at most
  std::vector<std::string> finds;  // outcomes that may be recorded when it is done
  std::vector<Requirement> requirements;
  std::vector<Reopening> reopenings;
  std::vector<std::string> attack;
  std::vector<std::string> react;
  std::vector<std::string> d3fend;
  Place place;
};

struct Measure {
  std::string number;
  Text title;
  std::optional<Text> title_by_theme;  // measure 4 is worded differently in the card's list by theme
  Text aim;
  std::vector<Action> actions;
  Place place;
};

struct PriorityGroup {
  Priority priority = Priority::p0;
  Text label;
  std::vector<std::string> measures;
  Place place;
};

struct Theme {
  std::string id;
  Text title;
  std::vector<std::string> measures;
  Place place;
};

struct Term {
  std::string id;
  Text label;
};

struct Credits {
  std::string card;
  std::string publisher;
  std::string site;
  std::string licence;
  std::string licence_url;
  std::string consulted;
  Text origin;
  Text changes;
};

/// Carries no priority: comes before every measure.
struct Pinned {
  std::string theme;
  Text why;
  std::vector<Text> steps;
};

/// A measure as one view shows it.
struct MeasureEntry {
  const Measure* measure;
  const Text* title;
};

struct Section {
  std::string id;
  const Text* title;
  std::vector<MeasureEntry> measures;
};

struct Playbook {
  std::string name;
  Text title;
  Credits credits;
  std::vector<Text> before;
  Pinned pinned;
  std::vector<PriorityGroup> priorities;
  std::vector<Theme> themes;
  std::vector<Term> causes;
  std::vector<Term> outcomes;
  std::vector<Text> afterwards;
  std::vector<Measure> measures;  // in the order of their numbers

  const Measure* measure(std::string_view number) const;
  const Action* action(std::string_view id) const;
  /// P0 to P3, each with its measures in order of work. The pointers live as long as the playbook is neither changed nor moved.
  std::vector<Section> by_priority() const;
  /// The card's themes, the pinned one first (it has no measure); measure 4 under its other title. Pointers as for by_priority().
  std::vector<Section> by_theme() const;
};

}  // namespace digue::playbook
