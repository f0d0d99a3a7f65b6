#pragma once

#include "connect/dovecot/doveadm.hpp"
#include "connect/host/host.hpp"

namespace digue::dovecot {

/// One message where it lies, with what a person recognises it by; hostile text.
struct Message {
  std::string account, mailbox, mailbox_guid, uid, guid;
  std::string flags, received;  ///< received: Unix seconds
  std::string size;             ///< as stored, bytes
  std::string message_id, from, subject;
};

/// What is looked for. Texts are contained in the header, but a sender with "@" is the whole address ("@x.example": the whole domain);
/// times are those of reception, [since, until).
struct Search {
  std::optional<UtcMicros> since, until;
  std::string mailbox, sender, subject, message_id;
};

/// From the parameters of an order. bad_input for a time that is none.
Result<Search> search_of(const containment::Order& order);

/// The messages that an account sees, public and shared folders included, without marking any as seen. limit beyond `most`; not_found: no
/// such account or mailbox.
Result<std::vector<Message>> find_messages(const Doveadm& doveadm, const std::string& account, const Search& search, std::size_t most);
/// By its identity, wherever the account sees it.
Result<std::vector<Message>> find_guid(const Doveadm& doveadm, const std::string& account, const std::string& guid);

struct Content {
  std::string bytes;
  /// As stored: what is no UTF-8 does not pass through doveadm's JSON, which shows in the size.
  bool exact = false;
  bool by_host = false;  ///< digue-mail-host gave them, not doveadm's JSON
};

/// The bytes of messages.
class Contents {
 public:
  /// `host`: null, or asked for what is not exact otherwise, until it says that it may not.
  Contents(const Doveadm& doveadm, connect::Host* host, std::chrono::milliseconds limit) : doveadm_(doveadm), host_(host), limit_(limit) {}
  /// not_found when it is gone.
  Result<Content> of(const Message& message);

 private:
  const Doveadm& doveadm_;
  connect::Host* host_;
  const std::chrono::milliseconds limit_;
};

/// The addresses of a From header, lower case, without names, comments and quotes.
std::vector<std::string> addresses_of(std::string_view header);
/// Whether one of them (lower case; "@x.example": anybody there) wrote it; true where the header's addresses cannot be told for sure.
bool is_from(std::string_view header, const std::vector<std::string>& senders);

/// What names this one message in a query: its folder and number, checked. bad_input when they are no such things.
Result<json::Array> place_of(const Message& message);

}  // namespace digue::dovecot
