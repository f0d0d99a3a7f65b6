#include <algorithm>
#include <cmath>
#include <map>

#include "analysis/output.hpp"
#include "base/text.hpp"

namespace digue::analysis {

namespace {

constexpr std::string_view verdict_keys[] = {"verdict.clear", "verdict.targeted", "verdict.suspected", "verdict.compromised"};
constexpr std::string_view severity_keys[] = {"severity.informational", "severity.low", "severity.medium", "severity.high",
                                              "severity.critical"};

/// Everything is passed through the terminal's encoder once, line by line.
class Summary {
 public:
  Summary(const Analysis& analysis, Language language) : analysis_(analysis), language_(language) {}

  std::string make() {
    heading("summary.title");
    line(1, "summary.zone", {analysis_.zone.name()});
    heading("summary.inputs");
    for (std::uint32_t i = 0; i < analysis_.inputs->size(); ++i) input((*analysis_.inputs)[i]);
    heading("summary.accounts");
    bool any = false;
    for (const StoryAccount& one : analysis_.accounts)
      if (one.verdict != Verdict::clear) {
        account(one);
        any |= one.verdict >= Verdict::suspected;
      }
    if (!any) line(1, "summary.no_account", {});
    findings();
    indicators();
    completeness();
    return std::move(out_);
  }

 private:
  std::string tr(std::string_view key, std::vector<std::string> args = {}) const {
    return say({std::string(key), std::move(args)}, language_);
  }
  void raw(int indent, const std::string& text) { out_.append(static_cast<std::size_t>(indent) * 2, ' ').append(terminal(text)) += '\n'; }
  void line(int indent, std::string_view key, std::vector<std::string> args) { raw(indent, tr(key, std::move(args))); }
  void heading(std::string_view key) { out_.append(out_.empty() ? "" : "\n").append(tr(key)) += '\n'; }
  std::string time(UtcMicros value) const { return to_local(value, analysis_.zone); }
  static std::string percent(double value) { return std::to_string(static_cast<int>(std::lround(value * 100))); }

  void input(const Input& input) {
    const std::string format = input.format();
    line(1, "summary.input",
         {input.path, format.empty() ? tr("summary.unknown_format") : format,
          std::to_string(input.total.records - input.total.rejected - input.duplicates), std::to_string(input.duplicates),
          std::to_string(input.total.rejected)});
    for (const std::string& note : notes_of(analysis_, input, language_)) raw(3, "- " + note);
  }

  void account(const StoryAccount& one) {
    line(1, "summary.account", {one.account, tr(verdict_keys[static_cast<std::size_t>(one.verdict)]), percent(one.confidence)});
    if (one.first_access) line(3, "summary.first_access", {time(*one.first_access)});
    for (const Text& reason : one.reasons) raw(3, "- " + say(reason, language_));
    for (const StorySession& session : analysis_.sessions) {
      if (session.account != one.account || session.session.actor != Actor::attacker) continue;
      std::string text = time(session.session.first) + " - " + time(session.session.last) + "  ";
      for (const IpAddress& ip : session.session.ips) text += to_text(ip) + " ";
      for (const std::string& country : session.session.countries) text += country + " ";
      raw(3, text + tr("summary.events", {std::to_string(session.events)}));
    }
  }

  void findings() {
    constexpr std::size_t shown = 40;
    std::vector<const Finding*> list;
    for (const Finding& finding : analysis_.findings)
      if (finding.severity >= Severity::medium) list.push_back(&finding);
    if (list.empty()) return;
    heading("summary.findings");
    std::stable_sort(list.begin(), list.end(), [](const Finding* a, const Finding* b) { return a->severity > b->severity; });
    for (std::size_t i = 0; i < std::min(list.size(), shown); ++i) {
      const Finding& finding = *list[i];
      const Text title = finding.title.key.empty() ? Text{"rule." + finding.rule, {}} : finding.title;
      std::string text = time(finding.first) + "  [" + tr(severity_keys[static_cast<std::size_t>(finding.severity)]) + ", " +
                         percent(finding.confidence) + " %] " + say(title, language_);
      if (!finding.account.empty()) text += "  " + finding.account;
      raw(1, text);
      for (const Text& why : finding.why) raw(3, "- " + say(why, language_));
    }
    if (list.size() > shown) raw(1, "... +" + std::to_string(list.size() - shown));
  }

  void indicators() {
    if (analysis_.indicators.empty()) return;
    heading("summary.indicators");
    constexpr std::size_t shown = 8;  // of each type: one mailing has hundreds of Message-IDs
    std::map<std::string_view, std::size_t> told;
    for (const Indicator& indicator : analysis_.indicators)
      if (++told[indicator.type] <= shown) raw(1, indicator.type + "  " + defang(indicator.value) + "  " + say(indicator.why, language_));
    for (const auto& [type, count] : told)
      if (count > shown) line(1, "summary.more_indicators", {std::string(type), std::to_string(count - shown)});
  }

  void completeness() {
    heading("summary.completeness");
    for (std::uint32_t i = 0; i < analysis_.inputs->size(); ++i) {
      const Input& input = (*analysis_.inputs)[i];
      const Completeness told = completeness_of(input, language_);
      for (const std::string& sign : told.truncation_signs) raw(1, input.path + ": " + sign);
      for (const std::string& unseen : told.unseen) raw(1, input.path + ": " + unseen);
      for (const auto& [from, to] : gaps_of(input)) line(1, "summary.gap", {input.path, time(from), time(to)});
    }
  }

  const Analysis& analysis_;
  Language language_;
  std::string out_;
};

}  // namespace

std::string to_summary(const Analysis& analysis, Language language) {
  return Summary(analysis, language).make();
}

}  // namespace digue::analysis
