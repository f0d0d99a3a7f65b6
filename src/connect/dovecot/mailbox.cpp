#include "connect/dovecot/mailbox.hpp"

#include <algorithm>

#include "base/text.hpp"

namespace digue::dovecot {

namespace {

bool is_hex(std::string_view text) {
  return !text.empty() && text.size() <= 64 && text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}
bool is_number(std::string_view text) {
  return !text.empty() && text.size() <= 10 && text.find_first_not_of("0123456789") == std::string_view::npos;
}

std::string_view bare(std::string_view message_id) {
  message_id = trim(message_id);
  if (message_id.starts_with('<') && message_id.ends_with('>')) message_id = message_id.substr(1, message_id.size() - 2);
  return message_id;
}

void add(json::Array& query, std::initializer_list<std::string_view> words) {
  for (const auto word : words) query.push_back(json::Value(word));
}

std::string seconds(UtcMicros time) {
  return std::to_string(time.value / micros_per_second);
}

Result<std::vector<Message>> fetch(const Doveadm& doveadm, const std::string& account, const json::Array& query) {
  const json::Array fields{"uid",           "guid",           "mailbox",  "mailbox-guid", "flags", "date.received.unixtime",
                           "size.physical", "hdr.message-id", "hdr.from", "hdr.subject"};
  const auto rows = doveadm.rows("fetch", {{"user", account}, {"field", fields}, {"query", query}});
  if (!rows) return tl::make_unexpected(rows.error());
  std::vector<Message> out;
  for (const auto& row : *rows) {
    out.push_back({account, text_of(row, "mailbox"), text_of(row, "mailbox-guid"), text_of(row, "uid"), text_of(row, "guid"),
                   text_of(row, "flags"), text_of(row, "date.received.unixtime"), text_of(row, "size.physical"),
                   text_of(row, "hdr.message-id"), text_of(row, "hdr.from"), text_of(row, "hdr.subject")});
    if (auto good = place_of(out.back()); !good) return tl::make_unexpected(good.error());
  }
  return out;
}

}  // namespace

Result<json::Array> place_of(const Message& message) {
  if (!is_hex(message.mailbox_guid) || !is_number(message.uid) || message.guid.empty())
    return fail(ErrorCode::bad_input, tr("dovecot.place"), message.account);
  json::Array query;
  add(query, {"MAILBOX-GUID", message.mailbox_guid, "UID", message.uid});
  return query;
}

Result<Search> search_of(const containment::Order& order) {
  Search out;
  const auto value = [&](const char* name) {
    const auto at = order.parameters.find(name);
    return at == order.parameters.end() ? std::string() : at->second;
  };
  out.mailbox = value("mailbox");
  out.sender = value("sender");
  out.subject = value("subject");
  out.message_id = value("message_id");
  for (const auto& [name, to] : {std::pair("since", &out.since), std::pair("until", &out.until)}) {
    const auto text = value(name);
    if (text.empty()) continue;
    const auto time = parse_iso8601(text);
    if (!time || !time->offset_minutes) return fail(ErrorCode::bad_input, tr("dovecot.time"), name);
    *to = UtcMicros{time->civil - *time->offset_minutes * micros_per_minute};
  }
  return out;
}

Result<std::vector<Message>> find_messages(const Doveadm& doveadm, const std::string& account, const Search& search, std::size_t most) {
  json::Array query;
  if (!search.mailbox.empty()) {
    // By identity: a name in a query is a pattern.
    const auto folders =
        doveadm.rows("mailboxStatus", {{"user", account}, {"field", json::Array{"guid"}}, {"mailboxMask", json::Array{"*"}}});
    if (!folders) return tl::make_unexpected(folders.error());
    const auto at =
        std::find_if(folders->begin(), folders->end(), [&](const auto& row) { return text_of(row, "mailbox") == search.mailbox; });
    if (at == folders->end() || !is_hex(text_of(*at, "guid")))
      return fail(ErrorCode::not_found, tr("dovecot.folder.absent"), to_utf8_lossy(clip(search.mailbox, 200)));
    add(query, {"MAILBOX-GUID", text_of(*at, "guid")});
  }
  if (search.since) add(query, {"SINCE", seconds(*search.since)});
  if (search.until) add(query, {"BEFORE", seconds(*search.until)});
  if (!search.sender.empty()) add(query, {"FROM", search.sender});
  if (!search.subject.empty()) add(query, {"SUBJECT", search.subject});
  if (!search.message_id.empty()) add(query, {"HEADER", "Message-ID", bare(search.message_id)});
  if (query.empty()) add(query, {"ALL"});
  auto found = fetch(doveadm, account, query);
  if (!found) return found;
  if (!search.message_id.empty())
    std::erase_if(*found, [&](const Message& one) { return bare(one.message_id) != bare(search.message_id); });
  if (found->size() > most) return fail(ErrorCode::limit, tr("dovecot.messages.many", {{"most", std::to_string(most)}}), account);
  return found;
}

Result<std::vector<Message>> find_guid(const Doveadm& doveadm, const std::string& account, const std::string& guid) {
  json::Array query;
  add(query, {"GUID", guid});
  return fetch(doveadm, account, query);
}

Result<Content> Contents::of(const Message& message) {
  const auto query = place_of(message);
  if (!query) return tl::make_unexpected(query.error());
  const auto rows =
      doveadm_.rows("fetch", {{"user", message.account}, {"field", json::Array{"guid", "size.physical", "text"}}, {"query", *query}});
  if (!rows) return tl::make_unexpected(rows.error());
  if (rows->size() != 1 || text_of(rows->front(), "guid") != message.guid)
    return fail(ErrorCode::not_found, tr("dovecot.message.gone"), message.account + " " + message.mailbox + " " + message.uid);
  Content out{text_of(rows->front(), "text")};
  const auto size = text_of(rows->front(), "size.physical");
  out.exact = std::to_string(out.bytes.size()) == size;
  if (out.exact || host_ == nullptr) return out;
  auto answer = host_->run({"mail-text", message.account, message.mailbox_guid, message.uid, message.guid}, {}, limit_);
  constexpr int may_not = 5;
  if (!answer || answer->exit == may_not) host_ = nullptr;
  if (!answer || answer->exit != 0 || std::to_string(answer->out.size()) != size) return out;
  return Content{std::move(answer->out), true, true};
}

}  // namespace digue::dovecot
