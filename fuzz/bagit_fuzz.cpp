#include <cstdint>
#include <string>

#include "exchange/bagit.hpp"
#include "invariant.hpp"

using namespace digue;

/// A manifest that was read is the same when written and read again; no path of it leaves the bag; names made are safe.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size > 100'000) return 0;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  std::vector<bagit::Problem> problems;
  const auto lines = bagit::parse_manifest(text, 64, "manifest-sha256.txt", problems);
  std::string written;
  for (const auto& line : lines) {
    INVARIANT(line.path.find("..") == std::string::npos || bagit::is_safe_path(bagit::encode_path(line.path)));
    written += bagit::manifest_line(line.hash, line.path);
  }
  std::vector<bagit::Problem> none;
  const auto again = bagit::parse_manifest(written, 64, "manifest-sha256.txt", none);
  INVARIANT(none.empty() && again.size() == lines.size());
  for (std::size_t i = 0; i < lines.size(); ++i) INVARIANT(again[i].path == lines[i].path && again[i].hash == lines[i].hash);

  INVARIANT(bagit::decode_path(bagit::encode_path(text)) == text);
  const auto name = bagit::safe_name(text);
  INVARIANT(bagit::is_safe_path(name) && name.find('/') == std::string::npos && name.size() <= 101);
  INVARIANT(bagit::encode_path(name) == name);

  const auto fields = bagit::parse_info(text, problems);
  std::vector<bagit::Problem> fresh;
  INVARIANT(bagit::parse_info(bagit::info_text(fields), fresh).size() == fields.size());
  bagit::Check check;
  for (const char* file : {"bagit.txt", "bag-info.txt", "manifest-sha256.txt", "tagmanifest-sha512.txt"}) {
    check.add(file, {});
    check.text(file, std::string(text));
  }
  INVARIANT(!check.finish().problems.empty());
  return 0;
}
