#include <array>
#include <utility>

#include "base/text.hpp"
#include "enrich/enricher.hpp"

namespace digue::enrich {

namespace {

using Table = std::pair<std::string_view, std::string_view>;

// Order matters: most names also appear inside the user agents of others (every Edge says Chrome, every Chrome says Safari).
constexpr std::array<Table, 34> families{{
    {"bav2ropc", "BAV2ROPC"},
    {"python-requests", "python-requests"},
    {"python", "Python"},
    {"axios", "axios"},
    {"undici", "node"},
    {"node-fetch", "node"},
    {"go-http-client", "Go client"},
    {"curl/", "curl"},
    {"okhttp", "okhttp"},
    {"rclone", "rclone"},
    {"emclient", "eM Client"},
    {"powershell", "PowerShell"},
    {"thunderbird", "Thunderbird"},
    {"teams/", "Teams"},
    {"onedrive", "OneDrive"},
    {"outlook-ios", "Outlook"},
    {"outlook-android", "Outlook"},
    {"microsoft outlook", "Outlook"},
    {"microsoft office", "Office"},
    {"apple-iphone", "Apple Mail"},
    {"apple-ipad", "Apple Mail"},
    {"samsungbrowser", "Samsung"},
    {"edg/", "Edge"},
    {"edga/", "Edge"},
    {"edge/", "Edge"},
    {"opr/", "Opera"},
    {"firefox", "Firefox"},
    {"fxios", "Firefox"},
    {"crios", "Chrome"},
    {"chrome/", "Chrome"},
    {"msie", "Internet Explorer"},
    {"trident/", "Internet Explorer"},
    {"safari/", "Safari"},
    {"node", "node"},
}};

constexpr std::array<Table, 12> systems{{
    {"windows nt 6.1", "Windows 7"},
    {"windows nt 6.3", "Windows 8"},
    {"windows", "Windows"},
    {"iphone", "iOS"},
    {"ipad", "iOS"},
    {"ios", "iOS"},
    {"android", "Android"},
    {"mac os x", "macOS"},
    {"macintosh", "macOS"},
    {"macos", "macOS"},
    {"cros", "ChromeOS"},
    {"linux", "Linux"},
}};

template <std::size_t N>
std::string_view match(const std::array<Table, N>& table, std::string_view text) {
  for (const auto& [needle, name] : table)
    if (icontains(text, needle)) return name;
  return {};
}

/// "Chrome 114.0.0" -> "Chrome"
std::string_view without_version(std::string_view text) {
  std::size_t end = text.size();
  while (end > 0 && ((text[end - 1] >= '0' && text[end - 1] <= '9') || text[end - 1] == '.')) --end;
  return end < text.size() && end > 0 && text[end - 1] == ' ' ? trim(text.substr(0, end)) : text;
}

}  // namespace

std::string device_name(std::string_view user_agent, std::string_view os, std::string_view browser, std::string_view client) {
  std::string_view family = browser.empty() || iequals(browser, "other") ? match(families, user_agent) : without_version(browser);
  std::string_view system = os.empty() ? match(systems, user_agent) : match(systems, os);
  if (system.empty()) system = os;
  if (family.empty() && system.empty()) family = user_agent.empty() ? client : user_agent;
  std::string out(trim(clip(family, 60)));
  if (!system.empty()) out += (out.empty() ? "" : " on ") + std::string(clip(system, 30));
  return to_utf8_lossy(out);
}

}  // namespace digue::enrich
