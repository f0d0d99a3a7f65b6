#include <algorithm>
#include <array>
#include <charconv>
#include <map>
#include <vector>

#include "formats/postfix/parts.hpp"

namespace digue::formats::postfix {

namespace {

/// Longest list of recipients kept with a message (bytes); `count` tells how many there were.
constexpr std::size_t longest_recipients = 8192;

std::string_view number(std::uint64_t value, Arena& arena) {
  std::array<char, 20> digits{};
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), value).ptr;
  return arena.copy({digits.data(), static_cast<std::size_t>(end - digits.data())});
}

std::uint64_t value_of(std::string_view digits) {
  std::uint64_t value = 0;
  std::from_chars(digits.data(), digits.data() + digits.size(), value);
  return value;
}

bool starts_message(const Event& fragment) {
  return fragment.operation == step::client || fragment.operation == step::pickup;
}

/// Agents that deliver into this system's mailboxes. `pipe` hands over to dovecot-lda and the like, `lmtp` to Dovecot or Cyrus.
bool is_local_delivery(const Event& fragment) {
  const auto& agent = fragment.operation;
  return (agent == "lmtp" || agent == "virtual" || agent == "local" || agent == "pipe") && fragment.get(Field::status) == "sent";
}

/// What all lines of one message tell together.
struct Message {
  const Event* client = nullptr;
  std::string_view account, sender, message_id, subject, bytes;
  std::optional<IpAddress> ip;
  std::uint64_t promised = 0;                              ///< recipients by the queue manager's word
  std::map<std::string_view, std::string_view> delivered;  ///< recipient -> last status

  void add(const Event& fragment) {
    const auto take = [](std::string_view& known, std::string_view told) {
      if (!told.empty()) known = told;
    };
    if (fragment.operation == step::client) {
      client = &fragment;
      account = fragment.account;
      ip = fragment.ip;
    } else if (fragment.operation != step::rejected) {
      take(sender, fragment.get(Field::sender));
      take(message_id, fragment.get(Field::message_id));
      take(subject, fragment.get(Field::subject));
      if (fragment.operation == step::queued) {
        take(bytes, fragment.get(Field::bytes));
        promised = std::max(promised, value_of(fragment.get(Field::count)));
      }
      if (const auto status = fragment.get(Field::status); !status.empty()) delivered[fragment.get(Field::recipients)] = status;
    }
  }

  std::uint64_t recipients() const { return std::max<std::uint64_t>(promised, delivered.size()); }

  Outcome outcome() const {
    bool waiting = delivered.empty();
    for (const auto& [recipient, status] : delivered) {
      if (status == "sent") return Outcome::success;
      waiting = waiting || status == "deferred";
    }
    return waiting ? Outcome::unknown : Outcome::failure;
  }

  /// "bounced=1 sent=3"
  std::string_view summary(Arena& arena) const {
    std::map<std::string_view, std::uint64_t> counts;
    for (const auto& [recipient, status] : delivered) ++counts[status];
    std::string_view text;
    for (const auto& [status, count] : counts) text = arena.join({text, text.empty() ? "" : " ", status, "=", number(count, arena)});
    return text;
  }

  /// `;` separated, sorted, as many as fit.
  std::string_view recipient_list(Arena& arena) const {
    std::size_t size = 0;
    std::size_t fitting = 0;
    for (const auto& [recipient, status] : delivered) {
      if (size + recipient.size() + 1 > longest_recipients) break;
      size += recipient.size() + 1;
      ++fitting;
    }
    if (fitting == 0) return {};
    char* const text = arena.room(size);
    char* at = text;
    for (auto one = delivered.begin(); fitting > 0; ++one, --fitting) {
      at = std::copy(one->first.begin(), one->first.end(), at);
      *at++ = ';';
    }
    return {text, size - 1};
  }
};

void set_if_missing(Event& event, Field field, std::string_view value) {
  if (event.get(field).empty()) event.set(field, value);
}

/// The account's message, at the line where the client handed it over; its other lines stay findable beside it.
void emit_sent(std::span<const Event> fragments, const Message& message, Arena& arena, Sink& sink) {
  for (const auto& fragment : fragments) {
    Event event = fragment;
    event.account = message.account;
    event.activity = Activity::other;
    if (&fragment == message.client) {
      event.activity = Activity::mail_send;
      event.operation = "send";
      event.outcome = message.outcome();
      event.set(Field::sender, message.sender);
      event.set(Field::recipients, message.recipient_list(arena));
      if (message.recipients() > 0) event.set(Field::count, number(message.recipients(), arena));
      event.set(Field::message_id, message.message_id);
      event.set(Field::subject, message.subject);
      event.set(Field::bytes, message.bytes);
      event.set(Field::status, message.summary(arena));
    }
    sink.event(event);
  }
}

/// Mail that nobody signed in for: what reached a mailbox of this system is its owner's; what was handed on keeps its Message-ID.
void emit_received(std::span<const Event> fragments, const Message& message, Sink& sink) {
  for (const auto& fragment : fragments) {
    Event event = fragment;
    event.activity = Activity::other;
    if (is_local_delivery(fragment)) {
      event.activity = Activity::mail_receive;
      event.outcome = Outcome::success;
      event.account = fragment.get(Field::recipients);
      event.ip = message.ip;
      set_if_missing(event, Field::sender, message.sender);
      set_if_missing(event, Field::message_id, message.message_id);
      set_if_missing(event, Field::subject, message.subject);
      set_if_missing(event, Field::bytes, message.bytes);
    }
    if (event.activity == Activity::other && fragment.get(Field::status) == "sent") {
      event.outcome = Outcome::success;
      set_if_missing(event, Field::message_id, message.message_id);
    }
    sink.event(event);
  }
}

}  // namespace

void join(std::span<const Event> fragments, Arena& arena, Sink& sink) {
  std::size_t first = 0;
  while (first < fragments.size()) {
    Message message;
    std::size_t end = first;
    // Ids are used again: a message ends when it leaves the queue, or where the next one begins.
    while (end < fragments.size() && (end == first || !starts_message(fragments[end]))) {
      message.add(fragments[end]);
      if (fragments[end++].operation == step::removed) break;
    }
    const auto lines = fragments.subspan(first, end - first);
    if (message.account.empty())
      emit_received(lines, message, sink);
    else
      emit_sent(lines, message, arena, sink);
    first = end;
  }
}

}  // namespace digue::formats::postfix
