#pragma once

#include "connect/postfix/site.hpp"
#include "containment/connector.hpp"

/// queue.hold, queue.release and queue.delete. As Connector has them.
namespace digue::connect::mta {

/// A message of the queue. Its id may be another message's later; with its arrival it may not.
struct Queued {
  std::string id;     ///< letters and digits
  std::string queue;  ///< "deferred", "active", "incoming", "hold", "maildrop"
  std::string sender;
  std::int64_t arrival = 0;  ///< seconds since 1970
  std::vector<std::string> recipients;
  std::string sasl_username;  ///< empty: none, or not asked
  std::string content;        ///< as postcat gives it; empty: not asked
};

/// What `postqueue -j` printed: an object per line. io when a line is none, or the last one is cut.
Result<std::vector<Queued>> read_queue(std::string_view text);

Result<containment::Plan> plan_queue(const Site& site, const containment::Order& order);
Result<containment::Plan> undo_queue(const Site& site, const containment::Plan& plan, std::string_view prior);
Result<containment::Stand> stand_of_queue(const Site& site, const containment::Step& step);
Result<std::string> apply_queue(const Site& site, const containment::Step& step);
Result<std::vector<containment::Probe>> verify_queue(const Site& site, const containment::Plan& plan);

}  // namespace digue::connect::mta
