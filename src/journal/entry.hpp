#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/crypto/hash.hpp"
#include "base/result.hpp"
#include "base/time.hpp"

/// The main courante: what a line is and how it is hashed (docs/journal-format.md). Storage is elsewhere.
namespace digue::journal {

enum class Kind { fact, action, decision, communication, call, system };
/// How exactly the event's time is known.
enum class Precision { second, minute, hour, day };

std::string_view name(Kind kind);
std::string_view name(Precision precision);
std::optional<Kind> kind_named(std::string_view name);
std::optional<Precision> precision_named(std::string_view name);

/// Something that the line is about, by its id.
struct Link {
  std::string kind;  ///< exhibit, task, job, pin, story
  std::string id;
  bool operator==(const Link&) const = default;
};

/// What stays when a line is destroyed at the end of its retention: nothing here may name a person.
struct Header {
  std::string incident;
  std::int64_t seq = 0;  ///< 1, 2, 3 ... without a gap
  UtcMicros recorded;
  UtcMicros event_time;
  std::string zone;  ///< IANA name: how the event's time is to be read
  Precision precision = Precision::second;
  Kind kind = Kind::fact;
  std::string about;                      ///< what the software noted by itself ("exhibit.received"); empty: written by a person
  std::optional<std::int64_t> rectifies;  ///< the line that this one corrects
};

/// What can be destroyed.
struct Body {
  std::string author;                   ///< who wrote it
  std::optional<std::string> reporter;  ///< who told it, when somebody else
  std::string text;                     ///< as written, hostile or not
  std::vector<std::string> machines;
  std::vector<std::string> accounts;
  std::vector<Link> links;
};

/// A line before it has a number.
struct Draft {
  UtcMicros event_time;
  std::string zone;
  Precision precision = Precision::second;
  Kind kind = Kind::fact;
  std::string about;
  std::optional<std::int64_t> rectifies;
  Body body;
};

/// A line as stored.
struct Sealed {
  std::string header;  ///< JCS text
  std::string body;    ///< JCS text
  std::string salt;    ///< 32 random bytes
  Sha256 body_hash;    ///< SHA-256(salt || body)
  Sha256 leaf;         ///< SHA-256(0x00 || JCS{body_hash, header})
};

inline constexpr std::size_t salt_size = 32;
inline constexpr std::size_t max_text = 32 * 1024;
inline constexpr std::size_t max_name = 200;
inline constexpr std::size_t max_items = 64;
inline constexpr std::size_t max_item = 320;

/// Bounds, UTF-8 and the zone's name. Errors: bad_input with the field.
Result<void> check(const Draft& draft);

Header header_of(const Draft& draft, std::string incident, std::int64_t seq, UtcMicros recorded);
Sealed seal(const Header& header, const Body& body, std::string salt);

Sha256 body_hash(std::string_view salt, std::string_view body);
/// The leaf of a stored line, whose header is a JCS text; bad_input when it is not.
Result<Sha256> leaf_hash(std::string_view header, const Sha256& body_hash);

Result<Header> parse_header(std::string_view text);
Result<Body> parse_body(std::string_view text);

}  // namespace digue::journal
