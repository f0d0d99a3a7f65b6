#include "service/moving.hpp"

#include <algorithm>

#include "base/crypto/random.hpp"
#include "base/encoding.hpp"
#include "base/json/value.hpp"
#include "base/text.hpp"
#include "service/notes.hpp"
#include "store/vault/bag_writer.hpp"

namespace digue::service {

namespace {

constexpr std::size_t max_to = 500;

/// What travels, as it was at one moment; rows stand in a file without a name.
struct Load {
  struct Part {
    std::string_view table;
    std::uint64_t offset = 0, size = 0;
  };
  incident::Incident incident;
  std::vector<incident::Exhibit> exhibits;  ///< whose bytes go along
  std::vector<store::OriginKey> keys;
  std::vector<Part> parts;
  File rows;
  UtcMicros made;
  std::string by, to, code;
};

/// Which checkpoints each key of this workbench signed.
Result<std::vector<store::OriginKey>> signers(store::CaseReader& reader, const std::string& incident) {
  const auto keys = reader.journal_keys();
  if (!keys) return tl::make_unexpected(keys.error());
  const auto checkpoints = reader.checkpoints(incident);
  if (!checkpoints) return tl::make_unexpected(checkpoints.error());
  std::vector<store::OriginKey> out;
  for (const auto& key : *keys) {
    store::OriginKey one{key, 0, 0};
    const std::vector<journal::VerifierKey> verifier{{journal::origin_of(incident), key}};
    for (const auto& checkpoint : *checkpoints) {
      const auto note = journal::parse_note(checkpoint.note);
      if (!note || !journal::verify_note(*note, verifier)) continue;
      if (one.first == 0) one.first = checkpoint.size;
      one.last = checkpoint.size;
    }
    if (one.last > 0) out.push_back(std::move(one));
  }
  return out;
}

Result<void> spool_rows(store::CaseReader& reader, Load& load) {
  std::uint64_t size = 0;
  std::string waiting;
  const auto flush = [&]() -> Result<void> {
    auto done = load.rows.write(waiting);
    waiting.clear();
    return done;
  };
  const auto read = reader.incident_rows(load.incident.id, [&](const store::MovedTable& table, const std::string& json) -> Result<void> {
    if (load.parts.empty() || load.parts.back().table != table.name) load.parts.push_back({table.name, size, 0});
    waiting += json;
    waiting += '\n';
    size += json.size() + 1;
    load.parts.back().size = size - load.parts.back().offset;
    return waiting.size() > (std::size_t{1} << 20) ? flush() : Result<void>();
  });
  return read ? flush() : read;
}

Result<File> unnamed_file(const Context& context) {
  const auto folder = context.settings.directory + "/copies";
  if (auto made = make_directories(folder); !made) return tl::make_unexpected(made.error());
  const auto path = folder + "/" + random_hex(8);
  auto file = File::open_or_create(path, 0600);
  static_cast<void>(remove_file(path));
  return file;
}

Result<void> fill(store::CaseReader& reader, const Context& context, Load& load) {
  auto exhibits = reader.exhibits(load.incident.id);
  if (!exhibits) return tl::make_unexpected(exhibits.error());
  for (auto& one : *exhibits) {
    if (one.state == "destroyed" || one.state == "damaged") continue;
    const auto file = context.vault.open_exhibit(one.sha256);
    const auto size = file ? file->size() : Result<std::uint64_t>(tl::make_unexpected(file.error()));
    if (!size || static_cast<std::int64_t>(*size) != one.bytes)
      return fail(ErrorCode::conflict, tr("move.exhibit", {{"name", one.name}}), one.id, tr("move.exhibit_help"));
    load.exhibits.push_back(std::move(one));
  }
  auto keys = signers(reader, load.incident.id);
  if (!keys) return tl::make_unexpected(keys.error());
  load.keys = std::move(*keys);
  const auto last = reader.last_checkpoint(load.incident.id);
  if (!last) return tl::make_unexpected(last.error());
  if (const auto note = *last ? journal::parse_note((*last)->note) : fail(ErrorCode::not_found, ""); note)
    if (const auto checkpoint = journal::parse_checkpoint(note->text)) load.code = journal::short_code(*checkpoint);
  return spool_rows(reader, load);
}

std::string head_of(const Load& load) {
  json::Array keys;
  for (const auto& one : load.keys) keys.push_back(json::Object{{"key", base64(one.key)}, {"first", one.first}, {"last", one.last}});
  return json::canonical(json::Object{{"schema", std::string(moved_profile)},
                                      {"id", load.incident.id},
                                      {"reference", load.incident.reference},
                                      {"exported", to_iso8601(load.made)},
                                      {"by", load.by},
                                      {"to", load.to},
                                      {"version", DIGUE_VERSION},
                                      {"keys", std::move(keys)}}) +
         "\n";
}

Result<void> add_bytes(store::BagWriter& bag, const std::string& path, const File& file, std::uint64_t offset, std::uint64_t size,
                       Sha256Stream* hash = nullptr) {
  auto done = bag.begin_file(path, size);
  std::string part(std::size_t{1} << 20, '\0');
  for (std::uint64_t at = 0; done && at < size;) {
    const auto got = file.read_at(offset + at, part.data(), std::min<std::uint64_t>(part.size(), size - at));
    if (!got) return tl::make_unexpected(got.error());
    if (*got == 0) return fail(ErrorCode::io, tr("backup.shrunk"), file.path());
    const std::string_view bytes(part.data(), *got);
    if (hash != nullptr) hash->update(bytes);
    done = bag.write(bytes);
    at += *got;
  }
  return done ? bag.end_file() : done;
}

Result<void> write_archive(const Context& context, const Load& load, const SealFor& seal_for, const std::string& name,
                           const Producer::Put& put) {
  const bool sealed = !seal_for.passphrase.empty() || !seal_for.public_key.empty();
  auto opened = store::BagWriter::open({{}, ArchiveKind::tar, name, load.made, sealed ? std::optional(seal_for) : std::nullopt, put});
  if (!opened) return tl::make_unexpected(opened.error());
  auto& bag = **opened;
  auto done = bag.add("incident.json", head_of(load));
  for (const auto& part : load.parts)
    if (done) done = add_bytes(bag, "rows/" + std::string(part.table) + ".ndjson", load.rows, part.offset, part.size);
  std::string before;
  auto exhibits = load.exhibits;
  std::sort(exhibits.begin(), exhibits.end(), [](const auto& a, const auto& b) { return a.sha256 < b.sha256; });
  for (const auto& exhibit : exhibits) {
    if (!done) return done;
    if (exhibit.sha256 == before) continue;
    before = exhibit.sha256;
    const auto file = context.vault.open_exhibit(exhibit.sha256);
    if (!file) return tl::make_unexpected(file.error());
    Sha256Stream hash;
    done = add_bytes(bag, "vault/" + exhibit.sha256, *file, 0, static_cast<std::uint64_t>(exhibit.bytes), &hash);
    if (done && to_hex(hash.finish()) != exhibit.sha256)
      return fail(ErrorCode::conflict, tr("move.exhibit", {{"name", exhibit.name}}), exhibit.id, tr("move.exhibit_help"));
  }
  if (!done) return done;
  const auto finished = bag.finish({{"Bag-Software-Agent", "Digue " DIGUE_VERSION},
                                    {"BagIt-Profile-Identifier", std::string(moved_profile)},
                                    {"External-Identifier", load.incident.reference},
                                    {"Internal-Sender-Identifier", load.incident.id},
                                    {"Bagging-Date", to_iso8601(load.made).substr(0, 10)},
                                    {"Journal-Checkpoint", load.code.empty() ? "none" : load.code}});
  return finished ? Result<void>() : tl::make_unexpected(finished.error());
}

}  // namespace

Result<void> first_pilots(store::CaseWriter& writer, const Caller& caller, const std::string& incident) {
  const auto people = writer.people();
  if (!people) return tl::make_unexpected(people.error());
  for (const auto& one : *people) {
    const bool pilot = caller.person.empty() ? one.administrator && one.state == people::AccountState::active : one.id == caller.person;
    if (!pilot) continue;
    if (auto put = writer.put_membership({incident, one.id, people::bit(people::Role::pilot)}); !put) return put;
  }
  return {};
}

Result<Outgoing> export_incident(const Context& context, const Caller& caller, const std::string& incident, const std::string& to,
                                 SealFor seal_for) {
  if (trim(to).empty()) return fail(ErrorCode::bad_input, tr("field.missing", {{"field", "to"}}), "to");
  if (to.size() > max_to)
    return fail(ErrorCode::bad_input, tr("field.too_long", {{"field", "to"}, {"limit", std::to_string(max_to)}}), "to");
  if (auto good = check_seal(seal_for); !good) return tl::make_unexpected(good.error());
  const bool sealed = !seal_for.passphrase.empty() || !seal_for.public_key.empty();
  const auto load = std::make_shared<Load>();
  load->made = now();
  load->by = caller.name;
  load->to = to;
  const auto noted = context.cases.write([&](store::CaseWriter& writer) -> Result<void> {
    const auto known = writer.incident(incident);
    if (!known) return tl::make_unexpected(known.error());
    Note note{"incident.exported", say(context, "note.exported", {{"to", to}}), {}, {}};
    note.kind = journal::Kind::action;
    const auto line = write_note(writer, context, caller, incident, std::move(note));
    return line ? Result<void>() : tl::make_unexpected(line.error());
  });
  if (!noted) return tl::make_unexpected(noted.error());
  context.notify("journal", incident);
  // The line, and the checkpoint that covers it, travel too.
  auto rows = unnamed_file(context);
  if (!rows) return tl::make_unexpected(rows.error());
  load->rows = std::move(*rows);
  const auto read = context.cases.read([&](store::CaseReader& reader) -> Result<void> {
    auto found = reader.incident(incident);
    if (!found) return tl::make_unexpected(found.error());
    load->incident = std::move(*found);
    return fill(reader, context, *load);
  });
  if (!read) return tl::make_unexpected(read.error());
  const auto name = "digue-incident-" + load->incident.reference + "-" + incident;
  std::uint64_t about = 0;
  for (const auto& part : load->parts) about += part.size;
  for (const auto& exhibit : load->exhibits) about += static_cast<std::uint64_t>(exhibit.bytes);
  return Outgoing{name + (sealed ? ".tar.digue" : ".tar"), about,
                  std::make_shared<Producer>([&context, load, seal = std::move(seal_for), name](const Producer::Put& put) {
                    return write_archive(context, *load, seal, name, put);
                  })};
}

}  // namespace digue::service
