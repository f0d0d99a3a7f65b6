#include <algorithm>

#include "base/text.hpp"
#include "formats/entra/sign_in.hpp"
#include "formats/microsoft365/culture.hpp"
#include "formats/microsoft365/json_walk.hpp"
#include "formats/microsoft365/key_table.hpp"

/// Sign-ins as CSV: the portal's export (whose column names have trailing and doubled blanks), and flattened Graph records of other tools.
namespace digue::formats::entra {

namespace {

using T = SignInText;

constexpr auto columns_by_name = key_table<T>({
    {"Date (UTC)", T::created},
    {"createdDateTime", T::created},
    {"Request ID", T::id},
    {"id", T::id},
    {"Username", T::upn},
    {"userPrincipalName", T::upn},
    {"Service principal name", T::service_principal},
    {"servicePrincipalName", T::service_principal},
    {"Service principal ID", T::service_principal_id},
    {"servicePrincipalId", T::service_principal_id},
    {"Application ID", T::app_id},
    {"appId", T::app_id},
    {"Application", T::app_name},
    {"appDisplayName", T::app_name},
    {"IP address", T::ip},
    {"ipAddress", T::ip},
    {"Client app", T::client_app},
    {"clientAppUsed", T::client_app},
    {"User agent", T::user_agent},
    {"userAgent", T::user_agent},
    {"Session ID", T::session},
    {"sessionId", T::session},
    {"Unique token identifier", T::token},
    {"uniqueTokenIdentifier", T::token},
    {"Authentication Protocol", T::protocol},
    {"authenticationProtocol", T::protocol},
    {"Original transfer method", T::transfer},
    {"originalTransferMethod", T::transfer},
    {"Sign-in error code", T::error_code},
    {"errorCode", T::error_code},
    {"status.errorCode", T::error_code},
    {"Status", T::result_type},
    {"Failure reason", T::failure_reason},
    {"failureReason", T::failure_reason},
    {"status.failureReason", T::failure_reason},
    {"Multifactor authentication result", T::additional_details},
    {"status.additionalDetails", T::additional_details},
    {"Multifactor authentication auth method", T::mfa_method},
    {"Device ID", T::device_id},
    {"deviceDetail.deviceId", T::device_id},
    {"deviceDetail.displayName", T::device_name},
    {"Operating System", T::os},
    {"deviceDetail.operatingSystem", T::os},
    {"Browser", T::browser},
    {"deviceDetail.browser", T::browser},
    {"Location", T::city},
    {"location.city", T::city},
    {"location.countryOrRegion", T::country},
    {"Autonomous system number", T::asn},
    {"autonomousSystemNumber", T::asn},
    {"isInteractive", T::interactive},
    {"riskLevelDuringSignIn", T::risk_now},
    {"riskState", T::risk_state},
});

/// Without surrounding blanks and byte-order mark, inner blanks single.
std::string plain_name(std::string_view name) {
  name = trim(name);
  if (name.starts_with("\xef\xbb\xbf")) name = trim(name.substr(3));
  std::string out;
  for (const char c : name)
    if (c != ' ' || out.empty() || out.back() != ' ') out += c;
  return out;
}

/// One position per SignInText.
std::vector<int> columns(std::span<const std::string_view> header) {
  std::vector<int> out(sign_in_text_count, -1);
  for (std::size_t at = 0; at < header.size(); ++at)
    if (const T* const text = columns_by_name.find(plain_name(header[at])); text != nullptr && out[static_cast<std::size_t>(*text)] < 0)
      out[static_cast<std::size_t>(*text)] = static_cast<int>(at);
  const auto has = [&](T text) { return out[static_cast<std::size_t>(text)] >= 0; };
  const bool who = has(T::upn) || has(T::service_principal_id) || has(T::service_principal);
  if (!has(T::created) || !who || !has(T::ip) || (!has(T::error_code) && !has(T::result_type))) return {};
  return out;
}

/// "Lyon, Rhone, FR": the first part is the city, a last part of two letters the country.
void split_location(SignIn& sign_in) {
  const std::string_view cell = trim(sign_in[T::city]);
  if (cell.find(',') == std::string_view::npos) return;
  std::string_view& city = sign_in.texts[static_cast<std::size_t>(T::city)];
  city = trim(cell.substr(0, cell.find(',')));
  if (const std::string_view last = trim(cell.substr(cell.rfind(',') + 1)); last.size() == 2) sign_in.set(T::country, last);
}

Parsed parse(std::span<const std::string_view> cells, std::span<const int> where, const Place& place, Context& context, Sink& sink) {
  SignIn sign_in;
  TextBuilder row(context.arena);
  for (const std::string_view cell : cells) row.add(cell.empty() ? std::string_view("\x1e") : cell, "\x1f");
  for (std::size_t text = 0; text < where.size(); ++text)
    if (where[text] >= 0 && static_cast<std::size_t>(where[text]) < cells.size())
      sign_in.set(static_cast<T>(text), trim(cells[static_cast<std::size_t>(where[text])]));
  const std::string_view written = sign_in[T::created];
  if (columns_by_name.find(written) != nullptr) return {Status::other};  // the header again
  if (written.empty()) return {Status::malformed, "a row without date"};
  // The portal writes ISO dates. A spreadsheet rewrites them in its culture, and then most days could also be months.
  const auto readings = microsoft365::read_date(written);
  if (readings.day_first && readings.month_first && readings.day_first != readings.month_first)
    return {Status::malformed, "a date rewritten by a spreadsheet: day and month cannot be told apart"};
  sign_in.time = readings.year_first ? readings.year_first : readings.day_first ? readings.day_first : readings.month_first;
  split_location(sign_in);
  Event event;
  const Parsed parsed = to_event(sign_in, row.view(), place, context.arena, event);
  if (parsed.status == Status::event) sink.event(event);
  return parsed;
}

}  // namespace

}  // namespace digue::formats::entra

namespace digue::formats {

extern const CsvFormat entra_signin_csv;
const CsvFormat entra_signin_csv{"entra.signin_csv", "Microsoft Entra sign-ins (CSV)", entra::columns, entra::parse};

}  // namespace digue::formats
