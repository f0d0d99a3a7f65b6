#include "service/backup.hpp"
#include "service/notes.hpp"

#include <algorithm>
#include <array>
#include <filesystem>

#include "base/crypto/random.hpp"
#include "base/text.hpp"
#include "store/vault/bag_writer.hpp"

namespace digue::service {

namespace {

namespace fs = std::filesystem;

constexpr std::array<const char*, 3> keys{"journal.key", "people.key", "platforms.key"};
/// Content of the establishment; documents, packages and events of stories.
constexpr std::array<const char*, 3> folders{"content", "documents", "events"};

constexpr std::string_view readme =
    "Sauvegarde complète d’un atelier Digue / Backup of a whole Digue workbench\n\n"
    "ATTENTION : ce fichier contient les pièces, la main courante, les comptes et les CLÉS qui signent la main courante.\n"
    "Gardez-le comme l’original. Restaurer : digue restore FICHIER --data DOSSIER_VIDE\n\n"
    "CAUTION: this file holds the evidence, the journal, the accounts and the KEYS that sign the journal.\n"
    "Guard it like the original. Restore: digue restore FILE --data EMPTY_DIRECTORY\n\n"
    "sha256sum -c manifest-sha256.txt\n";

std::string copies_in(const std::string& directory) {
  return directory + "/copies";
}

Result<void> add_file(store::BagWriter& bag, const std::string& path, const File& file) {
  const auto size = file.size();
  if (!size) return tl::make_unexpected(size.error());
  auto done = bag.begin_file(path, *size);
  std::string part(std::size_t{1} << 20, '\0');
  for (std::uint64_t at = 0; done && at < *size;) {
    const auto got = file.read_at(at, part.data(), std::min<std::uint64_t>(part.size(), *size - at));
    if (!got) return tl::make_unexpected(got.error());
    if (*got == 0) return fail(ErrorCode::io, tr("backup.shrunk"), file.path());
    done = bag.write(std::string_view(part).substr(0, *got));
    at += *got;
  }
  return done ? bag.end_file() : done;
}

std::vector<std::string> files_of(const std::string& directory, const std::string& folder) {
  std::error_code problem;
  std::vector<std::string> names;
  for (fs::recursive_directory_iterator at(directory + "/" + folder, problem), end; !problem && at != end; at.increment(problem))
    if (fs::is_regular_file(at->symlink_status(problem)) && at->path().extension() != ".part")
      names.push_back(at->path().lexically_relative(directory).generic_string());
  std::sort(names.begin(), names.end());
  return names;
}

/// Files below a folder. One that goes while they are read was replaced by a newer story, which is not in the copy of the database.
Result<void> add_folder(store::BagWriter& bag, const std::string& directory, const std::string& folder) {
  for (const auto& name : files_of(directory, folder)) {
    const auto file = File::open(directory + "/" + name);
    if (!file && file.error().code == ErrorCode::not_found) continue;
    if (!file) return tl::make_unexpected(file.error());
    if (auto done = add_file(bag, archive_path(name), *file); !done) return done;
  }
  return {};
}

/// The copy of the database, gone when the backup is.
struct Copy {
  std::string path;
  File file;
  std::vector<std::string> holdings;
  UtcMicros made;
};

Result<Copy> take_copy(const Context& context) {
  const auto folder = copies_in(context.settings.directory);
  if (auto made = make_directories(folder); !made) return tl::make_unexpected(made.error());
  Copy copy;
  copy.path = folder + "/" + random_hex(8);
  copy.made = now();
  auto holdings = context.cases.copy_to(copy.path);
  auto file = holdings ? File::open(copy.path) : Result<File>(tl::make_unexpected(holdings.error()));
  // Open, it needs no name: whatever ends the backup ends the copy.
  static_cast<void>(remove_file(copy.path));
  if (!file) return tl::make_unexpected(file.error());
  copy.file = std::move(*file);
  copy.holdings = std::move(*holdings);
  return copy;
}

/// Bytes of all that goes along, as far as they can be told now.
std::uint64_t size_of(const Context& context, const Copy& copy) {
  auto sum = copy.file.size().value_or(0);
  std::error_code problem;
  const auto add = [&](const std::string& path) {
    const auto size = fs::file_size(path, problem);
    if (!problem) sum += size;
  };
  for (const auto* folder : folders)
    for (const auto& name : files_of(context.settings.directory, folder)) add(context.settings.directory + "/" + name);
  for (const auto& sha256 : copy.holdings) add(context.vault.path_of(sha256));
  return sum;
}

Result<void> write_backup(const Context& context, const Copy& copy, const SealFor& seal_for, const std::string& name,
                          const Producer::Put& put) {
  const bool sealed = !seal_for.passphrase.empty() || !seal_for.public_key.empty();
  auto opened = store::BagWriter::open({{}, ArchiveKind::tar, name, copy.made, sealed ? std::optional(seal_for) : std::nullopt, put});
  if (!opened) return tl::make_unexpected(opened.error());
  auto& bag = **opened;
  auto done = bag.add("README.txt", readme);
  if (done) done = add_file(bag, "cases.sqlite", copy.file);
  for (const auto* key : keys) {
    const auto file = File::open(context.settings.directory + "/" + key);
    if (!file && file.error().code == ErrorCode::not_found) continue;
    if (!file) return tl::make_unexpected(file.error());
    if (done) done = add_file(bag, key, *file);
  }
  for (const auto* folder : folders)
    if (done) done = add_folder(bag, context.settings.directory, folder);
  for (const auto& sha256 : copy.holdings) {
    if (!done) return done;
    const auto file = context.vault.open_exhibit(sha256);
    // Damage from before goes along as it is: restoring tells it.
    if (!file && file.error().code == ErrorCode::not_found) continue;
    if (!file) return tl::make_unexpected(file.error());
    done = add_file(bag, "vault/" + sha256, *file);
  }
  if (!done) return done;
  const auto finished = bag.finish({{"Bag-Software-Agent", "Digue " DIGUE_VERSION},
                                    {"BagIt-Profile-Identifier", std::string(backup_profile)},
                                    {"External-Description", "Backup of a Digue workbench; it holds secret keys"},
                                    {"Bagging-Date", to_iso8601(copy.made).substr(0, 10)},
                                    {"Backup-Made", to_iso8601(copy.made)}});
  return finished ? Result<void>() : tl::make_unexpected(finished.error());
}

bool is_plain(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_' || c == '.' || c == '/';
}

}  // namespace

std::string archive_path(std::string_view path) {
  static constexpr char digits[] = "0123456789ABCDEF";
  std::string out;
  for (const char c : path) {
    const auto byte = static_cast<unsigned char>(c);
    if (is_plain(c))
      out += c;
    else
      out.append("%") += {digits[byte >> 4], digits[byte & 15]};
  }
  return out;
}

std::optional<std::string> path_of_archive(std::string_view path) {
  std::string out;
  const auto digit = [&](std::size_t at) {
    return at < path.size() ? std::string_view("0123456789ABCDEF").find(path[at]) : std::string_view::npos;
  };
  for (std::size_t i = 0; i < path.size(); ++i) {
    if (path[i] != '%') {
      if (!is_plain(path[i])) return std::nullopt;
      out += path[i];
      continue;
    }
    const auto high = digit(i + 1), low = digit(i + 2);
    if (high == std::string_view::npos || low == std::string_view::npos) return std::nullopt;
    out += static_cast<char>(high * 16 + low);
    i += 2;
  }
  if (!bagit::is_safe_path(out)) return std::nullopt;
  return out;
}

Result<void> check_seal(const SealFor& seal_for) {
  if (!seal_for.public_key.empty() && !is_public_key(seal_for.public_key))
    return fail(ErrorCode::bad_input, tr("sealed.no_public_key"), "public_key");
  if (!seal_for.passphrase.empty() && seal_for.passphrase.size() < min_passphrase)
    return fail(ErrorCode::bad_input, tr("sealed.short", {{"count", std::to_string(min_passphrase)}}), "passphrase");
  return {};
}

Result<Outgoing> start_backup(const Context& context, const Caller& caller, SealFor seal_for) {
  if (auto good = check_seal(seal_for); !good) return tl::make_unexpected(good.error());
  const bool sealed = !seal_for.passphrase.empty() || !seal_for.public_key.empty();
  auto taken = take_copy(context);
  if (!taken) return tl::make_unexpected(taken.error());
  const auto copy = std::make_shared<Copy>(std::move(*taken));
  const auto told = context.cases.write(
      [&](store::CaseWriter& writer) { return write_security_note(writer, caller, "backup", sealed ? "sealed" : "in the clear"); });
  if (!told) return tl::make_unexpected(told.error());
  std::string name = "digue-backup-" + to_iso8601(UtcMicros{copy->made.value / micros_per_second * micros_per_second});
  std::erase_if(name, [](char c) { return c == ':'; });
  Outgoing out;
  out.about = size_of(context, *copy);
  out.name = name + (sealed ? ".tar.digue" : ".tar");
  out.bytes = std::make_shared<Producer>([&context, copy, seal = std::move(seal_for), name](const Producer::Put& put) {
    return write_backup(context, *copy, seal, name, put);
  });
  return out;
}

Result<void> forget_copies(const std::string& directory) {
  std::error_code problem;
  fs::remove_all(copies_in(directory), problem);
  if (problem) return tl::make_unexpected(system_error("file.remove", copies_in(directory), problem.value()));
  return {};
}

}  // namespace digue::service
