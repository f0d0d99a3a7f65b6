#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "base/yaml.hpp"

namespace digue {

/// Keeps the first thing wrong in a YAML file, so that a loader reads straight through and asks once at the end.
class YamlProblems {
 public:
  explicit YamlProblems(std::string file) : file_(std::move(file)) {}

  /// `help` says what was expected. Only the first complaint is kept.
  void complain(int line, std::string message, std::string help = {});
  const std::optional<Error>& first() const { return first_; }
  const std::string& file() const { return file_; }

 private:
  std::string file_;
  std::optional<Error> first_;
};

/// Reads the fields of one mapping. Each wrong or missing field is a complaint and gives an empty value; finish() complains of unknown
/// fields.
class YamlFields {
 public:
  /// `what` names the mapping in complaints, for example "action 1.a". Both references must outlive this object.
  YamlFields(YamlProblems& problems, const YamlNode& node, std::string what);

  int line() const { return node_.line; }
  YamlProblems& problems() { return problems_; }
  const std::string& what() const { return what_; }

  /// The field's node, or nullptr when it is not there.
  const YamlNode* optional(std::string_view key);
  const YamlNode* required(std::string_view key);
  /// A scalar that is not blank.
  std::string text(std::string_view key);
  /// true or false.
  bool flag(std::string_view key);
  /// A whole number from low to high.
  int number(std::string_view key, int low, int high);
  std::span<const YamlNode> list(std::string_view key);
  /// A list of scalars that are not blank, none given twice.
  std::vector<std::string> words(std::string_view key);
  void finish();

 private:
  YamlProblems& problems_;
  const YamlNode& node_;
  std::string what_;
  std::vector<std::string_view> known_;
};

}  // namespace digue
