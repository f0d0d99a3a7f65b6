#include "exchange/bagit.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <filesystem>

#include "base/files.hpp"

using namespace digue;
using namespace digue::bagit;

namespace {

Sums sums_of(std::string_view text) {
  Sha512Stream stream;
  stream.update(text);
  return {static_cast<std::int64_t>(text.size()), sha256(text), stream.finish()};
}

using Files = std::vector<std::pair<std::string, std::string>>;

Check::Verdict judged(const Files& files) {
  Check check;
  for (const auto& [path, text] : files) {
    check.add(path, sums_of(text));
    if (Check::wants_text(path)) check.text(path, text);
  }
  return check.finish();
}

Files good_bag() {
  const Files payload{{"data/a.txt", "abc"}, {"data/b/c%\nd", "x"}};
  Maker maker;
  for (const auto& [path, text] : payload) maker.add(path, sums_of(text));
  Files files = maker.tag_files({{"External-Identifier", "2026-001"}, {"Note", "deux\nlignes"}});
  files.insert(files.end(), payload.begin(), payload.end());
  return files;
}

std::string& content(Files& files, const std::string& path) {
  return std::find_if(files.begin(), files.end(), [&](const auto& file) { return file.first == path; })->second;
}

/// Kinds and files of the problems.
std::vector<std::string> told(const std::vector<Problem>& problems) {
  std::vector<std::string> out;
  for (const auto& problem : problems)
    out.push_back(problem.kind + " " + problem.file + (problem.line ? ":" + std::to_string(problem.line) : ""));
  return out;
}

bool tells(const Check::Verdict& verdict, const std::string& what) {
  const auto all = told(verdict.problems);
  return std::find(all.begin(), all.end(), what) != all.end();
}

}  // namespace

TEST_CASE("bagit: paths in manifests, RFC 8493 2.1.3") {
  CHECK(encode_path("a%b\r\nc") == "a%25b%0D%0Ac");
  CHECK(decode_path("a%25b%0D%0ac%41") == "a%b\r\nc%41");
  CHECK(is_safe_path("data/a b/é.txt"));
  for (const char* bad : {"", "/etc/passwd", "data/../x", "..", "~root/x", "C:/x", "data\\x", "data//x", "data/./x", "data/", "a\nb"})
    CHECK_FALSE_MESSAGE(is_safe_path(bad), bad);
}

TEST_CASE("bagit: hostile names become plain ones") {
  CHECK(safe_name("../../etc/passwd") == "passwd");
  CHECK(safe_name("C:\\Users\\x\\boîte.pst") == "bo_te.pst");
  CHECK(safe_name("..") == "_");
  CHECK(safe_name(".bashrc") == "_.bashrc");
  CHECK(safe_name("-rf") == "_-rf");
  CHECK(safe_name("\u202Etxt.exe\n") == "_txt.exe_");
  CHECK(safe_name("nul.txt") == "_nul.txt");
  CHECK(safe_name("COM1") == "_COM1");
  CHECK(safe_name("fin...") == "fin");
  const auto longest = safe_name(std::string(300, 'a') + ".mbox");
  CHECK(longest.size() == 100);
  CHECK(longest.ends_with("a.mbox"));
}

TEST_CASE("bagit: a bag that was made is valid, and says what it holds") {
  const auto verdict = judged(good_bag());
  CHECK(told(verdict.problems) == std::vector<std::string>{});
  CHECK(verdict.files == 2);
  CHECK(verdict.bytes == 4);
  CHECK(verdict.info == Fields{{"External-Identifier", "2026-001"}, {"Note", "deux lignes"}, {"Payload-Oxum", "4.2"}});
}

TEST_CASE("bagit: what is altered, missing, added or listed twice is named") {
  auto files = good_bag();
  content(files, "data/a.txt") = "abd";
  CHECK(tells(judged(files), "altered data/a.txt"));

  files = good_bag();
  files.emplace_back("data/more", "");
  CHECK(tells(judged(files), "extra data/more"));

  files = good_bag();
  std::erase_if(files, [](const auto& file) { return file.first == "data/a.txt"; });
  CHECK(tells(judged(files), "missing manifest-sha256.txt:1"));
  CHECK(tells(judged(files), "missing manifest-sha512.txt:1"));

  for (const char* tag : {"bagit.txt", "bag-info.txt", "manifest-sha256.txt", "manifest-sha512.txt"}) {
    files = good_bag();
    content(files, tag) += ' ';
    CHECK_MESSAGE(tells(judged(files), std::string("altered ") + tag), tag);
  }
  files = good_bag();
  content(files, "tagmanifest-sha256.txt").front() ^= 1;
  CHECK_FALSE(judged(files).problems.empty());

  files = good_bag();
  content(files, "manifest-sha256.txt") += manifest_line(std::string(64, 'a'), "data/a.txt");
  CHECK(tells(judged(files), "listed_twice manifest-sha256.txt:3"));
  files = good_bag();
  content(files, "manifest-sha256.txt") += manifest_line(std::string(64, 'a'), "data/../../x");
  CHECK(tells(judged(files), "bad_path manifest-sha256.txt:3"));
  files = good_bag();
  files.emplace_back("data/a.txt", "abc");
  CHECK(tells(judged(files), "twice data/a.txt"));
  files = good_bag();
  files.emplace_back("fetch.txt", "http://example.org/ 3 data/x\n");
  CHECK(tells(judged(files), "fetch fetch.txt"));
  files = good_bag();
  files.emplace_back("data/A.TXT", "abc");
  CHECK(told(judged(files).warnings) == std::vector<std::string>{"collision data/a.txt"});
}

TEST_CASE("bagit: the conformance suite of the Library of Congress") {
  const std::filesystem::path suite = std::filesystem::path(DIGUE_SOURCE_DIR) / "../shared/specs/bagit/v1.0";
  if (!std::filesystem::exists(suite)) {
    MESSAGE("skipped: " << suite.string() << " is not there");
    return;
  }
  std::size_t bags = 0;
  for (const char* kind : {"valid", "invalid", "warning", "linux-only"}) {
    if (!std::filesystem::exists(suite / kind)) continue;
    for (const auto& bag : std::filesystem::directory_iterator(suite / kind)) {
      Files files;
      for (const auto& file : std::filesystem::recursive_directory_iterator(bag.path()))
        if (file.is_regular_file())
          files.emplace_back(std::filesystem::relative(file.path(), bag.path()).generic_string(),
                             read_file(file.path().string(), 1 << 20).value());
      const auto verdict = judged(files);
      const bool wants_valid = std::string_view(kind) == "valid" || std::string_view(kind) == "warning";
      CHECK_MESSAGE(verdict.problems.empty() == wants_valid, bag.path().string());
      if (std::string_view(kind) == "warning") CHECK_MESSAGE(!verdict.warnings.empty(), bag.path().string());
      ++bags;
    }
  }
  CHECK(bags >= 5);
}
