#include "base/yaml.hpp"

#include <libfyaml.h>

#include <algorithm>
#include <memory>
#include <optional>

#include "base/text.hpp"

namespace digue {
namespace {

struct DiagDeleter {
  void operator()(fy_diag* diag) const { fy_diag_destroy(diag); }
};
struct ParserDeleter {
  void operator()(fy_parser* parser) const { fy_parser_destroy(parser); }
};
struct EventDeleter {
  fy_parser* parser;
  void operator()(fy_event* event) const { fy_parser_event_free(parser, event); }
};
using Event = std::unique_ptr<fy_event, EventDeleter>;

struct Place {
  int line = 1;
  int column = 1;
};

tl::unexpected<Error> refuse(ErrorCode code, std::string message, std::string_view file, Place place, std::string help = {}) {
  return fail(code, std::move(message), std::string(file) + ":" + std::to_string(place.line) + ":" + std::to_string(place.column),
              std::move(help));
}

/// The library marks a quoted text and an alias one character late, and an absent value at the start of the file.
Place place_of(fy_event* event, Place otherwise) {
  const fy_mark* mark = fy_event_start_mark(event);
  if (!mark) return otherwise;
  Place place{mark->line + 1, mark->column + 1};
  if (event->type == FYET_ALIAS) place.column -= 1;
  if (event->type == FYET_SCALAR) {
    const fy_scalar_style style = fy_token_scalar_style(event->scalar.value);
    if (style == FYSS_SINGLE_QUOTED || style == FYSS_DOUBLE_QUOTED) place.column -= 1;
    if (style == FYSS_PLAIN && fy_token_get_text_length(event->scalar.value) == 0) return otherwise;
  }
  return place;
}

/// Where the first byte stands that YAML allows in no text (its library would end the document there without a word).
std::optional<Place> forbidden_byte(std::string_view text) {
  Place place;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if ((byte < 0x20 && c != '\t' && c != '\n' && c != '\r') || byte == 0x7f) return place;
    place.column += (byte & 0xc0) != 0x80;
    if (c == '\n') place = {place.line + 1, 1};
  }
  return {};
}

/// Turns the parser's events into a tree. Open collections stand on a stack, so that a hostile nesting never becomes a recursion.
class Builder {
 public:
  explicit Builder(std::string_view file) : file_(file) {}

  /// Feeds one event; an error ends the parse.
  Result<void> take(fy_event* event) {
    const Place place = place_of(event, last_);
    last_ = place;
    switch (event->type) {
      case FYET_DOCUMENT_START:
        if (started_) return refuse(ErrorCode::bad_input, "a second YAML document", file_, place, "Keep one document per file.");
        if (fy_document_state_version_explicit(event->document_start.document_state) ||
            fy_document_state_tags_explicit(event->document_start.document_state))
          return refuse(ErrorCode::bad_input, "YAML directives are not accepted", file_, place, "Remove the lines that start with %.");
        started_ = true;
        return {};
      case FYET_ALIAS:
        return refuse(ErrorCode::bad_input, "YAML aliases are not accepted", file_, place, "Write the value out.");
      case FYET_SCALAR:
      case FYET_SEQUENCE_START:
      case FYET_MAPPING_START:
        return open(event, place);
      case FYET_SEQUENCE_END:
      case FYET_MAPPING_END:
        return close();
      default:
        return {};
    }
  }

  Result<YamlNode> finish() {
    if (!root_) return refuse(ErrorCode::bad_input, "empty file: a YAML document was expected", file_, {});
    return std::move(*root_);
  }

  Place last() const { return last_; }

 private:
  struct Open {
    YamlNode node;
    std::optional<YamlMember> pending;  // a key that waits for its value
  };

  Result<void> open(fy_event* event, Place place) {
    if (fy_event_get_anchor_token(event))
      return refuse(ErrorCode::bad_input, "YAML anchors are not accepted", file_, place, "Write the value out.");
    if (fy_event_get_tag_token(event))
      return refuse(ErrorCode::bad_input, "YAML tags are not accepted", file_, place, "Remove the part that starts with !.");
    const bool is_key = !stack_.empty() && stack_.back().node.kind == YamlNode::Kind::mapping && !stack_.back().pending;
    YamlNode node;
    node.line = place.line;
    node.column = place.column;
    if (event->type == FYET_SCALAR) {
      std::size_t length = 0;
      const char* bytes = fy_token_get_text(event->scalar.value, &length);
      if (bytes) node.text.assign(bytes, length);
      if (is_key) {
        stack_.back().pending = YamlMember{std::move(node.text), place.line, place.column, {}};
        return {};
      }
      node.plain = fy_token_scalar_style(event->scalar.value) == FYSS_PLAIN;
      attach(std::move(node));
      return {};
    }
    if (is_key) return refuse(ErrorCode::bad_input, "a key must be a word or a text", file_, place);
    if (stack_.size() == static_cast<std::size_t>(yaml_max_depth))
      return refuse(ErrorCode::limit, "nested more than " + std::to_string(yaml_max_depth) + " levels deep", file_, place);
    node.kind = event->type == FYET_SEQUENCE_START ? YamlNode::Kind::sequence : YamlNode::Kind::mapping;
    stack_.push_back({std::move(node), {}});
    return {};
  }

  Result<void> close() {
    YamlNode node = std::move(stack_.back().node);
    stack_.pop_back();
    std::vector<const YamlMember*> sorted;
    sorted.reserve(node.members.size());
    for (const YamlMember& member : node.members) sorted.push_back(&member);
    std::stable_sort(sorted.begin(), sorted.end(), [](const YamlMember* a, const YamlMember* b) { return a->key < b->key; });
    const auto twice =
        std::adjacent_find(sorted.begin(), sorted.end(), [](const YamlMember* a, const YamlMember* b) { return a->key == b->key; });
    if (twice != sorted.end()) {
      const YamlMember& second = **(twice + 1);
      return refuse(ErrorCode::bad_input, "key \"" + second.key + "\" is already given on line " + std::to_string((*twice)->line), file_,
                    {second.line, second.column}, "Keep one of the two.");
    }
    attach(std::move(node));
    return {};
  }

  void attach(YamlNode node) {
    if (stack_.empty()) {
      root_ = std::move(node);
    } else if (Open& parent = stack_.back(); parent.node.kind == YamlNode::Kind::sequence) {
      parent.node.items.push_back(std::move(node));
    } else {
      parent.pending->value = std::move(node);
      parent.node.members.push_back(std::move(*parent.pending));
      parent.pending.reset();
    }
  }

  std::string_view file_;
  std::vector<Open> stack_;
  std::optional<YamlNode> root_;
  bool started_ = false;
  Place last_;
};

}  // namespace

const YamlNode* YamlNode::find(std::string_view key) const {
  const auto found = std::find_if(members.begin(), members.end(), [&](const YamlMember& member) { return member.key == key; });
  return found == members.end() ? nullptr : &found->value;
}

Result<YamlNode> parse_yaml(std::string_view text, std::string_view file) {
  if (text.size() > yaml_max_bytes)
    return refuse(ErrorCode::limit, std::to_string(text.size()) + " bytes, more than the " + std::to_string(yaml_max_bytes) + " accepted",
                  file, {});
  if (!is_utf8(text)) return refuse(ErrorCode::bad_input, "not UTF-8 text", file, {}, "Save the file as UTF-8.");
  if (const auto place = forbidden_byte(text)) return refuse(ErrorCode::bad_input, "a control character", file, *place, "Remove it.");

  fy_diag_cfg diag_settings;
  fy_diag_cfg_default(&diag_settings);
  diag_settings.fp = nullptr;
  const std::unique_ptr<fy_diag, DiagDeleter> diag(fy_diag_create(&diag_settings));
  if (!diag) return refuse(ErrorCode::internal, "no memory for the YAML parser", file, {});
  fy_diag_set_collect_errors(diag.get(), true);
  fy_parse_cfg settings{};
  settings.flags = FYPCF_DEFAULT_VERSION_1_2;
  settings.diag = diag.get();
  const std::unique_ptr<fy_parser, ParserDeleter> parser(fy_parser_create(&settings));
  const char* bytes = text.empty() ? "" : text.data();
  if (!parser || fy_parser_set_string(parser.get(), bytes, text.size()) != 0)
    return refuse(ErrorCode::internal, "the YAML parser did not start", file, {});

  Builder builder(file);
  while (Event event{fy_parser_parse(parser.get()), {parser.get()}}) {
    if (auto taken = builder.take(event.get()); !taken) return tl::make_unexpected(std::move(taken.error()));
  }
  void* position = nullptr;
  if (const fy_diag_error* problem = fy_diag_errors_iterate(diag.get(), &position))
    return refuse(ErrorCode::bad_input, std::string("not valid YAML: ") + problem->msg, file, {problem->line, problem->column});
  if (fy_parser_get_stream_error(parser.get())) return refuse(ErrorCode::bad_input, "not valid YAML", file, builder.last());
  return builder.finish();
}

}  // namespace digue
