#include "connect/host/host.hpp"

#include "base/messages.hpp"
#include "connect/host/transport.hpp"

namespace digue::connect {

namespace {

constexpr std::string_view letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";

bool holds_only(std::string_view text, std::string_view more) {
  return !text.empty() && text.front() != '-' && text.find_first_not_of(std::string(letters).append(more)) == std::string_view::npos;
}

tl::unexpected<Error> wrong(const std::string& field) {
  return fail(ErrorCode::bad_input, tr("host.setting", {{"field", field}, {"expected", tr("host.setting." + field)}}), field);
}

}  // namespace

Result<std::unique_ptr<Host>> host_of(const json::Object& settings, std::string_view identity) {
  const json::Value given(settings);
  json::Fields fields(given);
  const auto host = fields.text_or("host", 253, "local");
  const auto helper = fields.text_or("helper", 1024, "/usr/sbin/digue-mail-host");
  const bool local = host == "local";
  const bool sudo = fields.flag_or("sudo", !local);
  SshTarget target;
  if (!local) {
    target.host = host;
    target.user = fields.text("user", 64);
    target.port = static_cast<std::uint16_t>(fields.optional_integer("port", 1, 65535).value_or(22));
    target.host_key = fields.text("host_key", 64);
    target.identity = identity;
  }
  if (auto good = fields.done(); !good) return tl::make_unexpected(good.error());
  if (helper.front() != '/' || helper.find('\0') != std::string::npos) return wrong("helper");
  std::vector<std::string> words;
  if (sudo) words = {"sudo", "-n"};
  words.push_back(helper);
  if (local) return local_host(std::move(words));
  if (!holds_only(host, ".:-_")) return wrong("host");
  if (!holds_only(target.user, "._-")) return wrong("user");
  constexpr std::string_view hash = "SHA256:";
  const std::string_view key = target.host_key;
  if (!key.starts_with(hash) || key.size() != hash.size() + 43 || !holds_only("x" + std::string(key.substr(hash.size())), "+/"))
    return wrong("host_key");
  if (!is_private_key(target.identity)) return wrong("identity");
  return ssh_host(std::move(target), std::move(words));
}

}  // namespace digue::connect
