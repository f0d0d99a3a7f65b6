#include "people/password.hpp"

#include <doctest/doctest.h>

#include "base/assets.hpp"

using namespace digue;
using namespace digue::people;

namespace {

const CommonPasswords& shipped() {
  static const CommonPasswords list(find_asset("content/passwords.txt")->data);
  return list;
}

std::string judged(std::string_view password, const std::vector<std::string>& personal = {}) {
  const auto weakness = weakness_of(password, shipped(), personal);
  return weakness ? std::string(name(*weakness)) : "good";
}

}  // namespace

TEST_CASE("a password is long enough from 8 characters on, and may be long") {
  CHECK(judged("kz7-fwq") == "too_short");
  CHECK(judged("kz7-fwqb") == "good");
  CHECK(judged("éàüôéàü") == "too_short");  // 7 characters, 14 bytes
  CHECK(judged("les trois vaches broutent sous la lune de la colline d'en face !") == "good");
  CHECK(judged(std::string("vx3q") + std::string(1020, ' ') + "k") == "too_long");
}

TEST_CASE("no kind of character is asked for or refused") {
  for (const auto* password : {"wkdbfurvzxtq", "WKDBFURVZXTQ", "90417352886", "%&/(=_:;><~+", "海の向こうに光がある", "mot de quatre sous",
                               "\u00e9t\u00e9\u00a0\U0001F40Aplouf"})
    CHECK_MESSAGE(judged(password) == "good", password);
}

TEST_CASE("well-known passwords are refused, dressed up and masked ones too") {
  for (const auto* password :
       {"password",     "Password",  "PASSWORD1",   "motdepasse",     "MotDePasse2024!", "Bonjour123",   "p@ssw0rd",
        "P@ssw0rd2024", "iloveyou",  "jetaime59",   "Soleil2023",     "marseille13",     "Hopital2025!", "Hôpital2025!",
        "changeme!",    "bienvenue", "Welcome123!", "Administrateur", "1q2w3e4r",        "!!dragon99",   "Motdepasse1"})
    CHECK_MESSAGE(judged(password) == "common", password);
}

TEST_CASE("seasons and months with a year are refused in French and English") {
  for (const auto* password : {"Printemps2024", "ete2024!!", "Automne-2025", "hiver2023!", "Summer2024!", "winter2025", "Janvier2024",
                               "Décembre2025", "October2024!"})
    CHECK_MESSAGE(judged(password) == "common", password);
}

TEST_CASE("rows, repetitions and dates are refused") {
  for (const auto* password :
       {"azertyuiop", "AZERTYUIOP", "qwertyuiop", "qwerty123456", "123456789", "987654321", "abcdefghij", "1qaz2wsx", "aaaaaaaa",
        "abababab", "abcabcabc", "12341234", "poiuytreza", "14071989", "14/07/1989", "19890714", "azerty1234"})
    CHECK_MESSAGE(judged(password) == "pattern", password);
  CHECK(judged("98127356") == "good");  // no day has these digits
}

TEST_CASE("little more than a name is refused, a sentence that holds one is not") {
  const std::vector<std::string> personal{"camille.roux", "Camille Roux", "CH de Valfleuri", "Digue"};
  for (const auto* password : {"CamilleRoux", "camille.roux!", "Valfleuri-99", "Digue2026!", "rouxcamille1", "D1gue-2026", "V4lfleuri!!"})
    CHECK_MESSAGE(judged(password, personal) == "personal", password);
  CHECK(judged("Valfleuri sous la neige en mai", personal) == "good");
  CHECK(judged("CamilleRoux", {}) == "good");
}

TEST_CASE("the shipped list holds plain words in the form that is looked up") {
  CHECK(shipped().size() > 800);
  CHECK(shipped().contains("motdepasse"));
  CHECK_FALSE(shipped().contains("# words"));
  const CommonPasswords own("# mine\n\nfoo\r\n bar \n");
  CHECK(own.size() == 2);
  CHECK(own.contains("foo"));
  CHECK(own.contains("bar"));
}
