#pragma once

#include <span>
#include <string_view>

namespace digue::playbook {

// The names of the CERT Santé card "Compromission d'un compte de messagerie - Endiguement", to the letter: a person who holds
// the paper card finds its lines on the screen. Content files are checked against them.

struct OfficialTheme {
  std::string_view id;  // ours
  std::string_view title;
};

struct OfficialMeasure {
  std::string_view number;
  std::string_view title;
  std::string_view title_by_theme;  // the same, except for measure 4
};

struct OfficialAction {
  std::string_view id;
  std::string_view measure;
  std::string_view title;
};

std::span<const OfficialTheme> official_themes();
std::span<const OfficialMeasure> official_measures();
std::span<const OfficialAction> official_actions();

}  // namespace digue::playbook
