#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/yaml_fields.hpp"

namespace digue::incident {

/// What is known when a duty or a call is decided: of one establishment and of the qualification of the incident.
struct Facts {
  std::map<std::string, std::string, std::less<>> answers;  ///< question -> yes, no, unknown; absent: not asked yet
  std::optional<std::string> severity;                      ///< anomaly, minor, major, crisis; nothing: not qualified
  bool confirmed = false;
  std::string kind = "health";  ///< of the establishment
  std::vector<std::string> statuses;
  bool insured = false;
  bool outsourced = false;   ///< the mail is run by a provider
  bool office_hours = true;  ///< the authorities' (CERT Santé)
  bool local_hours = true;   ///< the establishment's own
};

/// A condition of the content: every part that is given must hold.
struct Condition {
  struct Asked {
    std::string question;
    std::vector<std::string> values;  ///< yes, no, unknown, absent
  };
  std::vector<std::string> kinds, statuses, severities;  ///< one of them; severities may name "none"
  std::optional<bool> confirmed, insured, outsourced, office_hours, local_hours;
  std::vector<Asked> any;  ///< one of them
  std::vector<Asked> all;  ///< each of them
};

bool holds(const Condition& condition, const Facts& facts);

/// Reads the mapping `key`; questions, kinds, statuses and severities that do not exist are complaints.
Condition read_condition(YamlFields& fields, std::string_view key);

/// Kinds, statuses and sectors of an establishment, for all who check them.
std::span<const std::string_view> establishment_kinds();
std::span<const std::string_view> establishment_statuses();

}  // namespace digue::incident
