#include "service/journal_paper.hpp"

#include "base/text.hpp"
#include "incident/tlp.hpp"
#include "report/document.hpp"

namespace digue::service {

namespace {

constexpr std::int64_t lines_per_read = 500;
constexpr int sheet_rows = 18;

struct Subject {
  incident::Incident incident;
  Protection protection;
};

Result<Subject> subject_of(const Context& context, const std::string& incident) {
  auto found = store::reading(context.cases, [&](store::CaseReader& reader) { return reader.incident(incident); });
  if (!found) return tl::make_unexpected(found.error());
  auto protection = journal_protection(context, incident);
  if (!protection) return tl::make_unexpected(protection.error());
  return Subject{std::move(*found), std::move(*protection)};
}

Result<void> each_line(const Context& context, const std::string& incident, const journal::Filter& filter,
                       const std::function<void(const store::Entry&)>& take) {
  for (std::int64_t after = 0;;) {
    const auto page = read_journal(context, incident, after, lines_per_read, filter);
    if (!page) return tl::make_unexpected(page.error());
    for (const auto& entry : page->entries) take(entry);
    if (!page->more) return {};
    after = page->entries.back().header.seq;
  }
}

report::Paper paper_of(const Context& context, const incident::Incident* incident, std::string_view title, Language language) {
  report::Paper paper;
  paper.language = language;
  paper.title = tr_in(language, title);
  if (incident != nullptr) {
    paper.subject = incident->reference + " – " + std::string(clip(incident->title, 200));
    paper.tlp = incident::tlp_marking(incident->tlp);
    paper.exercise = incident->exercise;
  }
  paper.printed = now();
  paper.zone = Zone::named(context.settings.zone).value();
  return paper;
}

/// When the line's event was, in the zone in which it was noted, as exactly as it was known.
std::string event_time(const store::Entry& entry, const Zone& fallback) {
  const auto zone = Zone::named(entry.header.zone);
  const auto text = to_local(entry.header.event_time, zone ? *zone : fallback);
  switch (entry.header.precision) {
    case journal::Precision::second:
      return text;
    case journal::Precision::minute:
      return text.substr(0, 16) + text.substr(19);
    case journal::Precision::hour:
      return text.substr(0, 13) + " h" + text.substr(19);
    case journal::Precision::day:
      return text.substr(0, 10);
  }
  return text;
}

std::string joined(const std::vector<std::string>& texts) {
  std::string out;
  for (const auto& text : texts) out += (out.empty() ? "" : ", ") + text;
  return out;
}

/// The words, or why there are none.
std::string words_of(const store::Entry& entry, Language language) {
  if (entry.damaged) return tr_in(language, "paper.damaged");
  return entry.body ? entry.body->text : tr_in(language, "paper.destroyed");
}

std::string kind_of(const store::Entry& entry, Language language) {
  return tr_in(language, "journal.kind." + std::string(journal::name(entry.header.kind)));
}

}  // namespace

Result<std::string> journal_paper(const Context& context, const std::string& incident, const journal::Filter& filter, Language language) {
  const auto subject = subject_of(context, incident);
  if (!subject) return tl::make_unexpected(subject.error());
  const auto say = [&](std::string_view key, MessageValues values = {}) { return tr_in(language, key, values); };
  const auto paper = paper_of(context, &subject->incident, "paper.journal", language);
  report::Document document(paper);
  if (!filter.empty()) document.paragraph(say("paper.filtered"), "warning");
  document.paragraph(say("paper.append_only"));
  document.open_table({say("paper.number"), say("paper.event"), say("paper.who"), say("paper.what")});
  const auto done = each_line(context, incident, filter, [&](const store::Entry& entry) {
    const journal::Body body = entry.body.value_or(journal::Body{});
    document.open("tr");
    document.element("td", std::to_string(entry.header.seq), "strong");
    document.open("td").element("div", event_time(entry, paper.zone)).element("div", kind_of(entry, language), "small").close();
    document.open("td").element("div", body.author);
    if (body.reporter && *body.reporter != body.author) document.element("div", say("paper.reported", {{"name", *body.reporter}}), "small");
    document.close();
    document.open("td").element("div", words_of(entry, language), "written");
    if (!body.accounts.empty()) document.element("div", say("paper.accounts") + " " + joined(body.accounts), "small");
    if (!body.machines.empty()) document.element("div", say("paper.machines") + " " + joined(body.machines), "small");
    if (entry.header.rectifies)
      document.element("div", say("paper.rectifies", {{"line", std::to_string(*entry.header.rectifies)}}), "small strong");
    if (entry.rectified_by)
      document.element("div", say("paper.rectified", {{"line", std::to_string(*entry.rectified_by)}}), "small strong");
    document.element("div", say("paper.recorded", {{"time", to_local(entry.header.recorded, paper.zone)}, {"hash", to_hex(entry.leaf)}}),
                     "small");
    document.close().close();
  });
  if (!done) return tl::make_unexpected(done.error());
  document.close_table();
  document.heading(2, say("paper.protection"));
  const auto& protection = subject->protection;
  if (protection.last) {
    document.paragraph(say(
        "paper.signed",
        {{"size", std::to_string(protection.last->size)}, {"time", to_local(protection.last->at, paper.zone)}, {"code", protection.code}}));
    document.open("pre").text(protection.last->note).close();
  }
  for (const auto& key : protection.keys) document.paragraph(say("paper.key", {{"key", key.text()}}), "small");
  document.paragraph(say("paper.verify"), "small");
  document.open("p").text(say("paper.sign")).blank().text(" ").text(say("paper.date")).blank().close();
  return std::move(document).finish();
}

Result<std::string> journal_sheet(const Context& context, const std::string& incident, Language language) {
  std::optional<incident::Incident> about;
  if (!incident.empty()) {
    auto found = store::reading(context.cases, [&](store::CaseReader& reader) { return reader.incident(incident); });
    if (!found) return tl::make_unexpected(found.error());
    about = std::move(*found);
  }
  const auto say = [&](std::string_view key) { return tr_in(language, key); };
  report::Document document(paper_of(context, about ? &*about : nullptr, "paper.sheet", language));
  document.paragraph(say("paper.sheet_how"));
  document.open("p").text(say("paper.sheet_place")).blank().text(" ").text(say("paper.sheet_number")).blank().close();
  document.open_table({say("paper.sheet_day"), say("paper.sheet_clock"), say("paper.sheet_author"), say("paper.sheet_kind"),
                       say("paper.sheet_what"), say("paper.sheet_machines"), say("paper.sheet_accounts")},
                      "sheet");
  for (int i = 0; i < sheet_rows; ++i) document.row({"", "", "", "", "", "", ""});
  document.close_table();
  document.paragraph(say("paper.sheet_kinds"), "small");
  document.open("p").text(say("paper.sign")).blank().text(" ").text(say("paper.date")).blank().close();
  return std::move(document).finish();
}

Result<std::string> journal_csv(const Context& context, const std::string& incident, const journal::Filter& filter, Language language) {
  const auto subject = subject_of(context, incident);
  if (!subject) return tl::make_unexpected(subject.error());
  std::string out = "\xef\xbb\xbf";
  const auto row = [&](std::initializer_list<std::string> cells) {
    bool first = true;
    for (const auto& cell : cells) {
      if (!first) out += ',';
      out += csv_cell(cell);
      first = false;
    }
    out += "\r\n";
  };
  row({"seq", "event_time", "precision", "zone", "recorded", "kind", "author", "reporter", "text", "machines", "accounts", "rectifies",
       "rectified_by", "leaf"});
  const auto done = each_line(context, incident, filter, [&](const store::Entry& entry) {
    const journal::Body body = entry.body.value_or(journal::Body{});
    const auto number = [](const std::optional<std::int64_t>& value) { return value ? std::to_string(*value) : std::string(); };
    row({std::to_string(entry.header.seq), to_iso8601(entry.header.event_time), std::string(journal::name(entry.header.precision)),
         entry.header.zone, to_iso8601(entry.header.recorded), std::string(journal::name(entry.header.kind)), body.author,
         body.reporter.value_or(""), words_of(entry, language), joined(body.machines), joined(body.accounts),
         number(entry.header.rectifies), number(entry.rectified_by), to_hex(entry.leaf)});
  });
  if (!done) return tl::make_unexpected(done.error());
  if (subject->protection.last) row({"checkpoint", subject->protection.code, subject->protection.last->note});
  return out;
}

}  // namespace digue::service
