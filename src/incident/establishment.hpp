#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/json/value.hpp"
#include "base/time.hpp"
#include "incident/condition.hpp"

/// The declaring entities and the people whom they name.
namespace digue::incident {

/// A person or service with the means to reach it.
struct Person {
  std::string name, role, phone, mail;
};

/// The last change of a record.
struct LastChange {
  UtcMicros at;
  std::string by;
};

struct Establishment {
  std::string id;
  std::optional<LastChange> changed{};  ///< as read back; not a part of the record
  std::string name, address, finess, siren;
  std::string kind = "health";        ///< health, laboratory, radiotherapy, medico-social, other
  std::string sector = "public";      ///< public, private
  std::vector<std::string> statuses;  ///< OSE, OIV, administration, classified
  std::string region;                 ///< of the ARS and of the regional CSIRT
  Person dpo, director, security;     ///< director: or the delegate who declares
  std::string insurer, policy, insurer_phone;
  std::optional<int> insurer_hours;  ///< notice asked by the contract
  std::string mail_operator;         ///< who runs the mail, empty: the establishment
  std::string mssante_operator, mssante_phone;
  std::vector<std::string> own_domains, own_ranges;
  std::string zone = "Europe/Paris";
  std::string calendar = "metropole";
};

/// A line of the directory that the establishment wrote: its own people, or what replaces a row of the content.
struct LocalContact {
  std::string id;
  std::optional<LastChange> changed{};  ///< as for an establishment
  std::string replaces;                 ///< id of the content's row, or empty
  std::string establishment;            ///< empty: all
  std::string role = "other";
  std::string name, organisation, phone, mail, site, hours, note;
};

json::Value to_json(const Establishment& establishment);
/// Bounds and shapes: a name; FINESS of 9 letters or digits, SIREN of 9 digits, both optional; known kind, sector and statuses; domains;
/// ranges in CIDR notation; a zone. Errors: bad_input with the field.
Result<Establishment> establishment_of(const json::Value& value);

json::Value to_json(const LocalContact& contact);
/// A name, a known role. Errors: bad_input with the field.
Result<LocalContact> local_contact_of(const json::Value& value);

/// What duties and calls need to know of an establishment.
void add_facts(const Establishment& establishment, Facts& facts);

}  // namespace digue::incident
