#pragma once

#include <array>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "playbook/playbook.hpp"

namespace digue::guided {

/// The language that a command is written in; each has one encoder (base/quote.hpp).
enum class Shell { powershell, sh, ldif, postfix_map, console };
inline constexpr std::array<playbook::Name<Shell>, 5> shell_names{{{Shell::powershell, "powershell"},
                                                                   {Shell::sh, "sh"},
                                                                   {Shell::ldif, "ldif"},
                                                                   {Shell::postfix_map, "postfix_map"},
                                                                   {Shell::console, "console"}}};

/// What a value passes through before the shell's own encoder.
enum class Encoding { none, json, url, odata, ldap, name, phrase, date, epoch, local, domain };
inline constexpr std::array<playbook::Name<Encoding>, 11> encoding_names{{{Encoding::none, ""},
                                                                          {Encoding::json, "json"},
                                                                          {Encoding::url, "url"},
                                                                          {Encoding::odata, "odata"},
                                                                          {Encoding::ldap, "ldap"},
                                                                          {Encoding::name, "name"},
                                                                          {Encoding::phrase, "phrase"},
                                                                          {Encoding::date, "date"},
                                                                          {Encoding::epoch, "epoch"},
                                                                          {Encoding::local, "local"},
                                                                          {Encoding::domain, "domain"}}};

/// Where a placeholder's value comes from, and what it must look like.
enum class Kind { account, ip, time, reference, address, domain, host, token, text, message_id, distinguished_name, list };

struct Placeholder {
  std::string_view name;
  Kind kind;
  bool asked;  ///< the person gives it
};

inline constexpr std::array<Placeholder, 29> placeholders{{
    {"account", Kind::account, false},
    {"ip", Kind::ip, false},
    {"accounts", Kind::list, false},
    {"ips", Kind::list, false},
    {"since", Kind::time, false},
    {"until", Kind::time, false},
    {"expiry", Kind::time, false},
    {"reference", Kind::reference, false},
    {"sender", Kind::address, true},
    {"forward_target", Kind::address, true},
    {"delegate", Kind::address, true},
    {"created_account", Kind::address, true},
    {"admin", Kind::address, true},
    {"block_domain", Kind::domain, true},
    {"server", Kind::host, true},
    {"realm", Kind::token, true},
    {"user_id", Kind::token, true},
    {"object_id", Kind::token, true},
    {"application", Kind::token, true},
    {"device", Kind::token, true},
    {"queue_id", Kind::token, true},
    {"rule", Kind::text, true},
    {"folder", Kind::text, true},
    {"subject", Kind::text, true},
    {"group", Kind::text, true},
    {"url", Kind::text, true},
    {"message_id", Kind::message_id, true},
    {"dn", Kind::distinguished_name, true},
    {"base_dn", Kind::distinguished_name, true},
}};

/// The placeholder of that name, or null.
const Placeholder* placeholder(std::string_view name);

/// A command with {{name}} or {{name|encoding}} where values go. A placeholder alone becomes one word of the shell; [[text {{a}} text]]
/// becomes one word made of text and values together. In ldif and postfix_map a line is one value or one key with its text.
class Template {
 public:
  struct Part {
    std::string text;  ///< as it is, or the text inside a word
    const Placeholder* what = nullptr;
    Encoding encoding = Encoding::none;
    bool word = false;  ///< `parts` are one word of the shell
    std::vector<Part> parts;
  };

  Template() = default;
  /// What is wrong in it: bad_input whose `where` is the line inside `text`, from 0.
  static Result<Template> parse(std::string_view text, Shell shell);

  bool empty() const { return parts_.empty(); }
  /// The names used, each once.
  std::vector<std::string_view> names() const;

  /// A value, or nothing when there is none yet.
  using Values = std::function<const std::vector<std::string>*(const Placeholder&)>;
  /// The command. bad_input when the shell cannot hold a value; every placeholder must have one.
  Result<std::string> fill(const Values& values) const;

 private:
  Shell shell_ = Shell::console;
  std::vector<Part> parts_;
};

}  // namespace digue::guided
