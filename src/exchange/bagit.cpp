#include "exchange/bagit.hpp"

#include <algorithm>
#include <array>
#include <set>

#include "base/text.hpp"

namespace digue::bagit {

namespace {

constexpr std::string_view payload_folder = "data/";
constexpr std::size_t max_safe_name = 100;

bool is_hex(std::string_view text) {
  return text.find_first_not_of("0123456789abcdefABCDEF") == std::string_view::npos;
}

/// Calls `use` with each line and its number; LF, CR and CRLF end a line.
template <class Use>
void each_line(std::string_view text, Use use) {
  for (std::int64_t number = 1; !text.empty(); ++number) {
    const auto end = std::min(text.find_first_of("\r\n"), text.size());
    use(text.substr(0, end), number);
    const bool both = text.substr(end, 2) == "\r\n";
    text.remove_prefix(std::min(end + (both ? 2 : 1), text.size()));
  }
}

/// "sha256" of "manifest-sha256.txt"; nothing for another name.
std::optional<std::string_view> algorithm_of(std::string_view file, std::string_view prefix) {
  if (!file.starts_with(prefix) || !file.ends_with(".txt") || file.size() < prefix.size() + 5) return std::nullopt;
  return file.substr(prefix.size(), file.size() - prefix.size() - 4);
}

std::string hash_of(const Sums& sums, std::string_view algorithm) {
  return algorithm == "sha512" ? to_hex(sums.sha512) : to_hex(sums.sha256);
}

std::size_t digits_of(std::string_view algorithm) {
  return algorithm == "sha256" ? 64 : algorithm == "sha512" ? 128 : 0;
}

}  // namespace

std::string encode_path(std::string_view path) {
  std::string out;
  for (const char c : path) {
    if (c == '%')
      out += "%25";
    else if (c == '\r')
      out += "%0D";
    else if (c == '\n')
      out += "%0A";
    else
      out += c;
  }
  return out;
}

std::string decode_path(std::string_view path) {
  std::string out;
  for (std::size_t i = 0; i < path.size(); ++i) {
    const auto escape = path.substr(i, 3);
    const bool known = escape == "%25" || iequals(escape, "%0d") || iequals(escape, "%0a");
    out += !known ? path[i] : escape == "%25" ? '%' : iequals(escape, "%0d") ? '\r' : '\n';
    if (known) i += 2;
  }
  return out;
}

bool is_safe_path(std::string_view path) {
  if (path.empty() || path.front() == '/' || path.front() == '~') return false;
  if (path.size() > 1 && path[1] == ':') return false;
  for (const char c : path)
    if (c == '\\' || static_cast<unsigned char>(c) < 0x20 || c == 0x7f) return false;
  while (true) {
    const auto end = std::min(path.find('/'), path.size());
    const auto part = path.substr(0, end);
    if (part.empty() || part == "." || part == "..") return false;
    if (end == path.size()) return true;
    path.remove_prefix(end + 1);
  }
}

std::string safe_name(std::string_view name) {
  name = name.substr(name.find_last_of("/\\") + 1);
  std::string out;
  for (const char c : name) {
    const bool kept = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_' || c == '.';
    if (kept)
      out += c;
    else if (out.empty() || out.back() != '_')
      out += '_';
  }
  // Hidden on some systems, cut on others.
  while (!out.empty() && out.back() == '.') out.pop_back();
  if (out.empty() || out.front() == '.' || out.front() == '-') out.insert(0, "_");
  if (out.size() > max_safe_name) {
    const auto dot = out.rfind('.');
    const auto ending = dot != std::string::npos && out.size() - dot <= 12 ? out.substr(dot) : std::string();
    out = out.substr(0, max_safe_name - ending.size()) + ending;
  }
  static constexpr std::array<std::string_view, 6> reserved{"con", "prn", "aux", "nul", "com", "lpt"};
  const auto stem = lower(out.substr(0, out.find('.')));
  for (const auto one : reserved)
    if (stem == one || (stem.size() == 4 && stem.starts_with(one) && stem[3] >= '0' && stem[3] <= '9')) return "_" + out;
  return out;
}

std::string folded(std::string_view path) {
  return lower(path);
}

std::string manifest_line(std::string_view hash, std::string_view path) {
  return std::string(hash) + "  " + encode_path(path) + "\n";
}

void tell(std::vector<Problem>& problems, Problem problem) {
  if (problems.size() < max_problems) problems.push_back(std::move(problem));
}

std::vector<ManifestLine> parse_manifest(std::string_view text, std::size_t digits, const std::string& file,
                                         std::vector<Problem>& problems) {
  std::vector<ManifestLine> out;
  each_line(text, [&](std::string_view line, std::int64_t number) {
    if (line.empty()) return;
    const auto blank = std::min(line.find_first_of(" \t"), line.size());
    auto rest = line.substr(blank);
    rest.remove_prefix(std::min(rest.find_first_not_of(" \t"), rest.size()));
    // As md5sum and its kin mark a file read as binary.
    if (rest.starts_with('*')) rest.remove_prefix(1);
    if (rest.starts_with("./")) rest.remove_prefix(2);
    const auto hash = line.substr(0, blank);
    if (rest.empty() || hash.size() != digits || !is_hex(hash) || !is_utf8(rest)) {
      tell(problems, {"bad_line", file, number, std::string(clip(to_utf8_lossy(line), 200))});
      return;
    }
    auto path = decode_path(rest);
    if (!is_safe_path(rest))
      tell(problems, {"bad_path", file, number, std::move(path)});
    else
      out.push_back({lower(hash), std::move(path), number});
  });
  return out;
}

Fields parse_info(std::string_view text, std::vector<Problem>& problems) {
  Fields out;
  each_line(text, [&](std::string_view line, std::int64_t number) {
    if (line.empty()) return;
    if (line.front() == ' ' || line.front() == '\t') {
      if (!out.empty()) {
        out.back().second.append(" ").append(trim(line));
        return;
      }
    } else if (const auto colon = line.find(':');
               colon != std::string_view::npos && colon > 0 && is_utf8(line) && line[colon - 1] != ' ' && line[colon - 1] != '\t') {
      out.emplace_back(std::string(line.substr(0, colon)), std::string(trim(line.substr(colon + 1))));
      return;
    }
    tell(problems, {"bad_line", "bag-info.txt", number, std::string(clip(to_utf8_lossy(line), 200))});
  });
  return out;
}

std::string info_text(const Fields& fields) {
  std::string out;
  for (const auto& [label, value] : fields) {
    std::string flat(trim(value));
    std::replace_if(flat.begin(), flat.end(), [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }, ' ');
    out.append(label).append(": ").append(flat).append("\n");
  }
  return out;
}

std::vector<std::pair<std::string, std::string>> Maker::tag_files(Fields info) const {
  std::int64_t bytes = 0;
  std::string lines256, lines512;
  for (const auto& [path, sums] : payload_) {
    bytes += sums.bytes;
    lines256 += manifest_line(to_hex(sums.sha256), path);
    lines512 += manifest_line(to_hex(sums.sha512), path);
  }
  info.emplace_back("Payload-Oxum", std::to_string(bytes) + "." + std::to_string(payload_.size()));
  std::vector<std::pair<std::string, std::string>> out{{"bagit.txt", std::string(declaration)},
                                                       {"bag-info.txt", info_text(info)},
                                                       {"manifest-sha256.txt", std::move(lines256)},
                                                       {"manifest-sha512.txt", std::move(lines512)}};
  std::string tags256, tags512;
  for (const auto& [path, text] : out) {
    tags256 += manifest_line(to_hex(sha256(text)), path);
    Sha512Stream stream;
    stream.update(text);
    tags512 += manifest_line(to_hex(stream.finish()), path);
  }
  out.emplace_back("tagmanifest-sha256.txt", std::move(tags256));
  out.emplace_back("tagmanifest-sha512.txt", std::move(tags512));
  return out;
}

bool Check::wants_text(std::string_view path) {
  return path == "bagit.txt" || path == "bag-info.txt" || path == "fetch.txt" || algorithm_of(path, "manifest-") ||
         algorithm_of(path, "tagmanifest-");
}

void Check::text(const std::string& path, std::string text) {
  held_ += text.size();
  texts_[path] = std::move(text);
}

void Check::add(const std::string& path, const Sums& sums) {
  if (!is_safe_path(encode_path(path)))
    tell(problems_, {"bad_path", path, 0, {}});
  else if (!files_.emplace(path, sums).second)
    tell(problems_, {"twice", path, 0, {}});
}

void Check::manifest(const std::string& file, const std::string& text, Verdict& verdict) {
  const bool payload = file.starts_with("manifest-");
  const auto algorithm = *algorithm_of(file, payload ? "manifest-" : "tagmanifest-");
  const auto digits = digits_of(algorithm);
  if (digits == 0) {
    verdict.warnings.push_back({"unknown", file, 0, std::string(algorithm)});
    return;
  }
  std::set<std::string> listed;
  for (const auto& line : parse_manifest(text, digits, file, verdict.problems)) {
    if (line.path.starts_with(payload_folder) != payload) {
      tell(verdict.problems, {"bad_path", file, line.line, line.path});
      continue;
    }
    if (!listed.insert(line.path).second) {
      tell(verdict.problems, {"listed_twice", file, line.line, line.path});
      continue;
    }
    const auto found = files_.find(line.path);
    if (found == files_.end())
      tell(verdict.problems, {"missing", file, line.line, line.path});
    else if (hash_of(found->second, algorithm) != line.hash)
      tell(verdict.problems, {"altered", line.path, 0, file});
  }
  // Every payload manifest lists every payload file; a tag manifest lists what it will.
  if (payload)
    for (const auto& [path, sums] : files_)
      if (path.starts_with(payload_folder) && !listed.contains(path)) tell(verdict.problems, {"extra", path, 0, file});
}

Check::Verdict Check::finish() {
  Verdict verdict;
  verdict.problems = std::move(problems_);
  auto& problems = verdict.problems;
  const auto text_of = [&](const std::string& name) -> const std::string* {
    const auto found = texts_.find(name);
    return found == texts_.end() ? nullptr : &found->second;
  };
  if (const auto* text = text_of("bagit.txt"); text == nullptr) {
    tell(problems, {"missing", "bagit.txt", 0, {}});
  } else {
    static constexpr std::array<std::string_view, 2> wanted{"BagIt-Version: 1.0", "Tag-File-Character-Encoding: UTF-8"};
    std::size_t lines = 0;
    each_line(*text, [&](std::string_view line, std::int64_t number) {
      if (lines >= wanted.size() || line != wanted[lines])
        tell(problems, {"bad_declaration", "bagit.txt", number, std::string(clip(to_utf8_lossy(line), 200))});
      ++lines;
    });
    if (lines < wanted.size()) tell(problems, {"bad_declaration", "bagit.txt", static_cast<std::int64_t>(lines), {}});
  }
  std::size_t manifests = 0;
  for (const auto& [file, text] : texts_) {
    const bool payload = algorithm_of(file, "manifest-").has_value();
    if (payload && digits_of(*algorithm_of(file, "manifest-")) != 0) ++manifests;
    if (payload || algorithm_of(file, "tagmanifest-")) manifest(file, text, verdict);
  }
  if (manifests == 0) tell(problems, {"missing", "manifest-sha256.txt", 0, {}});
  // What stands elsewhere is never fetched: a bag is whole or it is not.
  if (text_of("fetch.txt") != nullptr) tell(problems, {"fetch", "fetch.txt", 0, {}});
  std::map<std::string, std::string> names;
  for (const auto& [path, sums] : files_) {
    if (const auto [at, fresh] = names.emplace(folded(path), path); !fresh) verdict.warnings.push_back({"collision", path, 0, at->second});
    if (!path.starts_with(payload_folder)) continue;
    ++verdict.files;
    verdict.bytes += sums.bytes;
  }
  if (const auto* text = text_of("bag-info.txt")) {
    verdict.info = parse_info(*text, problems);
    const auto oxum = std::to_string(verdict.bytes) + "." + std::to_string(verdict.files);
    for (const auto& [label, value] : verdict.info)
      if (iequals(label, "payload-oxum") && value != oxum) tell(problems, {"oxum", "bag-info.txt", 0, value + " / " + oxum});
  }
  return verdict;
}

}  // namespace digue::bagit
