#include "service/packages.hpp"

#include <array>

#include "api/api.hpp"
#include "api/jobs.hpp"
#include "api/reply.hpp"
#include "service/incidents.hpp"

namespace digue::api {

namespace {

constexpr std::size_t max_field = 2000;

/// Answers of this interface that go along in a package: what they hold is documented once.
constexpr std::array<std::pair<std::string_view, std::string_view>, 6> answers{{{"incident.json", ""},
                                                                                {"tasks.json", "tasks"},
                                                                                {"qualification.json", "qualification"},
                                                                                {"stages.json", "stages"},
                                                                                {"duties.json", "duties"},
                                                                                {"breaches.json", "breaches"}}};

json::Value package_json(const incident::Package& package, const std::string& reference) {
  return json::Object{{"id", package.id},
                      {"name", service::package_name(reference, package)},
                      {"job", package.job},
                      {"format", package.format},
                      {"sealed", package.sealed.empty() ? json::Value(nullptr) : json::Value(package.sealed)},
                      {"recipient", package.recipient},
                      {"purpose", package.purpose},
                      {"tlp", package.tlp},
                      {"created", to_iso8601(package.created)},
                      {"by", package.by},
                      {"bytes", package.bytes},
                      {"sha256", package.sha256},
                      {"kept", package.kept}};
}

Answer list(Call& call) {
  const auto incident = service::show_incident(call.api.context, call.incident());
  if (!incident) return tl::make_unexpected(incident.error());
  const auto packages = service::list_packages(call.api.context, call.incident());
  if (!packages) return tl::make_unexpected(packages.error());
  json::Array out;
  for (const auto& package : *packages) out.push_back(package_json(package, incident->incident.reference));
  return reply_json(out);
}

Answer make(Call& call) {
  json::Fields fields(call.body);
  service::PackageOrder order;
  order.recipient = fields.text("recipient", max_field);
  order.purpose = fields.text("purpose", max_field);
  order.tlp = fields.text_or("tlp", 32, "");
  const auto format = fields.text_or("format", 8, "zip");
  order.seal_for.passphrase = fields.text_or("passphrase", 1024, "");
  order.seal_for.public_key = fields.text_or("public_key", 256, "");
  order.exhibits = fields.texts("exhibits", 100'000, 64);
  if (auto done = fields.done(); !done) return tl::make_unexpected(done.error());
  if (format != "zip" && format != "tar") return fail(ErrorCode::bad_input, tr("field.not_a_choice", {{"field", "format"}}), "format");
  order.format = format == "zip" ? ArchiveKind::zip : ArchiveKind::tar;
  for (const auto& [name, path] : answers) {
    // As if the caller asked: what they may not read does not go along.
    net::Request asked = call.request;
    asked.method = "GET";
    asked.query.clear();
    asked.body.clear();
    asked.has_body = false;
    asked.content_length.reset();
    asked.path = {"api", "v1", "incidents", call.incident()};
    if (!path.empty()) asked.path.emplace_back(path);
    auto answer = call.api.handle(asked);
    if (answer.status == 200)
      order.documents.emplace_back(std::string(name), std::move(answer.body) + "\n");
    else if (answer.status != 403 && answer.status != 404)
      return answer;
  }
  const auto job = service::start_package(call.api.context, call.api.jobs, call.caller, call.incident(), std::move(order));
  if (!job) return tl::make_unexpected(job.error());
  return reply_json(job_json(*job), 202);
}

Answer download(Call& call) {
  const auto incident = service::show_incident(call.api.context, call.incident());
  if (!incident) return tl::make_unexpected(incident.error());
  const auto packages = service::list_packages(call.api.context, call.incident());
  if (!packages) return tl::make_unexpected(packages.error());
  auto file = service::open_package(call.api.context, call.incident(), call.ids[1]);
  if (!file) return tl::make_unexpected(file.error());
  std::string name = "digue.zip";
  for (const auto& package : *packages)
    if (package.id == call.ids[1]) name = service::package_name(incident->incident.reference, package);
  net::Response response;
  response.headers = {{"Content-Type", "application/octet-stream"},
                      {"Cache-Control", "no-store"},
                      {"Content-Disposition", "attachment; filename=\"" + name + "\""}};
  const auto bytes = std::make_shared<File>(std::move(*file));
  response.parts = [bytes, at = std::uint64_t{0}](std::string& part) mutable {
    part.resize(std::size_t{256} * 1024);
    const auto got = bytes->read_at(at, part.data(), part.size());
    if (!got) throw std::runtime_error(to_text(got.error()));
    part.resize(*got);
    at += *got;
    return *got > 0;
  };
  add_security_headers(response);
  return response;
}

Answer remove(Call& call) {
  const auto done = service::remove_package(call.api.context, call.caller, call.incident(), call.ids[1]);
  if (!done) return tl::make_unexpected(done.error());
  return reply_nothing();
}

constexpr std::array routes{
    Route{"GET", "incidents/{}/packages", list},
    Route{"POST", "incidents/{}/packages", make}.needs(people::Right::export_evidence).step_up().lasts(),
    Route{"GET", "incidents/{}/packages/{}/file", download}.needs(people::Right::export_evidence),
    Route{"DELETE", "incidents/{}/packages/{}", remove}.needs(people::Right::export_evidence).lasts(),
};

}  // namespace

std::span<const Route> package_routes() {
  return routes;
}

}  // namespace digue::api
