#include "store/vault/bag_writer.hpp"

#include <unistd.h>

#include <filesystem>

namespace digue::store {

Result<std::unique_ptr<BagWriter>> BagWriter::open(Settings settings) {
  std::unique_ptr<BagWriter> writer(new BagWriter(std::move(settings)));
  const auto& path = writer->settings_.path;
  if (!writer->settings_.out) {
    if (auto made = make_directories(std::filesystem::path(path).parent_path().string()); !made) return tl::make_unexpected(made.error());
    auto file = File::create(path + ".part", 0600);
    if (!file) return tl::make_unexpected(file.error());
    writer->file_ = std::move(*file);
  }
  auto* self = writer.get();
  ArchiveWriter::Out out = [self](std::string_view part) { return self->put(part); };
  if (self->settings_.seal_for) {
    auto seal = SealedWriter::open(*self->settings_.seal_for, out);
    if (!seal) return tl::make_unexpected(seal.error());
    self->seal_.emplace(std::move(*seal));
    self->settings_.seal_for.reset();
    out = [self](std::string_view part) { return self->seal_->write(part); };
  }
  auto archive = ArchiveWriter::open(self->settings_.kind, std::move(out));
  if (!archive) return tl::make_unexpected(archive.error());
  self->archive_.emplace(std::move(*archive));
  return writer;
}

BagWriter::~BagWriter() {
  if (file_.is_open()) ::unlink(file_.path().c_str());
}

Result<void> BagWriter::put(std::string_view part) {
  archive_hash_.update(part);
  archive_bytes_ += static_cast<std::int64_t>(part.size());
  return settings_.out ? settings_.out(part) : file_.write(part);
}

Result<void> BagWriter::begin_file(const std::string& path, std::uint64_t bytes) {
  path_ = "data/" + path;
  bytes_ = 0;
  sha256_ = std::make_unique<Sha256Stream>();
  sha512_ = std::make_unique<Sha512Stream>();
  return archive_->begin(settings_.folder + "/" + path_, bytes, settings_.time);
}

Result<void> BagWriter::write(std::string_view part) {
  sha256_->update(part);
  sha512_->update(part);
  bytes_ += static_cast<std::int64_t>(part.size());
  return archive_->write(part);
}

Result<void> BagWriter::end_file() {
  maker_.add(path_, {bytes_, sha256_->finish(), sha512_->finish()});
  return {};
}

Result<void> BagWriter::add(const std::string& path, std::string_view content) {
  auto done = begin_file(path, content.size());
  if (done) done = write(content);
  if (done) done = end_file();
  return done;
}

Result<BagWriter::Written> BagWriter::finish(bagit::Fields info) {
  for (const auto& [path, text] : maker_.tag_files(std::move(info))) {
    auto done = archive_->begin(settings_.folder + "/" + path, text.size(), settings_.time);
    if (done) done = archive_->write(text);
    if (!done) return tl::make_unexpected(done.error());
  }
  auto done = archive_->finish();
  if (done && seal_) done = seal_->finish();
  if (done && settings_.out) return Written{archive_bytes_, to_hex(archive_hash_.finish())};
  if (done) done = file_.set_mode(0400);
  if (done) done = file_.sync();
  if (done) done = rename_file(file_.path(), settings_.path);
  if (!done) return tl::make_unexpected(done.error());
  file_.close();
  done = sync_directory(std::filesystem::path(settings_.path).parent_path().string());
  if (!done) return tl::make_unexpected(done.error());
  return Written{archive_bytes_, to_hex(archive_hash_.finish())};
}

}  // namespace digue::store
