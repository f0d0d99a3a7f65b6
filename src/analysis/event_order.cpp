#include "analysis/event_order.hpp"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <tuple>

namespace digue::analysis {

EventOrder::~EventOrder() {
  if (fd_ >= 0) ::close(fd_);
}

Result<void> EventOrder::add(UtcMicros time, const Id128& id, std::string_view text) {
  entries_.push_back({time, id, file_end_ + memory_.size(), static_cast<std::uint32_t>(text.size())});
  memory_ += text;
  return memory_.size() > memory_limit_ && fd_ >= 0 ? write_out() : Result<void>{};
}

Result<void> EventOrder::write_out() {
  for (std::size_t done = 0; done < memory_.size();) {
    const ssize_t wrote = ::pwrite(fd_, memory_.data() + done, memory_.size() - done, static_cast<off_t>(file_end_ + done));
    if (wrote < 0 && errno == EINTR) continue;
    if (wrote <= 0) return fail(ErrorCode::io, "cannot write to the private work file: " + std::string(std::strerror(errno)), "TMPDIR");
    done += static_cast<std::size_t>(wrote);
  }
  file_end_ += memory_.size();
  memory_.clear();
  return {};
}

Result<void> EventOrder::drain(const std::function<void(std::string_view)>& sink) {
  std::sort(entries_.begin(), entries_.end(),
            [](const Entry& a, const Entry& b) { return std::tie(a.time, a.id) < std::tie(b.time, b.id); });
  std::string text;
  for (const Entry& entry : entries_) {
    if (entry.offset >= file_end_) {
      sink(std::string_view(memory_).substr(entry.offset - file_end_, entry.length));
      continue;
    }
    text.resize(entry.length);
    for (std::size_t done = 0; done < text.size();) {
      const ssize_t got = ::pread(fd_, text.data() + done, text.size() - done, static_cast<off_t>(entry.offset + done));
      if (got < 0 && errno == EINTR) continue;
      if (got <= 0) return fail(ErrorCode::io, "cannot read back the private work file: " + std::string(std::strerror(errno)), "TMPDIR");
      done += static_cast<std::size_t>(got);
    }
    sink(text);
  }
  return {};
}

}  // namespace digue::analysis
