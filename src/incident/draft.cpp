#include "incident/draft.hpp"

#include <algorithm>
#include <array>

#include "base/text.hpp"

namespace digue::incident {

namespace {

constexpr std::size_t max_value = 2000;
constexpr std::array<std::string_view, 41> names{"establishment", "finess",
                                                 "siren",         "kind",
                                                 "statuses",      "address",
                                                 "director",      "director_role",
                                                 "dpo",           "dpo_mail",
                                                 "dpo_phone",     "security_contact",
                                                 "insurer",       "policy",
                                                 "mail_operator", "mssante_operator",
                                                 "declarant",     "reference",
                                                 "title",         "description",
                                                 "opened",        "now",
                                                 "suspicion",     "awareness",
                                                 "knowledge",     "closing",
                                                 "severity",      "confirmed",
                                                 "accounts",      "accounts_count",
                                                 "patient_data",  "personal_data",
                                                 "exfiltration",  "mssante",
                                                 "care_affected", "mail_sent_outside",
                                                 "actions_done",  "actions_open",
                                                 "late_reason",   "cnil_receipt",
                                                 "cert_receipt"};

/// The name of the placeholder that starts at `text[at] == '{'`: lower-case letters and underscores up to the brace; empty: plain text.
std::string_view placeholder_at(std::string_view text, std::size_t at) {
  const auto end = text.find_first_not_of("abcdefghijklmnopqrstuvwxyz_", at + 1);
  if (end == std::string_view::npos || text[end] != '}' || end == at + 1) return {};
  return text.substr(at + 1, end - at - 1);
}

bool is_hidden(std::uint32_t code) {
  return code < 0x20 || (code >= 0x7f && code < 0xa0) || code == 0xad || code == 0x61c || (code >= 0x200b && code <= 0x200f) ||
         (code >= 0x2028 && code <= 0x202e) || (code >= 0x2060 && code <= 0x206f) || code == 0xfeff || (code >= 0xe0000 && code < 0xe0080);
}

/// One line of text that shows all that it holds.
std::string plain_line(std::string_view value) {
  const std::string text = to_utf8_lossy(clip(value, max_value));
  std::string out;
  for (std::size_t at = 0; at < text.size();) {
    const auto lead = static_cast<unsigned char>(text[at]);
    const std::size_t length = lead < 0x80 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
    std::uint32_t code = lead < 0x80 ? lead : lead & (0x7fU >> length);
    for (std::size_t i = 1; i < length && at + i < text.size(); ++i)
      code = (code << 6U) | (static_cast<unsigned char>(text[at + i]) & 0x3fU);
    if (!is_hidden(code))
      out.append(text, at, length);
    else if (!out.empty() && out.back() != ' ')
      out += ' ';
    at += length;
  }
  return std::string(trim(out));
}

}  // namespace

std::optional<std::string> unknown_placeholder(std::string_view text) {
  for (auto at = text.find('{'); at != std::string_view::npos; at = text.find('{', at + 1)) {
    const auto name = placeholder_at(text, at);
    if (name.empty()) return std::string(text.substr(at + 1, std::min(text.find('}', at) - at - 1, std::size_t{40})));
    if (std::find(names.begin(), names.end(), name) == names.end()) return std::string(name);
  }
  return std::nullopt;
}

std::string placeholder_list() {
  std::string out;
  for (const auto name : names) out += (out.empty() ? "" : ", ") + std::string(name);
  return out;
}

std::string fill_draft(std::string_view text, const DraftValues& values, std::string_view blank) {
  std::string out;
  std::size_t from = 0;
  for (auto at = text.find('{'); at != std::string_view::npos; at = text.find('{', from)) {
    const auto name = placeholder_at(text, at);
    out += text.substr(from, at - from);
    if (name.empty()) {
      out += '{';
      from = at + 1;
      continue;
    }
    const auto found = values.find(name);
    const auto value = found == values.end() ? std::string() : plain_line(found->second);
    out += value.empty() ? std::string(blank) : value;
    from = at + name.size() + 2;
  }
  out += text.substr(from);
  return out;
}

}  // namespace digue::incident
