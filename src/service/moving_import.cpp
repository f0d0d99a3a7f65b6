#include <algorithm>
#include <map>

#include "base/crypto/random.hpp"
#include "base/encoding.hpp"
#include "base/json/value.hpp"
#include "base/text.hpp"
#include "service/bag_reader.hpp"
#include "service/moving.hpp"
#include "service/notes.hpp"
#include "service/story.hpp"

namespace digue::service {

namespace {

/// Of all rows of an incident.
constexpr std::size_t max_rows = std::size_t{1} << 30;
constexpr std::size_t max_head = std::size_t{1} << 20;

tl::unexpected<Error> wrong(std::string_view key, std::string where, MessageValues values = {}) {
  return fail(ErrorCode::bad_input, tr(key, values), std::move(where), tr("move.nothing_kept"));
}

struct Head {
  std::string id, reference, by;
  std::vector<store::OriginKey> keys;
};

Result<Head> read_head(std::string_view text) {
  const auto value = json::parse(text, {.bytes = max_head, .depth = 6});
  if (!value) return wrong("move.no_incident", "incident.json");
  json::Fields fields(*value);
  Head out;
  const bool known = fields.text("schema", 64) == moved_profile;
  out.id = fields.text("id", 64);
  out.reference = fields.text("reference", 64);
  out.by = fields.text_or("by", 1000, "");
  const bool plain = out.id.size() == 16 && out.id.find_first_not_of("0123456789abcdef") == std::string::npos;
  const bool dated = out.reference.size() >= 8 && out.reference[4] == '-' &&
                     std::all_of(out.reference.begin(), out.reference.end(), [](char c) { return c == '-' || (c >= '0' && c <= '9'); }) &&
                     std::count(out.reference.begin(), out.reference.end(), '-') == 1;
  if (!fields.done() || !known || !plain || !dated) return wrong("move.no_incident", "incident.json");
  const auto* keys = value->get_object().if_contains("keys");
  if (keys == nullptr || !keys->is_array()) return wrong("move.no_incident", "incident.json");
  for (const auto& one : keys->get_array()) {
    json::Fields key(one);
    const auto raw = from_base64(key.text("key", 128));
    const auto first = key.integer("first", 1, std::int64_t{1} << 53), last = key.integer("last", 1, std::int64_t{1} << 53);
    if (!key.done() || !raw || raw->size() != ed25519_key_size) return wrong("move.no_incident", "incident.json");
    out.keys.push_back({*raw, first, last});
  }
  return out;
}

/// The archive, read and compared with its hashes; the bytes of exhibits are sealed in the vault, on probation.
struct Arrived {
  explicit Arrived(const Context& at) : context(at) {}
  ~Arrived() {
    if (kept) return;
    const store::Vault::Recorded recorded = [&](const std::string& sha256) {
      return store::reading(context.cases, [&](store::CaseReader& reader) { return reader.holds(sha256); });
    };
    for (const auto& [hash, sealed] : bytes) context.vault.discard(sealed, recorded);
  }
  void keep() {
    kept = true;
    for (const auto& [hash, sealed] : bytes) context.vault.keep(sealed);
  }

  const Context& context;
  bool kept = false;
  std::string head;
  std::map<std::string, std::string> rows;  ///< by table
  std::map<std::string, store::SealedBytes> bytes;
};

Result<void> take_file(Arrived& out, bagit::Check& bag, std::size_t& room, const std::string& path, ByteSource& content) {
  constexpr std::string_view rows = "data/rows/", vault = "data/vault/", end = ".ndjson";
  const auto keep_in = [&](std::string& text) {
    const auto sums = read_file_of_bag(bag, path, content, [&](std::string_view part) -> Result<void> {
      if (part.size() > room) return fail(ErrorCode::limit, tr("move.too_large"), path);
      room -= part.size();
      text += part;
      return {};
    });
    return sums ? Result<void>() : tl::make_unexpected(sums.error());
  };
  if (path == "data/incident.json") return keep_in(out.head);
  if (path.starts_with(rows) && path.ends_with(end)) {
    const auto table = path.substr(rows.size(), path.size() - rows.size() - end.size());
    const auto all = store::moved_tables();
    if (std::none_of(all.begin(), all.end(), [&](const auto& one) { return one.name == table; })) return wrong("move.unknown", path);
    return keep_in(out.rows[table]);
  }
  if (path.starts_with(vault)) {
    const auto name = path.substr(vault.size());
    if (out.bytes.contains(name)) return wrong("move.unknown", path);
    auto incoming = out.context.vault.receive();
    if (!incoming) return tl::make_unexpected(incoming.error());
    const auto sums = read_file_of_bag(bag, path, content, [&](std::string_view part) { return incoming->write(part); });
    if (!sums) return tl::make_unexpected(sums.error());
    if (to_hex(sums->sha256) != name) return wrong("bag.altered", path, {{"about", name}});
    const auto sealed = out.context.vault.seal(std::move(*incoming));
    if (!sealed) return tl::make_unexpected(sealed.error());
    out.bytes.emplace(name, *sealed);
    return {};
  }
  if (path.starts_with("data/") || path.starts_with("../")) return wrong("move.unknown", path);
  const auto sums = read_file_of_bag(bag, path, content);
  return sums ? Result<void>() : tl::make_unexpected(sums.error());
}

Result<void> read_archive(Arrived& out, const std::string& path, const OpenWith& key) {
  bagit::Check bag;
  std::size_t room = max_rows;
  const auto read =
      read_bag_archive(path, key, [&](const std::string& name, ByteSource& content) { return take_file(out, bag, room, name, content); });
  if (!read) return read;
  const auto verdict = bag.finish();
  if (!verdict.problems.empty()) return fail(ErrorCode::bad_input, bag_problem(verdict.problems.front()), {}, tr("move.nothing_kept"));
  if (std::find(verdict.info.begin(), verdict.info.end(),
                std::pair<std::string, std::string>("BagIt-Profile-Identifier", std::string(moved_profile))) == verdict.info.end())
    return wrong("move.no_incident", "bag-info.txt");
  return {};
}

/// "2026-004": the next number of the year.
std::string next_reference(const std::string& year, const std::vector<incident::Summary>& all) {
  std::int64_t last = 0;
  for (const auto& one : all)
    if (one.incident.reference.starts_with(year + "-")) last = std::max<std::int64_t>(last, std::atoll(one.incident.reference.c_str() + 5));
  const auto number = std::to_string(last + 1);
  return year + "-" + (number.size() < 3 ? std::string(3 - number.size(), '0') : "") + number;
}

Result<void> take_rows(store::CaseWriter& writer, const Arrived& arrived, const Head& head, const std::string& reference) {
  for (const auto& table : store::moved_tables()) {
    const auto at = arrived.rows.find(std::string(table.name));
    if (at == arrived.rows.end()) continue;
    std::int64_t number = 0;
    for (std::string_view rest = at->second; !rest.empty();) {
      const auto end = std::min(rest.find('\n'), rest.size());
      std::string line(rest.substr(0, end));
      rest.remove_prefix(std::min(end + 1, rest.size()));
      const auto where = "rows/" + at->first + ".ndjson:" + std::to_string(++number);
      if (table.name == "incidents") {
        auto value = json::parse(line);
        if (!value || !value->is_object() || number > 1) return wrong("move.row", where);
        value->get_object()["reference"] = reference;
        line = json::canonical(*value);
      }
      if (auto taken = writer.take_row(head.id, table, line); !taken)
        return fail(taken.error().code, taken.error().message, where, tr("move.nothing_kept"));
    }
  }
  return {};
}

/// Whether what was taken in proves what it claims: journal, custody, exhibits.
Result<void> examine(store::CaseReader& reader, const Arrived& arrived, const Head& head, TakenOver& out) {
  const auto audit = store::audit_journal(reader, head.id);
  if (!audit) return tl::make_unexpected(audit.error());
  if (!audit->good()) return fail(ErrorCode::bad_input, audit->problems.front().message, "journal", tr("move.nothing_kept"));
  if (audit->signed_to != audit->lines) return wrong("move.unsigned", "journal");
  out.lines = audit->lines;
  const auto events = reader.custody(head.id);
  if (!events) return tl::make_unexpected(events.error());
  std::string previous;
  std::int64_t number = 0;
  for (const auto& event : *events) {
    if (event.number != ++number || incident::custody_hash(head.id, event, previous) != event.hash)
      return wrong("package.custody_altered", "custody", {{"number", std::to_string(number)}});
    previous = event.hash;
  }
  if (const auto records = reader.acquisitions(head.id); !records) return wrong("store.damaged", "acquisitions");
  const auto exhibits = reader.exhibits(head.id);
  if (!exhibits) return tl::make_unexpected(exhibits.error());
  for (const auto& exhibit : *exhibits) {
    const auto at = arrived.bytes.find(exhibit.sha256);
    const bool without = exhibit.state == "destroyed" || exhibit.state == "damaged";
    if (at == arrived.bytes.end() ? !without : at->second.bytes != exhibit.bytes)
      return wrong("package.exhibit_missing", exhibit.id, {{"name", exhibit.name}});
    if (at != arrived.bytes.end() && !exhibit.sha512.empty() && at->second.sha512 != exhibit.sha512)
      return wrong("package.exhibit_altered", exhibit.id, {{"name", exhibit.name}});
    ++out.exhibits;
  }
  for (const auto& [hash, sealed] : arrived.bytes)
    if (std::none_of(exhibits->begin(), exhibits->end(), [&](const auto& one) { return one.sha256 == hash; }))
      return wrong("package.unrecorded", "vault/" + hash);
  const auto story = reader.story(head.id);
  if (!story && story.error().code != ErrorCode::not_found) return tl::make_unexpected(story.error());
  if (story)
    if (const auto facts = read_story(story->analysis); !facts) return wrong("analysis.malformed", "stories");
  return {};
}

Result<TakenOver> take_in(store::CaseWriter& writer, const Context& context, const Caller& caller, const Arrived& arrived,
                          const Head& head) {
  if (writer.incident(head.id)) return fail(ErrorCode::conflict, tr("move.here"), head.id, tr("move.nothing_kept"));
  const auto all = writer.incidents();
  if (!all) return tl::make_unexpected(all.error());
  TakenOver out;
  out.reference = head.reference;
  const bool taken = std::any_of(all->begin(), all->end(), [&](const auto& one) { return one.incident.reference == head.reference; });
  const auto reference = taken ? next_reference(head.reference.substr(0, 4), *all) : head.reference;
  if (auto done = take_rows(writer, arrived, head, reference); !done) return tl::make_unexpected(done.error());
  auto incident = writer.incident(head.id);
  if (!incident) return wrong("move.no_incident", "rows/incidents.ndjson");
  out.incident = std::move(*incident);
  const auto own = writer.journal_keys();
  if (!own) return tl::make_unexpected(own.error());
  for (const auto& key : head.keys)
    if (std::find(own->begin(), own->end(), key.key) == own->end())
      if (auto added = writer.add_origin_key(head.id, key); !added) return tl::make_unexpected(added.error());
  if (auto good = examine(writer, arrived, head, out); !good) return tl::make_unexpected(good.error());
  // Packages stay where they were made.
  const auto packages = writer.packages(head.id);
  if (!packages) return tl::make_unexpected(packages.error());
  for (auto package : *packages) {
    package.kept = false;
    if (auto put = writer.put_package(head.id, package); !put) return tl::make_unexpected(put.error());
  }
  std::string text = say(
      context, "note.moved_here",
      {{"reference", head.reference}, {"by", head.by}, {"lines", std::to_string(out.lines)}, {"exhibits", std::to_string(out.exhibits)}});
  if (taken) text += ' ' + say(context, "note.moved_reference", {{"reference", reference}});
  Note note{"incident.moved_here", std::move(text), {}, {}};
  note.kind = journal::Kind::action;
  if (const auto line = write_note(writer, context, caller, head.id, std::move(note)); !line) return tl::make_unexpected(line.error());
  if (auto done = first_pilots(writer, caller, head.id); !done) return tl::make_unexpected(done.error());
  return out;
}

}  // namespace

Result<std::unique_ptr<IncidentImport>> IncidentImport::open(const Context& context, Caller caller, OpenWith key) {
  const auto folder = context.settings.directory + "/copies";
  if (auto made = make_directories(folder); !made) return tl::make_unexpected(made.error());
  auto file = File::create(folder + "/" + random_hex(8), 0600);
  if (!file) return tl::make_unexpected(file.error());
  return std::unique_ptr<IncidentImport>(new IncidentImport(context, std::move(caller), std::move(key), std::move(*file)));
}

IncidentImport::~IncidentImport() {
  static_cast<void>(remove_file(file_.path()));
}

Result<TakenOver> IncidentImport::finish() {
  auto taken = take_over();
  // Before the answer: whoever was refused finds nothing of it.
  static_cast<void>(remove_file(file_.path()));
  return taken;
}

Result<TakenOver> IncidentImport::take_over() {
  const auto begin = File::open(file_.path());
  if (!begin) return tl::make_unexpected(begin.error());
  std::string start(64, '\0');
  const auto got = begin->read_at(0, start.data(), start.size());
  if (!got) return tl::make_unexpected(got.error());
  if (key_.passphrase.empty() && is_sealed(std::string_view(start).substr(0, *got)))
    return fail(ErrorCode::bad_input, tr("move.sealed"), {}, tr("move.sealed_help"));
  Arrived arrived(context_);
  if (auto read = read_archive(arrived, file_.path(), key_); !read) return tl::make_unexpected(read.error());
  const auto head = read_head(arrived.head);
  if (!head) return tl::make_unexpected(head.error());
  auto taken =
      store::writing(context_.cases, [&](store::CaseWriter& writer) { return take_in(writer, context_, caller_, arrived, *head); });
  if (!taken) return taken;
  arrived.keep();
  for (const auto* kind : {"incident", "journal", "exhibit"}) context_.notify(kind, taken->incident.id);
  return taken;
}

}  // namespace digue::service
