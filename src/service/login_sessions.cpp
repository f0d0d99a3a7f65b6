#include "service/login_sessions.hpp"

#include <algorithm>

#include "base/crypto/hash.hpp"
#include "base/crypto/random.hpp"

namespace digue::service {

namespace {

std::string key_of(std::string_view secret) {
  return to_hex(sha256(secret));
}

}  // namespace

LoginSessions::Token LoginSessions::new_token() {
  Token token{random_hex(32), UtcMicros{clock_().value + token_life}};
  const std::lock_guard lock(mutex_);
  forget_old(clock_());
  tokens_.emplace(key_of(token.text), token.expires);
  return token;
}

std::optional<std::string> LoginSessions::sign_in(std::string_view token, std::string name, std::string source, std::string agent) {
  {
    const std::lock_guard lock(mutex_);
    forget_old(clock_());
    if (tokens_.erase(key_of(token)) == 0) return std::nullopt;
  }
  return open({}, std::move(name), std::move(source), std::move(agent));
}

std::optional<std::string> LoginSessions::open(std::string person, std::string name, std::string source, std::string agent) {
  const auto time = clock_();
  if (!person.empty()) {
    auto own = list();
    std::erase_if(own, [&](const auto& one) { return one.person != person; });
    const auto oldest = std::min_element(own.begin(), own.end(), [](const auto& a, const auto& b) { return a.last < b.last; });
    if (own.size() >= max_of_one) end(oldest->id);
  }
  const std::lock_guard lock(mutex_);
  forget_old(time);
  if (sessions_.size() >= max_sessions) return std::nullopt;
  std::string secret = random_hex(32);
  sessions_.emplace(key_of(secret),
                    LoginSession{random_hex(8), std::move(person), std::move(name), std::move(source), std::move(agent), time, time, time});
  return secret;
}

std::optional<std::string> LoginSessions::renew(std::string_view secret) {
  const auto time = clock_();
  const std::lock_guard lock(mutex_);
  forget_old(time);
  auto held = sessions_.extract(key_of(secret));
  if (held.empty()) return std::nullopt;
  std::string fresh = random_hex(32);
  held.key() = key_of(fresh);
  held.mapped().last = held.mapped().proved = time;
  sessions_.insert(std::move(held));
  return fresh;
}

template <class Which>
std::vector<LoginSession> LoginSessions::remove(Which which) {
  std::vector<LoginSession> removed;
  {
    const std::lock_guard lock(mutex_);
    std::erase_if(sessions_, [&](auto& one) {
      const bool goes = which(one.first, one.second);
      if (goes) removed.push_back(std::move(one.second));
      return goes;
    });
  }
  if (told_)
    for (const auto& one : removed) told_(one.id);
  return removed;
}

void LoginSessions::sign_out(std::string_view secret) {
  remove([key = key_of(secret)](const auto& held, const auto&) { return held == key; });
}

std::optional<LoginSession> LoginSessions::who(std::string_view secret, bool quiet) {
  if (secret.empty()) return std::nullopt;
  const auto time = clock_();
  const std::lock_guard lock(mutex_);
  forget_old(time);
  const auto at = sessions_.find(key_of(secret));
  if (at == sessions_.end()) return std::nullopt;
  if (!quiet) at->second.last = time;
  return at->second;
}

bool LoginSessions::proved_lately(std::string_view id) {
  const auto time = clock_();
  const std::lock_guard lock(mutex_);
  return std::any_of(sessions_.begin(), sessions_.end(),
                     [&](const auto& one) { return one.second.id == id && time.value - one.second.proved.value < proof_life; });
}

std::vector<LoginSession> LoginSessions::list() {
  const std::lock_guard lock(mutex_);
  forget_old(clock_());
  std::vector<LoginSession> out;
  for (const auto& [key, session] : sessions_) out.push_back(session);
  std::sort(out.begin(), out.end(), [](const auto& a, const auto& b) { return a.started > b.started; });
  return out;
}

std::optional<LoginSession> LoginSessions::end(std::string_view id) {
  auto ended = remove([&](const auto&, const auto& session) { return session.id == id; });
  if (ended.empty()) return std::nullopt;
  return std::move(ended.front());
}

std::size_t LoginSessions::end_all(std::string_view person, std::string_view but) {
  return remove([&](const auto&, const auto& session) { return session.person == person && session.id != but; }).size();
}

bool LoginSessions::lasts(std::string_view id) {
  const std::lock_guard lock(mutex_);
  forget_old(clock_());
  return std::any_of(sessions_.begin(), sessions_.end(), [&](const auto& one) { return one.second.id == id; });
}

void LoginSessions::forget_old(UtcMicros time) {
  std::erase_if(tokens_, [&](const auto& one) { return one.second <= time; });
  std::erase_if(sessions_, [&](const auto& one) {
    const auto& session = one.second;
    const bool account = !session.person.empty();
    return time.value - session.last.value >= (account ? account_idle_life : idle_life) ||
           time.value - session.started.value >= (account ? account_session_life : session_life);
  });
}

}  // namespace digue::service
