#include "app/demo.hpp"

#include "base/assets.hpp"
#include "service/exhibits.hpp"
#include "service/incidents.hpp"

namespace digue::app {

Result<void> load_demo(const service::Context& context, service::Analyses& analyses) {
  const auto known = service::list_incidents(context);
  if (!known) return tl::make_unexpected(known.error());
  if (!known->empty()) return {};
  const service::Caller caller{tr("demo.author")};
  const auto opened = service::create_incident(context, caller, {tr("demo.title"), tr("demo.description"), false, true});
  if (!opened) return tl::make_unexpected(opened.error());
  constexpr std::string_view folder = "demo/evidence/";
  for (const Asset& asset : assets()) {
    if (!asset.path.starts_with(folder)) continue;
    auto upload = service::receive_exhibit(context, caller, opened->incident.id, std::string(asset.path.substr(folder.size())));
    if (!upload) return tl::make_unexpected(upload.error());
    if (auto written = (*upload)->write(asset.data); !written) return written;
    if (auto sealed = (*upload)->finish(); !sealed) return tl::make_unexpected(sealed.error());
  }
  const auto job = analyses.start(caller, opened->incident.id);
  if (!job) return tl::make_unexpected(job.error());
  return {};
}

}  // namespace digue::app
