#include "detect/signs.hpp"

#include <doctest/doctest.h>

#include "model/test_rows.hpp"

namespace digue::detect {

using namespace test;

TEST_CASE("folders where nobody looks, in the spellings of French and other mail programs") {
  for (const char* folder :
       {"Flux RSS", "RSS Feeds", "Éléments supprimés", "éléments supprimés", "ÉLÉMENTS SUPPRIMÉS", "Deleted Items", "Courrier indésirable",
        "Junk Email", "Archive", "Historique des conversations", "Conversation History", "Corbeille", "\\Flux RSS",
        "Boîte de réception\\Archive", "INBOX.Archive", "marie@ch-exemple.fr:\\RSS Feeds", "Gelöschte Elemente", " Archive "})
    CHECK_MESSAGE(is_hidden_folder(folder), folder);
  for (const char* folder :
       {"", "Boîte de réception", "À lire", "Archives 2025 projets", "Fournisseurs", "Rss-presse du service", "Clients/Deleted"})
    CHECK_MESSAGE(!is_hidden_folder(folder), folder);
}

TEST_CASE("words by which intruders choose mail") {
  CHECK(telltale_word("objet contient Virement; Facture") == "virement");
  CHECK(telltale_word("HAMEÇONNAGE") == "hameçonnage");
  CHECK(telltale_word("copie du RIB svp") == "rib");
  CHECK(telltale_word("distribution des postes").empty());  // "rib" inside a word is no word
  CHECK(telltale_word("planning de garde").empty());
  CHECK(telltale_word("wire transfer") == "wire");
  CHECK(telltale_word("wireless").empty());
}

TEST_CASE("names made not to be noticed") {
  for (const char* name : {"", ".", "..", "  ", "...;", "a", "--", "__-__"}) CHECK_MESSAGE(is_evasive_name(name), name);
  for (const char* name : {"Direct", "Lettres d'information", "été", "123"}) CHECK_MESSAGE(!is_evasive_name(name), name);
}

TEST_CASE("programs that sign in by themselves name themselves in the user agent") {
  Rows rows;
  const auto name = [&](std::string agent) {
    return std::string(scripted_client_name(rows.add(at(0), Activity::sign_in, nowhere, {{Field::user_agent, std::move(agent)}})));
  };
  CHECK(name("python-requests/2.31.0") == "python-requests");
  CHECK(name("axios/1.7.9") == "axios");
  CHECK(name("BAV2ROPC") == "bav2ropc");
  CHECK(name("Go-http-client/2.0") == "go-http-client");
  CHECK(name("node") == "node");
  CHECK(name("Mozilla/5.0 (Windows NT; Windows NT 10.0; en-US) WindowsPowerShell/5.1.19041.3031") == "powershell");
  CHECK(name("Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/133.0.0.0 Safari/537.36").empty());
  CHECK(name("Microsoft Office/16.0 (Windows NT 10.0; Microsoft Outlook 16.0.17928; Pro)").empty());
}

TEST_CASE("scopes that open mail or files") {
  CHECK(risky_scope("openid profile offline_access Mail.ReadWrite") == "Mail.ReadWrite");
  CHECK(risky_scope("full_access_as_app") == "full_access_as_app");
  CHECK(risky_scope("https://mail.google.com/") == "https://mail.google.com/");
  CHECK(risky_scope("openid profile email User.Read offline_access").empty());
  CHECK(risky_scope("").empty());
}

TEST_CASE("second factor: refused, left alone, interrupted") {
  Rows rows;
  CHECK(is_mfa_refusal(rows.wrong_password(at(0), nowhere, "500121")));
  CHECK_FALSE(is_mfa_refusal(rows.wrong_password(at(0), nowhere, "50126")));
  CHECK_FALSE(is_mfa_refusal(rows.add(at(0), Activity::sign_in, nowhere, {{Field::error_code, "50074"}}, Outcome::interrupted)));
  CHECK(is_mfa_refusal(rows.add(at(0), Activity::mfa_challenge, nowhere, {}, Outcome::failure)));
  CHECK_FALSE(is_mfa_denial(rows.wrong_password(at(0), nowhere, "500121")));
  CHECK(is_mfa_denial(rows.add(at(0), Activity::sign_in, nowhere,
                               {{Field::error_code, "500121"}, {Field::mfa_detail, "MFA denied; user declined the authentication"}},
                               Outcome::failure)));
}

}  // namespace digue::detect
