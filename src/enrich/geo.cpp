#include <maxminddb.h>

#include <cstring>
#include <deque>

#include "base/time.hpp"
#include "enrich/enricher.hpp"

namespace digue::enrich {

namespace {

struct Database {
  MMDB_s handle{};
  std::string path;
  bool open = false;
  Database() = default;
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;
  ~Database() {
    if (open) MMDB_close(&handle);
  }
};

std::string text_at(MMDB_entry_s* entry, const char* const* path) {
  MMDB_entry_data_s data;
  if (MMDB_aget_value(entry, &data, path) != MMDB_SUCCESS || !data.has_data || data.type != MMDB_DATA_TYPE_UTF8_STRING) return {};
  return {data.utf8_string, data.data_size};
}

std::string network_at(MMDB_entry_s* entry) {
  static const char* const number_path[] = {"autonomous_system_number", nullptr};
  static const char* const name_path[] = {"autonomous_system_organization", nullptr};
  MMDB_entry_data_s data;
  if (MMDB_aget_value(entry, &data, number_path) != MMDB_SUCCESS || !data.has_data || data.type != MMDB_DATA_TYPE_UINT32) return {};
  std::string out = "AS" + std::to_string(data.uint32);
  if (const std::string organization = text_at(entry, name_path); !organization.empty()) out += " " + organization;
  return out;
}

std::string country_at(MMDB_entry_s* entry) {
  static const char* const nested[] = {"country", "iso_code", nullptr};
  static const char* const flat[] = {"country_code", nullptr};  // DB-IP's and IP-location-db's lite files
  std::string code = text_at(entry, nested);
  return code.empty() ? text_at(entry, flat) : code;
}

}  // namespace

struct GeoDatabase::State {
  std::deque<Database> databases;
};

GeoDatabase::GeoDatabase(std::unique_ptr<State> state) : state_(std::move(state)) {}
GeoDatabase::~GeoDatabase() = default;

Result<std::unique_ptr<GeoDatabase>> GeoDatabase::open(const std::vector<std::string>& paths) {
  auto state = std::make_unique<State>();
  for (const std::string& path : paths) {
    Database& database = state->databases.emplace_back();
    database.path = path;
    if (const int status = MMDB_open(path.c_str(), MMDB_MODE_MMAP, &database.handle); status != MMDB_SUCCESS)
      return fail(ErrorCode::bad_input, std::string("cannot use this geography database: ") + MMDB_strerror(status), path,
                  "Give a MaxMind-format (.mmdb) file.");
    database.open = true;
  }
  return std::unique_ptr<GeoDatabase>(new GeoDatabase(std::move(state)));
}

GeoDatabase::Place GeoDatabase::find(const IpAddress& ip) const {
  Place place;
  if (ip.is_local()) return place;
  const std::string text = to_text(ip);
  for (const Database& database : state_->databases) {
    int address_error = 0;
    int status = MMDB_SUCCESS;
    MMDB_lookup_result_s result = MMDB_lookup_string(&database.handle, text.c_str(), &address_error, &status);
    if (address_error != 0 || status != MMDB_SUCCESS || !result.found_entry) continue;
    if (place.country.empty()) place.country = country_at(&result.entry);
    if (place.network.empty()) place.network = network_at(&result.entry);
  }
  if (place.country.size() != 2) place.country.clear();
  return place;
}

std::vector<std::string> GeoDatabase::sources() const {
  std::vector<std::string> out;
  for (const Database& database : state_->databases) {
    const UtcMicros built{static_cast<std::int64_t>(database.handle.metadata.build_epoch) * micros_per_second};
    out.push_back(database.path.substr(database.path.rfind('/') + 1) + " (" + database.handle.metadata.database_type + ", " +
                  to_iso8601(built).substr(0, 10) + ")");
  }
  return out;
}

}  // namespace digue::enrich
