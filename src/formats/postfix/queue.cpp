#include <algorithm>
#include <array>

#include "base/text.hpp"
#include "formats/postfix/parts.hpp"

namespace digue::formats::postfix {

namespace {

std::string_view digits_at(std::string_view text, std::size_t at) {
  std::size_t end = at;
  while (end < text.size() && end - at < 18 && text[end] >= '0' && text[end] <= '9') ++end;
  return text.substr(at, end - at);
}

/// Takes "<address>" or a bare address up to `,` or a blank. A quoted local part may hold brackets and commas.
std::string_view take_address(std::string_view& text) {
  std::size_t from = 0;
  std::size_t end = 0;
  if (text.starts_with('<')) {
    from = 1;
    std::size_t search = 1;
    if (text.substr(1).starts_with('"'))
      if (const auto quote = text.find("\"@"); quote != std::string_view::npos) search = quote;
    end = std::min(text.find('>', search), text.size());
  } else {
    end = std::min(text.find_first_of(", "), text.size());
  }
  const auto address = text.substr(from, end - from);
  text.remove_prefix(std::min(end + from, text.size()));
  return address;
}

/// The value of ", key=value" up to the next comma; empty when it is not there. Only text that the server wrote is searched.
std::string_view value_of(std::string_view text, std::string_view key) {
  const auto at = text.find(key);
  if (at == std::string_view::npos) return {};
  const auto from = text.substr(at + key.size());
  return from.substr(0, from.find(','));
}

/// "client=host[ip], sasl_method=PLAIN, sasl_username=u@d, sasl_sender=.., orig_queue_id=.., orig_client=host[ip]"
void read_client(std::string_view text, Event& event, Arena& arena) {
  const auto part = [&](std::string_view key) {
    const auto at = text.find(key);
    if (at == std::string_view::npos) return std::string_view{};
    auto value = text.substr(at + key.size());
    for (const std::string_view next : {", sasl_sender=", ", orig_queue_id=", ", orig_client="}) value = value.substr(0, value.find(next));
    return value;
  };
  event.ip = client_address(text.substr(0, text.find(", ")));
  // A content filter hands the message back and tells whose it was.
  if (const auto original = client_address(part(", orig_client="))) event.ip = original;
  event.set(Field::auth_method, clip(value_of(text, ", sasl_method="), 64));
  event.account = arena.lower(clip(part(", sasl_username="), longest_name));
}

/// "header Subject: text from host[ip]; from=<a> to=<b> proto=ESMTP helo=<c>"
bool read_subject(std::string_view text, Event& event) {
  static constexpr std::string_view word = "header Subject: ";
  const auto at = text.find(word);
  if (at > 16) return false;
  text.remove_prefix(at + word.size());
  text = text.substr(0, text.rfind("; from=<"));
  event.set(Field::subject, clip(text.substr(0, text.rfind(" from ")), longest_text));
  return true;
}

/// "to=<a>, orig_to=<b>, relay=host[ip]:25, delay=.., delays=.., dsn=2.0.0, status=sent (reply)"
bool read_delivery(std::string_view text, Event& event, Arena& arena) {
  if (!text.starts_with("to=")) return false;
  text.remove_prefix(3);
  const auto recipient = take_address(text);
  const auto status = text.find(", status=");
  if (status == std::string_view::npos) return false;
  const auto told = text.substr(0, status);
  event.set(Field::recipients, arena.lower(clip(recipient, longest_name)));
  if (const auto at = told.find(", orig_to="); at != std::string_view::npos) {
    auto from = told.substr(at + 10);
    event.set(Field::target, arena.lower(clip(take_address(from), longest_name)));
  }
  event.set(Field::relay, clip(value_of(told, ", relay="), longest_name));
  event.set(Field::error_code, clip(value_of(told, ", dsn="), 16));
  const auto result = text.substr(status + 9);
  event.set(Field::status, clip(result.substr(0, result.find_first_of(" ,")), 32));
  if (const auto open = result.find('('); open != std::string_view::npos) {
    auto reply = result.substr(open + 1);
    if (reply.ends_with(')')) reply.remove_suffix(1);
    event.set(Field::error_text, clip(reply, longest_text));
  }
  return true;
}

/// "from=<u@d>, size=2213, nrcpt=50 (queue active)", "from=<u@d>, status=expired, returned to sender", "removed"
std::string_view read_manager(std::string_view text, Event& event, Arena& arena) {
  if (text == "removed") return step::removed;
  if (!text.starts_with("from=<")) return {};
  text.remove_prefix(6);
  const auto size = text.rfind(">, size=");
  const auto end = size != std::string_view::npos ? size : text.rfind(">, status=expired");
  if (end == std::string_view::npos) return {};
  event.set(Field::sender, arena.lower(clip(text.substr(0, end), longest_name)));
  if (size == std::string_view::npos) return step::expired;
  event.set(Field::bytes, digits_at(text, size + 8));
  if (const auto at = text.find(", nrcpt=", size); at != std::string_view::npos) event.set(Field::count, digits_at(text, at + 8));
  return step::queued;
}

bool is_delivery_agent(std::string_view name) {
  static constexpr std::array<std::string_view, 9> agents{"smtp", "lmtp", "virtual", "local", "pipe", "error", "discard", "relay", "retry"};
  return std::find(agents.begin(), agents.end(), name) != agents.end();
}

/// What the line is; empty when it tells nothing about the message.
std::string_view read(std::string_view agent, std::string_view text, Event& event, Arena& arena) {
  if (agent == "smtpd") {
    if (text.starts_with("client=")) {
      read_client(text, event, arena);
      return step::client;
    }
    return text.starts_with("reject: ") && read_reject(text.substr(8), event, arena) ? step::rejected : std::string_view{};
  }
  if (agent == "cleanup") {
    if (text.starts_with("message-id=")) {
      event.set(Field::message_id, clip(text.substr(11), longest_text));
      return step::cleanup;
    }
    return read_subject(text, event) ? step::header : std::string_view{};
  }
  if (agent == "qmgr" || agent == "postsuper") return read_manager(text, event, arena);
  if (agent == "pickup" && text.starts_with("uid=")) {
    if (const auto at = text.find(" from=<"); at != std::string_view::npos) {
      auto sender = text.substr(at + 7);
      if (sender.ends_with('>')) sender.remove_suffix(1);
      event.set(Field::sender, arena.lower(clip(sender, longest_name)));
    }
    return step::pickup;
  }
  if (agent == "bounce" && text.find(" notification: ") != std::string_view::npos) return step::bounce;
  return is_delivery_agent(agent) && read_delivery(text, event, arena) ? agent : std::string_view{};
}

}  // namespace

Parsed parse_queued(std::string_view queue_id, std::string_view text, const Line& line, Context& context, Sink& sink) {
  Event event;
  from_line(line, event);
  event.operation = read(component(line.program), text, event, context.arena);
  if (event.operation.empty()) return {Status::other};
  event.uid = queue_id;
  event.set(Field::queue_id, queue_id);
  const bool from_client = event.operation == step::client;
  if (from_client) event.set(Field::client, service(line.program));
  sink.fragment(context.arena.join({line.host, "/", queue_id}), event);
  if (from_client && !event.account.empty()) {
    // The line tells two things, a sign-in and a message; the message keeps the record's id.
    event.activity = Activity::sign_in;
    event.outcome = Outcome::success;
    event.operation = "sasl";
    event.id = id_of({{reinterpret_cast<const char*>(event.id.bytes.data()), event.id.bytes.size()}, "sign_in"});
    sink.event(event);
  }
  return {};
}

}  // namespace digue::formats::postfix
