#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.hpp"

/// What the jailed child writes on its pipe: frames of (type: 1 byte, length: 4 bytes little-endian, payload). The reader treats every
/// byte as hostile.
namespace digue::worker {

enum class FrameType : std::uint8_t {
  started = 1,   ///< payload: JSON {"landlock_abi"}
  progress = 2,  ///< two 64-bit little-endian numbers: bytes read, bytes in all
  output = 3,    ///< one byte Stream, then its next bytes
  failed = 4,    ///< JSON {"code","message","where","help"}
  done = 5,      ///< JSON {"rejected","worst","silent":[source...]}
};

/// What the child may send.
enum class Stream : std::uint8_t { json_fr, json_en, events, csv, ocsf, html_fr, html_en, summary_fr, summary_en, excerpt };
inline constexpr std::size_t stream_count = 10;
std::string_view name(Stream stream);
std::optional<Stream> stream_named(std::string_view name);

inline constexpr std::size_t max_payload = 1u << 20;

struct Frame {
  FrameType type = FrameType::done;
  std::string_view payload;
};

std::string encode(FrameType type, std::string_view payload);
std::string encode_progress(std::uint64_t done, std::uint64_t total);

/// Cuts a stream of bytes into frames.
class FrameDecoder {
 public:
  void feed(std::string_view bytes);
  /// The next whole frame, nothing when more bytes are needed, bad_input when the bytes are no frames (nothing more can be read then).
  Result<std::optional<Frame>> next();
  /// Bytes of a frame that never came whole.
  std::size_t pending() const { return buffer_.size() - at_; }

 private:
  std::string buffer_;
  std::size_t at_ = 0;
};

struct Progress {
  std::uint64_t done = 0, total = 0;
};
Result<Progress> decode_progress(std::string_view payload);

}  // namespace digue::worker
