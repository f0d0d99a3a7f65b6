#include "detect/signs.hpp"

#include <algorithm>
#include <array>
#include <string>

#include "base/text.hpp"

namespace digue::detect {

namespace {

template <std::size_t N>
std::string_view first_inside(const std::array<std::string_view, N>& words, std::string_view text) {
  for (const auto word : words)
    if (icontains(text, word)) return word;
  return {};
}

/// Lower case of ASCII and of the accented capitals of Latin-1 (É -> é), as folder names carry them.
std::string folded(std::string_view text) {
  std::string out = lower(text);
  for (std::size_t i = 0; i + 1 < out.size(); ++i) {
    const auto lead = static_cast<unsigned char>(out[i]);
    const auto next = static_cast<unsigned char>(out[i + 1]);
    if (lead == 0xc3 && next >= 0x80 && next <= 0x9e && next != 0x97) out[i + 1] = static_cast<char>(next + 0x20);
  }
  return out;
}

// Names that Outlook, Exchange and IMAP servers give these folders.
constexpr std::array<std::string_view, 64> hidden_folders{"rss feeds",
                                                          "rss subscriptions",
                                                          "rss-feeds",
                                                          "rss",
                                                          "flux rss",
                                                          "fils rss",
                                                          "abonnements rss",
                                                          "fuentes rss",
                                                          "feed rss",
                                                          "deleted items",
                                                          "deleted messages",
                                                          "trash",
                                                          "bin",
                                                          "éléments supprimés",
                                                          "elements supprimes",
                                                          "messages supprimés",
                                                          "corbeille",
                                                          "elementos eliminados",
                                                          "papelera",
                                                          "posta eliminata",
                                                          "gelöschte elemente",
                                                          "gelöschte objekte",
                                                          "verwijderde items",
                                                          "itens excluídos",
                                                          "elementy usunięte",
                                                          "junk",
                                                          "junk email",
                                                          "junk e-mail",
                                                          "junk mail",
                                                          "spam",
                                                          "courrier indésirable",
                                                          "courriers indésirables",
                                                          "indésirables",
                                                          "pourriel",
                                                          "pourriels",
                                                          "correo no deseado",
                                                          "posta indesiderata",
                                                          "junk-e-mail",
                                                          "ongewenste e-mail",
                                                          "lixo eletrônico",
                                                          "archive",
                                                          "archives",
                                                          "archivage",
                                                          "archiv",
                                                          "archivo",
                                                          "archivio",
                                                          "archief",
                                                          "arquivo",
                                                          "conversation history",
                                                          "historique des conversations",
                                                          "historique de conversation",
                                                          "historial de conversaciones",
                                                          "cronologia conversazioni",
                                                          "verlauf der unterhaltung",
                                                          "aufgezeichnete unterhaltungen",
                                                          "gespreksgeschiedenis",
                                                          "sync issues",
                                                          "problèmes de synchronisation",
                                                          "synchronisierungsprobleme",
                                                          "local failures",
                                                          "échecs locaux",
                                                          "notes",
                                                          "journal",
                                                          "recoverable items"};

constexpr std::array<std::string_view, 40> telltales{"virement",
                                                     "facture",
                                                     "paiement",
                                                     "règlement",
                                                     "rib",
                                                     "iban",
                                                     "swift",
                                                     "bancaire",
                                                     "banque",
                                                     "mot de passe",
                                                     "hameçonnage",
                                                     "phishing",
                                                     "piraté",
                                                     "pirate",
                                                     "arnaque",
                                                     "fraude",
                                                     "usurp",
                                                     "suspect",
                                                     "assistance informatique",
                                                     "helpdesk",
                                                     "help desk",
                                                     "service informatique",
                                                     "dsi",
                                                     "sécurité informatique",
                                                     "alerte de sécurité",
                                                     "compromis",
                                                     "invoice",
                                                     "payment",
                                                     "wire",
                                                     "bank",
                                                     "payroll",
                                                     "remittance",
                                                     "purchase order",
                                                     "password",
                                                     "hacked",
                                                     "scam",
                                                     "spam",
                                                     "fraud",
                                                     "security alert",
                                                     "docusign"};

constexpr std::array<std::string_view, 14> newsletters{
    "newsletter",      "infolettre",    "lettre d'information", "lettre d’information", "noreply",  "no-reply",
    "ne-pas-repondre", "nepasrepondre", "notification",         "unsubscribe",          "désabonn", "mailing",
    "digest",          "diffusion"};

constexpr std::array<std::string_view, 22> notices{"nouvelle connexion",  "connexion inhabituelle",
                                                   "connexion suspecte",  "activité inhabituelle",
                                                   "alerte de sécurité",  "informations de sécurité",
                                                   "mot de passe",        "double authentification",
                                                   "hameçonnage",         "phishing",
                                                   "compte piraté",       "compte compromis",
                                                   "new sign-in",         "unusual sign-in",
                                                   "unusual activity",    "security alert",
                                                   "security info",       "password",
                                                   "verification method", "multi-factor",
                                                   "authenticator",       "suspicious"};

constexpr std::array<std::string_view, 24> scripts{
    "python-requests", "python-urllib", "python-httpx", "aiohttp",      "axios",     "node-fetch", "undici",      "go-http-client",
    "go-resty",        "bav2ropc",      "cbainprod",    "okhttp",       "curl/",     "wget/",      "libwww-perl", "java/",
    "guzzlehttp",      "powershell/",   "fasthttp",     "aadinternals", "roadtools", "msolspray",  "ruby",        "httpie"};

bool word_in(std::string_view text, std::string_view word) {
  for (std::size_t at = text.find(word); at != std::string_view::npos; at = text.find(word, at + 1)) {
    const auto letter = [&](std::size_t i) {
      const auto c = static_cast<unsigned char>(text[i]);
      return (c >= 'a' && c <= 'z') || c >= 0x80;
    };
    if ((at == 0 || !letter(at - 1)) && (at + word.size() == text.size() || !letter(at + word.size()))) return true;
  }
  return false;
}

}  // namespace

bool is_hidden_folder(std::string_view folder) {
  std::string name = folded(trim(folder));
  for (const char separator : {'\\', '/', ':'})
    if (const auto at = name.rfind(separator); at != std::string::npos) name.erase(0, at + 1);
  if (name.starts_with("inbox.")) name.erase(0, 6);
  return std::find(hidden_folders.begin(), hidden_folders.end(), trim(name)) != hidden_folders.end();
}

std::string_view telltale_word(std::string_view text) {
  const std::string plain = folded(text);
  for (const auto word : telltales)
    if (word.size() <= 5 ? word_in(plain, word) : plain.find(word) != std::string::npos) return word;
  return {};
}

bool is_evasive_name(std::string_view name) {
  name = trim(name);
  if (name.size() <= 2) return true;
  return std::none_of(name.begin(), name.end(), [](char c) {
    const auto u = static_cast<unsigned char>(c);
    return u >= 0x80 || (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
  });
}

bool is_security_notice(std::string_view subject) {
  const std::string plain = folded(subject);
  return std::any_of(notices.begin(), notices.end(), [&](std::string_view word) { return plain.find(word) != std::string::npos; });
}

bool is_newsletter(std::string_view text) {
  return !first_inside(newsletters, folded(text)).empty();
}

bool is_mfa_refusal(const Row& row) {
  if (row.outcome == Outcome::success) return false;
  if (row.activity == Activity::mfa_challenge) return row.outcome == Outcome::failure || is_mfa_denial(row);
  return row.activity == Activity::sign_in && row.get(Field::error_code) == "500121";
}

bool is_fraud_report(const Row& row) {
  return icontains(row.operation, "fraud reported") || icontains(row.operation, "suspicious activity reported") ||
         icontains(row.get(Field::mfa_detail), "fraud") || icontains(row.get(Field::error_text), "fraud");
}

bool is_mfa_denial(const Row& row) {
  if ((row.activity != Activity::mfa_challenge && row.activity != Activity::sign_in) || row.outcome == Outcome::success) return false;
  for (const Field field : {Field::mfa_detail, Field::error_text, Field::status})
    for (const std::string_view word : {"declined", "denied", "refus"})
      if (icontains(row.get(field), word)) return row.activity == Activity::mfa_challenge || row.get(Field::error_code) == "500121";
  return is_fraud_report(row);
}

std::string_view scripted_client_name(const Row& row) {
  for (const std::string_view text : {row.get(Field::user_agent), row.device}) {
    if (const auto name = first_inside(scripts, text); !name.empty()) return name.substr(0, name.find('/'));
    if (iequals(text, "node") || iequals(text, "fetch")) return "node";
  }
  return {};
}

std::string_view risky_scope(std::string_view scopes) {
  while (!scopes.empty()) {
    const auto end = scopes.find_first_of(" ,");
    const std::string_view scope = scopes.substr(0, end);
    for (const std::string_view start :
         {"mail.", "files.", "mailboxsettings.", "contacts.", "sites.", "notes.", "ews.", "imap.", "smtp.", "pop."})
      if (icontains(scope.substr(0, start.size()), start)) return scope;
    for (const std::string_view part : {"full_access_as_app", "full_access_as_user", "accessasuser.all", "directory.readwrite",
                                        "mail.google.com", "auth/gmail", "auth/drive", "user_impersonation", "approleassignment.readwrite"})
      if (icontains(scope, part)) return scope;
    if (end == std::string_view::npos) break;
    scopes.remove_prefix(end + 1);
  }
  return {};
}

bool is_admin_role(std::string_view role) {
  for (const std::string_view word : {"administrator", "administrateur", "admin_role", "tenantadmins", "organization management"})
    if (icontains(role, word)) return true;
  return false;
}

}  // namespace digue::detect
