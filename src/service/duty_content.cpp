#include "service/duty_content.hpp"

#include <algorithm>

namespace digue::service {

namespace {

std::vector<incident::ContentFile> files_below(std::span<const Asset> files, std::string_view folder) {
  std::vector<incident::ContentFile> out;
  for (const auto& file : files)
    if (file.path.starts_with(folder)) out.push_back({std::string(file.path), std::string(file.data)});
  return out;
}

bool exists(const incident::Directory& directory, std::string_view contact) {
  constexpr std::string_view role = "role:";
  if (!contact.starts_with(role)) return directory.find(contact) != nullptr;
  const auto roles = incident::contact_roles();
  return std::find(roles.begin(), roles.end(), contact.substr(role.size())) != roles.end();
}

}  // namespace

const incident::Obligation* DutyContent::find(std::string_view id) const {
  const auto at = std::find_if(obligations.begin(), obligations.end(), [&](const auto& one) { return one.id == id; });
  return at == obligations.end() ? nullptr : &*at;
}

Result<DutyContent> load_duty_content(std::span<const Asset> files) {
  auto calendars = incident::load_calendars(files_below(files, "content/calendars/"));
  if (!calendars) return tl::make_unexpected(calendars.error());
  auto directory = incident::load_contacts(files_below(files, "content/contacts/"));
  if (!directory) return tl::make_unexpected(directory.error());
  auto obligations = incident::load_obligations(files_below(files, "content/obligations/"));
  if (!obligations) return tl::make_unexpected(obligations.error());
  if (!calendars->find(directory->office_calendar))
    return fail(ErrorCode::bad_input, "the hours name no calendar: \"" + directory->office_calendar + "\"", "content/contacts");
  for (const auto& one : *obligations)
    if (!exists(*directory, one.contact))
      return fail(ErrorCode::bad_input, "no contact \"" + one.contact + "\" to declare to", one.place, "Expected one of content/contacts.");
  return DutyContent{std::move(*obligations), std::move(*directory), std::move(*calendars)};
}

}  // namespace digue::service
