#include "store/cases/moving.hpp"

#include <array>

namespace digue::store {

namespace {

using Kind = MovedColumn::Kind;

constexpr MovedColumn text(std::string_view name) {
  return {name, Kind::text, false};
}
constexpr MovedColumn text_or_null(std::string_view name) {
  return {name, Kind::text, true};
}
constexpr MovedColumn number(std::string_view name) {
  return {name, Kind::integer, false};
}
constexpr MovedColumn number_or_null(std::string_view name) {
  return {name, Kind::integer, true};
}
constexpr MovedColumn bytes(std::string_view name) {
  return {name, Kind::bytes, false};
}

constexpr std::array establishments{text("id"), text("name"), text("record")};
constexpr std::array incidents{text("id"),         text("reference"),        text("title"),       text("description"), number("created"),
                               text("created_by"), text_or_null("severity"), number("confirmed"), number("exercise"),  text("tlp")};
constexpr std::array concerned{text("establishment")};
constexpr std::array accounts{text("account"), text("origin"), text_or_null("verdict"), number("joined"), number("added")};
constexpr std::array exhibits{text("id"),
                              text("name"),
                              number("bytes"),
                              text("sha256"),
                              number("received"),
                              text("received_by"),
                              text("method"),
                              text_or_null("format"),
                              number_or_null("records"),
                              number_or_null("rejected"),
                              text("state"),
                              text("sha512"),
                              text("content"),
                              text("parents"),
                              text("transformation"),
                              number_or_null("verified")};
constexpr std::array acquisitions{text("exhibit"), text("record"), number("recorded"), text("recorded_by"), text("reason")};
constexpr std::array custody{text("exhibit"), number("at"),      text("who"),    text("what"),           text("detail"),
                             text("purpose"), text("recipient"), text("digest"), number_or_null("line"), text_or_null("hash")};
constexpr std::array journal_entries{number("seq"), text("header"), bytes("body_hash"), bytes("leaf"), number_or_null("rectifies")};
constexpr std::array journal_bodies{number("seq"), bytes("salt"), text("body"), text("words")};
constexpr std::array journal_checkpoints{number("size"), text("note"), number("at")};
constexpr std::array checkpoint_copies{number("size"), text("how"),       text("detail"),
                                       number("at"),   text("copied_by"), MovedColumn{"proof", Kind::bytes, true}};
constexpr std::array origin_keys{text("key"), number("first"), number("last"), number("at")};
constexpr std::array tasks{text("id"),
                           text("action"),
                           text("target"),
                           text("state"),
                           text("owner"),
                           text("reason"),
                           number_or_null("changed"),
                           text("changed_by"),
                           number_or_null("due"),
                           number("due_set"),
                           text("proof"),
                           text("outcomes"),
                           text("effect"),
                           number_or_null("review"),
                           text("reopened_by"),
                           text("reopened_on")};
constexpr std::array proofs{text("id"),      text("task"), text("exhibit"), text("platform"),
                            text("command"), text("note"), number("at"),    text("given_by")};
constexpr std::array pins{text("id"),
                          text("kind"),
                          text("value"),
                          text("actor"),
                          text("reason"),
                          number("created"),
                          text("created_by"),
                          number_or_null("removed"),
                          text_or_null("removed_by"),
                          text_or_null("removed_reason")};
constexpr std::array jobs{text("id"),
                          text("kind"),
                          text("state"),
                          number("bytes_done"),
                          number("bytes_total"),
                          number("queued"),
                          number_or_null("started"),
                          number_or_null("ended"),
                          text_or_null("error"),
                          text("started_by")};
constexpr std::array stories{number("version"), number("computed"), text("analysis"), text("inputs")};
constexpr std::array qualifications{number("version"), text("body")};
constexpr std::array capabilities{text("id"), text("answer"), number("at"), text("answered_by")};
constexpr std::array stage_spans{text("stage"), number("opened"), text("opened_by"), number_or_null("closed"), text("closed_by")};
constexpr std::array workstations{text("name"), text("account"), number("added"), text("added_by")};
constexpr std::array instants{text("establishment"), text("name"), number("at"), text("reason"), number("recorded"), text("recorded_by")};
constexpr std::array filings{text("establishment"),     text("duty"),
                             number_or_null("applies"), text("overrule_reason"),
                             text("overruled_by"),      number_or_null("overruled"),
                             number_or_null("filed"),   text("receipt"),
                             text("filed_by"),          text("late_reason"),
                             number_or_null("recorded")};
constexpr std::array breaches{text("establishment"), text("record"), number("changed"), text("changed_by")};
constexpr std::array incident_platforms{text("platform")};
constexpr std::array packages{text("id"),  text("job"),       text("format"),     text("sealed"),  text("recipient"), text("purpose"),
                              text("tlp"), number("created"), text("created_by"), number("bytes"), text("sha256"),    number("kept")};
constexpr std::array closings{number("closed"), text("type"), number("at"), text("decided_by"), text("reason")};
constexpr std::array legal_holds{text("id"),        text("reason"),     number("at"), text("set_by"), number_or_null("lifted"),
                                 text("lifted_by"), text("lift_reason")};
constexpr std::array destructions{number("at"),    text("destroyed_by"), text("reason"),
                                  number("lines"), number("exhibits"),   number("cleaned")};

constexpr std::array operations{text("id"), text("platform"), text("state"), text("record")};

/// Work under way stays where it is under way.
constexpr std::string_view ended_operations = "incident = ? AND state NOT IN ('planned', 'approved', 'sealed', 'applying')";
constexpr std::string_view ended_jobs = "incident = ? AND state NOT IN ('queued', 'running')";

constexpr std::array tables{
    MovedTable{"establishments", establishments, "id", "id IN (SELECT establishment FROM concerned WHERE incident = ?)"},
    MovedTable{"incidents", incidents, "id", "id = ?"},
    MovedTable{"concerned", concerned, "establishment"},
    MovedTable{"accounts", accounts, "added, account"},
    MovedTable{"exhibits", exhibits, "received, id"},
    MovedTable{"acquisitions", acquisitions, "number"},
    MovedTable{"custody", custody, "number"},
    MovedTable{"journal_entries", journal_entries, "seq"},
    MovedTable{"journal_bodies", journal_bodies, "seq"},
    MovedTable{"journal_checkpoints", journal_checkpoints, "size"},
    MovedTable{"checkpoint_copies", checkpoint_copies, "number"},
    MovedTable{"origin_keys", origin_keys, "key"},
    MovedTable{"tasks", tasks, "number"},
    MovedTable{"proofs", proofs, "number"},
    MovedTable{"pins", pins, "number"},
    MovedTable{"jobs", jobs, "queued, id", ended_jobs},
    MovedTable{"stories", stories, "version"},
    MovedTable{"qualifications", qualifications, "version"},
    MovedTable{"capabilities", capabilities, "id"},
    MovedTable{"stage_spans", stage_spans, "number"},
    MovedTable{"workstations", workstations, "number"},
    MovedTable{"instants", instants, "number"},
    MovedTable{"filings", filings, "establishment, duty"},
    MovedTable{"breaches", breaches, "establishment"},
    MovedTable{"incident_platforms", incident_platforms, "platform"},
    MovedTable{"operations", operations, "number", ended_operations},
    MovedTable{"packages", packages, "number"},
    MovedTable{"closings", closings, "number"},
    MovedTable{"legal_holds", legal_holds, "number"},
    MovedTable{"destructions", destructions, "at"},
};

}  // namespace

std::span<const MovedTable> moved_tables() {
  return tables;
}

}  // namespace digue::store
