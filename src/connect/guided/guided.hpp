#pragma once

#include <array>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "base/time.hpp"
#include "connect/guided/template.hpp"
#include "playbook/playbook.hpp"

/// What a person runs by hand, per action and platform: content (content/platforms/<id>.yaml) filled with an incident's own facts.
namespace digue::guided {

using playbook::Name;
using playbook::Text;

/// What a step is for: sealing what the next one destroys, reading before acting, acting, proving, taking back.
enum class Purpose { seal, look, act, verify, undo };
inline constexpr std::array<Name<Purpose>, 5> purpose_names{
    {{Purpose::seal, "seal"}, {Purpose::look, "look"}, {Purpose::act, "do"}, {Purpose::verify, "verify"}, {Purpose::undo, "undo"}}};

/// One step. A console step has no command: `text` is the way through the menus.
struct Step {
  Purpose purpose = Purpose::act;
  Text text;
  Shell shell = Shell::console;
  std::string file;         ///< the command is the content of this file, handed to the next step; empty: typed
  Template command;         ///< empty for console
  std::optional<Text> see;  ///< what to expect on the screen, and what of it proves the step
  bool irreversible = false;
};

struct Procedure {
  std::string action;
  std::optional<Text> cannot;  ///< the platform cannot do it by itself: what to do instead
  std::optional<Text> right;   ///< needed on the platform
  std::vector<Step> steps;     ///< in the order of work, seal first
};

struct Platform {
  std::string id;
  std::string name;
  Text about;                 ///< what it covers, what it was checked against
  std::vector<Step> connect;  ///< once, before any command
  std::vector<Procedure> procedures;

  const Procedure* procedure(std::string_view action) const;
};

/// One content file as the caller read it; the name is only used in errors.
struct SourceFile {
  std::string name;
  std::string text;
};

/// Builds all platforms. Refused, with file, line and what was expected: malformed or unknown fields, an action that is not one of
/// `actions` or that is missing, a language missing or equal to the other, an unknown shell, placeholder or encoding, a placeholder inside
/// quotes of its shell, a step that destroys (`irreversible`) with no sealing before it.
Result<std::vector<Platform>> load_platforms(std::span<const SourceFile> files, const std::vector<std::string>& actions);

/// What a procedure may be filled with. Names that stand for one value each; `ips` and `accounts` also as whole lists.
struct Facts {
  std::vector<std::string> accounts;         ///< of the task, or all that joined the incident
  std::vector<std::string> ips;              ///< of the attacker
  std::optional<UtcMicros> since, until;     ///< the span to look at
  std::optional<UtcMicros> expiry;           ///< when a block ends
  std::string reference;                     ///< of the incident
  std::map<std::string, std::string> asked;  ///< what the person gave for placeholders that the incident does not know
};

/// Blocks beyond this many are counted, not made.
inline constexpr std::size_t max_blocks = 200;

/// A step, ready to be copied.
struct Block {
  std::size_t step = 0;  ///< its place in the procedure (connect steps have blocks of their own)
  std::string account;   ///< that it is about; empty: none in particular
  std::string ip;
  std::string command;               ///< empty when refused, when something is missing, or for the console
  std::vector<std::string> missing;  ///< placeholders that have no value yet
  std::string refused;               ///< why a value cannot be written here
};

struct Filled {
  std::vector<Block> blocks;
  std::size_t left_out = 0;
};

/// Each step for each account and each address that it speaks of.
Filled fill(std::span<const Step> steps, const Facts& facts);

/// Placeholders of these steps that only the person can give, in the order of their first use.
std::vector<std::string> asked_of(std::span<const Step> steps);

/// bad_input with the reason when `value` is not one of this placeholder's kind (an address, a host ...) or is too long.
Result<void> check_value(std::string_view placeholder, std::string_view value);

}  // namespace digue::guided
