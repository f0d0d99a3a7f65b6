#include "service/exhibits.hpp"

#include <algorithm>

#include "base/archive/archive.hpp"
#include "base/crypto/random.hpp"
#include "base/json/value.hpp"
#include "base/text.hpp"
#include "service/notes.hpp"
#include "service/story.hpp"

namespace digue::service {

namespace {

constexpr std::uint64_t context_bytes = 512;

store::Vault::Recorded recorded(const Context& context) {
  return [&context](const std::string& sha256) {
    return store::reading(context.cases, [&](store::CaseReader& reader) { return reader.holds(sha256); });
  };
}

/// True when a reader must decode the file before places mean anything: compressed, archived or UTF-16 with its mark.
bool needs_decoding(std::string_view head) {
  return is_packed(head) || head.starts_with("\xff\xfe") || head.starts_with("\xfe\xff");
}

Result<std::string> bytes_at(const File& file, std::uint64_t offset, std::uint64_t size) {
  std::string bytes(size, '\0');
  const auto got = file.read_at(offset, bytes.data(), bytes.size());
  if (!got) return tl::make_unexpected(got.error());
  bytes.resize(*got);
  return bytes;
}

}  // namespace

Result<std::unique_ptr<Upload>> receive_exhibit(const Context& context, const Caller& caller, const std::string& incident,
                                                const std::string& name) {
  if (trim(name).empty()) return fail(ErrorCode::bad_input, tr("field.missing", {{"field", "name"}}), "name");
  if (name.size() > max_exhibit_name)
    return fail(ErrorCode::bad_input, tr("field.too_long", {{"field", "name"}, {"limit", std::to_string(max_exhibit_name)}}), "name");
  const auto known = store::reading(context.cases, [&](store::CaseReader& reader) { return reader.incident(incident); });
  if (!known) return tl::make_unexpected(known.error());
  auto incoming = context.vault.receive();
  if (!incoming) return tl::make_unexpected(incoming.error());
  return std::unique_ptr<Upload>(new Upload(context, caller, incident, to_utf8_lossy(name), std::move(*incoming)));
}

Result<incident::Exhibit> Upload::finish() {
  const auto sealed = context_.vault.seal(std::move(incoming_));
  if (!sealed) return tl::make_unexpected(sealed.error());
  auto added = store::writing(context_.cases, [&](store::CaseWriter& writer) -> Result<incident::Exhibit> {
    incident::Exhibit exhibit;
    exhibit.id = random_hex(8);
    exhibit.name = name_;
    exhibit.bytes = sealed->bytes;
    exhibit.sha256 = sealed->sha256;
    exhibit.received = now();
    exhibit.by = caller_.name;
    exhibit.method = "upload";
    auto done = writer.add_exhibit(incident_, exhibit);
    if (done) done = writer.add_custody(incident_, {exhibit.id, exhibit.received, caller_.name, "received", "upload"});
    if (!done) return tl::make_unexpected(done.error());
    Note note{"exhibit.received",
              say(context_, "note.exhibit",
                  {{"name", std::string(clip(name_, 1000))}, {"bytes", std::to_string(sealed->bytes)}, {"sha256", sealed->sha256}}),
              {},
              {{"exhibit", exhibit.id}}};
    if (auto line = write_note(writer, context_, caller_, incident_, std::move(note)); !line) return tl::make_unexpected(line.error());
    return exhibit;
  });
  if (!added) {
    context_.vault.discard(*sealed, recorded(context_));
    return added;
  }
  context_.vault.keep(*sealed);
  context_.notify("exhibit", incident_);
  context_.notify("journal", incident_);
  return added;
}

Result<std::vector<incident::Exhibit>> list_exhibits(const Context& context, const std::string& incident) {
  return store::reading(context.cases, [&](store::CaseReader& reader) -> Result<std::vector<incident::Exhibit>> {
    if (const auto known = reader.incident(incident); !known) return tl::make_unexpected(known.error());
    return reader.exhibits(incident);
  });
}

Result<std::vector<incident::CustodyEvent>> list_custody(const Context& context, const std::string& incident) {
  return store::reading(context.cases, [&](store::CaseReader& reader) -> Result<std::vector<incident::CustodyEvent>> {
    if (const auto known = reader.incident(incident); !known) return tl::make_unexpected(known.error());
    return reader.custody(incident);
  });
}

std::string show_bytes(std::string_view bytes) {
  const std::string text = to_utf8_lossy(bytes);
  static constexpr char digits[] = "0123456789ABCDEF";
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto byte = [&](std::size_t at) { return at < text.size() ? static_cast<unsigned char>(text[at]) : 0u; };
    const unsigned c = byte(i);
    if (c < 0x20 && c != '\n' && c != '\t') {
      // U+2400 .. U+241F picture the controls.
      out += "\xE2\x90";
      out += static_cast<char>(0x80 + c);
    } else if (c == 0x7f) {
      out += "\xE2\x90\xA1";
    } else if (c == 0xC2 && byte(i + 1) < 0xA0) {
      // C1 controls, U+0080 .. U+009F.
      const unsigned code = byte(++i);
      out.append("\\u00") += digits[code >> 4];
      out += digits[code & 15];
    } else if (c == 0xE2 &&
               ((byte(i + 1) == 0x80 && ((byte(i + 2) >= 0xA8 && byte(i + 2) <= 0xAE) || byte(i + 2) == 0x8E || byte(i + 2) == 0x8F)) ||
                (byte(i + 1) == 0x81 && byte(i + 2) >= 0xA6 && byte(i + 2) <= 0xA9))) {
      // Line separators and bidirectional controls, U+200E/F, U+2028 .. U+202E and U+2066 .. U+2069.
      const unsigned code = 0x2000u + ((byte(i + 1) & 0x3Fu) << 6) + (byte(i + 2) & 0x3Fu);
      out += "\\u";
      for (const unsigned shift : {12u, 8u, 4u, 0u}) out += digits[(code >> shift) & 15];
      i += 2;
    } else {
      out += static_cast<char>(c);
    }
  }
  return out;
}

Result<RecordView> view_record(const Context& context, Analyser& analyser, const Caller& caller, const std::string& incident,
                               std::int64_t input, std::int64_t offset, std::int64_t length) {
  struct Source {
    incident::Exhibit exhibit;
    std::string path;
    std::string name;  ///< of the exhibit, as the analysis was told
  };
  const auto source = store::reading(context.cases, [&](store::CaseReader& reader) -> Result<Source> {
    const auto story = reader.story_head(incident);
    if (!story) return tl::make_unexpected(story.error());
    if (input >= static_cast<std::int64_t>(story->inputs.size()))
      return fail(ErrorCode::not_found, tr("record.no_input"), std::to_string(input));
    const auto& [exhibit, path] = story->inputs[static_cast<std::size_t>(input)];
    if (exhibit.empty()) return fail(ErrorCode::not_found, tr("record.no_input"), path);
    const auto exhibits = reader.exhibits(incident);
    if (!exhibits) return tl::make_unexpected(exhibits.error());
    const auto names = unique_names(*exhibits);
    for (std::size_t i = 0; i < names.size(); ++i)
      if ((*exhibits)[i].id == exhibit) return Source{(*exhibits)[i], path, names[i]};
    return fail(ErrorCode::not_found, tr("record.no_input"), path);
  });
  if (!source) return tl::make_unexpected(source.error());
  const auto file = context.vault.open_exhibit(source->exhibit.sha256);
  if (!file) return tl::make_unexpected(file.error());
  const auto head = bytes_at(*file, 0, 512);
  if (!head) return tl::make_unexpected(head.error());
  const bool decoded = needs_decoding(*head);
  if (!decoded && offset >= source->exhibit.bytes) return fail(ErrorCode::not_found, tr("record.beyond"), source->path);

  const auto start = static_cast<std::uint64_t>(offset);
  const auto wanted = static_cast<std::uint64_t>(std::min(length, max_record_view));
  const auto before = std::min(start, context_bytes);
  const std::uint64_t size = before + wanted + context_bytes;
  auto bytes = decoded ? analyser.excerpt({context.vault.path_of(source->exhibit.sha256), source->name}, source->path, start - before, size)
                       : bytes_at(*file, start - before, size);
  if (bytes && bytes->size() <= before) bytes = fail(ErrorCode::not_found, "");
  if (!bytes && bytes.error().code == ErrorCode::not_found) return fail(ErrorCode::not_found, tr("record.beyond"), source->path);
  if (!bytes) return tl::make_unexpected(bytes.error());
  const std::string_view all = *bytes;
  const auto text = all.substr(before, wanted);
  RecordView view;
  view.path = source->path;
  view.before = show_bytes(all.substr(0, before));
  view.text = show_bytes(text);
  view.after = show_bytes(all.substr(before + text.size()));
  view.truncated = static_cast<std::int64_t>(text.size()) < length;

  const auto noted = context.cases.write([&](store::CaseWriter& writer) {
    return writer.add_custody(incident, {source->exhibit.id, now(), caller.name, "viewed",
                                         "offset " + std::to_string(offset) + ", length " + std::to_string(length)});
  });
  if (!noted) return tl::make_unexpected(noted.error());
  return view;
}

}  // namespace digue::service
