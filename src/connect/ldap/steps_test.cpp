#include "connect/ldap/steps_test.hpp"

#include <doctest/doctest.h>

namespace digue::ldap {

containment::Plan planned(containment::Connector& connector, const containment::Order& order) {
  auto plan = connector.plan(order);
  if (!plan) FAIL(to_text(plan.error()));
  return *plan;
}

void carry_out(containment::Connector& connector, const containment::Plan& plan) {
  for (const auto& step : plan.steps) {
    INFO(step.verb);
    const auto there = connector.stand(plan, step);
    if (!there) FAIL(to_text(there.error()));
    // A server may have done by itself what a later step asks for.
    CHECK((*there == containment::Stand::before || step.verb == "password.must_change"));
    const auto answer = connector.apply(plan, step);
    if (!answer) FAIL(to_text(answer.error()));
    CHECK(connector.stand(plan, step).value() == containment::Stand::after);
  }
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
