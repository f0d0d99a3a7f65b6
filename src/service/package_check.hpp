#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "base/byte_source.hpp"
#include "base/crypto/sealed_file.hpp"
#include "base/json/value.hpp"
#include "exchange/bagit.hpp"
#include "incident/custody.hpp"

/// Whether an evidence package (docs/package-format.md) is what was handed over. Needs the package alone.
namespace digue::service {

struct PackageProblem {
  std::string kind;  ///< of bagit::Problem, or journal.*, custody.*, exhibit.*, record.*
  std::string file;  ///< inside the package
  std::int64_t line = 0;
  std::string message;  ///< in the language of the thread
};

struct PackageVerdict {
  std::vector<PackageProblem> problems;  ///< max_told at most, the worst first where kinds differ
  std::vector<PackageProblem> warnings;
  std::size_t problem_count = 0;
  bagit::Fields info;
  std::int64_t files = 0, bytes = 0;
  std::int64_t exhibits = 0;   ///< whose bytes are in the package
  std::int64_t left_out = 0;   ///< recorded, but not included
  std::int64_t destroyed = 0;  ///< recorded; their bytes were destroyed, which custody tells
  std::int64_t custody = 0;    ///< events
  std::int64_t lines = 0;      ///< of the journal
  std::string code;            ///< over all lines of the journal, computed from them; for comparison with one on paper
  json::Value journal;         ///< what the audit of the journal says; null without a journal
  bool good() const { return problem_count == 0; }
};

inline constexpr std::size_t max_told_problems = 200;

/// Reads a folder, ZIP, tar or sealed tar, or the export of a journal alone. Errors: what could not be read at all; what is wrong with it
/// stands in the verdict.
Result<PackageVerdict> check_package(const std::string& path, const OpenWith& key);

json::Value to_json(const PackageVerdict& verdict);

}  // namespace digue::service
