#include <algorithm>
#include <condition_variable>
#include <deque>
#include <exception>
#include <mutex>
#include <set>
#include <span>
#include <thread>

#include "base/messages.hpp"
#include "store/cases/sql_cases.hpp"
#include "store/cases/sql_session.hpp"
#include "store/cases/sql_signer.hpp"

namespace digue::store {

namespace {

using sql::Database;

/// Works that one commit may carry.
constexpr std::size_t max_batch = 256;
constexpr std::size_t max_idle_readers = 8;

struct Pending {
  const CaseStore::Writing* work;  ///< null: clean
  Language language;
  Result<void> result;
  bool done = false;
};

class SqlCases final : public CaseStore {
 public:
  SqlCases(std::unique_ptr<Connections> connections, std::unique_ptr<Database> writer, std::optional<SqlSigner> signer)
      : connections_(std::move(connections)), writer_(std::move(writer)), signer_(std::move(signer)), thread_([this] { serve(); }) {}
  ~SqlCases() override {
    {
      const std::lock_guard lock(mutex_);
      stopping_ = true;
    }
    wake_.notify_one();
    thread_.join();
  }

  Result<void> read(const Reading& work) override {
    auto reader = take_reader();
    if (!reader) return tl::make_unexpected(reader.error());
    SqlSession session(**reader);
    auto done = work(session);
    if ((*reader)->commit()) give_back(std::move(*reader));
    return done;
  }

  Result<void> write(const Writing& work) override { return queue(&work); }
  Result<void> clean() override { return queue(nullptr); }
  Result<std::vector<std::string>> copy_to(const std::string& path) override {
    auto reader = take_reader();
    if (!reader) return tl::make_unexpected(reader.error());
    const auto done = connections_->copy(**reader, path);
    if ((*reader)->commit()) give_back(std::move(*reader));
    if (!done) return tl::make_unexpected(done.error());
    return sqlite_holdings(path);
  }

 private:
  Result<void> queue(const Writing* work) {
    Pending pending{work, current_language(), {}, false};
    std::unique_lock lock(mutex_);
    queue_.push_back(&pending);
    wake_.notify_one();
    committed_.wait(lock, [&] { return pending.done; });
    return pending.result;
  }

  /// A connection in a transaction. Idle ones whose connection was lost meanwhile make room for a new one.
  Result<std::unique_ptr<Database>> take_reader() {
    for (;;) {
      auto reader = idle_reader();
      const bool idle = reader != nullptr;
      if (!idle) {
        auto opened = connections_->reader();
        if (!opened) return opened;
        reader = std::move(*opened);
      }
      const auto begun = reader->begin(Database::Access::read);
      if (begun) return reader;
      if (!idle || reader->connected()) return tl::make_unexpected(begun.error());
    }
  }

  std::unique_ptr<Database> idle_reader() {
    const std::lock_guard lock(readers_mutex_);
    if (readers_.empty()) return nullptr;
    auto reader = std::move(readers_.back());
    readers_.pop_back();
    return reader;
  }

  void give_back(std::unique_ptr<Database> reader) {
    const std::lock_guard lock(readers_mutex_);
    if (readers_.size() < max_idle_readers) readers_.push_back(std::move(reader));
  }

  void serve() {
    std::unique_lock lock(mutex_);
    for (;;) {
      wake_.wait(lock, [&] { return stopping_ || !queue_.empty(); });
      if (queue_.empty()) return;
      const auto most = queue_.begin() + static_cast<std::ptrdiff_t>(std::min(queue_.size(), max_batch));
      const bool cleaning = queue_.front()->work == nullptr;
      const auto end = cleaning ? queue_.begin() + 1 : std::find_if(queue_.begin(), most, [](const auto* one) { return !one->work; });
      const std::vector<Pending*> batch(queue_.begin(), end);
      queue_.erase(queue_.begin(), end);
      lock.unlock();
      if (cleaning)
        batch.front()->result = connections_->clean(*writer_);
      else
        commit(batch);
      lock.lock();
      for (auto* pending : batch) pending->done = true;
      committed_.notify_all();
    }
  }

  /// One work inside a savepoint: its failure takes back its own changes only.
  Result<void> run_one(const Pending& pending) {
    const LanguageScope scope(pending.language);
    if (auto saved = writer_->run("SAVEPOINT work"); !saved) return saved;
    SqlSession session(*writer_, &grown_);
    Result<void> result;
    try {
      result = (*pending.work)(session);
    } catch (const std::exception& problem) {
      result = fail(ErrorCode::internal, problem.what());
    }
    if (!writer_->in_transaction()) return result ? fail(ErrorCode::io, tr("store.failed", {{"reason", "rollback"}})) : result;
    const auto released = writer_->run(result ? "RELEASE work" : "ROLLBACK TO work; RELEASE work");
    if (released) return result;
    // What cannot be taken back alone must not be committed with the others.
    if (writer_->in_transaction()) static_cast<void>(writer_->run("ROLLBACK"));
    return released;
  }

  /// A transaction for writing, over another connection when the last one is lost. What this process knew of the journals is read again:
  /// an unanswered commit may have been kept.
  Result<void> begin() {
    const auto begun = writer_->begin(Database::Access::write);
    if (begun || writer_->connected()) return begun;
    auto writer = connections_->writer();
    if (!writer) return tl::make_unexpected(writer.error());
    if (signer_) {
      signer_->forget();
      if (auto started = signer_->start(**writer, now()); !started) return started;
    }
    writer_ = std::move(*writer);
    return writer_->begin(Database::Access::write);
  }

  /// One transaction for all. A full or failing disk ends it: those who took part are told, those behind them begin another. Without a
  /// connection all are told.
  void commit(std::span<Pending* const> batch) {
    while (!batch.empty()) {
      auto state = begin();
      std::size_t run = 0;
      grown_.clear();
      while (state && run < batch.size()) {
        auto& pending = *batch[run++];
        pending.result = run_one(pending);
        if (!writer_->in_transaction()) state = tl::make_unexpected(pending.result.error());
      }
      const auto none = writer_->connected() ? std::size_t{1} : batch.size();
      const auto taken = batch.first(state || run > 0 ? run : none);
      if (state && signer_) state = signer_->sign(*writer_, grown_, now());
      if (state) state = writer_->commit();
      if (signer_) signer_->ended(state.has_value());
      if (!state) {
        if (writer_->in_transaction()) static_cast<void>(writer_->run("ROLLBACK"));
        for (auto* pending : taken)
          if (pending->result) pending->result = state;
      }
      batch = batch.subspan(taken.size());
    }
  }

  const std::unique_ptr<Connections> connections_;
  std::unique_ptr<Database> writer_;
  std::optional<SqlSigner> signer_;
  std::set<std::string> grown_;  ///< journals with new lines in the commit under way
  std::mutex mutex_;
  std::condition_variable wake_, committed_;
  std::deque<Pending*> queue_;
  bool stopping_ = false;
  std::mutex readers_mutex_;
  std::vector<std::unique_ptr<Database>> readers_;
  std::thread thread_;
};

}  // namespace

Result<std::unique_ptr<CaseStore>> open_sql_cases(std::unique_ptr<Connections> connections, std::optional<SigningKey> key) {
  auto writer = connections->writer();
  if (!writer) return tl::make_unexpected(writer.error());
  std::optional<SqlSigner> signer;
  if (key) {
    signer.emplace(std::move(*key));
    if (auto ready = signer->start(**writer, now()); !ready) return tl::make_unexpected(ready.error());
  }
  return std::make_unique<SqlCases>(std::move(connections), std::move(*writer), std::move(signer));
}

}  // namespace digue::store
