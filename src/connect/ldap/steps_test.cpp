#include "connect/ldap/steps_test.hpp"

#include <doctest/doctest.h>

namespace digue::ldap {

containment::Plan planned(containment::Connector& connector, const containment::Order& order) {
  auto plan = connector.plan(order);
  if (!plan) FAIL(to_text(plan.error()));
  return *plan;
}

containment::Plan carry_out(containment::Connector& connector, containment::Plan plan) {
  for (const auto& step : plan.steps) {
    INFO(step.verb);
    const bool changes = step.act == containment::Act::change;
    // A server may have done by itself what a later step asks for; what was not blocked needs no block again.
    if (changes && step.verb != "password.must_change" && step.verb != "account.relock") {
      const auto there = connector.stand(plan, step);
      if (!there) FAIL(to_text(there.error()));
      CHECK(*there == containment::Stand::before);
    }
    const auto answer = connector.apply(plan, step);
    if (!answer) FAIL(to_text(answer.error()));
    if (changes)
      CHECK(connector.stand(plan, step).value() == containment::Stand::after);
    else
      plan.secrets["answer." + step.verb] = *answer;
  }
  return plan;
}

void proven(containment::Connector& connector, const containment::Plan& plan) {
  const auto probes = connector.verify(plan);
  if (!probes) FAIL(to_text(probes.error()));
  CHECK_FALSE(probes->empty());
  for (const auto& one : *probes) {
    INFO(one.what << ": expected " << one.expected << ", seen " << one.seen);
    CHECK(one.good);
  }
}

std::string refusal(const Result<containment::Plan>& plan) {
  REQUIRE_FALSE(plan);
  return to_text(plan.error());
}

std::map<std::string, std::string> collected(containment::Connector& connector, const containment::Order& order) {
  std::map<std::string, std::string> out;
  const auto done = connector.collect(order, [&](containment::Collected one) -> Result<void> {
    out[one.name] = one.bytes;
    return {};
  });
  if (!done) FAIL(to_text(done.error()));
  return out;
}

}  // namespace digue::ldap
