#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "incident/condition.hpp"
#include "incident/holidays.hpp"

/// Whom to call: the directory of services (content/contacts), the table of calls, and the establishment's own people.
namespace digue::incident {

struct Contact {
  std::string id, kind;
  std::string region;  ///< empty: national
  Localized name, what;
  std::string phone, mail, site;  ///< as written; a row without any is to be filled in locally
  std::optional<Localized> hours, condition;
  bool always = false;     ///< day and night, all days
  bool to_verify = false;  ///< the source is weak: check before relying on it
  std::vector<Source> sources;
  std::string place;
};

/// Hours of presence, Monday = 1.
struct Hours {
  int first_day = 1, last_day = 5;
  int from = 9 * 60, until = 18 * 60;  ///< minutes after midnight
  bool contains(int weekday, int minute) const { return weekday >= first_day && weekday <= last_day && minute >= from && minute < until; }
};

/// One line of the answer to "who do I call now".
struct Call {
  struct Way {
    std::string contact;  ///< an id of the directory, or "role:..." for the establishment's own people
    std::string by;       ///< phone, mail, portal, chat, person
  };
  std::string id;
  Condition when;
  std::vector<Way> ways;
  Localized say;
};

struct Directory {
  std::vector<Contact> contacts;
  std::vector<Call> calls;
  Hours office;  ///< of the authorities
  std::string office_zone, office_calendar;
  Hours local;  ///< of the establishment, in its own zone and calendar

  const Contact* find(std::string_view id) const;
};

/// Roles that the establishment's own people hold.
std::span<const std::string_view> contact_roles();

/// Files of the schema digue.contacts/1 (contacts, hours, calls: each file what it has). Refused with file and line: unknown fields,
/// regions, roles or ways, calls of contacts that do not exist, an id twice.
Result<Directory> load_contacts(std::span<const ContentFile> files);

/// Where the clock stands for the authorities and for an establishment.
struct Moment {
  bool office_hours = false, local_hours = false;
  const Holiday* holiday = nullptr;
  const Holiday* local_holiday = nullptr;
};
Moment moment_of(const Directory& directory, const Calendars& calendars, UtcMicros now, const Zone& zone, std::string_view calendar);

/// The calls that hold, in the order of the table.
std::vector<const Call*> calls_for(const Directory& directory, const Facts& facts);

}  // namespace digue::incident
