#include <doctest/doctest.h>

#include <cctype>
#include <filesystem>
#include <fstream>
#include <string>

#include "base/messages.hpp"

using namespace digue;

namespace {

/// Whether a line of source gives a reason for a rejection.
bool gives_reason(const std::string& line) {
  for (const char* mark : {"malformed, \"", "fail(\"", "resume(", "spans.push_back({", "return \"", "? \""})
    if (line.find(mark) != std::string::npos) return true;
  return false;
}

}  // namespace

TEST_CASE("formats: every reason for a rejection is said in French") {
  std::size_t reasons = 0;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(std::filesystem::path(DIGUE_SOURCE_DIR) / "src/formats")) {
    const std::string name = entry.path().filename().string();
    if (!name.ends_with(".cpp") || name.ends_with("_test.cpp")) continue;
    std::ifstream file(entry.path());
    for (std::string line; std::getline(file, line);) {
      if (!gives_reason(line)) continue;
      for (auto open = line.find('"'); open != std::string::npos;) {
        const auto close = line.find('"', open + 1);
        const std::string text = line.substr(open + 1, close - open - 1);
        open = close == std::string::npos ? close : line.find('"', close + 1);
        if (text.find(' ') == std::string::npos || std::isalpha(static_cast<unsigned char>(text.front())) == 0) continue;
        INFO(name << ": " << text);
        CHECK(tr_in(Language::fr, text) != text);
        ++reasons;
      }
    }
  }
  CHECK(reasons > 20);
}
