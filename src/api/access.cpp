#include "api/access.hpp"

#include "base/crypto/hash.hpp"
#include "base/crypto/random.hpp"
#include "base/text.hpp"

namespace digue::api {

std::string session_key(std::string_view secret) {
  return to_hex(sha256(secret));
}

Access::Token Access::new_token() {
  Token token{random_hex(32), UtcMicros{clock_().value + token_life}};
  const std::lock_guard lock(mutex_);
  forget_old(clock_());
  tokens_.emplace(session_key(token.text), token.expires);
  return token;
}

std::optional<std::string> Access::sign_in(std::string_view token, std::string name) {
  const auto time = clock_();
  const std::lock_guard lock(mutex_);
  forget_old(time);
  if (sessions_.size() >= max_sessions || tokens_.erase(session_key(token)) == 0) return std::nullopt;
  std::string secret = random_hex(32);
  sessions_.emplace(session_key(secret), LoginSession{std::move(name), time, time});
  return secret;
}

void Access::sign_out(std::string_view secret) {
  const std::lock_guard lock(mutex_);
  sessions_.erase(session_key(secret));
}

std::optional<std::string> Access::who(std::string_view secret, bool quiet) {
  if (secret.empty()) return std::nullopt;
  const auto time = clock_();
  const std::lock_guard lock(mutex_);
  forget_old(time);
  const auto at = sessions_.find(session_key(secret));
  if (at == sessions_.end()) return std::nullopt;
  if (!quiet) at->second.last = time;
  return at->second.name;
}

void Access::forget_old(UtcMicros time) {
  std::erase_if(tokens_, [&](const auto& one) { return one.second <= time; });
  std::erase_if(sessions_, [&](const auto& one) {
    return time.value - one.second.last.value >= idle_life || time.value - one.second.started.value >= session_life;
  });
}

std::string cookie(const net::Request& request, std::string_view name) {
  for (const auto& [key, value] : request.headers) {
    if (key != "cookie") continue;
    std::string_view rest = value;
    while (!rest.empty()) {
      const auto end = rest.find(';');
      const auto pair = trim(rest.substr(0, end));
      if (pair.size() > name.size() && pair.starts_with(name) && pair[name.size()] == '=') return std::string(pair.substr(name.size() + 1));
      rest = end == std::string_view::npos ? std::string_view() : rest.substr(end + 1);
    }
  }
  return {};
}

}  // namespace digue::api
