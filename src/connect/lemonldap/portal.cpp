#include "connect/lemonldap/portal.hpp"

#include <algorithm>

#include "base/text.hpp"

namespace digue::lemonldap {

namespace {

constexpr std::size_t max_answer = std::size_t{16} << 20, max_text = 4'096, max_items = 4'000;
constexpr std::int64_t max_count = INT64_MAX;

template <class Told>
Result<Told> odd(const std::vector<std::string>& words) {
  return connect::odd_answer(helper_name, words.front());
}

Result<json::Value> ask(const Setup& setup, const std::vector<std::string>& words) {
  const auto text = setup.helper.ask(words);
  if (!text) return tl::make_unexpected(text.error());
  auto value = json::parse(*text, {max_answer, 16});
  if (!value || !value->is_object()) return odd<json::Value>(words);
  return value;
}

/// Calls `read` with the fields of each object of the list `key`; false when it is not such a list.
template <class Read>
bool each(const json::Value& value, std::string_view key, Read read) {
  const auto* list = value.get_object().if_contains(key);
  if (list == nullptr || !list->is_array() || list->get_array().size() > max_items) return false;
  for (const auto& one : list->get_array()) {
    if (!one.is_object()) return false;
    json::Fields fields(one);
    read(fields);
    if (!fields.done()) return false;
  }
  return true;
}

bool read_list(const json::Value& value, std::string_view key, std::vector<Session>& out) {
  return each(value, key, [&](json::Fields& fields) {
    Session one;
    one.digest = fields.text("digest", 64);
    one.kind = fields.text("kind", 20);
    one.from = fields.text_or("from", max_text, "");
    one.began = fields.optional_integer("began", 0, max_count);
    out.push_back(std::move(one));
  });
}

template <class Told>
Result<Told> by_name(const Setup& setup, const std::string& account, Result<Told> (*read)(const Setup&, const std::string&)) {
  auto out = read(setup, account);
  if (!out || !out->names.empty()) return out;
  const auto at = account.rfind('@');
  if (at == std::string::npos ||
      std::find(setup.domains.begin(), setup.domains.end(), lower(account.substr(at + 1))) == setup.domains.end())
    return out;
  return read(setup, account.substr(0, at));
}

Result<Sessions> sessions_named(const Setup& setup, const std::string& account) {
  const auto words = words_of(setup, "sessions", account);
  auto value = ask(setup, words);
  if (!value) return tl::make_unexpected(value.error());
  Sessions out;
  json::Fields fields(*value);
  out.names = fields.texts("names", max_items, max_text);
  out.also = fields.texts("also", max_items, max_text);
  out.now = fields.integer("now", 0, max_count);
  out.damaged = fields.integer("damaged", 0, max_count);
  out.more = fields.integer("more", 0, max_count);
  if (!read_list(*value, "sessions", out.sessions) || !fields.done()) return odd<Sessions>(words);
  out.told = std::move(*value);
  return out;
}

Result<Methods> methods_named(const Setup& setup, const std::string& account) {
  const auto words = words_of(setup, "methods", account);
  auto value = ask(setup, words);
  if (!value) return tl::make_unexpected(value.error());
  Methods out;
  json::Fields fields(*value);
  out.names = fields.texts("names", max_items, max_text);
  out.also = fields.texts("also", max_items, max_text);
  out.open = fields.integer("open", 0, max_count);
  out.damaged = fields.integer("damaged", 0, max_count);
  out.unreadable = fields.integer("unreadable", 0, max_count);
  const bool good = each(*value, "methods", [&](json::Fields& one) {
    out.methods.push_back({one.text("of", max_text), one.text("digest", 64), one.text_or("type", max_text, ""),
                           one.text_or("name", max_text, ""), one.text_or("epoch", max_text, "")});
  });
  if (!good || !fields.done()) return odd<Methods>(words);
  out.told = std::move(*value);
  return out;
}

}  // namespace

std::vector<std::string> words_of(const Setup& setup, std::string_view verb, const std::string& account) {
  return {std::string(verb), account, setup.keys};
}
std::vector<std::string> words_of(const Method& method) {
  return {"method-remove", method.of, method.digest};
}

Result<Abilities> read_abilities(const Setup& setup) {
  const std::vector<std::string> words{"version"};
  const auto value = ask(setup, words);
  if (!value) return tl::make_unexpected(value.error());
  json::Fields fields(*value);
  Abilities out;
  out.lacks = fields.text_or("lacks", max_text, "");
  out.writable = fields.flag_or("writable", false);
  out.methods = fields.flag_or("methods", false);
  if (fields.text("program", 100) != helper_name || !fields.done()) return odd<Abilities>(words);
  return out;
}

Result<Sessions> read_sessions(const Setup& setup, const std::string& account) {
  return by_name(setup, account, sessions_named);
}
Result<Methods> read_methods(const Setup& setup, const std::string& account) {
  return by_name(setup, account, methods_named);
}

Result<Ended> end_sessions(const Setup& setup, const std::string& account) {
  const auto words = words_of(setup, "sessions-end", account);
  const auto value = ask(setup, words);
  if (!value) return tl::make_unexpected(value.error());
  Ended out;
  json::Fields fields(*value);
  out.now = fields.integer("now", 0, max_count);
  const auto* trial = value->get_object().if_contains("trial");
  if (trial == nullptr || !trial->is_object() || !read_list(*value, "ended", out.sessions)) return odd<Ended>(words);
  json::Fields tried(*trial);
  out.tried_at = tried.integer("at", 0, max_count);
  out.tried = tried.integer("tried", 0, max_count);
  out.refused = tried.integer("refused", 0, max_count);
  out.seen = tried.text_or("seen", max_text, "");
  if (!fields.done() || !tried.done()) return odd<Ended>(words);
  return out;
}

Result<void> remove_method(const Setup& setup, const Method& method) {
  const auto done = setup.helper.ask(words_of(method));
  return done ? Result<void>() : tl::make_unexpected(done.error());
}

}  // namespace digue::lemonldap
