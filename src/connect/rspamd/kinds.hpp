#pragma once

#include <array>
#include <span>

#include "connect/rspamd/setup.hpp"

namespace digue::rspamd {

/// A mail for a trial: the key that would refuse it, how it is named, whom it is from, and all that follows its first headers.
struct Sample {
  std::string key, name, sender, content;
};

/// What the lines of one map refuse.
struct Kind {
  std::string_view capability, parameter;  ///< "url.block", "url"
  std::string_view topic;                  ///< of its texts
  std::string_view setting;                ///< "url_map"
  std::string Setup::* map;
  /// The key that is meant, as it will stand in the map: one line, no pattern.
  Result<std::string> (*key)(const std::string& given);
  /// Whether that is the establishment's own.
  bool (*is_own)(std::string_view key, const std::string& domain);
  /// What a plan says besides.
  std::vector<std::string_view> (*notes)(std::string_view key);
  /// A mail that the key refuses, and one beside that only a pattern would refuse, where a key is meant. The first one has another key
  /// where the bytes behind this one are not ours to send.
  std::array<Sample, 2> (*samples)(const std::string& given, const std::string& key);
};

std::span<const Kind> kinds();
/// Null when there is none.
const Kind* kind_named(std::string_view capability);

}  // namespace digue::rspamd
