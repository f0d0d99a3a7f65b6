#include "app/serve.hpp"

#include <csignal>
#include <ostream>

#include "api/api.hpp"
#include "app/demo.hpp"
#include "base/assets.hpp"
#include "base/files.hpp"
#include "base/text.hpp"
#include "base/time.hpp"
#include "connect/connectors.hpp"
#include "net/server.hpp"
#include "service/analyses.hpp"
#include "service/backup.hpp"
#include "service/containment.hpp"
#include "service/content.hpp"
#include "service/packages.hpp"
#include "service/people.hpp"
#include "service/presence.hpp"
#include "service/retention.hpp"
#include "service/tasks.hpp"
#include "store/cases/postgres_cases.hpp"
#include "store/data_directory.hpp"
#include "store/journal_key.hpp"

namespace digue::app {

namespace {

int failed(const Error& error, std::ostream& err) {
  err << "digue: " << terminal(to_text(error)) << '\n';
  return error.code == ErrorCode::usage ? 2 : 4;
}

/// The content of the data directory's own folder where it has one; when that is broken, the built-in one, and why.
Result<service::Content> load_content(const std::string& folder, std::optional<Error>& problem) {
  const auto files = service::ContentFolder::read(folder);
  if (!files) {
    problem = files.error();
  } else if (!files->empty()) {
    if (auto content = service::load_content(files->files()))
      return content;
    else
      problem = content.error();
  }
  return service::load_content(assets());
}

/// The case store that the command line names, else the one that the data directory had last.
Result<std::unique_ptr<store::CaseStore>> open_cases(const store::DataDirectory& data, std::string& uri, SigningKey key) {
  const auto known = data.file("database");
  if (uri.empty() && file_exists(known)) {
    const auto text = read_file(known, 4096);
    if (!text) return tl::make_unexpected(text.error());
    uri = trim(*text);
  }
  const bool embedded = uri.empty() || uri == "sqlite";
  if (embedded) uri.clear();
  auto cases =
      embedded ? store::open_sqlite_cases(data.file("cases.sqlite"), std::move(key)) : store::open_postgres_cases(uri, std::move(key));
  if (!cases) return cases;
  // Kept, so that a command or start without --database does not write elsewhere.
  auto kept = embedded ? remove_file(known) : write_file(known, uri + "\n");
  if (kept) kept = sync_directory(data.path());
  if (!kept) return tl::make_unexpected(kept.error());
  return cases;
}

}  // namespace

int serve(const ServeOptions& options, service::Analyser& analyser, std::ostream& out, std::ostream& err) {
  set_default_language(options.language);
  // A mail server that closes its end while we speak to it costs that trial, not the workbench.
  std::signal(SIGPIPE, SIG_IGN);
  if (!Zone::named(options.zone)) return failed({ErrorCode::usage, tr("serve.unknown_zone"), options.zone, {}}, err);
  const auto path = options.data.empty() ? store::default_data_directory() : Result<std::string>(options.data);
  if (!path) return failed(path.error(), err);
  const auto data = store::DataDirectory::open(*path);
  if (!data) return failed(data.error(), err);
  std::optional<Error> content_problem;
  auto content = load_content(data->file("content"), content_problem);
  if (!content) return failed(content.error(), err);
  if (content_problem) err << "digue: " << tr("serve.content") << ' ' << terminal(to_text(*content_problem)) << '\n';
  auto key = store::open_journal_key(data->file("journal.key"));
  if (!key) return failed(key.error(), err);
  auto database = options.database;
  const auto cases = open_cases(*data, database, std::move(*key));
  if (!cases) return failed(cases.error(), err);
  if (!database.empty() && !options.instead && file_exists(data->file("cases.sqlite")))
    err << "digue: " << tr("serve.database_other") << '\n';
  std::vector<std::string> leftovers;
  const auto recorded = [&](const std::string& sha256) {
    return store::reading(**cases, [&](store::CaseReader& reader) { return reader.holds(sha256); });
  };
  const auto vault = store::Vault::open(data->file("vault"), recorded, leftovers);
  if (!vault) return failed(vault.error(), err);
  if (!leftovers.empty()) err << "digue: " << tr("serve.leftovers", {{"count", std::to_string(leftovers.size())}}) << '\n';
  const auto events = store::open_sqlite_events(data->file("events"));
  if (!events) return failed(events.error(), err);

  if (auto done = service::forget_copies(*path); !done) return failed(done.error(), err);
  const auto disk = disk_encryption(*path);
  if (disk.state != DiskEncryption::State::yes && !options.instead)
    err << "digue: " << tr(disk.state == DiskEncryption::State::no ? "disk.not_encrypted" : "disk.unknown", {{"how", terminal(disk.how)}})
        << '\n';

  const store::Documents documents(data->file("documents"));
  net::LiveHub live;
  const service::Context context{**cases,
                                 **vault,
                                 **events,
                                 documents,
                                 content->playbook,
                                 {options.zone, options.language, options.own_domains, {}, content_problem, *path, disk},
                                 [&live](std::string_view kind, const std::string& incident) { live.publish(kind, incident); },
                                 service::plan_of(content->playbook),
                                 std::move(content->questions),
                                 std::move(content->stages),
                                 &content->duties,
                                 content->platforms,
                                 std::move(content->retention)};
  service::Jobs jobs(context);
  service::Analyses analyses(context, analyser, jobs);
  if (auto done = jobs.recover(); !done) return failed(done.error(), err);
  if (auto done = service::sweep_packages(context); !done) return failed(done.error(), err);
  // What could not be cleaned now stays marked, and is tried again at the next start.
  if (auto done = service::finish_destructions(context); !done) err << "digue: " << terminal(to_text(done.error())) << '\n';
  if (options.demo)
    if (auto loaded = load_demo(context, analyses); !loaded) return failed(loaded.error(), err);
  auto box = SecretBox::open(data->file("people.key"));
  if (!box) return failed(box.error(), err);
  service::LoginSessions sessions;
  const people::CommonPasswords common(find_asset("content/passwords.txt")->data);
  const auto people = service::People::open(context, sessions, std::move(*box), common);
  if (!people) return failed(people.error(), err);
  service::Presence presence;
  auto platform_key = KeyFile::open(data->file("platforms.key"));
  if (!platform_key) return failed(platform_key.error(), err);
  service::Platforms platforms(context, std::move(*platform_key), connect::connectors());
  service::Containment containment(context, platforms, {});
  containment.start();
  api::Api api({context, analyses, jobs, **people, sessions, live, presence, platforms, containment});
  if (options.instead) return options.instead(api);
  const auto loopback = net::is_loopback(options.address);
  if (!loopback) return failed(loopback.error(), err);
  const bool secure = !options.certificate.empty() && !options.key.empty();
  if (options.certificate.empty() != options.key.empty()) return failed({ErrorCode::usage, tr("serve.half_tls"), {}, {}}, err);
  if (!*loopback && !(secure && (*people)->has_accounts()))
    return failed({ErrorCode::usage, tr(secure ? "serve.no_accounts" : "serve.not_loopback"), options.address,
                   tr(secure ? "serve.no_accounts_help" : "serve.not_loopback_help")},
                  err);
  net::ServerOptions listening;
  listening.certificate = options.certificate;
  listening.key = options.key;
  listening.address = options.address;
  listening.port = options.port;
  listening.local = data->file(local_socket);
  const auto server = net::Server::listen(listening, api);
  if (!server) return failed(server.error(), err);
  api.serve_at({options.address, (*server)->port(), secure, options.hosts});
  out << tr("serve.ready", {{"address", api.origin()}}) << '\n' << tr("serve.data", {{"path", terminal(*path)}}) << '\n';
  if (platforms.locked()) out << tr("serve.locked") << '\n';
  if (!database.empty()) out << tr("serve.database", {{"uri", terminal(database)}}) << '\n';
  if ((*people)->has_accounts())
    out << tr("serve.accounts") << std::endl;
  else
    out << tr("serve.link") << '\n' << api.link("signin", sessions.new_token().text) << std::endl;
  (*server)->run();
  out << tr("serve.stopped") << std::endl;
  return 0;
}

}  // namespace digue::app
