#include "base/text.hpp"
#include "base/time.hpp"
#include "formats/format.hpp"
#include "formats/microsoft365/json_walk.hpp"

namespace digue::formats::directory {

namespace {

constexpr std::string_view mark = "digue.directory.account/1";

struct Account {
  std::string_view record, dn, created, creator, identity;
};

JsonError read(Account& account, std::string_view key, ondemand::value& value, Arena& arena) {
  if (key == "record") return read_text(value, arena, account.record);
  if (key == "name") return read_text(value, arena, account.dn);
  if (key == "created") return read_text(value, arena, account.created);
  if (key == "creator") return read_text(value, arena, account.creator);
  if (key == "identity") return read_text(value, arena, account.identity);
  return check(value);
}

/// "20261130131942.0Z" or "20261130131942Z": RFC 4517 3.3.13, as both directories write it.
std::optional<std::int64_t> time_of(std::string_view text) {
  if (text.size() < 15 || text.back() != 'Z' || (text[14] != '.' && text[14] != 'Z')) return std::nullopt;
  if (text.substr(0, 14).find_first_not_of("0123456789") != std::string_view::npos) return std::nullopt;
  std::string iso(text.substr(0, 14));
  for (const auto& [at, separator] : {std::pair(12, ":"), {10, ":"}, {8, "T"}, {6, "-"}, {4, "-"}})
    iso.insert(static_cast<std::size_t>(at), separator);
  const auto read = parse_iso8601(iso);
  if (!read) return std::nullopt;
  return read->civil;
}

Parsed parse(std::string_view text, const Place& place, Context& context, Sink& sink) {
  Account account;
  const auto take = [&](std::string_view key, ondemand::value& value) { return read(account, key, value, context.arena); };
  if (const JsonError error = each_field_of_text(text, context.json, context.arena, take)) {
    if (error == simdjson::INCORRECT_TYPE) return {Status::not_mine};
    return {Status::malformed, reason_of(error)};
  }
  if (account.record != mark) return {Status::not_mine};
  if (account.created.empty() || account.dn.empty()) return {Status::other};
  const auto time = time_of(account.created);
  if (!time) return {Status::malformed, "an account without a readable time of creation"};
  Event event;
  event.time = *time;
  event.place = place;
  event.activity = Activity::account_create;
  event.outcome = Outcome::success;
  event.operation = "directory";
  event.uid = account.identity;
  event.own_id = !event.uid.empty();
  event.id = id_of({"directory.account", event.own_id ? account.identity : account.dn, account.created});
  event.set(Field::target, context.arena.lower(account.dn));
  if (!account.creator.empty()) {
    event.set(Field::property, "creatorsName");
    event.set(Field::new_value, account.creator);
  }
  sink.event(event);
  return {};
}

}  // namespace

}  // namespace digue::formats::directory

namespace digue::formats {

extern const JsonFormat directory_account;
const JsonFormat directory_account{"directory.account", "Accounts of a directory, as Digue's connectors read them (JSON)",
                                   directory::parse};

}  // namespace digue::formats
