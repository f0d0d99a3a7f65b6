#include "base/domain.hpp"

#include <doctest/doctest.h>

#include <string>

using namespace digue;

TEST_CASE("domain: names of two labels at least, in lower case, and no address") {
  for (const auto* good : {"evil.fr", "a.b.evil.fr", "xn--bcher-kva.example", "_dmarc.evil.fr", "1und1.de", "x-y.fr"})
    CHECK(is_domain(good));
  for (const auto& bad : {std::string(), std::string("fr"), std::string(".evil.fr"), std::string("evil.fr."), std::string("evil..fr"),
                          std::string("-evil.fr"), std::string("evil-.fr"), std::string("Evil.fr"), std::string("192.0.2.1"),
                          std::string("evil.fr/x"), std::string("ev il.fr"), std::string("\xc3\xa9vil.fr"), std::string("a@evil.fr"),
                          std::string(64, 'a') + ".fr", std::string(260, 'a') + ".fr"}) {
    CAPTURE(bad);
    CHECK_FALSE(is_domain(bad));
  }
}
