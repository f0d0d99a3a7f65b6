#include "service/disk.hpp"

#include <array>

#include "api/api.hpp"
#include "api/reply.hpp"

namespace digue::api {

namespace {

net::Response report_json(const service::DiskReport& report) {
  json::Value waiver = nullptr;
  if (report.waiver)
    waiver = json::Object{{"at", to_iso8601(report.waiver->at)}, {"by", report.waiver->by}, {"reason", report.waiver->reason}};
  return reply_json(
      json::Object{{"encrypted", std::string(name(report.disk.state))}, {"how", report.disk.how}, {"waiver", std::move(waiver)}});
}

Answer show(Call& call) {
  const auto report = service::disk_report(call.api.context);
  if (!report) return tl::make_unexpected(report.error());
  return report_json(*report);
}

Answer waive(Call& call) {
  json::Fields fields(call.body);
  const auto reason = fields.text("reason", 4000);
  if (auto done = fields.done(); !done) return tl::make_unexpected(done.error());
  const auto report = service::waive_disk_encryption(call.api.context, call.caller, reason);
  if (!report) return tl::make_unexpected(report.error());
  return report_json(*report);
}

constexpr std::array routes{
    Route{"GET", "disk", show},
    Route{"POST", "disk/waiver", waive}.needs(people::Right::administrate),
};

}  // namespace

std::span<const Route> disk_routes() {
  return routes;
}

}  // namespace digue::api
