#include "connect/dovecot/mailbox.hpp"

#include <algorithm>
#include <array>

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

/// True of all messages; a query that names folders by identity is asked of public and shared ones, too.
constexpr std::array<std::string_view, 3> everywhere{"NOT", "MAILBOX-GUID", "00000000000000000000000000000000"};

Result<std::vector<Message>> fetch(const Doveadm& doveadm, const std::string& account, const json::Array& wanted) {
  json::Array query(everywhere.begin(), everywhere.end());
  query.insert(query.end(), wanted.begin(), wanted.end());
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

bool is_from(std::string_view header, const std::vector<std::string>& senders) {
  const auto writers = addresses_of(header);
  // Whoever writes a header that nobody can take apart does not get away with it.
  const auto plain = [](const std::string& one) {
    return std::count(one.begin(), one.end(), '@') == 1 && one.find_first_of(" \t\r\n<>\"") == std::string::npos;
  };
  if (writers.empty() || !std::all_of(writers.begin(), writers.end(), plain)) return true;
  return std::any_of(writers.begin(), writers.end(), [&](const std::string& one) {
    return std::any_of(senders.begin(), senders.end(),
                       [&](const std::string& sender) { return one == sender || (sender.starts_with('@') && one.ends_with(sender)); });
  });
}

std::vector<std::string> addresses_of(std::string_view header) {
  std::vector<std::string> out;
  std::string bare, angled;
  bool inside = false, quoted = false;
  int comments = 0;
  const auto end = [&] {
    const auto one = lower(trim(angled.empty() ? bare : angled));
    if (one.find('@') != std::string::npos) out.push_back(one);
    bare.clear();
    angled.clear();
  };
  for (std::size_t i = 0; i < header.size(); ++i) {
    const bool escaped = header[i] == '\\' && (quoted || comments > 0) && i + 1 < header.size();
    const char c = header[escaped ? ++i : i];
    if (comments > 0 && !escaped && (c == '(' || c == ')')) {
      comments += c == '(' ? 1 : -1;
    } else if (comments > 0) {
      continue;
    } else if (c == '"' && !escaped) {
      quoted = !quoted;
    } else if (quoted || (c != '(' && c != '<' && c != '>' && c != ',' && c != ';' && c != ':')) {
      (inside ? angled : bare) += c;
    } else if (c == '(') {
      ++comments;
    } else if (c == '<' || c == '>') {
      inside = c == '<';
    } else if (c == ':') {
      (inside ? angled : bare).clear();  // the name of a group
    } else {
      end();
    }
  }
  end();
  return out;
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
    auto folders = doveadm.rows(
        "mailboxStatus", {{"user", account}, {"field", json::Array{"guid"}}, {"mailboxMask", json::Array{json::Value(search.mailbox)}}});
    if (!folders && folders.error().code == ErrorCode::not_found) folders = json::Array();
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
  auto found = fetch(doveadm, account, query);
  if (!found) return found;
  if (!search.message_id.empty())
    std::erase_if(*found, [&](const Message& one) { return bare(one.message_id) != bare(search.message_id); });
  if (const auto senders = addresses_of(search.sender); !senders.empty())
    std::erase_if(*found, [&](const Message& one) { return !is_from(one.from, senders); });
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
