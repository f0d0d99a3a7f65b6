#include "connect/postfix/smtp.hpp"

#include "base/crypto/line_client.hpp"
#include "base/encoding.hpp"
#include "base/messages.hpp"
#include "base/quote.hpp"
#include "base/text.hpp"

namespace digue::connect::mta {

namespace {

constexpr int max_lines = 100;  ///< of one reply
constexpr std::size_t max_text = 2000;

struct Reply {
  int code = 0;
  std::string text;
};

/// RFC 5321, 4.2: every line with the same code, the last without a hyphen.
Result<Reply> read_reply(LineClient& client) {
  Reply out;
  for (int lines = 0; lines < max_lines; ++lines) {
    const auto line = client.line();
    if (!line) return tl::make_unexpected(line.error());
    const std::string_view text = *line;
    const bool digits = text.size() >= 3 && text.find_first_not_of("0123456789") >= 3;
    const int code = digits ? (text[0] - '0') * 100 + (text[1] - '0') * 10 + (text[2] - '0') : 0;
    if (code < 200 || code > 599 || (lines > 0 && code != out.code) || (text.size() > 3 && text[3] != ' ' && text[3] != '-')) break;
    out.code = code;
    if (out.text.size() < max_text) out.text += (lines > 0 ? " " : "") + to_utf8_lossy(clip(text, max_text));
    if (text.size() == 3 || text[3] == ' ') return out;
  }
  return fail(ErrorCode::io, tr("postfix.smtp.odd"), {}, tr("postfix.smtp.odd.help"));
}

Result<Reply> say(LineClient& client, const std::string& command) {
  if (auto sent = client.send(command + "\r\n"); !sent) return tl::make_unexpected(sent.error());
  return read_reply(client);
}

/// The inside of <>: printable ASCII that ends nothing.
Result<std::string> address(const std::string& text) {
  auto good = quote::postfix_key(text);
  if (good && text.find_first_of("<>") != std::string::npos) return fail(ErrorCode::bad_input, tr("quote.map_key"), {}, tr("quote.help"));
  return good;
}

/// Our name: the address literal (RFC 5321, 4.1.3), which no look-up can refuse.
std::string greeting(const std::string& source) {
  const auto host = source.substr(0, source.rfind(':'));
  return "EHLO " + (host.starts_with('[') ? "[IPv6:" + host.substr(1) : "[" + host + "]");
}

}  // namespace

Result<SmtpAnswer> try_smtp(const SmtpTrial& trial, std::chrono::milliseconds limit) {
  const auto sender = address(trial.sender);
  if (!sender) return tl::make_unexpected(sender.error());
  const auto recipient = address(trial.recipient);
  if (!recipient) return tl::make_unexpected(recipient.error());
  auto client = LineClient::connect(trial.at.host, trial.at.port, limit);
  if (!client) return tl::make_unexpected(client.error());
  SmtpAnswer out;
  out.source = client->source();
  std::optional<Error> problem;
  // False once the dialogue is over: refused, or cut.
  const auto step = [&](std::string stage, Result<Reply> reply) {
    if (!reply) {
      problem = reply.error();
      return false;
    }
    out.stage = std::move(stage);
    out.code = reply->code;
    out.text = std::move(reply->text);
    return out.code < 400;
  };
  const bool tls = trial.tls || !trial.password.empty();
  const auto hello = greeting(out.source);
  bool going = step("connect", read_reply(*client)) && step("EHLO", say(*client, hello));
  if (going && tls) {
    going = step("STARTTLS", say(*client, "STARTTLS"));
    if (going) {
      if (auto safe = client->start_tls(trial.trust); !safe) return tl::make_unexpected(safe.error());
      going = step("EHLO", say(*client, hello));
    }
  }
  if (going && !trial.password.empty()) {
    const std::string secret = '\0' + trial.user + '\0' + trial.password;
    going = step("AUTH", say(*client, "AUTH PLAIN " + base64(secret)));
  }
  going = going && step("MAIL", say(*client, "MAIL FROM:<" + *sender + ">")) && step("RCPT", say(*client, "RCPT TO:<" + *recipient + ">"));
  if (problem) return tl::make_unexpected(*problem);
  (void)say(*client, "QUIT");
  return out;
}

}  // namespace digue::connect::mta
