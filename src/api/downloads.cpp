#include "api/downloads.hpp"

#include <array>
#include <stdexcept>

#include "api/api.hpp"
#include "api/backup.hpp"
#include "api/reply.hpp"
#include "base/crypto/hash.hpp"
#include "base/crypto/random.hpp"

namespace digue::api {

struct Downloads::One {
  enum class State { waiting, sending, done, failed };

  std::mutex mutex;
  std::string session;
  Needs needs;
  std::string name;
  std::uint64_t about = 0;
  service::Outgoing out;  ///< without bytes once it left
  State state = State::waiting;
  UtcMicros since;  ///< when it came into its state
  std::uint64_t bytes = 0;
  std::string sha256;
  std::string error;

  bool over(UtcMicros time) {
    const std::lock_guard lock(mutex);
    if (state == State::sending) return false;
    return time.value - since.value >= (state == State::waiting ? life : memory);
  }
  bool waits_for(const std::string& whose) {
    const std::lock_guard lock(mutex);
    return state == State::waiting && session == whose;
  }
};

/// The bytes of one download while it leaves.
class Downloads::Leaving {
 public:
  Leaving(std::shared_ptr<One> one, std::shared_ptr<Producer> bytes, const Clock& clock)
      : one_(std::move(one)), bytes_(std::move(bytes)), clock_(clock) {}
  ~Leaving() { end(One::State::failed, ""); }
  Leaving(const Leaving&) = delete;
  Leaving& operator=(const Leaving&) = delete;

  Result<bool> next(std::string& part) {
    auto more = bytes_->next(part);
    if (!more) {
      end(One::State::failed, to_text(more.error()));
      return more;
    }
    hash_.update(part);
    {
      const std::lock_guard lock(one_->mutex);
      if (one_->state != One::State::sending) return fail(ErrorCode::cancelled, "");
      one_->bytes += part.size();
    }
    if (!*more) end(One::State::done, "");
    return more;
  }

 private:
  void end(One::State state, std::string error) {
    const std::lock_guard lock(one_->mutex);
    if (one_->state != One::State::sending) return;
    one_->state = state;
    one_->since = clock_();
    one_->error = std::move(error);
    if (state == One::State::done) one_->sha256 = to_hex(hash_.finish());
  }

  const std::shared_ptr<One> one_;
  const std::shared_ptr<Producer> bytes_;
  const Clock& clock_;
  Sha256Stream hash_;
};

void Downloads::forget_old() {
  const auto time = clock_();
  std::erase_if(all_, [&](const auto& entry) { return entry.second->over(time); });
}

Result<std::shared_ptr<Downloads::One>> Downloads::find(const std::string& id, const std::string& session) {
  const std::lock_guard lock(mutex_);
  forget_old();
  const auto at = all_.find(id);
  if (at == all_.end() || at->second->session != session)
    return fail(ErrorCode::not_found, tr("download.absent"), {}, tr("download.absent_help"));
  return at->second;
}

json::Value Downloads::tell(const std::string& id, One& one) {
  static constexpr std::array<const char*, 4> names{"waiting", "sending", "done", "failed"};
  const std::lock_guard lock(one.mutex);
  const auto text = [](const std::string& value) { return value.empty() ? json::Value(nullptr) : json::Value(value); };
  json::Object out{{"id", id},           {"name", one.name},   {"state", names[static_cast<std::size_t>(one.state)]},
                   {"bytes", one.bytes}, {"about", one.about}, {"sha256", text(one.sha256)},
                   {"error", nullptr}};
  if (one.state == One::State::failed) out["error"] = one.error.empty() ? tr("download.cut") : one.error;
  return out;
}

json::Value Downloads::add(service::Outgoing out, const std::string& session, Needs needs) {
  const auto one = std::make_shared<One>();
  one->session = session;
  one->needs = std::move(needs);
  one->name = out.name;
  one->about = out.about;
  one->out = std::move(out);
  one->since = clock_();
  const auto id = random_hex(32);
  {
    const std::lock_guard lock(mutex_);
    forget_old();
    std::erase_if(all_, [&](const auto& entry) { return entry.second->waits_for(session); });
    all_.emplace(id, one);
  }
  return tell(id, *one);
}

Result<json::Value> Downloads::show(const std::string& id, const std::string& session) {
  const auto one = find(id, session);
  if (!one) return tl::make_unexpected(one.error());
  return tell(id, **one);
}

Result<Downloads::Needs> Downloads::needs(const std::string& id, const std::string& session) {
  const auto one = find(id, session);
  if (!one) return tl::make_unexpected(one.error());
  return (*one)->needs;
}

Result<net::Response> Downloads::take(const std::string& id, const std::string& session) {
  const auto found = find(id, session);
  if (!found) return tl::make_unexpected(found.error());
  auto& one = **found;
  const std::lock_guard lock(one.mutex);
  if (one.state != One::State::waiting) return fail(ErrorCode::not_found, tr("download.absent"), {}, tr("download.absent_help"));
  one.state = One::State::sending;
  one.since = clock_();
  const auto leaving = std::make_shared<Leaving>(*found, std::exchange(one.out.bytes, nullptr), clock_);
  return reply_stream(one.name, [leaving](std::string& part) { return leaving->next(part); });
}

Result<void> Downloads::cancel(const std::string& id, const std::string& session) {
  const auto one = find(id, session);
  if (!one) return tl::make_unexpected(one.error());
  const std::lock_guard lock((*one)->mutex);
  if ((*one)->state == One::State::done || (*one)->state == One::State::failed) return {};
  (*one)->state = One::State::failed;
  (*one)->since = clock_();
  (*one)->out.bytes.reset();
  return {};
}

void Downloads::forget(const std::string& session) {
  const std::lock_guard lock(mutex_);
  std::erase_if(all_, [&](const auto& entry) { return entry.second->waits_for(session); });
}

namespace {

Answer show(Call& call) {
  const auto told = call.api.downloads.show(call.ids[0], call.caller.session);
  if (!told) return tl::make_unexpected(told.error());
  return reply_json(*told);
}

Answer take(Call& call) {
  const auto needs = call.api.downloads.needs(call.ids[0], call.caller.session);
  if (!needs) return tl::make_unexpected(needs.error());
  // A right that was taken away since.
  if (auto may = call.api.people.allow(call.caller, needs->right, needs->incident, "GET /api/v1/downloads"); !may)
    return tl::make_unexpected(may.error());
  return call.api.downloads.take(call.ids[0], call.caller.session);
}

Answer cancel(Call& call) {
  const auto done = call.api.downloads.cancel(call.ids[0], call.caller.session);
  if (!done) return tl::make_unexpected(done.error());
  return reply_nothing();
}

using people::Right;
constexpr std::array routes{
    Route{"GET", "downloads/{}", show}.needs(Right::none),
    Route{"GET", "downloads/{}/file", take}.needs(Right::none),
    Route{"DELETE", "downloads/{}", cancel}.needs(Right::none),
};

}  // namespace

std::span<const Route> download_routes() {
  return routes;
}

}  // namespace digue::api
