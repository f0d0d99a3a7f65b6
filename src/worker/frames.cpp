#include "worker/frames.hpp"

#include <array>

namespace digue::worker {

namespace {

constexpr std::size_t header_size = 5;
constexpr std::array<std::string_view, stream_count> names{"json_fr", "json_en", "events",     "csv",        "ocsf",
                                                           "html_fr", "html_en", "summary_fr", "summary_en", "excerpt"};

void put(std::string& out, std::uint64_t value, int bytes) {
  for (int i = 0; i < bytes; ++i) out += static_cast<char>(value >> (8 * i));
}

std::uint64_t take(std::string_view bytes, int count) {
  std::uint64_t value = 0;
  for (int i = 0; i < count; ++i) value |= std::uint64_t{static_cast<unsigned char>(bytes[static_cast<std::size_t>(i)])} << (8 * i);
  return value;
}

}  // namespace

std::string_view name(Stream stream) {
  return names[static_cast<std::size_t>(stream)];
}

std::optional<Stream> stream_named(std::string_view wanted) {
  for (std::size_t i = 0; i < names.size(); ++i)
    if (names[i] == wanted) return static_cast<Stream>(i);
  return std::nullopt;
}

std::string encode(FrameType type, std::string_view payload) {
  std::string out(1, static_cast<char>(type));
  put(out, payload.size(), 4);
  return out.append(payload);
}

std::string encode_progress(std::uint64_t done, std::uint64_t total) {
  std::string payload;
  put(payload, done, 8);
  put(payload, total, 8);
  return encode(FrameType::progress, payload);
}

void FrameDecoder::feed(std::string_view bytes) {
  buffer_.erase(0, at_);
  at_ = 0;
  buffer_ += bytes;
}

Result<std::optional<Frame>> FrameDecoder::next() {
  const std::string_view rest = std::string_view(buffer_).substr(at_);
  if (rest.size() < header_size) return std::nullopt;
  const auto type = static_cast<unsigned char>(rest[0]);
  const std::uint64_t length = take(rest.substr(1), 4);
  if (type < static_cast<unsigned char>(FrameType::started) || type > static_cast<unsigned char>(FrameType::done) || length > max_payload)
    return fail(ErrorCode::bad_input, "the analysis process answered with damaged data", {},
                "Run the analysis again; its evidence is intact.");
  if (rest.size() < header_size + length) return std::nullopt;
  at_ += header_size + length;
  return Frame{static_cast<FrameType>(type), rest.substr(header_size, length)};
}

Result<Progress> decode_progress(std::string_view payload) {
  if (payload.size() != 16) return fail(ErrorCode::bad_input, "the analysis process answered with damaged data");
  return Progress{take(payload, 8), take(payload.substr(8), 8)};
}

}  // namespace digue::worker
