#include <cstdint>

#include "invariant.hpp"
#include "journal/export.hpp"

using namespace digue;
using namespace digue::journal;

/// What parses is what would be written; an export is read to its end whatever it holds.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  if (const auto key = VerifierKey::parse(text)) INVARIANT(key->text() == text);
  if (const auto checkpoint = parse_checkpoint(text)) INVARIANT(to_text(*checkpoint) == text);
  if (const auto proof = parse_proof(text)) INVARIANT(to_text(*proof) == text);
  if (const auto note = parse_note(text)) INVARIANT(text.starts_with(note->text) && !note->signatures.empty());
  if (const auto header = parse_header(text)) INVARIANT(header->seq > 0);
  static_cast<void>(parse_body(text));

  ExportReader reader;
  std::int64_t taken = 0;
  for (std::string_view rest = text; !rest.empty(); ++taken) {
    const auto end = rest.find('\n');
    if (!reader.take(rest.substr(0, end)) && taken > 0) INVARIANT(!reader.finish());
    rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
  }
  if (const auto audit = reader.finish()) {
    INVARIANT(audit->lines + audit->checkpoints < taken);
    INVARIANT(audit->signed_to <= audit->lines);
  }
  return 0;
}
