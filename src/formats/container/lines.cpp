#include <algorithm>

#include "formats/container/cutters.hpp"
#include "formats/container/glued_lines.hpp"

namespace digue::formats {

namespace {

class Lines final : public Cutter {
 public:
  explicit Lines(std::size_t limit) : limit_(limit) {}

  std::size_t cut(std::string_view text, bool last, std::vector<Span>& spans) override {
    std::size_t at = 0;
    if (!started_) {
      started_ = true;
      glued_ = is_glued(text.substr(0, 64 * 1024));
    }
    if (skipping_) {
      const auto end = text.find('\n');
      if (end == std::string_view::npos) return text.size();
      skipping_ = false;
      at = end + 1;
    }
    auto found = text.find('\n', at);
    while (at < text.size()) {
      if (found < at) found = text.find('\n', at);
      const bool ended = last || found != std::string_view::npos;
      std::size_t end = found == std::string_view::npos ? text.size() : found;
      std::size_t next = std::min(end + 1, text.size());
      const auto header = glued_ ? next_glued(text.substr(0, end), at + 1, ended) : std::string_view::npos;
      if (header != std::string_view::npos)
        end = next = header;
      else if (!ended)
        break;
      while (end > at && (text[end - 1] == '\r' || text[end - 1] == '\0')) --end;
      if (end > at) spans.push_back({at, end - at, end - at > limit_ ? "line too long" : nullptr});
      at = next;
    }
    return at;
  }

  std::size_t limit() const override { return limit_; }

  std::size_t give_up(std::string_view text, std::vector<Span>& spans) override {
    skipping_ = true;
    spans.push_back({0, text.size(), "line too long"});
    return text.size();
  }

 private:
  std::size_t limit_;
  bool skipping_ = false;
  bool started_ = false;
  bool glued_ = false;
};

}  // namespace

std::unique_ptr<Cutter> make_lines(std::size_t limit) {
  return std::make_unique<Lines>(limit);
}

std::unique_ptr<Cutter> make_cutter(Container container) {
  switch (container) {
    case Container::json_values:
      return make_json_values();
    case Container::csv:
      return make_csv();
    case Container::json_lines:
      return make_lines(32u << 20);
    case Container::lines:
      break;
  }
  return make_lines(1u << 20);
}

}  // namespace digue::formats
