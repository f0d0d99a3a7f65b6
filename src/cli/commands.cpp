#include "cli/commands.hpp"

#include <algorithm>

namespace digue::cli {

namespace {

struct Row {
  std::string_view words, method, path, members, help;
};

/// One row a command: its words, the request of docs/api.md that it makes, the body's members (for GET: the parameters), what it does.
/// {name} in the path is an argument. A member: text, `!` required, `?` yes or no, `#` number, `*` list (repeated), `=` member=value pairs,
/// `@` the content of a file, `%` the same in base64, `&` the first line of the file that the option NAME-file gives (`&!`: asked
/// for at the terminal when it is not given); marks may be combined.
constexpr Row rows[] = {
    {"backup", "SAVE", "backup", "passphrase& public_key",
     "everything into one new FILE (or into the folder FILE), while the workbench runs; it holds the keys: seal it"},
    {"incident list", "GET", "incidents", "", "the incidents, newest first"},
    {"incident new", "POST", "incidents", "title! description confirmed? exercise?", "open an incident"},
    {"incident show", "GET", "incidents/{incident}", "", "one incident, its accounts, and what to do next"},
    {"incident here", "GET", "incidents/{incident}/presence", "", "who has the incident open, and where"},
    {"incident add-account", "POST", "incidents/{incident}/accounts", "account! reason", "a compromised account joins the incident"},
    {"incident add-workstation", "POST", "incidents/{incident}/workstations", "name! account", "a workstation gets its tasks"},
    {"incident export", "SAVE", "incidents/{incident}/export", "to! passphrase& public_key",
     "everything of an incident into one new FILE, for another workbench (--to: which, told in the journal)"},
    {"incident import", "FILE", "incidents/import", "", "take in what incident export wrote; everything is checked first"},
    {"incident close", "POST", "incidents/{incident}/closing", "type! reason!",
     "close it (type: exercise, unfounded, incident, breach): the period of retention starts"},
    {"incident reopen", "POST", "incidents/{incident}/reopening", "reason!", "open it again: nothing is due any more"},
    {"incident hold", "POST", "incidents/{incident}/holds", "reason!", "legal hold: nothing of it may be destroyed"},
    {"incident lift-hold", "POST", "incidents/{incident}/holds/{hold}/lifting", "reason!", "lift a legal hold"},
    {"incident destroy", "POST", "incidents/{incident}/destruction", "reference! reason!",
     "destroy words and bytes of an incident that is due (--reference: its own, to confirm); the proofs stay"},
    {"retention list", "GET", "retention", "due?", "until when each incident is kept; --due: what may be destroyed now"},
    {"retention show", "GET", "incidents/{incident}/retention", "", "one incident: closing, period and its sources, holds, destruction"},
    {"qualification show", "GET", "incidents/{incident}/qualification", "", "questions, answers, versions and the suggested severity"},
    {"qualification preview", "POST", "incidents/{incident}/qualification/preview",
     "answers= judgements=", "the suggestion for these answers; nothing is kept"},
    {"qualification add", "POST", "incidents/{incident}/qualification",
     "answers= judgements= note severity severity_reason reason based_on#", "qualify, or qualify again: a new version"},
    {"capability show", "GET", "incidents/{incident}/capabilities", "", "whether the response is able to act"},
    {"capability answer", "POST", "incidents/{incident}/capabilities", "answers=", "answer the questions on being able to act"},
    {"stage list", "GET", "incidents/{incident}/stages", "", "the stages of the response"},
    {"stage set", "POST", "incidents/{incident}/stages/{stage}", "open? reason", "open (--open) or close a stage"},
    {"task list", "GET", "incidents/{incident}/tasks", "", "the actions of the playbook in this incident, by priority"},
    {"task set", "PATCH", "incidents/{incident}/tasks/{task}", "state reason owner proof outcomes* due effect review based_on",
     "change a task"},
    {"connector list", "GET", "connectors", "", "the platforms that Digue may act on"},
    {"connector kinds", "GET", "connectors/kinds", "", "what can be set up: settings, secrets and the rights to give beforehand"},
    {"connector set", "PUT", "connectors/{platform}", "kind! settings@ secrets@",
     "set one up or change it: settings and secrets are files of JSON; without settings they stay, as secrets that are not named do"},
    {"connector remove", "DELETE", "connectors/{platform}", "", "forget a platform and its secrets"},
    {"connector test", "POST", "connectors/{platform}/test", "",
     "connect, and say which of the 22 actions would be automatic, guided or impossible there, and why"},
    {"connector key", "GET", "connectors/key", "", "whether the key of their secrets has a passphrase, and is locked"},
    {"connector unlock", "POST", "connectors/key/unlocking", "passphrase&!",
     "open the secrets of connectors until the workbench stops (asked for at the terminal, else --passphrase-file)"},
    {"connector lock", "POST", "connectors/key/locking", "", "forget the open key: what needs a secret waits"},
    {"connector passphrase", "PUT", "connectors/key/passphrase", "current&! passphrase&!",
     "protect the key of all secrets by a passphrase, or change it (current: empty when there is none)"},
    {"connector passphrase-remove", "POST", "connectors/key/passphrase/removal", "current&!", "keep the key bare again, in its file"},
    {"operation list", "GET", "incidents/{incident}/operations", "", "what was planned and done on platforms"},
    {"operation propose", "GET", "incidents/{incident}/proposals", "",
     "what the last story justifies, with its evidence and the platforms that can"},
    {"operation offers", "GET", "incidents/{incident}/offers", "", "what the platforms that are set up can be asked for"},
    {"operation try", "POST", "incidents/{incident}/operations/dry-run", "platform! capability! account platform_account parameters= until",
     "what would be done, exactly; nothing is kept"},
    {"operation plan", "POST", "incidents/{incident}/operations",
     "platform! capability! account platform_account parameters= until task reason! evidence*", "plan it: nothing is done before approval"},
    {"operation wave", "POST", "incidents/{incident}/operations/waves", "platform! capability! accounts* task reason!",
     "plan the same for up to 50 accounts, each an operation of its own; exit code 1 when one was refused"},
    {"operation approve-wave", "POST", "incidents/{incident}/operations/approvals", "operations* password& code&",
     "let up to 50 be carried out, one after the other; those not named wait"},
    {"operation show", "GET", "incidents/{incident}/operations/{operation}", "wait#",
     "one operation; --wait SECONDS for its end, at most 60; exit code 1 when it failed, or was waited for and is not verified or undone"},
    {"operation approve", "POST", "incidents/{incident}/operations/{operation}/approval", "break_glass? reason password& code&",
     "let it be carried out (--break-glass --reason: alone where two persons are asked)"},
    {"operation cancel", "POST", "incidents/{incident}/operations/{operation}/cancellation", "reason",
     "give it up before anything was done; one that failed before that is put aside with a --reason"},
    {"operation undo", "POST", "incidents/{incident}/operations/{operation}/undo", "reason!", "plan what takes it back"},
    {"operation verify", "POST", "incidents/{incident}/operations/{operation}/verification", "", "read back and try again, now"},
    {"operation password", "POST", "incidents/{incident}/operations/{operation}/password", "",
     "the temporary password, once: hand it over by voice"},
    {"operation collect", "POST", "incidents/{incident}/collections", "platform! capability! account platform_account parameters= task",
     "evidence from a platform, straight into the vault"},
    {"evidence list", "GET", "incidents/{incident}/exhibits", "", "the exhibits of the vault"},
    {"evidence custody", "GET", "incidents/{incident}/custody", "exhibit", "who did what with the exhibits"},
    {"evidence add", "FILE", "incidents/{incident}/exhibits",
     "source authority method tool tool_version query note acquired acquired_by parent* transformation content",
     "put files into the vault, with where they come from"},
    {"evidence acquisition", "GET", "incidents/{incident}/exhibits/{exhibit}/acquisition", "", "how an exhibit was acquired"},
    {"evidence correct", "POST", "incidents/{incident}/exhibits/{exhibit}/acquisition",
     "who! at! source! authority! method! tool! tool_version query note reason!",
     "correct the record of an acquisition; the old one stays"},
    {"evidence hand-over", "POST", "incidents/{incident}/exhibits/{exhibit}/custody", "what! recipient! how! purpose!",
     "record that an exhibit was transferred or released"},
    {"evidence reason", "POST", "incidents/{incident}/exhibits/{exhibit}/reading", "purpose!",
     "say why you open an exhibit that holds mails"},
    {"evidence text", "GET", "incidents/{incident}/exhibits/{exhibit}/text", "part offset# length#", "the bytes of an exhibit"},
    {"evidence verify", "WAIT", "incidents/{incident}/verifications", "exhibits*", "read exhibits again and compare their hashes"},
    {"evidence record", "GET", "incidents/{incident}/record", "input# offset# length#", "the source bytes of a record of the story"},
    {"package make", "WAIT", "incidents/{incident}/packages", "recipient! purpose! tlp format public_key passphrase exhibits*",
     "make an evidence package and wait for it"},
    {"package list", "GET", "incidents/{incident}/packages", "", "the packages that were made"},
    {"package get", "GET", "incidents/{incident}/packages/{package}/file", "", "a package, to standard output"},
    {"package remove", "DELETE", "incidents/{incident}/packages/{package}", "", "remove a package's file; its record stays"},
    {"analysis run", "WAIT", "incidents/{incident}/analyses", "", "analyse the exhibits and wait for the end"},
    {"analysis jobs", "GET", "incidents/{incident}/jobs", "", "analyses, past and under way"},
    {"story show", "GET", "incidents/{incident}/story", "lang", "the story (docs/schemas/analysis.schema.json)"},
    {"story events", "GET", "incidents/{incident}/events", "account session actor ip q from to after limit#",
     "the events behind the story"},
    {"story export", "GET", "incidents/{incident}/story.{format}", "", "the story as html, csv or ocsf"},
    {"pin list", "GET", "incidents/{incident}/pins", "", "what persons said of sessions, addresses and devices"},
    {"pin add", "POST", "incidents/{incident}/pins", "kind! value! actor! reason", "say whose a session, address, device or account is"},
    {"pin remove", "DELETE", "incidents/{incident}/pins/{pin}", "reason", "take it back"},
    {"journal list", "GET", "incidents/{incident}/journal", "after limit# q kind who account machine from to rectified?",
     "the main courante"},
    {"journal add", "POST", "incidents/{incident}/journal", "text! kind event_time zone precision reporter machines* accounts* rectifies#",
     "write a line"},
    {"journal protection", "GET", "incidents/{incident}/journal/protection", "",
     "up to which line the main courante is signed, its code for paper, the codes kept outside"},
    {"journal keep", "POST", "incidents/{incident}/journal/copies", "size#! how! detail",
     "note that the code of the first lines is kept outside (how: paper, print, export, message, other)"},
    {"journal verify", "GET", "incidents/{incident}/journal/verify", "code",
     "read every line and checkpoint again; exit code 1 names the first bad line"},
    {"journal checkpoint", "GET", "incidents/{incident}/journal/checkpoint", "", "the last signed checkpoint"},
    {"journal timestamp-request", "GET", "incidents/{incident}/journal/timestamp-request", "",
     "a request to a time stamping authority (RFC 3161) over the last checkpoint"},
    {"journal timestamp", "POST", "incidents/{incident}/journal/timestamps", "size#! response%! authorities@!",
     "keep the authority's answer (--response FILE) once it is verified against the certificates (--authorities FILE, PEM)"},
    {"journal proof", "GET", "incidents/{incident}/journal/{line}/proof", "", "one line with the proof that it is in the main courante"},
    {"journal export", "GET", "incidents/{incident}/journal.ndjson", "", "the whole main courante, for digue verify"},
    {"journal paper", "GET", "incidents/{incident}/journal.{format}", "q kind who account machine from to rectified? lang",
     "the main courante as html, pdf (its export attached) or csv"},
    {"journal sheet", "GET", "journal-sheet.{format}", "lang", "an empty sheet to write lines on by hand, as html or pdf"},
    {"journal import", "POST", "incidents/{incident}/journal/import", "csv@! zone reporter source keep?",
     "lines from paper or another tool (--csv FILE); without --keep only what would be done"},
    {"journal join", "FILE", "incidents/{incident}/journal/logs", "machine code",
     "take in the export of a laptop that was disconnected, as a log of its own"},
    {"journal logs", "GET", "incidents/{incident}/journal/logs", "", "the main courantes of other machines, each with its audit"},
    {"establishment list", "GET", "establishments", "", "the declaring entities"},
    {"establishment new", "POST", "establishments",
     "name! finess siren kind sector statuses* region own_domains* own_ranges* zone calendar insurer policy insurer_phone mail_operator "
     "mssante_operator",
     "add a declaring entity"},
    {"establishment choose", "PUT", "incidents/{incident}/establishments", "establishments*", "the entities that the incident concerns"},
    {"establishment overlay", "GET", "establishments/{establishment}/overlay", "", "what it adds to the playbook"},
    {"establishment import", "PUT", "establishments/{establishment}/overlay", "yaml@!", "take over an overlay file (digue.overlay/1)"},
    {"establishment export", "GET", "establishments/{establishment}/overlay.yaml", "", "the overlay as a file"},
    {"establishment card", "GET", "establishments/{establishment}/card.{format}", "lang", "its own reflex card as html or pdf"},
    {"incident overlays", "GET", "incidents/{incident}/overlays", "", "what the establishments concerned add to the playbook"},
    {"contact list", "GET", "contacts", "", "people and services to call"},
    {"contact add", "POST", "contacts", "name! role organisation phone mail site hours note establishment replaces", "add a contact"},
    {"contact remove", "DELETE", "contacts/{contact}", "", "take a contact away"},
    {"contact now", "GET", "calls", "incident", "whom to call now"},
    {"duty list", "GET", "incidents/{incident}/duties", "", "duties, why they apply, and their clocks"},
    {"duty instant", "POST", "incidents/{incident}/instants", "name! at! reason establishment",
     "when it was suspected, known, decided, closed"},
    {"duty file", "POST", "incidents/{incident}/duties/{duty}/filing", "filed! receipt reason establishment",
     "record that a declaration was made"},
    {"duty overrule", "POST", "incidents/{incident}/duties/{duty}/overrule", "applies# reason! establishment",
     "decide that a duty applies (true) or not (false)"},
    {"duty draft", "GET", "incidents/{incident}/duties/{duty}/draft", "establishment lang", "the text to declare with"},
    {"breach list", "GET", "incidents/{incident}/breaches", "", "the register of personal data breaches"},
    {"breach set", "PUT", "incidents/{incident}/breaches",
     "establishment nature facts data records categories persons consequences measures risk not_notified informed remarks based_on",
     "write the register's line"},
    {"breach export", "GET", "incidents/{incident}/breaches.csv", "lang", "the register as CSV"},
    {"incident platform", "PUT", "incidents/{incident}/platform", "platform!", "the mail platform that commands are shown for"},
    {"task commands", "GET", "incidents/{incident}/tasks/{task}/commands",
     "platform sender forward_target delegate created_account admin block_domain server realm user_id object_id application device "
     "queue_id rule "
     "folder subject group url message_id dn base_dn",
     "what to run on a platform, filled in"},
    {"task proofs", "GET", "incidents/{incident}/tasks/{task}/proofs", "", "the answers kept for a task"},
    {"task proof", "POST", "incidents/{incident}/tasks/{task}/proofs", "platform! command answer! note",
     "keep a platform's answer as proof"},
    {"playbook platforms", "GET", "platforms", "", "the platforms of guided commands"},
    {"playbook card", "GET", "card.{format}", "lang", "the reflex card as it is for everybody, as html or pdf"},
    {"people list", "GET", "people", "", "the accounts"},
    {"people invite", "POST", "people", "login! name! administrator?", "a new account: prints its set-up link, good once for 24 hours"},
    {"people reset", "POST", "people/{person}/reset", "password? factor?", "a new set-up link for who lost the password or the telephone"},
    {"people disable", "POST", "people/{person}/disable", "", "an account out, its sessions too"},
    {"people enable", "POST", "people/{person}/enable", "", "an account back in"},
    {"people administrator", "PUT", "people/{person}/administrator", "administrator?", "give administration (--administrator) or take it"},
    {"people teams", "GET", "people/incidents", "", "who has which role on which incident"},
    {"people role", "PUT", "incidents/{incident}/people/{person}", "roles*",
     "roles on an incident: pilot, responder, reader, dpo, direction; none: off it"},
    {"people sessions", "GET", "people/sessions", "", "who is signed in, from where"},
    {"people revoke", "DELETE", "people/sessions/{session}", "", "end a login session"},
    {"people revoke-all", "DELETE", "people/{person}/sessions", "", "end all login sessions of a person"},
    {"people log", "GET", "security-log", "after limit#", "the security log"},
    {"people log-export", "GET", "security-log.ndjson", "", "the whole security log, one JSON object a line"},
    {"disk show", "GET", "disk", "", "whether the data directory lies on an encrypted disk"},
    {"disk waive", "POST", "disk/waiver", "reason!", "work on without it, and say why"},
    {"playbook show", "GET", "playbook", "", "measures and actions in the order of work"},
};

std::vector<std::string> split(std::string_view text) {
  std::vector<std::string> parts;
  while (!text.empty()) {
    const auto end = std::min(text.find(' '), text.size());
    if (end > 0) parts.emplace_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return parts;
}

Command line(const Row& row) {
  Command command{split(row.words), row.method, row.path, {}, row.help};
  for (std::string name : split(row.members)) {
    Member member;
    constexpr std::string_view marks = "!?#*=@%&";
    for (; marks.find(name.back()) != std::string_view::npos; name.pop_back()) {
      switch (name.back()) {
        case '!':
          member.required = true;
          break;
        case '?':
          member.kind = Member::Kind::flag;
          break;
        case '#':
          member.kind = Member::Kind::number;
          break;
        case '*':
          member.kind = Member::Kind::list;
          break;
        case '@':
          member.kind = Member::Kind::file;
          break;
        case '%':
          member.kind = Member::Kind::binary;
          break;
        case '&':
          member.kind = Member::Kind::secret;
          break;
        default:
          member.kind = Member::Kind::pairs;
      }
    }
    member.name = std::move(name);
    command.members.push_back(std::move(member));
  }
  return command;
}

}  // namespace

std::vector<std::string> Command::arguments() const {
  std::vector<std::string> names;
  for (auto open = path.find('{'); open != std::string_view::npos; open = path.find('{', open + 1))
    names.emplace_back(path.substr(open + 1, path.find('}', open) - open - 1));
  return names;
}

const std::vector<Command>& commands() {
  static const std::vector<Command> all = [] {
    std::vector<Command> made;
    for (const Row& row : rows) made.push_back(line(row));
    return made;
  }();
  return all;
}

const Command* command_named(const std::vector<std::string>& words) {
  const auto at = std::find_if(commands().begin(), commands().end(), [&](const Command& one) { return one.words == words; });
  return at == commands().end() ? nullptr : &*at;
}

}  // namespace digue::cli
