#pragma once

#include "connect/postfix/site.hpp"
#include "containment/connector.hpp"

/// account.block, sender.block and domain.block: one line of a lookup table that smtpd_sender_restrictions asks. As Connector has them.
namespace digue::connect::mta {

/// The table that the capability writes to; empty: none is set up.
const std::string& table_of(const Site& site, std::string_view capability);

Result<containment::Plan> plan_block(const Site& site, const containment::Order& order);
Result<containment::Plan> undo_block(const Site& site, const containment::Plan& plan, std::string_view prior);
Result<containment::Stand> stand_of_line(const Site& site, const containment::Step& step);
Result<std::string> apply_line(const Site& site, const containment::Plan& plan, const containment::Step& step);
Result<std::vector<containment::Probe>> verify_block(const Site& site, const containment::Plan& plan);

}  // namespace digue::connect::mta
