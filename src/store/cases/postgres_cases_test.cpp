#include <doctest/doctest.h>

#include <atomic>
#include <chrono>
#include <thread>

#include "base/messages.hpp"
#include "store/cases/postgres_cases.hpp"
#include "store/postgres/database.hpp"
#include "store/postgres/server_test.hpp"

using namespace digue;
using namespace digue::store;

// What is told of a server that refuses, goes away and comes back.
namespace {

const SigningKey key = SigningKey::from_seed(std::string(32, 'k')).value();

std::unique_ptr<postgres::Database> connect(const std::string& uri) {
  return postgres::Database::connect(postgres::Target::parse(uri).value()).value();
}

std::string asked(sql::Database& database, std::string_view question) {
  auto query = database.prepare(question);
  const auto row = query.step();
  return row && *row ? query.text_at(0) : std::string();
}

Result<void> add_incident(CaseStore& store) {
  return store.write([](CaseWriter& writer) -> Result<void> {
    incident::Incident incident;
    incident.id = "i";
    incident.title = "Boîte compromise";
    incident.created = UtcMicros{1'773'086'400'000'000};
    incident.created_by = "A. Roche";
    const auto added = writer.add_incident(incident);
    return added ? Result<void>() : tl::make_unexpected(added.error());
  });
}

Result<Entry> append(CaseStore& store, std::string text) {
  journal::Draft draft;
  draft.event_time = UtcMicros{1'773'086'400'000'000};
  draft.zone = "Europe/Paris";
  draft.body.author = "A. Roche";
  draft.body.text = std::move(text);
  return writing(store, [&](CaseWriter& writer) { return writer.append("i", draft, now()); });
}

/// Before something is asked again.
void a_moment() {
  std::this_thread::sleep_for(std::chrono::milliseconds(5));
}

journal::Audit audit(CaseStore& store) {
  return reading(store, [](CaseReader& reader) { return audit_journal(reader, "i"); }).value();
}

}  // namespace

TEST_CASE("PostgreSQL: one program at a time, on settings that keep what they acknowledge") {
  auto* server = postgres::TestServer::instance();
  if (server == nullptr) return;
  const auto uri = server->new_database();
  {
    const auto first = open_postgres_cases(uri);
    REQUIRE(first);
    CHECK(open_postgres_cases(uri).error().code == ErrorCode::conflict);
  }
  const auto raw = connect(uri);
  const auto name = asked(*raw, "SELECT current_database()");
  REQUIRE(raw->run("ALTER DATABASE " + name + " SET synchronous_commit = off"));
  const auto refused = open_postgres_cases(uri);
  REQUIRE_FALSE(refused);
  CHECK(refused.error().message.find("synchronous_commit") != std::string::npos);
  REQUIRE(raw->run("ALTER DATABASE " + name + " SET synchronous_commit = local"));
  CHECK(open_postgres_cases(uri));
  REQUIRE(raw->run("CREATE DATABASE latin TEMPLATE template0 ENCODING 'LATIN1' LOCALE 'C' LOCALE_PROVIDER libc"));
  CHECK(open_postgres_cases(server->uri("latin")).error().message.find("LATIN1") != std::string::npos);
  CHECK(open_postgres_cases(server->uri("absent")).error().code == ErrorCode::io);
}

TEST_CASE("PostgreSQL: an immediate stop under load loses nothing that was acknowledged, and work goes on by itself") {
  auto* server = postgres::TestServer::instance();
  if (server == nullptr) return;
  auto store = open_postgres_cases(server->new_database(), key).value();
  REQUIRE(add_incident(*store));
  std::atomic<bool> stop = false;
  std::atomic<int> refused = 0;
  std::vector<std::vector<std::string>> kept(6);
  std::vector<std::thread> threads;
  for (std::size_t t = 0; t < kept.size(); ++t)
    threads.emplace_back([&, t] {
      for (int i = 0; !stop; ++i) {
        auto text = std::to_string(t) + "/" + std::to_string(i);
        if (append(*store, text)) {
          kept[t].push_back(std::move(text));
        } else {
          ++refused;
          a_moment();
        }
      }
    });
  const auto lines = [&] { return reading(*store, [](CaseReader& reader) { return reader.leaves("i", INT64_MAX); }); };
  for (int round = 0; round < 2; ++round) {
    const auto before = lines().value().size();
    while (lines().value().size() < before + 20) a_moment();
    const int told = refused;
    server->stop();
    while (refused == told) a_moment();
    CHECK_FALSE(lines());
    server->start();
    while (!lines()) a_moment();
  }
  stop = true;
  for (auto& thread : threads) thread.join();
  REQUIRE(append(*store, "après"));
  const auto found = audit(*store);
  CHECK(found.good());
  CHECK(found.signed_to == found.lines);
  const auto page = reading(*store, [](CaseReader& reader) { return reader.journal("i", 0, INT64_MAX, {}); }).value();
  std::vector<std::vector<std::string>> stored(kept.size());
  for (const auto& entry : page.entries)
    if (const auto& text = entry.body->text; text.find('/') == 1) stored[static_cast<std::size_t>(text[0] - '0')].push_back(text);
  for (std::size_t t = 0; t < kept.size(); ++t) {
    std::size_t at = 0;
    for (const auto& text : stored[t]) at += at < kept[t].size() && text == kept[t][at] ? 1 : 0;
    CHECK(at == kept[t].size());
  }
}

TEST_CASE("PostgreSQL: a commit without an answer is told as not known, and what it kept is read again") {
  auto* server = postgres::TestServer::instance();
  if (server == nullptr) return;
  const auto uri = server->new_database();
  auto store = open_postgres_cases(uri, key).value();
  REQUIRE(add_incident(*store));
  REQUIRE(append(*store, "un"));
  const auto raw = connect(uri);
  // The server waits for a standby that never answers: what it commits is on its disk and is not acknowledged.
  REQUIRE(raw->run("ALTER SYSTEM SET synchronous_standby_names = 'nobody'"));
  REQUIRE(raw->run("SELECT pg_reload_conf()"));
  Result<Entry> told = fail(ErrorCode::internal, {});
  std::uint64_t written = 1;
  std::thread writer([&] {
    do {  // the new setting reaches the server's processes a moment later
      told = append(*store, "deux");
      ++written;
    } while (told);
  });
  const auto question =
      "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE wait_event = 'SyncRep' AND backend_type = 'client backend'";
  while (asked(*raw, question) == "0") a_moment();
  writer.join();
  REQUIRE(raw->run("ALTER SYSTEM RESET synchronous_standby_names"));
  REQUIRE(raw->run("SELECT pg_reload_conf()"));
  REQUIRE_FALSE(told);
  CHECK(told.error().message == tr("postgres.unknown"));
  const auto third = append(*store, "trois");
  REQUIRE(third);
  CHECK(third->header.seq == written + 1);
  const auto found = audit(*store);
  CHECK(found.good());
  CHECK(found.lines == written + 1);
  CHECK(found.signed_to == written + 1);
}
