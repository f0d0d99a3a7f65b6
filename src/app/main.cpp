#include <iostream>

#include "app/remote.hpp"
#include "app/restore.hpp"
#include "app/serve.hpp"
#include "app/worker_analyser.hpp"
#include "cli/cli.hpp"
#include "worker/document.hpp"
#include "worker/job.hpp"

int main(int argc, char** argv) {
  const auto serve = [](const digue::cli::ServeArguments& arguments) {
    digue::app::WorkerAnalyser analyser(arguments.geo_databases, arguments.allow_unjailed);
    digue::app::ServeOptions options;
    options.data = arguments.data_directory;
    options.database = arguments.database;
    options.address = arguments.bind;
    options.port = static_cast<std::uint16_t>(arguments.port);
    options.certificate = arguments.certificate;
    options.key = arguments.key;
    options.hosts = arguments.hosts;
    if (!arguments.zone.empty()) options.zone = arguments.zone;
    options.own_domains = arguments.own_domains;
    options.language = digue::current_language();
    options.demo = arguments.demo;
    return digue::app::serve(options, analyser, std::cout, std::cerr);
  };
  const auto remote = [](const digue::cli::RemoteTarget& target, const digue::cli::RemoteArguments& arguments) {
    digue::app::WorkerAnalyser analyser({}, false);
    return digue::app::remote(target, arguments, analyser);
  };
  return digue::cli::run(argc, argv, {serve, remote, &digue::app::restore, &digue::worker::worker_main, &digue::worker::document_main});
}
