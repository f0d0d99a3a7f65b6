#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/crypto/hash.hpp"
#include "base/crypto/sha512.hpp"

/// BagIt 1.0 (RFC 8493): names, manifests and the judgement of a bag. No input or output of its own.
namespace digue::bagit {

/// A path as a manifest writes it: CR, LF and % percent-encoded (RFC 8493, 2.1.3).
std::string encode_path(std::string_view path);
/// What a manifest's path stands for. Escapes of other characters stay as they are, as the RFC says.
std::string decode_path(std::string_view path);

/// A path that stays inside the bag on any system: relative, forward slashes, no empty, "." or ".." part, no "~" in front, no drive letter,
/// no backslash, no control character.
bool is_safe_path(std::string_view path);

/// A file name made of what a person's machine called it: letters, digits and - _ . of ASCII, at most 100 bytes, its ending kept, no name
/// that a system reserves. Not unique.
std::string safe_name(std::string_view name);

/// The one text under which two paths meet on a system that ignores case (ASCII).
std::string folded(std::string_view path);

struct ManifestLine {
  std::string hash;  ///< lower-case hexadecimal
  std::string path;  ///< decoded
  std::int64_t line = 0;
};

/// What is wrong, where. `kind` is a word for scripts.
struct Problem {
  std::string
      kind;  ///< missing, extra, altered, listed_twice, hash_missing, bad_line, bad_path, bad_declaration, fetch, oxum, collision, unknown
  std::string file;
  std::int64_t line = 0;  ///< of `file`; 0: none
  std::string about;      ///< the path that the line speaks of, or what was found
};

/// Problems that are kept of one bag; one is enough for it to be refused.
inline constexpr std::size_t max_problems = 1000;

/// Reads a manifest of an algorithm whose hashes have `digits` hexadecimal digits. Lines that do not read are problems.
std::vector<ManifestLine> parse_manifest(std::string_view text, std::size_t digits, const std::string& file,
                                         std::vector<Problem>& problems);
/// Adds a problem while fewer than max_problems are kept.
void tell(std::vector<Problem>& problems, Problem problem);
std::string manifest_line(std::string_view hash, std::string_view path);

using Fields = std::vector<std::pair<std::string, std::string>>;
/// bag-info.txt: "Label: value", values on several lines folded to one.
Fields parse_info(std::string_view text, std::vector<Problem>& problems);
/// Line ends in a value become blanks.
std::string info_text(const Fields& fields);

inline constexpr std::string_view declaration = "BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n";

/// Hashes of one file of a bag.
struct Sums {
  std::int64_t bytes = 0;
  Sha256 sha256;
  Sha512 sha512;
};

/// The texts of a bag that is being made: files are added in any order, the rest is what the bag is closed with.
class Maker {
 public:
  /// A file below data/.
  void add(const std::string& path, const Sums& sums) { payload_[path] = sums; }
  /// All tag files in the order in which they are written: bagit.txt, bag-info.txt (Payload-Oxum is added to `info`), manifests, tag
  /// manifests.
  std::vector<std::pair<std::string, std::string>> tag_files(Fields info) const;

 private:
  std::map<std::string, Sums> payload_;
};

/// Judges a bag from its files in any order.
class Check {
 public:
  /// True for files whose text is wanted: those in the bag's own folder that BagIt defines.
  static bool wants_text(std::string_view path);
  static constexpr std::size_t max_text = std::size_t{256} << 20;  ///< bytes of all texts of a bag
  /// How many bytes of text it still takes.
  std::size_t room() const { return max_text - held_; }
  /// A text was longer than there was room for.
  void too_large(const std::string& path) { problems_.push_back({"too_large", path, 0, {}}); }

  void add(const std::string& path, const Sums& sums);
  void text(const std::string& path, std::string text);

  struct Verdict {
    std::vector<Problem> problems;  ///< any: the bag is not valid
    std::vector<Problem> warnings;
    Fields info;
    std::int64_t files = 0;  ///< below data/
    std::int64_t bytes = 0;
  };
  /// Of the whole bag; call it once.
  Verdict finish();

 private:
  void manifest(const std::string& file, const std::string& text, Verdict& verdict);
  std::map<std::string, Sums> files_;
  std::map<std::string, std::string> texts_;
  std::vector<Problem> problems_;
  std::size_t held_ = 0;
};

}  // namespace digue::bagit
