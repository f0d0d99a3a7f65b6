#include "service/bag_reader.hpp"

#include "base/archive/archive.hpp"
#include "base/messages.hpp"

namespace digue::service {

namespace {

constexpr std::size_t block = std::size_t{256} * 1024;

Result<void> walk(Result<ArchiveReader> reader, const TakeFile& take) {
  if (!reader) return tl::make_unexpected(reader.error());
  std::string folder;
  for (bool first = true;; first = false) {
    const auto more = reader->next();
    if (!more) return tl::make_unexpected(more.error());
    if (!*more) return first ? fail(ErrorCode::bad_input, tr("package.empty")) : Result<void>();
    const auto& member = reader->member();
    // All members stand in one folder, or all at the top.
    if (first && bagit::is_safe_path(member) && !bagit::Check::wants_text(member) && !member.starts_with("data/"))
      folder = member.substr(0, member.find('/') + 1);
    const auto path = member.starts_with(folder) ? member.substr(folder.size()) : "../" + member;
    if (auto done = take(path, reader->content()); !done) return done;
  }
}

}  // namespace

Result<void> read_bag_archive(const std::string& path, const OpenWith& key, const TakeFile& take) {
  auto file = FileSource::open(path);
  if (!file) return tl::make_unexpected(file.error());
  std::string head(64, '\0');
  const auto got = (*file)->read(head.data(), head.size());
  if (!got) return tl::make_unexpected(got.error());
  (*file)->rewind();
  if (!is_sealed(std::string_view(head).substr(0, *got))) return walk(ArchiveReader::open_plain((*file)->fd()), take);
  const auto open = SealedSource::open(**file, key);
  if (!open) return tl::make_unexpected(open.error());
  return walk(ArchiveReader::open_plain(**open), take);
}

Result<bagit::Sums> read_file_of_bag(bagit::Check& bag, const std::string& path, ByteSource& content, const TakePart& take) {
  Sha256Stream sha256;
  Sha512Stream sha512;
  bagit::Sums sums;
  const bool text = bagit::Check::wants_text(path);
  std::string kept;
  bool cut = false;
  std::string part(block, '\0');
  for (;;) {
    const auto got = content.read(part.data(), part.size());
    if (!got) return tl::make_unexpected(got.error());
    if (*got == 0) break;
    const std::string_view bytes(part.data(), *got);
    sha256.update(bytes);
    sha512.update(bytes);
    sums.bytes += static_cast<std::int64_t>(*got);
    if (text && !cut && kept.size() + bytes.size() <= bag.room())
      kept += bytes;
    else if (text)
      cut = true;
    if (take)
      if (auto taken = take(bytes); !taken) return tl::make_unexpected(taken.error());
  }
  sums.sha256 = sha256.finish();
  sums.sha512 = sha512.finish();
  bag.add(path, sums);
  if (cut)
    bag.too_large(path);
  else if (text)
    bag.text(path, std::move(kept));
  return sums;
}

std::string bag_problem(const bagit::Problem& problem) {
  return problem.file + (problem.line > 0 ? ":" + std::to_string(problem.line) : "") + ": " +
         tr("bag." + problem.kind, {{"about", problem.about}});
}

}  // namespace digue::service
