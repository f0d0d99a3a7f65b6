#include "journal/filter.hpp"

#include <doctest/doctest.h>

using namespace digue;
using namespace digue::journal;

TEST_CASE("journal filter: every condition holds, words in any order, case and accents") {
  Header header;
  header.event_time = UtcMicros{1'000'000};
  header.kind = Kind::call;
  Body body;
  body.author = "Aïcha Roche";
  body.reporter = "standard de nuit";
  body.text = "Appel du CERT Santé : l’accès est coupé";
  body.machines = {"SRV-MAIL-01"};
  body.accounts = {"c.moreau@ch-exemple.example"};
  const auto holds = [&](Filter filter) { return matches(filter, header, &body, false); };
  CHECK(holds({}));
  CHECK(Filter{}.empty());
  CHECK(holds({.words = "coupe SANTE l'acces"}));
  CHECK(holds({.words = "moreau nuit mail-01 aicha"}));
  CHECK_FALSE(holds({.words = "coupe absent"}));
  CHECK(holds({.kinds = {Kind::fact, Kind::call}}));
  CHECK_FALSE(holds({.kinds = {Kind::fact}}));
  CHECK(holds({.author = "aicha"}));
  CHECK(holds({.author = "STANDARD"}));
  CHECK_FALSE(holds({.author = "moreau"}));
  CHECK(holds({.account = "c.moreau"}));
  CHECK_FALSE(holds({.account = "srv"}));
  CHECK(holds({.machine = "srv-mail"}));
  CHECK(holds({.from = UtcMicros{1'000'000}, .to = UtcMicros{1'000'001}}));
  CHECK_FALSE(holds({.to = UtcMicros{1'000'000}}));
  CHECK_FALSE(holds({.from = UtcMicros{1'000'001}}));
  CHECK_FALSE(holds({.rectified = true}));
  CHECK(matches({.rectified = true}, header, &body, true));
  header.rectifies = 3;
  CHECK(holds({.rectified = true}));
}

TEST_CASE("journal filter: destroyed words match nothing asked of words") {
  Header header;
  CHECK(matches({}, header, nullptr, false));
  CHECK(matches({.kinds = {Kind::fact}}, header, nullptr, false));
  CHECK_FALSE(matches({.words = "x"}, header, nullptr, false));
  CHECK_FALSE(matches({.author = "x"}, header, nullptr, false));
}
