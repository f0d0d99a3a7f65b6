#include "cli/cli.hpp"

#include <pwd.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <map>

#include "base/messages.hpp"
#include "cli/analyze.hpp"
#include "cli/commands.hpp"
#include "cli/package.hpp"
#include "cli/playbook.hpp"

namespace digue::cli {

namespace {

constexpr const char* database_help =
    "where the case files are: postgresql://[user@]host/database (password: PGPASSFILE), or sqlite; the data directory remembers it";

/// The commands of commands.cpp below their first words: `digue incident list`.
class RemoteCommands {
 public:
  explicit RemoteCommands(CLI::App& app) {
    for (const Command& command : commands()) {
      if (command.words.size() == 1) {
        add(*app.add_subcommand(command.words.front(), std::string(command.help)), command);
        continue;
      }
      CLI::App*& group = groups_[command.words.front()];
      const auto same_name = [&](const CLI::App* one) { return one->get_name() == command.words.front(); };
      if (const auto there = app.get_subcommands(same_name); group == nullptr && !there.empty()) group = there.front();
      if (group == nullptr) {
        group = app.add_subcommand(command.words.front(), "of the workbench:");
        group->require_subcommand(1);
        group->fallthrough();
      }
      group->description(group->get_description() + " " + command.words.back());
      add(*group->add_subcommand(command.words.back(), std::string(command.help)), command);
    }
    app.add_flag("--json", arguments_.json, "print the JSON answer");
    app.add_option("--data", target_.data_directory, "data directory");
    app.add_option("--database", target_.database, database_help)->envname("DIGUE_DATABASE");
    app.add_option("--author", target_.author, "who writes: the author of journal lines; the name of the system's user when not given")
        ->envname("DIGUE_AUTHOR");
  }

  bool asked() const { return !arguments_.words.empty(); }
  int run(const Commands& parts) {
    arguments_.places.insert(arguments_.places.end(), files_.begin(), files_.end());
    name_author();
    return parts.remote(target_, arguments_);
  }
  /// The options that every command takes.
  void fill(RestoreArguments& restore) {
    name_author();
    restore.data_directory = target_.data_directory;
    restore.author = target_.author;
    restore.json = arguments_.json;
  }

 private:
  void name_author() {
    if (!target_.author.empty()) return;
    if (const passwd* user = ::getpwuid(::getuid())) target_.author = user->pw_name;
  }

  void add(CLI::App& verb, const Command& command) {
    verb.fallthrough();
    for (const std::string& place : command.arguments())
      verb.add_option_function<std::string>(upper(place), [this](const std::string& text) { arguments_.places.push_back(text); })
          ->required();
    if (command.method == "FILE") verb.add_option("FILE", files_, "files")->required();
    if (command.method == "SAVE") verb.add_option("FILE", files_, "a new file, or a folder")->required()->expected(1);
    for (const Member& member : command.members) add(verb, member);
    verb.callback([this, &command] { arguments_.words = command.words; });
  }

  static std::string upper(std::string text) {
    std::transform(text.begin(), text.end(), text.begin(), [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c; });
    return text;
  }

  void add(CLI::App& verb, const Member& member) {
    std::string flag = "--" + member.name + (member.kind == Member::Kind::secret ? "-file" : "");
    std::replace(flag.begin(), flag.end(), '_', '-');
    const auto keep = [this, name = member.name](const std::string& text) { arguments_.options.emplace_back(name, text); };
    if (member.kind == Member::Kind::flag) {
      verb.add_flag_callback(flag, [keep] { keep("true"); });
      return;
    }
    auto* option = verb.add_option_function<std::vector<std::string>>(flag, [keep](const std::vector<std::string>& texts) {
      for (const std::string& text : texts) keep(text);
    });
    option->required(member.required && member.kind != Member::Kind::secret)
        ->expected(1)
        ->multi_option_policy(member.kind == Member::Kind::list || member.kind == Member::Kind::pairs ? CLI::MultiOptionPolicy::TakeAll
                                                                                                      : CLI::MultiOptionPolicy::TakeLast);
    if (member.kind == Member::Kind::list || member.kind == Member::Kind::pairs) option->expected(1, 1000)->allow_extra_args(false);
  }

  std::map<std::string, CLI::App*> groups_;
  RemoteArguments arguments_;
  RemoteTarget target_;
  std::vector<std::string> files_;
};

}  // namespace

int run(int argc, char** argv, const Commands& parts) {
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
  serve_command->add_option("--database", serve_arguments.database, database_help)->envname("DIGUE_DATABASE");
  serve_command->add_option("--bind", serve_arguments.bind, "address to listen on; beyond this machine with TLS and accounts only");
  serve_command->add_option("--port", serve_arguments.port, "port, 0 for any free one")->check(CLI::Range(0, 65535));
  serve_command->add_option("--tls-cert", serve_arguments.certificate, "certificate chain (PEM) for TLS");
  serve_command->add_option("--tls-key", serve_arguments.key, "its private key (PEM, without passphrase)");
  serve_command->add_option("--host", serve_arguments.hosts, "a host name by which browsers reach the page (may be repeated)");
  serve_command->add_option("--zone", serve_arguments.zone, "the establishment's time zone, Europe/Paris when not given");
  serve_command->add_option("--own-domain", serve_arguments.own_domains, "a mail domain of the establishment (may be repeated)");
  serve_command->add_option("--geo-db", serve_arguments.geo_databases,
                            "a MaxMind-format database of countries or networks (may be repeated)");
  serve_command->add_flag("--demo", serve_arguments.demo, "load the demonstration incident");
  serve_command->add_flag("--allow-unjailed", serve_arguments.allow_unjailed, "analyse even where the kernel has no Landlock");

  auto* worker_command = app.add_subcommand("worker", "")->group("");
  std::string python;
  auto* document_command = app.add_subcommand("document", "")->group("");
  document_command->add_option("PYTHON", python)->required();
  RemoteCommands remote(app);
  PlaybookOptions playbook_options;
  auto* playbook_command = app.get_subcommand("playbook");
  auto* export_command = playbook_command->add_subcommand("export", "print the playbook as one JSON object");
  export_command->add_option("--format", playbook_options.format, "cacao")->check(CLI::IsMember({"cacao"}));
  export_command->callback([&] { playbook_options.command = "export"; });
  for (const std::string name : {"import", "check"}) {
    auto* each = playbook_command->add_subcommand(name, "check a CACAO file; import shows its steps, too. Nothing is run");
    each->add_option("FILE", playbook_options.path, "the file")->required();
    each->add_flag("--json", playbook_options.json, "print one JSON object");
    each->callback([&playbook_options, name] { playbook_options.command = name; });
  }

  PackageOptions package_options;
  const auto add_package = [&](CLI::App& at, const std::string& name, const std::string& help, const char* place) {
    auto* each = at.add_subcommand(name, help);
    each->add_option(place, package_options.path, "file or folder")->required();
    each->callback([&package_options, name] { package_options.command = name; });
    return each;
  };
  auto* verify_command = add_package(app, "verify", "check an evidence package: folder, ZIP, tar or sealed", "PACKAGE");
  verify_command->add_flag("--json", package_options.json, "print one JSON object");
  auto* open_command = add_package(*app.get_subcommand("evidence"), "open", "open a sealed package", "FILE");
  open_command->add_option("--to", package_options.to, "where its content goes; a new file")->required();
  for (auto* each : {verify_command, open_command}) {
    each->add_option("--passphrase-file", package_options.passphrase_file, "a file whose first line is the passphrase");
    each->add_option("--key", package_options.key_file, "the recipient's secret key");
  }
  add_package(*app.get_subcommand("evidence"), "key", "make a key pair: the secret key to a new FILE, the public key to standard output",
              "FILE");

  RestoreArguments restore_arguments;
  auto* restore_command = app.add_subcommand("restore", "a backup into an empty data directory (--data), compared with its hashes first");
  restore_command->add_option("FILE", restore_arguments.file, "the backup")->required();
  restore_command->add_option("--passphrase-file", restore_arguments.passphrase_file, "a file whose first line is the passphrase");
  restore_command->add_option("--key", restore_arguments.key_file, "the recipient's secret key");
  restore_command->fallthrough();

  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : 2;
  }
  set_default_language(language_named(language).value_or(Language::fr));
  if (worker_command->parsed()) return parts.worker();
  if (document_command->parsed()) return parts.document(python);
  if (serve_command->parsed()) return parts.serve(serve_arguments);
  if (restore_command->parsed()) {
    remote.fill(restore_arguments);
    return parts.restore(restore_arguments);
  }
  if (remote.asked()) return remote.run(parts);
  if (!playbook_options.command.empty()) return playbook(playbook_options);
  if (!package_options.command.empty()) return package(package_options);
  analyze_options.language = current_language();
  if (year_option->count() > 0) analyze_options.year = year;
  return analyze(analyze_options);
}

}  // namespace digue::cli
