#include "incident/contact.hpp"

#include <algorithm>
#include <array>

#include "incident/content_fields.hpp"

namespace digue::incident {

namespace {

constexpr std::array<std::string_view, 16> roles{"on_call",  "rssi",          "dsi",  "duty_manager", "director", "dpo",
                                                 "provider", "insurer",       "pris", "csirt",        "bank",     "mssante_operator",
                                                 "legal",    "communication", "hfds", "other"};
constexpr std::array<std::string_view, 8> kinds{"health", "csirt", "authority", "police", "victims", "ars", "report", "regional_csirt"};
constexpr std::array<std::string_view, 5> ways{"phone", "mail", "portal", "chat", "person"};
constexpr std::string_view role_mark = "role:";

/// "09:30" -> minutes after midnight; 24:00 allowed.
int minutes(YamlFields& fields, std::string_view key) {
  const std::string text = fields.text(key);
  const auto digit = [&](std::size_t at) { return at < text.size() && text[at] >= '0' && text[at] <= '9' ? text[at] - '0' : -1; };
  const int hours = digit(0) * 10 + digit(1);
  const int rest = digit(3) * 10 + digit(4);
  const bool good = text.size() == 5 && text[2] == ':' && digit(0) >= 0 && digit(1) >= 0 && digit(3) >= 0 && digit(4) >= 0 && rest < 60 &&
                    hours * 60 + rest <= 24 * 60;
  if (good) return hours * 60 + rest;
  fields.problems().complain(fields.line(), fields.what() + ": \"" + std::string(key) + "\" is not a time of day", "Expected \"09:00\".");
  return 0;
}

Hours read_hours(YamlFields& fields) {
  Hours out{fields.number("first_day", 1, 7), fields.number("last_day", 1, 7), minutes(fields, "from"), minutes(fields, "until")};
  if (out.last_day < out.first_day || out.until <= out.from)
    fields.problems().complain(fields.line(), fields.what() + ": it ends before it starts");
  return out;
}

Contact read_contact(YamlFields& fields) {
  Contact out;
  out.place = content::place(fields);
  out.id = fields.text("contact");
  out.kind = content::choice(fields, "kind", kinds);
  out.region = content::optional_word(fields, "region");
  out.name = content::text(fields, "name");
  out.what = content::text(fields, "what");
  out.phone = content::optional_word(fields, "phone");
  out.mail = content::optional_word(fields, "mail");
  out.site = content::optional_word(fields, "site");
  out.hours = content::optional_text(fields, "hours");
  out.condition = content::optional_text(fields, "condition");
  out.always = content::optional_flag(fields, "always");
  out.to_verify = content::optional_flag(fields, "to_verify");
  const bool to_fill = content::optional_flag(fields, "to_fill");
  const bool reachable = !out.phone.empty() || !out.mail.empty() || !out.site.empty();
  if (reachable == to_fill)
    fields.problems().complain(fields.line(),
                               fields.what() + (to_fill ? ": \"to_fill\" with a phone, mail or site" : ": no phone, mail or site"),
                               "Expected one of them, or \"to_fill: true\".");
  if (reachable || fields.optional("sources")) out.sources = content::sources(fields);
  return out;
}

Call read_call(YamlFields& fields) {
  Call out;
  out.id = fields.text("call");
  out.when = read_condition(fields, "when");
  content::each(fields, "ways", "way", [&](YamlFields& way) {
    out.ways.push_back({way.text("to"), content::choice(way, "by", ways)});
    const auto& to = out.ways.back().contact;
    if (to.starts_with(role_mark) && std::find(roles.begin(), roles.end(), std::string_view(to).substr(role_mark.size())) == roles.end())
      fields.problems().complain(way.line(), fields.what() + ": no role \"" + to + "\"");
  });
  out.say = content::text(fields, "say");
  return out;
}

}  // namespace

const Contact* Directory::find(std::string_view id) const {
  const auto at = std::find_if(contacts.begin(), contacts.end(), [&](const Contact& one) { return one.id == id; });
  return at == contacts.end() ? nullptr : &*at;
}

std::span<const std::string_view> contact_roles() {
  return roles;
}

Result<Directory> load_contacts(std::span<const ContentFile> files) {
  Directory out;
  std::vector<std::string> places;  // of the calls
  bool has_hours = false;
  const auto read = content::read_files(files, "digue.contacts/1", [&](YamlFields& file) {
    if (file.optional("contacts"))
      content::each(file, "contacts", "contact", [&](YamlFields& fields) {
        auto one = read_contact(fields);
        if (const auto* other = out.find(one.id))
          fields.problems().complain(fields.line(), fields.what() + " is already at " + other->place);
        out.contacts.push_back(std::move(one));
      });
    if (file.optional("hours")) {
      has_hours = true;
      content::object(file, "hours", [&](YamlFields& fields) {
        out.office = read_hours(fields);
        out.office_zone = fields.text("zone");
        if (!Zone::named(out.office_zone))
          fields.problems().complain(fields.line(), fields.what() + ": no zone \"" + out.office_zone + "\"");
        out.office_calendar = fields.text("calendar");
      });
      content::object(file, "local_hours", [&](YamlFields& fields) { out.local = read_hours(fields); });
    }
    if (file.optional("calls"))
      content::each(file, "calls", "call", [&](YamlFields& fields) {
        out.calls.push_back(read_call(fields));
        places.push_back(content::place(fields));
      });
  });
  if (!read) return tl::make_unexpected(read.error());
  if (!has_hours)
    return fail(ErrorCode::bad_input, "no file gives the hours of the authorities", files.empty() ? std::string() : files.front().name);
  for (std::size_t i = 0; i < out.calls.size(); ++i)
    for (const auto& way : out.calls[i].ways)
      if (!way.contact.starts_with(role_mark) && !out.find(way.contact))
        return fail(ErrorCode::bad_input, "call " + out.calls[i].id + ": no contact \"" + way.contact + "\"", places[i]);
  return out;
}

Moment moment_of(const Directory& directory, const Calendars& calendars, UtcMicros now, const Zone& zone, std::string_view calendar) {
  const auto inside = [&](const Hours& hours, const Zone& place, const Holiday* holiday) {
    const auto civil = civil_from_micros(now.value + place.offset_minutes(now) * micros_per_minute);
    return holiday == nullptr && hours.contains(weekday({civil.year, civil.month, civil.day}), civil.hour * 60 + civil.minute);
  };
  Moment out;
  if (const auto office = Zone::named(directory.office_zone)) {
    out.holiday = holiday_on(calendars, directory.office_calendar, date_in(*office, now));
    out.office_hours = inside(directory.office, *office, out.holiday);
  }
  out.local_holiday = holiday_on(calendars, calendar, date_in(zone, now));
  out.local_hours = inside(directory.local, zone, out.local_holiday);
  return out;
}

std::vector<const Call*> calls_for(const Directory& directory, const Facts& facts) {
  std::vector<const Call*> out;
  for (const auto& call : directory.calls)
    if (holds(call.when, facts)) out.push_back(&call);
  return out;
}

}  // namespace digue::incident
