#include "incident/establishment.hpp"

#include <doctest/doctest.h>

using namespace digue;
using namespace digue::incident;

namespace {

std::string refused(std::string_view member) {
  const auto read = establishment_of(json::parse("{\"name\":\"CH\"," + std::string(member) + "}").value());
  return read ? "accepted" : read.error().where;
}

}  // namespace

TEST_CASE("duties: an establishment reads back as it was written") {
  Establishment one;
  one.name = "Centre hospitalier d’exemple";
  one.finess = "2A0000014";
  one.siren = "123456789";
  one.kind = "medico-social";
  one.sector = "private";
  one.statuses = {"OSE"};
  one.dpo = {"D. Martin", "DPO", "01", "dpo@ch-exemple.fr"};
  one.insurer = "Assureur";
  one.insurer_hours = 48;
  one.own_domains = {"ch-exemple.fr"};
  one.own_ranges = {"192.0.2.0/24", "2001:db8::/32"};
  one.zone = "Indian/Reunion";
  one.calendar = "reunion";
  const auto read = establishment_of(to_json(one));
  REQUIRE_MESSAGE(read, to_text(read.error()));
  CHECK(json::canonical(to_json(*read)) == json::canonical(to_json(one)));
  Facts facts;
  add_facts(*read, facts);
  CHECK(facts.insured);
  CHECK(facts.kind == "medico-social");
  CHECK(facts.statuses == std::vector<std::string>{"OSE"});
}

TEST_CASE("duties: hostile or wrong fields of an establishment are refused by name") {
  CHECK(refused(R"("finess":"12")") == "finess");
  CHECK(refused(R"("finess":"2A 000 0014")") == "accepted");
  CHECK(refused(R"("siren":"12345678X")") == "siren");
  CHECK(refused(R"("kind":"bank")") == "kind");
  CHECK(refused(R"("statuses":["OSE","king"])") == "statuses");
  CHECK(refused(R"("own_domains":["exemple"])") == "own_domains");
  CHECK(refused(R"("own_domains":["a b.fr"])") == "own_domains");
  CHECK(refused(R"("own_domains":[" CH-Exemple.fr "])") == "accepted");
  CHECK(refused(R"("own_ranges":["192.0.2.0/99"])") == "own_ranges");
  CHECK(refused(R"("zone":"Mars/Base")") == "zone");
  CHECK(refused(R"("insurer_hours":0)") == "insurer_hours");
  CHECK(refused(R"("dpo":{"name":7})") == "name");
  CHECK(refused("\"address\":\"" + std::string(3000, 'a') + "\"") == "address");
  CHECK_FALSE(establishment_of(json::parse(R"({"name":" "})").value()));
}
