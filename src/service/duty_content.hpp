#pragma once

#include <span>

#include "base/assets.hpp"
#include "incident/contact.hpp"
#include "incident/obligation.hpp"

namespace digue::service {

/// What the content says of declaring: duties, whom to call, holidays.
struct DutyContent {
  std::vector<incident::Obligation> obligations;
  incident::Directory directory;
  incident::Calendars calendars;

  const incident::Obligation* find(std::string_view id) const;
};

/// From the files content/obligations, content/contacts and content/calendars among `files`. Refused with file and line, also when a duty
/// names a contact or the hours name a calendar that does not exist.
Result<DutyContent> load_duty_content(std::span<const Asset> files);

}  // namespace digue::service
