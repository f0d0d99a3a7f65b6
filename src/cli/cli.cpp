#include "cli/cli.hpp"

#include <CLI/CLI.hpp>

#include "base/messages.hpp"
#include "cli/analyze.hpp"

namespace digue::cli {

int run(int argc, char** argv, const Commands& commands) {
  CLI::App app{"Digue: contain a compromised mailbox, prove what was done, tell the authorities."};
  app.set_version_flag("--version", "digue " DIGUE_VERSION);
  app.require_subcommand(1);
  std::string language = "fr";
  app.add_option("--lang", language, "language of texts: fr or en")->check(CLI::IsMember({"fr", "en"}))->envname("DIGUE_LANG");
  app.fallthrough();

  AnalyzeOptions analyze_options;
  int year = 0;
  auto* analyze_command = app.add_subcommand("analyze", "logs in, the story out");
  analyze_command->add_option("PATH", analyze_options.paths, "files, folders, archives; - for standard input")->required();
  analyze_command->add_flag("--json", analyze_options.json, "print the one JSON object (docs/schemas/analysis.schema.json)");
  analyze_command->add_option("--events", analyze_options.events, "write the events of touched accounts as NDJSON to FILE");
  analyze_command->add_option("--html", analyze_options.html, "write the report page to FILE");
  analyze_command->add_option("--csv", analyze_options.csv, "write the events as CSV to FILE");
  analyze_command->add_option("--ocsf", analyze_options.ocsf, "write the events as OCSF 1.8.0 NDJSON to FILE");
  analyze_command->add_option("--profile", analyze_options.profile, "the establishment's profile (YAML)");
  analyze_command->add_option("--own-domain", analyze_options.own_domains, "a mail domain of the establishment (may be repeated)");
  analyze_command->add_option("--own-range", analyze_options.own_ranges, "an address range of the establishment (may be repeated)");
  analyze_command->add_option("--zone", analyze_options.zone, "zone of logs that name none, for example Europe/Paris");
  auto* year_option =
      analyze_command->add_option("--year", year, "year of the last line of logs without year")->check(CLI::Range(1970, 9999));
  analyze_command->add_option("--since", analyze_options.since, "leave out what is earlier (2026-03-09 or 2026-03-09T20:00:00Z)");
  analyze_command->add_option("--until", analyze_options.until, "leave out what is later");
  analyze_command->add_option("--geo-db", analyze_options.geo_databases,
                              "a MaxMind-format database of countries or networks (may be repeated)");
  analyze_command->add_option("--threads", analyze_options.threads, "parsing threads")->check(CLI::Range(1, 64));
  analyze_command->add_option("--fail-on", analyze_options.fail_on, "exit with 1 when a finding is at least this severe");
  analyze_command->add_flag("--all-accounts", analyze_options.all_accounts, "list accounts without any sign, too");
  analyze_command->add_flag("--strict", analyze_options.strict, "exit with 3 when any record was rejected");
  analyze_command->add_flag("--quiet", analyze_options.quiet, "no progress on standard error");
  analyze_command->add_flag("--allow-unjailed", analyze_options.allow_unjailed, "analyse even where the kernel has no Landlock");

  ServeArguments serve_arguments;
  auto* serve_command = app.add_subcommand("serve", "start the workbench on this machine");
  serve_command->add_option("--data", serve_arguments.data_directory, "data directory");
  serve_command->add_option("--bind", serve_arguments.bind, "address to listen on (loopback only for now)");
  serve_command->add_option("--port", serve_arguments.port, "port, 0 for any free one")->check(CLI::Range(0, 65535));
  serve_command->add_option("--zone", serve_arguments.zone, "the establishment's time zone, Europe/Paris when not given");
  serve_command->add_option("--own-domain", serve_arguments.own_domains, "a mail domain of the establishment (may be repeated)");
  serve_command->add_option("--geo-db", serve_arguments.geo_databases,
                            "a MaxMind-format database of countries or networks (may be repeated)");
  serve_command->add_flag("--demo", serve_arguments.demo, "load the demonstration incident");
  serve_command->add_flag("--allow-unjailed", serve_arguments.allow_unjailed, "analyse even where the kernel has no Landlock");

  auto* worker_command = app.add_subcommand("worker", "")->group("");

  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : 2;
  }
  set_default_language(language_named(language).value_or(Language::fr));
  if (worker_command->parsed()) return commands.worker();
  if (serve_command->parsed()) return commands.serve(serve_arguments);
  analyze_options.language = current_language();
  if (year_option->count() > 0) analyze_options.year = year;
  return analyze(analyze_options);
}

}  // namespace digue::cli
