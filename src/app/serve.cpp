#include "app/serve.hpp"

#include <ostream>

#include "api/api.hpp"
#include "app/demo.hpp"
#include "base/assets.hpp"
#include "base/text.hpp"
#include "base/time.hpp"
#include "net/server.hpp"
#include "service/analyses.hpp"
#include "service/content.hpp"
#include "service/duty_content.hpp"
#include "service/tasks.hpp"
#include "store/data_directory.hpp"

namespace digue::app {

namespace {

int failed(const Error& error, std::ostream& err) {
  err << "digue: " << terminal(to_text(error)) << '\n';
  return error.code == ErrorCode::usage ? 2 : 4;
}

template <class Load>
auto embedded(std::string_view path, Load load) {
  const auto* asset = find_asset(path);
  return load(asset ? asset->data : std::string_view(), path);
}

}  // namespace

int serve(const ServeOptions& options, service::Analyser& analyser, std::ostream& out, std::ostream& err) {
  set_default_language(options.language);
  if (!Zone::named(options.zone)) return failed({ErrorCode::usage, tr("serve.unknown_zone"), options.zone, {}}, err);
  const auto book = service::embedded_playbook();
  if (!book) return failed(book.error(), err);
  auto questions = embedded("content/qualification/questions.yaml", incident::load_questions);
  if (!questions) return failed(questions.error(), err);
  auto stages = embedded("content/stages.yaml", incident::load_stages);
  if (!stages) return failed(stages.error(), err);
  const auto duties = service::load_duty_content(assets());
  if (!duties) return failed(duties.error(), err);
  const auto platforms = service::embedded_platforms(*book);
  if (!platforms) return failed(platforms.error(), err);
  const auto path = options.data.empty() ? store::default_data_directory() : Result<std::string>(options.data);
  if (!path) return failed(path.error(), err);
  const auto data = store::DataDirectory::open(*path);
  if (!data) return failed(data.error(), err);
  const auto cases = store::open_sqlite_cases(data->file("cases.sqlite"));
  if (!cases) return failed(cases.error(), err);
  std::vector<std::string> leftovers;
  const auto recorded = [&](const std::string& sha256) {
    return store::reading(**cases, [&](store::CaseReader& reader) { return reader.holds(sha256); });
  };
  const auto vault = store::Vault::open(data->file("vault"), recorded, leftovers);
  if (!vault) return failed(vault.error(), err);
  if (!leftovers.empty()) err << "digue: " << tr("serve.leftovers", {{"count", std::to_string(leftovers.size())}}) << '\n';
  const auto events = store::open_sqlite_events(data->file("events"));
  if (!events) return failed(events.error(), err);

  const store::Documents documents(data->file("documents"));
  net::LiveHub live;
  const service::Context context{**cases,
                                 **vault,
                                 **events,
                                 documents,
                                 *book,
                                 {options.zone, options.language, options.own_domains, {}},
                                 [&live](std::string_view kind, const std::string& incident) { live.publish(kind, incident); },
                                 service::plan_of(*book),
                                 std::move(*questions),
                                 std::move(*stages),
                                 &*duties,
                                 *platforms};
  service::Analyses analyses(context, analyser);
  if (auto done = analyses.recover(); !done) return failed(done.error(), err);
  if (options.demo)
    if (auto loaded = load_demo(context, analyses); !loaded) return failed(loaded.error(), err);
  api::Access access;
  api::Api api({context, analyses, access, live});
  if (options.instead) return options.instead(api);
  net::ServerOptions listening;
  listening.address = options.address;
  listening.port = options.port;
  listening.local = data->file(local_socket);
  const auto server = net::Server::listen(listening, api);
  if (!server) return failed(server.error(), err);
  api.serve_at(options.address, (*server)->port());
  out << tr("serve.ready", {{"address", "http://" + net::authority(options.address, (*server)->port()) + "/"}}) << '\n'
      << tr("serve.data", {{"path", terminal(*path)}}) << '\n'
      << tr("serve.link") << '\n'
      << api.sign_in_link(access.new_token()) << std::endl;
  (*server)->run();
  out << tr("serve.stopped") << std::endl;
  return 0;
}

}  // namespace digue::app
