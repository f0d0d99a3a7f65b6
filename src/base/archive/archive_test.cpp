#include "base/archive/archive.hpp"

#include <doctest/doctest.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <map>

#include "base/archive/writer.hpp"
#include "base/files.hpp"

using namespace digue;

namespace {

/// A text read as a stream.
class TextSource final : public ByteSource {
 public:
  explicit TextSource(std::string_view text) : text_(text) {}
  Result<std::size_t> read(char* buffer, std::size_t size) override {
    const auto part = text_.copy(buffer, std::min<std::size_t>(size, 1000), at_);
    at_ += part;
    return part;
  }

 private:
  std::string_view text_;
  std::size_t at_ = 0;
};

std::map<std::string, std::string> members(ArchiveReader& reader) {
  std::map<std::string, std::string> out;
  for (;;) {
    const auto more = reader.next();
    REQUIRE(more);
    if (!*more) return out;
    auto& text = out[reader.member()];
    char buffer[4096];
    for (;;) {
      const auto got = reader.content().read(buffer, sizeof buffer);
      REQUIRE(got);
      if (*got == 0) break;
      text.append(buffer, *got);
    }
  }
}

}  // namespace

TEST_CASE("archives: what was written is read back, from a file and from a stream") {
  const std::map<std::string, std::string> wanted{
      {"bag/a.txt", "abc"}, {"bag/data/empty", ""}, {"bag/data/long", std::string(700'000, 'x')}};
  for (const auto kind : {ArchiveKind::zip, ArchiveKind::tar}) {
    std::string bytes;
    auto writer = ArchiveWriter::open(kind, [&](std::string_view part) -> Result<void> {
                    bytes += part;
                    return {};
                  }).value();
    for (const auto& [path, text] : wanted) {
      REQUIRE(writer.begin(path, text.size(), UtcMicros{1'000'000'000'000'000}));
      REQUIRE(writer.write(text));
    }
    REQUIRE(writer.finish());
    TextSource stream(bytes);
    auto streamed = ArchiveReader::open(stream).value();
    CHECK(members(streamed) == wanted);

    const auto path = (std::filesystem::temp_directory_path() / ("digue-archive-" + std::to_string(::getpid()))).string();
    REQUIRE(write_file(path, bytes));
    {
      const auto file = File::open(path).value();
      auto reader = ArchiveReader::open(file.descriptor()).value();
      CHECK(members(reader) == wanted);
    }
    std::filesystem::remove(path);
  }
}

TEST_CASE("archives: a member has the size that was announced, and a refusal of the sink ends the writing") {
  auto writer = ArchiveWriter::open(ArchiveKind::tar, [](std::string_view) -> Result<void> { return {}; }).value();
  REQUIRE(writer.begin("a", 3, {}));
  CHECK(writer.write("abcd").error().code == ErrorCode::bad_input);
  CHECK(writer.finish().error().where == "a");
  auto full = ArchiveWriter::open(ArchiveKind::zip, [](std::string_view) { return Result<void>(fail(ErrorCode::io, "full")); }).value();
  REQUIRE(full.begin("a", 1'000'000, {}));
  auto done = full.write(std::string(1'000'000, 'x'));
  if (done) done = full.finish();
  REQUIRE_FALSE(done);
  CHECK(done.error().message == "full");
}
