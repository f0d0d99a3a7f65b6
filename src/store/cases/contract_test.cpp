#include "store/cases/contract_test.hpp"

#include <doctest/doctest.h>

#include <cstdlib>
#include <filesystem>

#include "base/files.hpp"
#include "store/cases/postgres_cases.hpp"
#include "store/postgres/database.hpp"
#include "store/postgres/server_test.hpp"
#include "store/sqlite/database.hpp"

namespace digue::store {

ContractDatabase::ContractDatabase(std::string uri) : uri_(std::move(uri)) {
  folder_ = (std::filesystem::temp_directory_path() / "digue-XXXXXX").string();
  REQUIRE(mkdtemp(folder_.data()) != nullptr);
}

ContractDatabase::ContractDatabase() : ContractDatabase(std::string()) {
  SUBCASE("SQLite") {}
  if (auto* server = postgres::TestServer::instance(); server != nullptr) {
    SUBCASE("PostgreSQL") {
      uri_ = server->new_database();
    }
  }
}

ContractDatabase::~ContractDatabase() {
  std::filesystem::remove_all(folder_);
}

Result<std::unique_ptr<CaseStore>> ContractDatabase::open(std::optional<SigningKey> key) const {
  return is_postgres() ? open_postgres_cases(uri_, std::move(key)) : open_sqlite_cases(folder_ + "/cases.sqlite", std::move(key));
}

std::unique_ptr<sql::Database> ContractDatabase::raw() const {
  if (is_postgres()) return postgres::Database::connect(postgres::Target::parse(uri_).value()).value();
  return std::make_unique<sqlite::Database>(sqlite::Database::open(folder_ + "/cases.sqlite", sqlite::Database::Mode::read_write).value());
}

std::unique_ptr<sql::Database> ContractDatabase::unguarded() const {
  auto database = raw();
  REQUIRE(database->run(is_postgres() ? "SET session_replication_role = replica"
                                      : "DROP TRIGGER IF EXISTS journal_entries_stay; DROP TRIGGER IF EXISTS journal_entries_are_kept;"
                                        "DROP TRIGGER IF EXISTS journal_bodies_stay; PRAGMA foreign_keys=OFF;"));
  return database;
}

std::unique_ptr<ContractDatabase> ContractDatabase::another() const {
  auto* server = is_postgres() ? nullptr : postgres::TestServer::instance();
  return std::make_unique<ContractDatabase>(server != nullptr ? server->new_database() : std::string());
}

bool ContractDatabase::files_hold(std::string_view word) const {
  auto where = folder_;
  if (is_postgres()) {
    const auto database = raw();
    REQUIRE(database->run("CHECKPOINT"));
    auto number = database->prepare("SELECT oid FROM pg_database WHERE datname = current_database()");
    REQUIRE(number.step().value());
    where = postgres::TestServer::instance()->folder() + "/data/base/" + number.text_at(0);
  }
  for (const auto& file : std::filesystem::recursive_directory_iterator(where)) {
    const auto text = file.is_regular_file() ? read_file(file.path().string(), std::size_t{1} << 30) : Result<std::string>();
    if (text && text->find(word) != std::string::npos) return true;
  }
  return false;
}

}  // namespace digue::store
