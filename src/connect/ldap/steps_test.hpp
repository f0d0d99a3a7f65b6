#pragma once

#include <map>
#include <string>

#include "containment/connector.hpp"

namespace digue::ldap {

containment::Plan planned(containment::Connector& connector, const containment::Order& order);
/// Carries out all steps as the engine does, and gives the plan with what it remembers then.
containment::Plan carry_out(containment::Connector& connector, containment::Plan plan);
/// Every probe is good.
void proven(containment::Connector& connector, const containment::Plan& plan);
/// The text of a plan that was refused.
std::string refusal(const Result<containment::Plan>& plan);
/// What an order that only reads gives, by name.
std::map<std::string, std::string> collected(containment::Connector& connector, const containment::Order& order);

}  // namespace digue::ldap
