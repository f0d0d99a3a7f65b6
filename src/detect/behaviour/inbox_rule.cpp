#include <algorithm>

#include "base/text.hpp"
#include "detect/account.hpp"
#include "detect/signs.hpp"

namespace digue::detect {

namespace {

void add_technique(Finding& finding, std::string_view technique) {
  if (std::find(finding.techniques.begin(), finding.techniques.end(), technique) == finding.techniques.end())
    finding.techniques.emplace_back(technique);
}

std::string shown(std::string_view text) {
  return std::string(clip(text, 200));
}

void judge_forward(Finding& finding, const Account& account, const Row& row) {
  std::string external, internal;
  for (const auto address : split(row.get(Field::forward_to), ";, ")) {
    std::string& list = account.is_external(address) ? external : internal;
    list.append(list.empty() ? "" : ", ").append(clip(address, 120));
  }
  if (!external.empty()) {
    add_technique(finding, "T1114.003");
    add_technique(finding, "T1114");
    finding.severity = Severity::high;
    finding.confidence = std::max(finding.confidence, 0.8);
    why(finding, "why.rule_forwards_outside", {shown(row.get(Field::rule_name)), external});
  } else if (!internal.empty()) {
    add_technique(finding, "T1114.003");
    why(finding, "why.rule_forwards_inside", {shown(row.get(Field::rule_name)), internal});
    finding.confidence = std::max(finding.confidence, 0.2);
  }
}

void judge_hiding(Finding& finding, const Row& row) {
  const std::string_view folder = row.get(Field::dest_folder).empty() ? row.get(Field::folder) : row.get(Field::dest_folder);
  const bool deletes = has_action(row, "delete") || has_action(row, "discard");
  const bool hides = has_action(row, "move") && is_hidden_folder(folder);
  const bool marks = has_action(row, "mark_read");
  const std::string name = shown(row.get(Field::rule_name));
  if (deletes) {
    why(finding, "why.rule_deletes", {name});
    finding.confidence = std::max(finding.confidence, 0.55);
  }
  if (hides) {
    why(finding, "why.rule_moves_hidden", {name, shown(folder)});
    finding.confidence = std::max(finding.confidence, 0.5);
  }
  if (marks) {
    why(finding, "why.rule_marks_read", {name});
    finding.confidence = std::max(finding.confidence, 0.3);
    if (deletes || hides) raise(finding, 0.3);
  }
  if (deletes || hides || marks) {
    add_technique(finding, "T1564.008");
    finding.severity = std::max(finding.severity, deletes || hides ? Severity::medium : Severity::low);
  }
}

/// Filing newsletters into a folder of one's own, reading them later, is what rules are for.
bool is_filing(const Row& row) {
  const std::string_view folder = row.get(Field::dest_folder);
  if (has_action(row, "forward") || has_action(row, "redirect") || !has_action(row, "move") || has_action(row, "delete")) return false;
  return !folder.empty() && !is_hidden_folder(folder) && !is_evasive_name(row.get(Field::rule_name));
}

void detect_rules(const Account& account, std::vector<Finding>& findings) {
  const auto rows = account.of({Activity::rule_create, Activity::rule_change, Activity::rule_remove});
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const Row& row = account.row(rows[i]);
    if (row.activity == Activity::rule_remove || row.outcome == Outcome::failure) continue;
    Finding finding = make(account, "inbox_rule", Severity::low, 0.05, {"T1137.005"});
    judge_forward(finding, account, row);
    judge_hiding(finding, row);
    const std::string_view name = row.get(Field::rule_name), condition = row.get(Field::rule_condition);
    if (is_evasive_name(name) && !row.get(Field::rule_action).empty()) {
      why(finding, "why.rule_name", {shown(name)});
      raise(finding, 0.35);
    }
    const std::string_view word = telltale_word(condition);
    if (!word.empty() && !finding.why.empty()) {
      why(finding, "why.rule_words", {shown(name), std::string(word)});
      raise(finding, 0.35);
    }
    if (finding.why.empty()) {
      finding.severity = Severity::informational;
      why(finding, is_filing(row) ? "why.rule_files" : "why.rule_plain", {shown(name), shown(row.get(Field::dest_folder))});
      finding.benign.push_back({"benign.ordinary_rule", {}});
    } else {
      if (word.empty() && (is_newsletter(condition) || is_newsletter(name)) && finding.confidence < 0.8)
        benign(finding, 0.3, "benign.newsletter", {shown(condition.empty() ? name : condition)});
      judge_place(finding, account, row);
      if (finding.confidence >= 0.6) finding.severity = std::max(finding.severity, Severity::high);
      if (finding.confidence < 0.2) finding.severity = Severity::low;
    }
    finding.prove(row);
    for (std::size_t j = i + 1; j < rows.size(); ++j) {
      const Row& later = account.row(rows[j]);
      if (later.time.value - row.time.value > micros_per_day) break;
      if (later.activity != Activity::rule_remove || later.get(Field::rule_name) != name || name.empty()) continue;
      if (finding.severity > Severity::informational) {
        why(finding, "why.rule_removed_soon", {shown(name), when(account, later.time)});
        finding.show(later);
      }
      break;
    }
    findings.push_back(std::move(finding));
  }
}

}  // namespace

const AccountDetector inbox_rule_detector{"inbox_rule", detect_rules};

}  // namespace digue::detect
