#pragma once

#include <string>
#include <vector>

#include "base/result.hpp"
#include "incident/declaration.hpp"
#include "incident/establishment.hpp"
#include "playbook/overlay.hpp"

/// The part of the case store that holds establishments, people and declarations.
namespace digue::store {

class DutyReader {
 public:
  virtual ~DutyReader() = default;
  /// By name.
  virtual Result<std::vector<incident::Establishment>> establishments() = 0;
  /// The lines of the directory that the establishment wrote, by name.
  virtual Result<std::vector<incident::LocalContact>> contacts() = 0;
  /// What the establishment adds to the playbook; empty when it wrote nothing.
  virtual Result<playbook::Overlay> overlay(const std::string& establishment) = 0;
  /// Establishments that an incident concerns, in the order of their names.
  virtual Result<std::vector<std::string>> concerned(const std::string& incident) = 0;
  /// Incidents that concern an establishment.
  virtual Result<std::vector<std::string>> incidents_of(const std::string& establishment) = 0;
  /// In the order in which they were recorded.
  virtual Result<std::vector<incident::Instant>> instants(const std::string& incident) = 0;
  virtual Result<std::vector<incident::DutyFiling>> filings(const std::string& incident) = 0;
  virtual Result<std::vector<incident::Breach>> breaches(const std::string& incident) = 0;
};

/// Every version of an establishment, its overlay or a contact is kept with its author.
class DutyWriter {
 public:
  virtual ~DutyWriter() = default;
  /// Adds it or replaces what is known of it.
  virtual Result<void> put_establishment(const incident::Establishment& establishment, UtcMicros at, const std::string& by) = 0;
  virtual Result<void> put_overlay(const std::string& establishment, const playbook::Overlay& overlay, UtcMicros at,
                                   const std::string& by) = 0;
  virtual Result<void> put_contact(const incident::LocalContact& contact, UtcMicros at, const std::string& by) = 0;
  virtual Result<void> remove_contact(const std::string& id, UtcMicros at, const std::string& by) = 0;
  virtual Result<void> set_concerned(const std::string& incident, const std::vector<std::string>& establishments) = 0;
  virtual Result<void> add_instant(const std::string& incident, const incident::Instant& instant) = 0;
  virtual Result<void> put_filing(const std::string& incident, const incident::DutyFiling& filing) = 0;
  virtual Result<void> put_breach(const std::string& incident, const incident::Breach& breach) = 0;
};

}  // namespace digue::store
