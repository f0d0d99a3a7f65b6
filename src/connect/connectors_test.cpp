#include "connect/connectors.hpp"

#include <doctest/doctest.h>

#include <set>

#include "base/messages.hpp"

using namespace digue;

TEST_CASE("connectors: every kind and every setting is told in both languages") {
  REQUIRE_FALSE(connect::connectors().empty());
  for (const auto* maker : connect::connectors()) {
    const std::string kind(maker->kind);
    INFO(kind);
    const auto told = [](const std::string& key) { return tr_in(Language::fr, key) != key && tr_in(Language::en, key) != key; };
    for (const auto* what : {"", ".about", ".rights"}) CHECK(told("connector." + kind + what));
    std::set<std::string> names;
    for (const auto& one : maker->settings) names.emplace(one.name);
    for (const auto secret : maker->secrets) names.emplace(secret);
    CHECK(names.size() == maker->settings.size() + maker->secrets.size());
    for (const auto& name : names) {
      INFO(name);
      CHECK((told("setting." + kind + "." + name) || told("setting." + name)));
    }
    for (const auto& one : maker->settings) CHECK((one.type == containment::Setting::Type::choice) == !one.choices.empty());
  }
}
