#include "service/reading.hpp"

#include <algorithm>

#include "base/archive/archive.hpp"
#include "base/text.hpp"
#include "service/custody.hpp"
#include "service/story.hpp"

namespace digue::service {

namespace {

constexpr std::uint64_t context_bytes = 512;
constexpr std::int64_t max_headers = 64 * 1024;
constexpr std::size_t max_purpose = 2000;

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

std::string place(std::int64_t offset, std::int64_t length) {
  return "offset " + std::to_string(offset) + ", length " + std::to_string(length);
}

/// Where the headers of a message end: behind the line before the first empty one.
std::size_t headers_end(std::string_view bytes) {
  return std::min({bytes.find("\n\n"), bytes.find("\n\r\n"), bytes.size()});
}

/// Why the caller may open what `path` names in this exhibit; empty when it needs no reason, a conflict at reason_place when none was given
/// lately.
Result<std::string> purpose_of(const Context& context, const Caller& caller, const std::string& incident, const incident::Exhibit& exhibit,
                               std::string_view path, bool may_hold_mail = false) {
  if (exhibit.content != "mail" && !may_hold_mail && !incident::holds_mail(path, {})) return std::string();
  const auto opened = store::reading(
      context.cases, [&](store::CaseReader& reader) { return reader.last_custody(incident, exhibit.id, caller.name, "opened"); });
  if (!opened) return tl::make_unexpected(opened.error());
  // Two people may bear one name: the event tells the account, too.
  const auto age = *opened && (*opened)->detail == caller.person ? now().value - (*opened)->at.value : -1;
  if (age >= 0 && age < reason_minutes * micros_per_minute) return (*opened)->purpose;
  return fail(ErrorCode::conflict, tr("reading.reason_needed"), std::string(reason_place), tr("reading.reason_help"));
}

Result<void> note_view(const Context& context, const Caller& caller, const std::string& incident, const std::string& exhibit,
                       std::string detail, std::string purpose) {
  return context.cases.write([&](store::CaseWriter& writer) -> Result<void> {
    const auto added = writer.add_custody(incident, {exhibit, now(), caller.name, "viewed", std::move(detail), std::move(purpose)});
    return added ? Result<void>() : tl::make_unexpected(added.error());
  });
}

}  // namespace

Result<UtcMicros> give_reason(const Context& context, const Caller& caller, const std::string& incident, const std::string& exhibit,
                              const std::string& purpose) {
  if (trim(purpose).empty()) return fail(ErrorCode::bad_input, tr("field.missing", {{"field", "purpose"}}), "purpose");
  if (purpose.size() > max_purpose)
    return fail(ErrorCode::bad_input, tr("field.too_long", {{"field", "purpose"}, {"limit", std::to_string(max_purpose)}}), "purpose");
  const auto time = now();
  const auto done = context.cases.write([&](store::CaseWriter& writer) -> Result<void> {
    const auto known = writer.exhibit(incident, exhibit);
    if (!known) return tl::make_unexpected(known.error());
    Note note{"mail.opened", say(context, "note.opened", {{"name", std::string(clip(known->name, 1000))}, {"purpose", purpose}}), {}, {}};
    note.kind = journal::Kind::action;
    return note_custody(writer, context, caller, incident, {{exhibit, time, caller.name, "opened", caller.person, purpose}},
                        std::move(note));
  });
  if (!done) return tl::make_unexpected(done.error());
  context.notify("exhibit", incident);
  context.notify("journal", incident);
  return UtcMicros{time.value + reason_minutes * micros_per_minute};
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
  const auto purpose = purpose_of(context, caller, incident, source->exhibit, source->path);
  if (!purpose) return tl::make_unexpected(purpose.error());
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

  if (auto noted = note_view(context, caller, incident, source->exhibit.id, place(offset, length), *purpose); !noted)
    return tl::make_unexpected(noted.error());
  return view;
}

std::string exhibit_of_input(const Context& context, const std::string& incident, std::int64_t input) {
  const auto story = store::reading(context.cases, [&](store::CaseReader& reader) { return reader.story_head(incident); });
  if (!story || input < 0 || input >= static_cast<std::int64_t>(story->inputs.size())) return {};
  return story->inputs[static_cast<std::size_t>(input)].exhibit;
}

Result<RecordView> view_exhibit(const Context& context, const Caller& caller, const std::string& incident, const std::string& exhibit,
                                Part part, std::int64_t offset, std::int64_t length) {
  const auto known = store::reading(context.cases, [&](store::CaseReader& reader) { return reader.exhibit(incident, exhibit); });
  if (!known) return tl::make_unexpected(known.error());
  if (known->state == "destroyed") return fail(ErrorCode::not_found, tr("exhibit.destroyed"), known->name);
  const auto file = context.vault.open_exhibit(known->sha256);
  if (!file) return tl::make_unexpected(file.error());
  const auto head = bytes_at(*file, 0, 512);
  if (!head) return tl::make_unexpected(head.error());
  const auto purpose = purpose_of(context, caller, incident, *known, known->name, incident::is_archive(*head));
  if (!purpose) return tl::make_unexpected(purpose.error());
  const auto size = std::min(length, part == Part::headers ? max_headers : max_record_view);
  auto bytes = bytes_at(*file, static_cast<std::uint64_t>(offset), static_cast<std::uint64_t>(size));
  if (!bytes) return tl::make_unexpected(bytes.error());
  if (part == Part::headers) bytes->resize(headers_end(*bytes));
  RecordView view;
  view.path = known->name;
  view.text = show_bytes(*bytes);
  view.truncated = offset + static_cast<std::int64_t>(bytes->size()) < known->bytes;
  const std::string detail = (part == Part::headers ? "headers, " : "") + place(offset, static_cast<std::int64_t>(bytes->size()));
  if (auto noted = note_view(context, caller, incident, exhibit, detail, *purpose); !noted) return tl::make_unexpected(noted.error());
  return view;
}

}  // namespace digue::service
