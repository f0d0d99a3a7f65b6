#include "store/vault/vault.hpp"

#include <unistd.h>

#include <filesystem>

#include "base/crypto/random.hpp"
#include "base/messages.hpp"

namespace digue::store {

namespace {

constexpr std::string_view marker_end = ".unrecorded";
constexpr unsigned read_only = 0400;

std::string folder_of(const std::string& target) {
  return target.substr(0, target.rfind('/'));
}

bool is_sha256(std::string_view text) {
  return text.size() == 64 && text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

/// Whether a file holds the bytes that its name says.
bool is_good(const std::string& path, const std::string& sha256) {
  const auto file = File::open(path);
  if (!file) return false;
  Sha256Stream stream;
  std::string part(std::size_t{1} << 20, '\0');
  for (std::uint64_t at = 0;;) {
    const auto got = file->read_at(at, part.data(), part.size());
    if (!got) return false;
    if (*got == 0) return to_hex(stream.finish()) == sha256;
    stream.update(std::string_view(part).substr(0, *got));
    at += *got;
  }
}

}  // namespace

Incoming::~Incoming() {
  if (file_.is_open()) ::unlink(file_.path().c_str());
}

Result<void> Incoming::write(std::string_view data) {
  if (auto written = file_.write(data); !written) return written;
  sha256_->update(data);
  sha512_->update(data);
  bytes_ += static_cast<std::int64_t>(data.size());
  return {};
}

Result<std::unique_ptr<Vault>> Vault::open(const std::string& path, const Recorded& recorded, std::vector<std::string>& leftovers) {
  if (auto made = make_directories(path + "/incoming"); !made) return tl::make_unexpected(made.error());
  std::unique_ptr<Vault> vault(new Vault(path));
  if (auto done = vault->recover(recorded, leftovers); !done) return tl::make_unexpected(done.error());
  return vault;
}

Result<void> Vault::recover(const Recorded& recorded, std::vector<std::string>& leftovers) {
  std::vector<std::string> names;
  std::error_code problem;
  for (std::filesystem::directory_iterator at(path_ + "/incoming", problem), end; !problem && at != end; at.increment(problem))
    names.push_back(at->path().filename().string());
  if (problem) return tl::make_unexpected(system_error("file.read", path_ + "/incoming", problem.value()));
  for (const auto& name : names) {
    if (name.ends_with(marker_end)) {
      const auto sha256 = name.substr(0, 64);
      if (is_sha256(sha256)) {
        const auto known = recorded(sha256);
        if (!known) return tl::make_unexpected(known.error());
        if (!*known && file_exists(path_of(sha256))) {
          auto removed = remove_file(path_of(sha256));
          if (removed) removed = sync_directory(folder_of(path_of(sha256)));  // before its marker may go
          if (!removed) return removed;
          leftovers.push_back(sha256);
        }
      }
    } else {
      leftovers.push_back(name);
    }
    if (auto removed = remove_file(incoming(name)); !removed) return removed;
  }
  return {};
}

Result<Incoming> Vault::receive() {
  auto file = File::create(incoming(random_hex(12)), 0600);
  if (!file) return tl::make_unexpected(file.error());
  return Incoming(std::move(*file));
}

Result<SealedBytes> Vault::seal(Incoming incoming_file) {
  File& file = incoming_file.file_;
  if (auto done = file.set_mode(read_only); !done) return tl::make_unexpected(done.error());
  if (auto done = file.sync(); !done) return tl::make_unexpected(done.error());
  SealedBytes sealed{to_hex(incoming_file.sha256_->finish()), incoming_file.bytes_, to_hex(incoming_file.sha512_->finish()), {}};
  sealed.marker = incoming(sealed.sha256 + "." + random_hex(6) + std::string(marker_end));
  const std::string target = path_of(sealed.sha256);
  const std::string folder = folder_of(target);

  // Content is named by its hash: what stands there is these bytes, or a damaged file, and then the good one takes its place.
  const bool damaged = file_exists(target) && !is_good(target, sealed.sha256);

  const std::lock_guard lock(mutex_);
  if (auto made = make_directories(folder); !made) return tl::make_unexpected(made.error());
  if (auto marker = File::create(sealed.marker, 0600); !marker) return tl::make_unexpected(marker.error());
  auto done = sync_directory(path_ + "/incoming");
  bool moved = false;
  if (done && (damaged || !file_exists(target))) {
    done = rename_file(file.path(), target);
    moved = done.has_value();
    if (moved) file.close();
  }
  if (done) done = sync_directory(folder);
  if (!done) {
    if (!moved) ::unlink(sealed.marker.c_str());  // else it tells the next start of the file that stands there
    return tl::make_unexpected(done.error());
  }
  ++unrecorded_[sealed.sha256];
  return sealed;
}

void Vault::keep(const SealedBytes& sealed) {
  const std::lock_guard lock(mutex_);
  if (--unrecorded_[sealed.sha256] == 0) unrecorded_.erase(sealed.sha256);
  ::unlink(sealed.marker.c_str());
}

void Vault::discard(const SealedBytes& sealed, const Recorded& recorded) {
  const std::lock_guard lock(mutex_);
  const bool last = --unrecorded_[sealed.sha256] == 0;
  if (last) unrecorded_.erase(sealed.sha256);
  const auto known = recorded(sealed.sha256);
  if (!known) return;  // the marker stays: the next start decides
  if (last && !*known) {
    // The marker goes only when the file surely has: a power cut must not leave a file of which nobody knows.
    const auto target = path_of(sealed.sha256);
    if (!remove_file(target) || !sync_directory(folder_of(target))) return;
  }
  ::unlink(sealed.marker.c_str());
}

Result<void> Vault::remove(const std::string& sha256, const Recorded& recorded) {
  if (!is_sha256(sha256)) return fail(ErrorCode::not_found, tr("exhibit.absent"), sha256);
  const std::lock_guard lock(mutex_);
  const auto known = recorded(sha256);
  if (!known) return tl::make_unexpected(known.error());
  const auto target = path_of(sha256);
  if (*known || unrecorded_.contains(sha256) || !file_exists(target)) return {};
  if (auto removed = remove_file(target); !removed) return removed;
  return sync_directory(folder_of(target));
}

std::string Vault::path_of(const std::string& sha256) const {
  return path_ + "/" + sha256.substr(0, 2) + "/" + sha256;
}

Result<File> Vault::open_exhibit(const std::string& sha256) const {
  if (!is_sha256(sha256)) return fail(ErrorCode::not_found, tr("exhibit.absent"), sha256);
  return File::open(path_of(sha256));
}

}  // namespace digue::store
