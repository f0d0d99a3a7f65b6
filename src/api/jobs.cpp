#include "api/jobs.hpp"

#include <array>

#include "api/api.hpp"
#include "api/reply.hpp"
#include "service/verification.hpp"

namespace digue::api {

json::Value job_json(const service::JobView& view) {
  const auto& job = view.job;
  return json::Object{
      {"id", job.id},
      {"kind", job.kind},
      {"state", job.state},
      {"bytes_done", job.bytes_done},
      {"bytes_total", job.bytes_total},
      {"rate", view.rate ? json::Value(*view.rate) : json::Value(nullptr)},
      {"queued", to_iso8601(job.queued)},
      {"started", time_or_null(job.started)},
      {"ended", time_or_null(job.ended)},
      {"error", json::or_null(job.error)},
      {"by", job.by},
  };
}

namespace {

Answer jobs(Call& call) {
  const auto all = call.api.jobs.list(call.incident());
  if (!all) return tl::make_unexpected(all.error());
  json::Array out;
  for (const auto& job : *all) out.push_back(job_json(job));
  return reply_json(out);
}

Answer cancel(Call& call) {
  const auto job = call.api.jobs.cancel(call.caller, call.incident(), call.ids[1]);
  if (!job) return tl::make_unexpected(job.error());
  return reply_json(job_json(*job));
}

Answer verify(Call& call) {
  std::vector<std::string> exhibits;
  if (!call.body.is_null()) {
    json::Fields fields(call.body);
    exhibits = fields.texts("exhibits", 100'000, 64);
    if (auto done = fields.done(); !done) return tl::make_unexpected(done.error());
  }
  const auto job = service::start_verification(call.api.context, call.api.jobs, call.caller, call.incident(), exhibits);
  if (!job) return tl::make_unexpected(job.error());
  return reply_json(job_json(*job), 202);
}

constexpr std::array routes{
    Route{"GET", "incidents/{}/jobs", jobs},
    Route{"DELETE", "incidents/{}/jobs/{}", cancel}.needs(people::Right::add_evidence).lasts(),
    Route{"POST", "incidents/{}/verifications", verify}.needs(people::Right::add_evidence),
};

}  // namespace

std::span<const Route> job_routes() {
  return routes;
}

}  // namespace digue::api
