#include "playbook/overlay.hpp"

#include <doctest/doctest.h>

using namespace digue;
using namespace digue::playbook;

namespace {

const OverlayNames names{{"1.a", "3.b"}, {"zimbra", "active_directory"}};

constexpr std::string_view whole = R"(schema: digue.overlay/1
platforms: [zimbra]
actions:
  - action: 1.a
    before:
      - text: Prévenir le standard
        owner: Cadre d’astreinte
    after:
      - {text: Noter l’heure, platform: zimbra}
    contacts:
      - name: Astreinte informatique
        phone: "01 99 00 00 01"
  - action: 3.b
    not_applicable: Pas de webmail
)";

Error refused(std::string_view text) {
  const auto overlay = load_overlay(text, "fiche.yaml", &names);
  REQUIRE_FALSE(overlay);
  CHECK_FALSE(overlay.error().help.empty());
  return overlay.error();
}

}  // namespace

TEST_CASE("Overlay: a file is read, written and read again, as YAML and as JSON") {
  const auto overlay = load_overlay(whole, "fiche.yaml", &names);
  REQUIRE(overlay);
  CHECK(overlay->platforms == std::vector<std::string>{"zimbra"});
  REQUIRE(overlay->find("1.a") != nullptr);
  const auto& first = *overlay->find("1.a");
  CHECK(first.before.at(0).text == "Prévenir le standard");
  CHECK(first.before.at(0).owner == "Cadre d’astreinte");
  CHECK(first.after.at(0).platform == "zimbra");
  CHECK(first.contacts.at(0).phone == "01 99 00 00 01");
  CHECK(overlay->find("3.b")->not_applicable == "Pas de webmail");
  CHECK(overlay->find("2.a") == nullptr);
  for (const auto& text : {to_yaml(*overlay), json::canonical(to_json(*overlay))}) {
    const auto again = load_overlay(text, "fiche.yaml", &names);
    REQUIRE(again);
    CHECK(to_yaml(*again) == to_yaml(*overlay));
  }
}

TEST_CASE("Overlay: hostile texts come back as they were written") {
  Overlay overlay;
  overlay.actions.push_back({"1.a", "a: b\n- \"c\" # d\\ é\x7f", {{"{x: [y]}", "&a *a !t", ""}}, {}, {{"- name", "'", "%", "|"}}});
  const auto again = load_overlay(to_yaml(overlay), "fiche.yaml", &names);
  REQUIRE(again);
  CHECK(again->actions.at(0).not_applicable == overlay.actions[0].not_applicable);
  CHECK(again->actions[0].before.at(0).text == "{x: [y]}");
  CHECK(again->actions[0].before[0].owner == "&a *a !t");
  CHECK(again->actions[0].contacts.at(0).note == "|");
}

TEST_CASE("Overlay: an empty one is good") {
  const auto overlay = load_overlay("schema: digue.overlay/1\n", "fiche.yaml", &names);
  REQUIRE(overlay);
  CHECK(overlay->empty());
}

TEST_CASE("Overlay: what is wrong is refused with file, line and what was expected") {
  CHECK(refused("schema: digue.overlay/2\n").where == "fiche.yaml:1");
  CHECK(refused("schema: digue.overlay/1\nplatforms: [lotus]\n").help.find("zimbra") != std::string::npos);
  const auto unknown = refused("schema: digue.overlay/1\nactions:\n  - action: 9.z\n    not_applicable: x\n");
  CHECK(unknown.where == "fiche.yaml:3");
  CHECK(unknown.help.find("1.a, 3.b") != std::string::npos);
  CHECK(refused("schema: digue.overlay/1\nactions:\n  - action: 3.b\n    not_applicable: ' '\n").where == "fiche.yaml:4");
  CHECK(refused("schema: digue.overlay/1\nactions:\n  - action: 3.b\n").where == "fiche.yaml:3");
  CHECK(refused("schema: digue.overlay/1\nactions:\n  - {action: 3.b, not_applicable: x}\n  - {action: 3.b, not_applicable: y}\n").where ==
        "fiche.yaml:4");
  CHECK(refused("schema: digue.overlay/1\nactions:\n  - action: 1.a\n    after:\n      - {text: x, colour: red}\n").where ==
        "fiche.yaml:5");
  CHECK(refused("schema: digue.overlay/1\nactions:\n  - {action: 1.a, after: [{text: " + std::string(max_overlay_text + 1, 'x') + "}]}\n")
            .where == "fiche.yaml:3");
  std::string many = "schema: digue.overlay/1\nactions:\n  - action: 1.a\n    after:\n";
  for (std::size_t i = 0; i <= max_overlay_items; ++i) many += "      - text: a" + std::to_string(i) + "\n";
  CHECK(refused(many).message.find("after") != std::string::npos);
  CHECK(load_overlay(std::string(max_overlay + 1, '#'), "fiche.yaml", &names).error().code == ErrorCode::limit);
  CHECK_FALSE(load_overlay("schema: &a digue.overlay/1\nactions: *a\n", "fiche.yaml", &names));
}

TEST_CASE("Overlay: what was stored is read whatever the content says today") {
  CHECK_FALSE(load_overlay("schema: digue.overlay/1\nplatforms: [gone]\n", "x", &names));
  CHECK(load_overlay("schema: digue.overlay/1\nplatforms: [gone]\n", "x", nullptr));
}
