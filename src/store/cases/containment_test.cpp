#include "store/cases/containment.hpp"

#include <doctest/doctest.h>

#include "store/cases/contract_test.hpp"

using namespace digue;
using namespace digue::store;

namespace {

constexpr UtcMicros t0{1'790'000'000'000'000};

containment::Operation operation_of(const std::string& id, const std::string& platform) {
  containment::Plan plan;
  plan.order.capability = "rule.disable";
  plan.order.account = "alice@chu.example";
  plan.steps = {{"sieve.deactivate", "phish", containment::Act::change, "active", "inactive", "x", {"coupe", "cuts"}}};
  auto out = containment::begin(std::move(plan));
  out.id = id;
  out.incident = "00112233445566aa";
  out.platform = platform;
  return out;
}

}  // namespace

TEST_CASE("containment: platforms and operations come back as given, the ones to do are found, secrets are forgotten") {
  const ContractDatabase database;
  const std::string incident = "00112233445566aa";
  {
    const auto cases = database.open().value();
    REQUIRE(cases->write([&](CaseWriter& writer) -> Result<void> {
      incident::Incident record;
      record.id = incident;
      record.title = "Boîte";
      REQUIRE(writer.add_incident(record));
      REQUIRE(writer.put_platform({"mail", "dovecot", "{}", "sealed", t0, "A. Roche"}));
      REQUIRE(writer.put_platform({"mail", "dovecot", "{\"url\":1}", "sealed2", t0, "B. Diop"}));
      REQUIRE(writer.put_platform({"ldap", "openldap", "{}", "", t0, "B. Diop"}));
      REQUIRE(writer.remove_platform("ldap", t0, "B. Diop"));
      CHECK(writer.remove_platform("ldap", t0, "B. Diop").error().code == ErrorCode::not_found);
      REQUIRE(writer.add_operation(operation_of("op1", "mail"), "secret"));
      REQUIRE(writer.add_operation(operation_of("op2", "mail"), ""));
      REQUIRE(writer.add_operation(operation_of("op3", "other"), ""));
      return {};
    }));
  }
  const auto cases = database.open().value();
  REQUIRE(cases->write([&](CaseWriter& writer) -> Result<void> {
    const auto platforms = writer.platforms().value();
    REQUIRE(platforms.size() == 1);
    CHECK(platforms[0].secrets == "sealed2");
    CHECK(writer.platform_named("mail")->by == "B. Diop");
    CHECK(writer.platform_named("ldap").error().code == ErrorCode::not_found);
    CHECK(writer.operations(incident)->size() == 3);
    CHECK(writer.operations("absent")->empty());
    CHECK(writer.operations_on("mail")->size() == 2);
    CHECK(writer.operation("absent", "op1").error().code == ErrorCode::not_found);
    CHECK(writer.operation_secrets(incident, "op1").value() == "secret");
    CHECK(writer.operations_to_do(t0)->empty());

    auto one = writer.operation(incident, "op1").value();
    REQUIRE(containment::approve(one, {"B. Diop", "p2", t0, false, {}}));
    REQUIRE(writer.set_operation(one));
    auto two = writer.operation(incident, "op2").value();
    two.dues = {{containment::Due::What::recheck, UtcMicros{t0.value + 10}}, {containment::Due::What::lift, UtcMicros{t0.value + 5}}};
    REQUIRE(writer.set_operation(two));
    CHECK(writer.operations_to_do(t0)->size() == 1);
    CHECK(writer.operations_to_do(UtcMicros{t0.value + 5})->size() == 2);
    REQUIRE(writer.set_operation_secrets(incident, "op1", ""));
    CHECK(writer.operation_secrets(incident, "op1").value().empty());
    CHECK(writer.operation(incident, "op1")->state == containment::State::approved);
    CHECK(json::canonical(to_json(*writer.operation(incident, "op2"))) == json::canonical(to_json(two)));
    return {};
  }));
  CHECK_FALSE(database.raw()->run("DELETE FROM operation_work; DELETE FROM operations"));
  REQUIRE(cases->write([&](CaseWriter& writer) { return writer.destroy(incident, {t0, "B. Diop", "terme échu", 0, 0}, true); }));
  CHECK(reading(*cases, [&](CaseReader& reader) { return reader.operations(incident); })->empty());
}
