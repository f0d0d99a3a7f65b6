#include <charconv>

#include "formats/microsoft365/ual_keys.hpp"

namespace digue::formats::microsoft365 {

namespace {

using Bag = Record::Bag;

class Walk {
 public:
  Walk(Record& record, Arena& arena) : record_(record), arena_(arena), ids_(arena), subjects_(arena), folders_(arena), changed_(arena) {}

  JsonError field(std::string_view key, ondemand::value& value);
  JsonError bag(Bag bag, ondemand::value& value);
  /// Walks what came as JSON text (AuditData, bags), now that the parser is free, and hands over the lists.
  JsonError rest(JsonReader& json);

 private:
  /// The last value that says something wins, so that a doubled key or `{}` does not erase it.
  void set(Text text, std::string_view value) {
    if (!value.empty()) record_.texts[static_cast<std::size_t>(text)] = value;
  }
  JsonError text(Text text, ondemand::value& value) {
    std::string_view out;
    const JsonError error = read_text(value, arena_, out);
    set(text, out);
    return error;
  }
  template <class Table>
  JsonError known(const Table& table, ondemand::value& value) {
    return each_field(value, arena_, [&](std::string_view key, ondemand::value& inner) {
      const Text* const known = table.find(key);
      return known != nullptr ? text(*known, inner) : check(inner);
    });
  }
  JsonError path(Text where, ondemand::value& value) {
    return each_field(value, arena_, [&](std::string_view key, ondemand::value& inner) {
      return same_name(key, "Path") ? text(where, inner) : check(inner);
    });
  }
  void note(Bag bag, std::string_view name, std::string_view value, std::string_view before);
  JsonError pair(Bag bag, ondemand::value& value);
  JsonError item(ondemand::value& value, bool alone);
  JsonError parent_folder(ondemand::value& value, bool alone);
  JsonError folder(ondemand::value& value);
  JsonError actor(ondemand::value& value);
  void unwrap();

  Record& record_;
  Arena& arena_;
  TextBuilder ids_;
  TextBuilder subjects_;
  TextBuilder folders_;
  TextBuilder changed_;
  std::string_view audit_text_;
  int wrapper_columns_ = 0;
  bool inside_ = false;     ///< in AuditData
  bool unwrapped_ = false;  ///< AuditData was an object, or its text is being read
};

void Walk::note(Bag bag, std::string_view name, std::string_view value, std::string_view before) {
  const auto set_from = [&](const auto& table) {
    if (const Text* const known = table.find(name)) set(*known, value);
  };
  switch (bag) {
    case Bag::parameters:
      if (const Parameter* const known = parameter_names.find(name))
        record_.parameters[static_cast<std::size_t>(*known)] = value.data() == nullptr ? std::string_view("") : value;
      else if (record_.others_used < Record::max_others)
        record_.others[record_.others_used++] = {name, value};
      break;
    case Bag::extended:
      set_from(extended_names);
      break;
    case Bag::device:
      set_from(device_names);
      break;
    case Bag::operation:
      set_from(operation_names);
      break;
    case Bag::modified:
      record_.directory.note(name, before, value);
      break;
    default:
      break;
  }
}

/// An element of a bag: {Name, Value}, {Name, NewValue, OldValue}, or a name alone.
JsonError Walk::pair(Bag bag, ondemand::value& value) {
  if (kind_of(value) != '{') {
    std::string_view name;
    const JsonError error = read_text(value, arena_, name);
    if (bag == Bag::modified) changed_.add(name, ",");
    return error;
  }
  std::string_view name;
  std::string_view now;
  std::string_view before;
  const JsonError error = each_field(value, arena_, [&](std::string_view key, ondemand::value& inner) {
    if (same_name(key, "Name")) return read_text(inner, arena_, name);
    if (same_name(key, "Value") || same_name(key, "NewValue")) return read_joined(inner, arena_, now);
    if (same_name(key, "OldValue")) return read_joined(inner, arena_, before);
    return check(inner);
  });
  if (error == simdjson::SUCCESS && !name.empty()) note(bag, name, now, before);
  return error;
}

JsonError Walk::parent_folder(ondemand::value& value, bool alone) {
  return each_field(value, arena_, [&](std::string_view key, ondemand::value& inner) {
    const Text* const known = folder_names.find(key);
    if (known == nullptr) return check(inner);
    if (alone) return text(*known, inner);
    std::string_view path;
    const JsonError error = read_text(inner, arena_, path);
    if (*known == Text::item_folder) folders_.add_once(path, ";");
    return error;
  });
}

/// A mail: the record's one, or one of a list.
JsonError Walk::item(ondemand::value& value, bool alone) {
  if (!alone) ++record_.items;
  return each_field(value, arena_, [&](std::string_view key, ondemand::value& inner) {
    if (same_name(key, "ParentFolder")) return parent_folder(inner, alone);
    const Text* const known = item_names.find(key);
    if (known == nullptr) return check(inner);
    if (alone) return text(*known, inner);
    std::string_view out;
    const JsonError error = read_text(inner, arena_, out);
    std::uint64_t bytes = 0;
    if (*known == Text::item_message_id) {
      ids_.add(out, " ");
    } else if (*known == Text::item_subject) {
      subjects_.add_once(out, "\n");
    } else if (std::from_chars(out.data(), out.data() + out.size(), bytes).ec == std::errc{}) {
      record_.item_bytes += bytes;
    }
    return error;
  });
}

JsonError Walk::folder(ondemand::value& value) {
  return each_field(value, arena_, [&](std::string_view key, ondemand::value& inner) {
    if (same_name(key, "FolderItems")) return each_element(inner, [&](ondemand::value& element) { return item(element, false); });
    if (!same_name(key, "Path")) return check(inner);
    std::string_view path;
    const JsonError error = read_text(inner, arena_, path);
    folders_.add_once(path, ";");
    return error;
  });
}

/// {ID, Type} of Target: 1 display name, 5 user principal name.
JsonError Walk::actor(ondemand::value& value) {
  std::string_view id;
  std::string_view type;
  const JsonError error = each_field(value, arena_, [&](std::string_view key, ondemand::value& inner) {
    if (same_name(key, "ID")) return read_text(inner, arena_, id);
    if (same_name(key, "Type")) return read_text(inner, arena_, type);
    return check(inner);
  });
  if (type == "5") record_.directory.target_upn = id;
  if (type == "1") record_.directory.target_name = id;
  return error;
}

JsonError Walk::bag(Bag bag, ondemand::value& value) {
  const char kind = kind_of(value);
  if (kind == '"') {
    std::string_view text;
    const JsonError error = read_text(value, arena_, text);
    if (text.starts_with('[') || text.starts_with('{')) {
      if (record_.unread_used < Record::max_unread) record_.unread[record_.unread_used++] = {bag, text};
    } else if (bag == Bag::parameters) {
      set(Text::parameters_text, text);
    }
    return error;
  }
  switch (bag) {
    case Bag::item:
      return item(value, true);
    case Bag::folders:
      return each_element(value, [&](ondemand::value& element) { return folder(element); });
    case Bag::affected:
      return each_element(value, [&](ondemand::value& element) { return item(element, false); });
    case Bag::target:
      return each_element(value, [&](ondemand::value& element) { return actor(element); });
    case Bag::context:
      return known(context_names, value);
    case Bag::folder:
      return path(Text::folder, value);
    case Bag::dest_folder:
      return path(Text::dest_folder, value);
    default:
      break;
  }
  if (kind != '{') return each_element(value, [&](ondemand::value& element) { return pair(bag, element); });
  return each_field(value, arena_, [&](std::string_view key, ondemand::value& inner) {
    std::string_view text;
    const JsonError error = read_joined(inner, arena_, text);
    note(bag, key, text, {});
    return error;
  });
}

JsonError Walk::field(std::string_view key, ondemand::value& value) {
  const Action* const action = keys.find(key);
  if (action == nullptr) return check(value);
  // Behind AuditData, what a wrapper says under the same names no longer counts.
  if (unwrapped_ && !inside_ && action->kind != Action::Do::wrapper_id) return check(value);
  switch (action->kind) {
    case Action::Do::text:
      return text(action->text, value);
    case Action::Do::bag:
      return bag(action->bag, value);
    case Action::Do::audit_data: {
      if (inside_) return check(value);
      record_.wrapped = true;
      if (kind_of(value) != '{') return read_text(value, arena_, audit_text_);
      unwrap();
      inside_ = true;
      const JsonError error = each_field(value, arena_, [&](std::string_view name, ondemand::value& inner) { return field(name, inner); });
      inside_ = false;
      return error;
    }
    case Action::Do::wrapper:
      ++wrapper_columns_;
      return check(value);
    case Action::Do::wrapper_id:
      return inside_ ? check(value) : read_text(value, arena_, record_.wrapper_id);
  }
  return simdjson::SUCCESS;
}

void Walk::unwrap() {
  if (record_.wrapper_id.empty()) record_.wrapper_id = record_[Text::id];
  record_.texts = {};
  unwrapped_ = true;
}

JsonError Walk::rest(JsonReader& json) {
  if (!audit_text_.empty() && !unwrapped_) {
    unwrap();
    inside_ = true;
    const auto take = [&](std::string_view key, ondemand::value& value) { return field(key, value); };
    if (const JsonError error = each_field_of_text(audit_text_, json, arena_, take)) return error;
  }
  // Bags as text are details: one that cannot be read leaves the record as it is.
  for (std::size_t i = 0; i < record_.unread_used; ++i) {
    const auto [kind, text] = record_.unread[i];
    walk_text(text, json, [&, where = kind](ondemand::value& value) { return bag(where, value); });
  }
  // One such column alone may be anybody's.
  if (wrapper_columns_ >= 2) record_.wrapped = true;
  record_.message_ids = ids_.view();
  record_.subjects = subjects_.view();
  record_.folders = folders_.view();
  record_.texts[static_cast<std::size_t>(Text::changed_names)] = changed_.view();
  return simdjson::SUCCESS;
}

}  // namespace

JsonError read_record(std::string_view text, Context& context, Record& record) {
  Walk walk(record, context.arena);
  const auto take = [&](std::string_view key, ondemand::value& value) { return walk.field(key, value); };
  if (const JsonError error = each_field_of_text(text, context.json, context.arena, take)) return error;
  return walk.rest(context.json);
}

}  // namespace digue::formats::microsoft365
