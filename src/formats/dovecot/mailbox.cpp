#include <algorithm>
#include <array>

#include "base/text.hpp"
#include "formats/dovecot/parts.hpp"

namespace digue::formats::dovecot {

namespace {

std::string_view digits_at(std::string_view text, std::size_t at) {
  std::size_t end = at;
  while (end < text.size() && end - at < 18 && text[end] >= '0' && text[end] <= '9') ++end;
  return text.substr(at, end - at);
}

/// The number behind the last "key"; empty when there is none.
std::string_view number_of(std::string_view text, std::string_view key) {
  const auto at = text.rfind(key);
  return at == std::string_view::npos ? std::string_view{} : digits_at(text, at + key.size());
}

bool is_positive(std::string_view digits) {
  return digits.find_first_not_of('0') != std::string_view::npos;
}

Event begin(const Message& message, const Line& line, Activity activity, std::string_view operation, Context& context) {
  Event event = event_of(line, activity, Outcome::success, message.user, context);
  event.operation = operation;
  event.uid = message.session;
  event.set(Field::session, message.session);
  event.set(Field::client, context.arena.lower(message.service));
  return event;
}

/// imap: "... in=54 out=768 deleted=0 expunged=0 ... body_count=3 body_bytes=2048"; pop3: "top=0/0, retr=2/2048, del=1/5, size=9000";
/// managesieve and old imap: "bytes=59/566".
bool session_end(const Message& message, const Line& line, Context& context, Sink& sink) {
  const auto& text = message.text;
  if (message.service == "lmtp" || message.service == "lda" || message.service == "deliver") return false;
  if (!text.starts_with("Disconnected") && !text.starts_with("Logged out") && !text.starts_with("Connection closed")) return false;
  const auto written = number_of(text, " put_count=");
  const bool wrote = is_positive(written);
  Event event = begin(message, line, wrote ? Activity::rule_change : Activity::sign_out, wrote ? "putscript" : "disconnect", context);
  std::string_view bytes = number_of(text, " out=");
  std::string_view count = number_of(text, " body_count=");
  std::string_view removed = number_of(text, " expunged=");
  std::string_view how = "expunged";
  if (!is_positive(removed)) {
    removed = number_of(text, " deleted=");
    how = "deleted";
  }
  if (const auto both = text.rfind(" bytes="); both != std::string_view::npos) {
    const auto in = digits_at(text, both + 7);
    if (text.substr(both + 7 + in.size()).starts_with('/')) bytes = digits_at(text, both + 8 + in.size());
  }
  if (const auto retr = text.rfind(" retr="); retr != std::string_view::npos) {
    count = digits_at(text, retr + 6);
    if (text.substr(retr + 6 + count.size()).starts_with('/')) bytes = digits_at(text, retr + 7 + count.size());
    removed = number_of(text, " del=");
    how = "deleted";
  }
  if (wrote) count = written;
  event.set(Field::bytes, bytes);
  event.set(Field::count, count);
  if (is_positive(removed)) {
    event.set(Field::property, how);
    event.set(Field::new_value, removed);
  }
  sink.event(event);
  return true;
}

struct LogWord {
  std::string_view word;
  Activity activity;
};

/// Events of the mail_log plugin (mail-log-plugin.c).
constexpr std::array<LogWord, 7> log_words{{
    {"delete", Activity::mail_delete},
    {"undelete", Activity::mail_update},
    {"expunge", Activity::mail_purge},
    {"autoexpunge", Activity::mail_purge},
    {"save", Activity::mail_create},
    {"copy", Activity::mail_move},
    {"flag_change", Activity::mail_update},
}};

/// Text between `from` and the first of `ends` behind it (or the end).
std::string_view between(std::string_view text, std::string_view from, std::initializer_list<std::string_view> ends) {
  std::size_t at = 0;
  if (!text.starts_with(from.substr(2))) {
    at = text.find(from);
    if (at == std::string_view::npos) return {};
    at += from.size();
  } else {
    at = from.size() - 2;
  }
  std::size_t end = text.size();
  for (const auto one : ends) end = std::min(end, text.find(one, at));
  return text.substr(at, end - at);
}

/// "word: box=INBOX, uid=12, msgid=<..>, size=1234, from=.., subject=.., flags=(..)", the plugin's fixed order, each part optional.
bool mail_log(const Message& message, const Line& line, Context& context, Sink& sink) {
  const auto& text = message.text;
  const LogWord* found = nullptr;
  std::string_view source;
  std::string_view rest;
  for (const auto& one : log_words)
    if (text.starts_with(one.word) && text.substr(one.word.size()).starts_with(": ")) {
      found = &one;
      rest = text.substr(one.word.size() + 2);
    }
  if (text.starts_with("copy from ")) {
    found = &log_words[5];
    std::size_t cut = std::string_view::npos;
    for (const std::string_view first : {": box=", ": uid=", ": msgid="}) cut = std::min(cut, text.find(first));
    if (cut == std::string_view::npos) return false;
    source = text.substr(10, cut - 10);
    rest = text.substr(cut + 2);
  }
  if (found == nullptr || (!rest.starts_with("box=") && !rest.starts_with("uid=") && !rest.starts_with("msgid="))) return false;
  Event event = begin(message, line, found->activity, found->word, context);
  const auto box = clip(between(rest, ", box=", {", uid=", ", msgid="}), longest_text);
  event.set(source.empty() ? Field::folder : Field::dest_folder, box);
  event.set(Field::folder, clip(source, longest_text));
  event.set(Field::message_id, clip(between(rest, ", msgid=", {", size=", ", vsize=", ", from=", ", flags="}), longest_text));
  event.set(Field::sender, context.arena.lower(clip(between(rest, ", from=", {", subject=", ", flags=("}), longest_text)));
  event.set(Field::subject, clip(between(rest, ", subject=", {", flags=("}), longest_text));
  // The Message-ID in front and the subject behind are senders' text: the size is the one behind the ID's bracket.
  const auto closed = rest.find(">, size=");
  event.set(Field::bytes, closed == std::string_view::npos ? number_of(rest, ", size=") : digits_at(rest, closed + 8));
  event.set(Field::count, "1");
  if (found->word == "autoexpunge") event.set(Field::system_actor, "true");
  if (found->word == "flag_change") event.set(Field::new_value, clip(between(rest, ", flags=", {}), longest_text));
  sink.event(event);
  return true;
}

bool mailbox_event(const Message& message, const Line& line, Context& context, Sink& sink) {
  auto text = message.text;
  if (!text.starts_with("Mailbox ")) return false;
  text.remove_prefix(8);
  if (text.starts_with("created: ")) {
    Event event = begin(message, line, Activity::other, "mailbox created", context);
    event.set(Field::folder, clip(text.substr(9), longest_text));
    sink.event(event);
    return true;
  }
  if (text.starts_with("deleted: ")) {
    Event event = begin(message, line, Activity::mail_purge, "mailbox deleted", context);
    event.set(Field::folder, clip(text.substr(9), longest_text));
    sink.event(event);
    return true;
  }
  const auto arrow = text.find(" -> ");
  if (!text.starts_with("renamed: ") || arrow == std::string_view::npos) return false;
  Event event = begin(message, line, Activity::mail_move, "mailbox renamed", context);
  event.set(Field::folder, clip(text.substr(9, arrow - 9), longest_text));
  event.set(Field::dest_folder, clip(text.substr(arrow + 4), longest_text));
  sink.event(event);
  return true;
}

enum class Act : std::uint8_t { forward, store, save, discard, vacation, notify };

struct Phrase {
  std::string_view words;
  Act act;
};

constexpr std::array<Phrase, 6> phrases{{
    {": forwarded to <", Act::forward},
    {": stored mail into mailbox '", Act::store},
    {": saved mail to ", Act::save},
    {": marked message to be discarded", Act::discard},
    {": sent vacation response to <", Act::vacation},
    {": sent mail notification to <", Act::notify},
}};

/// "sieve: msgid=<..>: redirect action: forwarded to <x>" (Pigeonhole) and "msgid=<..>: saved mail to INBOX" (delivery without a script).
/// The Message-ID is the sender's text, so the last action named on the line is the real one.
bool delivery(const Message& message, const Line& line, Context& context, Sink& sink) {
  auto text = message.text;
  if (text.starts_with("sieve: ")) text.remove_prefix(7);
  if (!text.starts_with("msgid=")) return false;
  const Phrase* found = nullptr;
  std::size_t at = 0;
  for (const auto& phrase : phrases)
    if (const auto where = text.rfind(phrase.words); where != std::string_view::npos && where >= at) {
      found = &phrase;
      at = where;
    }
  if (found == nullptr) return false;
  auto id = text.substr(6, at - 6);
  if (id.ends_with(" action")) id = id.substr(0, id.rfind(": "));
  const auto value = text.substr(at + found->words.size());
  const auto address = context.arena.lower(clip(value.substr(0, value.rfind('>')), longest_name));
  std::string_view folder;
  if (found->act == Act::store) folder = value.substr(0, value.rfind('\''));
  if (found->act == Act::save) folder = value;
  const bool kept = found->act == Act::save || (found->act == Act::store && iequals(folder, "INBOX"));
  const auto words = trim(found->words.substr(2));
  Event event = begin(message, line, kept ? Activity::mail_receive : Activity::rule_effect,
                      words.substr(0, words.find_last_not_of(" <'") + 1), context);
  if (id != "unspecified") event.set(Field::message_id, clip(id, longest_text));
  switch (found->act) {
    case Act::forward:
      event.set(Field::rule_action, "redirect");
      event.set(Field::forward_to, address);
      break;
    case Act::store:
    case Act::save:
      if (!kept) event.set(Field::rule_action, "move");
      event.set(kept ? Field::folder : Field::dest_folder, clip(folder, longest_text));
      break;
    case Act::discard:
      event.set(Field::rule_action, "discard");
      break;
    case Act::vacation:
      event.set(Field::rule_action, "reply");
      event.set(Field::recipients, address);
      break;
    case Act::notify:
      event.set(Field::rule_action, "forward");
      event.set(Field::forward_to, address);
      break;
  }
  sink.event(event);
  return true;
}

/// ManageSieve tells an upload only at debug level: "Stored script `name' successfully (0 warnings)".
bool stored_script(const Message& message, const Line& line, Context& context, Sink& sink) {
  if (message.service != "managesieve") return false;
  const auto at = message.text.find("Stored script `");
  const auto end = message.text.rfind("' successfully");
  if (at == std::string_view::npos || end == std::string_view::npos || end < at + 15) return false;
  Event event = begin(message, line, Activity::rule_change, "putscript", context);
  event.set(Field::rule_name, clip(message.text.substr(at + 15, end - at - 15), longest_text));
  sink.event(event);
  return true;
}

}  // namespace

Parsed parse_mailbox(const Message& message, const Line& line, Context& context, Sink& sink) {
  if (message.user.empty()) return {Status::other};
  const bool done = delivery(message, line, context, sink) || mail_log(message, line, context, sink) ||
                    session_end(message, line, context, sink) || mailbox_event(message, line, context, sink) ||
                    stored_script(message, line, context, sink);
  return {done ? Status::event : Status::other};
}

}  // namespace digue::formats::dovecot
