#include "analysis/spill.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <new>

#include "base/text.hpp"

namespace digue::analysis {

namespace {

constexpr std::size_t flush_at = 32 * 1024;
constexpr std::size_t max_text = 60'000;

struct Header {
  std::uint32_t size;
  std::uint32_t input;
  std::uint64_t offset;
  std::int64_t time;
  std::uint32_t length;
  std::uint32_t repeats;
  std::uint16_t year_wraps;
  std::uint16_t key, account, operation, uid;
  std::uint8_t basis, activity, outcome, flags, fields;
  std::array<std::uint8_t, 16> id, ip;
};
constexpr std::uint8_t flag_own_id = 1, flag_primary = 2, flag_ip = 4;

struct FieldHeader {
  std::uint8_t id;
  std::uint8_t unused;
  std::uint16_t length;
};

template <class T>
void put(std::string& out, const T& value) {
  out.append(reinterpret_cast<const char*>(&value), sizeof value);
}

template <class T>
T take(std::string_view bytes, std::size_t at) {
  T value;
  std::memcpy(&value, bytes.data() + at, sizeof value);
  return value;
}

Error write_error() {
  return {ErrorCode::io, "cannot write to the private work file: " + std::string(std::strerror(errno)), "TMPDIR",
          "Free space there, or set TMPDIR to a folder with more room."};
}

}  // namespace

Spill::Spill(std::size_t partitions, std::size_t memory_limit, int fd) : partitions_(partitions), memory_left_(memory_limit), fd_(fd) {}

Spill::~Spill() {
  if (fd_ >= 0) ::close(fd_);
}

Result<int> Spill::open_private_file() {
  const char* folder = std::getenv("TMPDIR");
  std::string path = folder != nullptr && *folder != '\0' ? folder : "/tmp";
  if (const int fd = ::open(path.c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, 0600); fd >= 0) return fd;
  path += "/digue-XXXXXX";
  const int fd = ::mkostemp(path.data(), O_CLOEXEC);
  if (fd < 0) return tl::make_unexpected(write_error());
  ::unlink(path.c_str());
  return fd;
}

Result<void> Spill::append(std::size_t partition, std::string_view bytes) {
  std::uint64_t offset = 0;
  {
    const std::lock_guard lock(mutex_);
    if (bytes.size() <= memory_left_ || fd_ < 0) {
      memory_left_ -= std::min(memory_left_, bytes.size());
      partitions_[partition].push_back({0, bytes.size(), std::string(bytes)});
      return {};
    }
    offset = file_end_;
    file_end_ += bytes.size();
    partitions_[partition].push_back({offset, bytes.size(), {}});
  }
  while (!bytes.empty()) {
    const ssize_t wrote = ::pwrite(fd_, bytes.data(), bytes.size(), static_cast<off_t>(offset));
    if (wrote < 0 && errno == EINTR) continue;
    if (wrote <= 0) return tl::make_unexpected(write_error());
    bytes.remove_prefix(static_cast<std::size_t>(wrote));
    offset += static_cast<std::uint64_t>(wrote);
  }
  return {};
}

Result<std::string> Spill::load(std::size_t partition) const {
  std::string out;
  std::size_t total = 0;
  for (const Chunk& chunk : partitions_[partition]) total += chunk.length;
  out.reserve(total);
  for (const Chunk& chunk : partitions_[partition]) {
    if (!chunk.memory.empty()) {
      out += chunk.memory;
      continue;
    }
    const std::size_t start = out.size();
    out.resize(start + chunk.length);
    for (std::size_t done = 0; done < chunk.length;) {
      const ssize_t got = ::pread(fd_, out.data() + start + done, chunk.length - done, static_cast<off_t>(chunk.offset + done));
      if (got < 0 && errno == EINTR) continue;
      if (got <= 0) return fail(ErrorCode::io, "cannot read back the private work file: " + std::string(std::strerror(errno)));
      done += static_cast<std::size_t>(got);
    }
  }
  return out;
}

Result<void> SpillWriter::add(std::size_t partition, std::string_view key, bool primary, const Event& event) {
  std::string& out = buffers_[partition];
  const std::size_t start = out.size();
  key = clip(key, 512);
  const std::string_view account = clip(event.account, 512);
  const std::string_view operation = clip(event.operation, 512);
  const std::string_view uid = clip(event.uid, 512);
  Header header{};
  header.input = event.place.input;
  header.offset = event.place.offset;
  header.length = event.place.length;
  header.time = event.time;
  header.repeats = event.repeats;
  header.year_wraps = event.year_wraps;
  header.key = static_cast<std::uint16_t>(key.size());
  header.account = static_cast<std::uint16_t>(account.size());
  header.operation = static_cast<std::uint16_t>(operation.size());
  header.uid = static_cast<std::uint16_t>(uid.size());
  header.basis = static_cast<std::uint8_t>(event.basis);
  header.activity = static_cast<std::uint8_t>(event.activity);
  header.outcome = static_cast<std::uint8_t>(event.outcome);
  header.flags = static_cast<std::uint8_t>((event.own_id ? flag_own_id : 0) | (primary ? flag_primary : 0) | (event.ip ? flag_ip : 0));
  header.fields = static_cast<std::uint8_t>(event.fields_used);
  header.id = event.id.bytes;
  if (event.ip) header.ip = event.ip->bytes;
  put(out, header);
  out += key;
  out += account;
  out += operation;
  out += uid;
  for (std::size_t i = 0; i < event.fields_used; ++i) {
    const auto& [field, value] = event.fields[i];
    const std::string_view text = clip(value, max_text);
    put(out, FieldHeader{static_cast<std::uint8_t>(field), 0, static_cast<std::uint16_t>(text.size())});
    out += text;
  }
  const auto size = static_cast<std::uint32_t>(out.size() - start);
  std::memcpy(out.data() + start, &size, sizeof size);
  return out.size() >= flush_at ? flush(partition) : Result<void>{};
}

Result<void> SpillWriter::flush(std::size_t partition) {
  if (buffers_[partition].empty()) return {};
  auto result = spill_.append(partition, buffers_[partition]);
  buffers_[partition].clear();
  return result;
}

Result<void> SpillWriter::flush() {
  for (std::size_t i = 0; i < buffers_.size(); ++i)
    if (auto result = flush(i); !result) return result;
  return {};
}

std::vector<Spilled> decode(std::string_view bytes, Arena& arena) {
  std::vector<Spilled> out;
  for (std::size_t at = 0; at < bytes.size();) {
    const auto header = take<Header>(bytes, at);
    std::size_t text = at + sizeof header;
    const auto next = [&](std::size_t length) {
      const std::string_view view = bytes.substr(text, length);
      text += length;
      return view;
    };
    Spilled row;
    row.time = header.time;
    row.basis = static_cast<TimeBasis>(header.basis);
    row.year_wraps = header.year_wraps;
    row.activity = static_cast<Activity>(header.activity);
    row.outcome = static_cast<Outcome>(header.outcome);
    row.own_id = (header.flags & flag_own_id) != 0;
    row.primary = (header.flags & flag_primary) != 0;
    row.repeats = header.repeats;
    row.id.bytes = header.id;
    if ((header.flags & flag_ip) != 0) row.ip = IpAddress{header.ip};
    row.place = {header.input, header.length, header.offset};
    row.key = next(header.key);
    const std::size_t content = text;
    row.account = next(header.account);
    row.operation = next(header.operation);
    row.uid = next(header.uid);
    using Pair = std::pair<Field, std::string_view>;
    char* room = arena.room(sizeof(Pair) * header.fields + alignof(Pair));
    room += (alignof(Pair) - reinterpret_cast<std::uintptr_t>(room) % alignof(Pair)) % alignof(Pair);
    auto* fields = reinterpret_cast<Pair*>(room);
    for (std::size_t i = 0; i < header.fields; ++i) {
      const auto field = take<FieldHeader>(bytes, text);
      text += sizeof field;
      new (fields + i) Pair(static_cast<Field>(field.id), next(field.length));
    }
    row.fields = {fields, header.fields};
    row.content = bytes.substr(content, text - content);
    out.push_back(row);
    at += header.size;
  }
  return out;
}

}  // namespace digue::analysis
