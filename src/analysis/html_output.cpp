#include <cmath>

#include "analysis/output.hpp"
#include "base/text.hpp"

namespace digue::analysis {

namespace {

constexpr std::string_view verdict_keys[] = {"verdict.clear", "verdict.targeted", "verdict.suspected", "verdict.compromised"};
constexpr std::string_view severity_keys[] = {"severity.informational", "severity.low", "severity.medium", "severity.high",
                                              "severity.critical"};
constexpr std::string_view actor_keys[] = {"actor.unknown", "actor.user", "actor.attacker"};

constexpr std::string_view style =
    ":root{color-scheme:light dark}body{font:15px/1.5 system-ui,sans-serif;max-width:72rem;margin:2rem auto;padding:0 1rem}"
    "h1{font-size:1.5rem}h2{font-size:1.15rem;margin-top:2rem;border-bottom:1px solid}table{border-collapse:collapse;width:100%}"
    "th,td{text-align:left;vertical-align:top;padding:.35rem .6rem;border-bottom:1px solid #8886}th{font-weight:600}"
    "td.n{font-variant-numeric:tabular-nums;white-space:nowrap}code{overflow-wrap:anywhere}ul{margin:0;padding-left:1.1rem}"
    ".scroll{overflow-x:auto}@media print{body{margin:0;max-width:none}thead{display:table-header-group}tr{break-inside:avoid}}";

class Page {
 public:
  Page(const Analysis& analysis, Language language) : analysis_(analysis), language_(language) {}

  std::string make() {
    const std::string title = tr("summary.title");
    out_ = "<!doctype html>\n<html lang=\"" + std::string(language_ == Language::fr ? "fr" : "en") +
           "\">\n<head>\n<meta charset=\"utf-8\">\n<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
           "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n<title>" +
           html(title) + "</title>\n<style>" + std::string(style) + "</style>\n</head>\n<body>\n<main>\n<h1>" + html(title) + "</h1>\n<p>" +
           html(tr("summary.zone", {analysis_.zone.name()})) + " " + html(tr("summary.generated", {DIGUE_VERSION})) + "</p>\n";
    accounts();
    sessions();
    findings();
    indicators();
    reach_and_exposure();
    inputs();
    out_ += "</main>\n</body>\n</html>\n";
    return std::move(out_);
  }

 private:
  std::string tr(std::string_view key, std::vector<std::string> args = {}) const {
    return say({std::string(key), std::move(args)}, language_);
  }
  std::string time(UtcMicros value) const { return to_local(value, analysis_.zone); }
  static std::string percent(double value) { return std::to_string(static_cast<int>(std::lround(value * 100))) + "\u00a0%"; }

  std::string list(const std::vector<Text>& texts) const {
    if (texts.empty()) return {};
    std::string out = "<ul>";
    for (const Text& text : texts) out += "<li>" + html(defang(say(text, language_))) + "</li>";
    return out + "</ul>";
  }

  void open(std::string_view heading, std::initializer_list<std::string_view> columns) {
    out_ += "<h2>" + html(tr(heading)) + "</h2>\n<div class=\"scroll\"><table>\n<thead><tr>";
    for (const auto column : columns) out_ += "<th scope=\"col\">" + html(tr(column)) + "</th>";
    out_ += "</tr></thead>\n<tbody>\n";
  }
  void close() { out_ += "</tbody></table></div>\n"; }
  void cell(const std::string& encoded, bool narrow = false) { out_ += (narrow ? "<td class=\"n\">" : "<td>") + encoded + "</td>"; }

  void accounts() {
    if (analysis_.accounts.empty()) {
      out_ += "<h2>" + html(tr("summary.accounts")) + "</h2>\n<p>" + html(tr("summary.no_account")) + "</p>\n";
      return;
    }
    open("summary.accounts", {"summary.account_column", "summary.verdict_column", "summary.confidence", "summary.time", "summary.reasons"});
    for (const StoryAccount& account : analysis_.accounts) {
      out_ += "<tr>";
      cell("<code>" + html(defang(account.account)) + "</code>");
      cell(html(tr(verdict_keys[static_cast<std::size_t>(account.verdict)])));
      cell(html(percent(account.confidence)), true);
      cell(account.first_access ? html(time(*account.first_access)) : "", true);
      cell(list(account.reasons));
      out_ += "</tr>\n";
    }
    close();
  }

  void sessions() {
    open("summary.sessions", {"summary.account_column", "summary.verdict_column", "summary.time", "summary.value", "summary.reasons"});
    for (const StorySession& story : analysis_.sessions) {
      const Session& session = story.session;
      if (session.actor == Actor::user) continue;
      std::string from;
      for (const IpAddress& ip : session.ips) from += defang(to_text(ip)) + " ";
      for (const auto* texts : {&session.countries, &session.networks, &session.devices})
        for (const std::string& text : *texts) from += text + " ";
      out_ += "<tr>";
      cell("<code>" + html(defang(story.account)) + "</code>");
      cell(html(tr(actor_keys[static_cast<std::size_t>(session.actor)]) + " (" + percent(session.confidence) + ")"));
      cell(html(time(session.first)) + "<br>" + html(time(session.last)), true);
      cell(html(from + tr("summary.events", {std::to_string(story.events)})));
      cell(list(session.reasons));
      out_ += "</tr>\n";
    }
    close();
  }

  void findings() {
    open("summary.findings",
         {"summary.time", "summary.severity", "summary.why", "summary.account_column", "summary.techniques", "summary.records"});
    for (const Finding& finding : analysis_.findings) {
      const Text title = finding.title.key.empty() ? Text{"rule." + finding.rule, {}} : finding.title;
      std::string techniques;
      for (const std::string& technique : finding.techniques) techniques += technique + " ";
      out_ += "<tr>";
      cell(html(time(finding.first)), true);
      cell(html(tr(severity_keys[static_cast<std::size_t>(finding.severity)]) + " (" + percent(finding.confidence) + ")"));
      cell("<strong>" + html(defang(say(title, language_))) + "</strong>" + list(finding.why) +
           (finding.benign.empty() ? "" : html(tr("summary.benign")) + list(finding.benign)));
      cell("<code>" + html(defang(finding.account)) + "</code>");
      cell(html(techniques));
      cell(html(std::to_string(finding.records_total)), true);
      out_ += "</tr>\n";
    }
    close();
  }

  void indicators() {
    open("summary.indicators", {"summary.type", "summary.value", "summary.why"});
    for (const Indicator& indicator : analysis_.indicators) {
      out_ += "<tr>";
      cell(html(indicator.type));
      cell("<code>" + html(defang(indicator.value)) + "</code>");
      cell(html(say(indicator.why, language_)));
      out_ += "</tr>\n";
    }
    close();
  }

  void reach_and_exposure() {
    open("summary.reach", {"summary.value", "summary.type", "summary.records"});
    for (const Reach& reach : analysis_.reach) {
      out_ += "<tr>";
      cell("<code>" + html(defang(reach.address)) + "</code>");
      cell(html(tr("how." + reach.how)));
      cell(html(std::to_string(reach.messages)), true);
      out_ += "</tr>\n";
    }
    close();
    open("summary.exposure", {"summary.account_column", "summary.value", "summary.records", "summary.why"});
    for (const Exposure& exposure : analysis_.exposure) {
      static constexpr std::string_view levels[] = {"level.certain", "level.possible", "level.unknowable"};
      out_ += "<tr>";
      cell("<code>" + html(defang(exposure.account)) + "</code>");
      cell(html(tr(levels[static_cast<std::size_t>(exposure.level)]) + " - " + tr("what." + exposure.what)));
      cell(exposure.count ? html(std::to_string(*exposure.count)) : "", true);
      cell(html(say(exposure.why, language_)));
      out_ += "</tr>\n";
    }
    close();
  }

  void inputs() {
    out_ += "<h2>" + html(tr("summary.inputs")) + "</h2>\n<ul>\n";
    for (std::uint32_t i = 0; i < analysis_.inputs->size(); ++i) {
      const Input& input = (*analysis_.inputs)[i];
      const std::string format = input.format();
      out_ += "<li>" + html(tr("summary.input", {input.path, format.empty() ? tr("summary.unknown_format") : format,
                                                 std::to_string(input.total.records - input.total.rejected - input.duplicates),
                                                 std::to_string(input.duplicates), std::to_string(input.total.rejected)}));
      std::vector<std::string> more = notes_of(analysis_, input, language_);
      const Completeness told = completeness_of(input, language_);
      more.insert(more.end(), told.truncation_signs.begin(), told.truncation_signs.end());
      more.insert(more.end(), told.unseen.begin(), told.unseen.end());
      for (const auto& [from, to] : gaps_of(input)) more.push_back(tr("summary.gap", {input.path, time(from), time(to)}));
      out_ += "<ul>";
      for (const std::string& text : more) out_ += "<li>" + html(text) + "</li>";
      out_ += "</ul></li>\n";
    }
    out_ += "</ul>\n";
  }

  const Analysis& analysis_;
  Language language_;
  std::string out_;
};

}  // namespace

std::string to_html(const Analysis& analysis, Language language) {
  return Page(analysis, language).make();
}

}  // namespace digue::analysis
