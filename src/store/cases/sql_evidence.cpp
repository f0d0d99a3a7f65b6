#include "base/crypto/hash.hpp"
#include "base/json/value.hpp"
#include "base/messages.hpp"
#include "base/text.hpp"
#include "store/cases/sql_rows.hpp"
#include "store/cases/sql_session.hpp"

namespace digue::store {

namespace {

using sql::Statement;

constexpr std::string_view exhibit_query =
    "SELECT id, name, bytes, sha256, received, received_by, method, format, records, rejected, state, sha512, content, parents,"
    " transformation, verified FROM exhibits ";

incident::Exhibit exhibit_of(const Statement& row) {
  incident::Exhibit exhibit{row.text_at(0),
                            row.text_at(1),
                            row.integer_at(2),
                            row.text_at(3),
                            UtcMicros{row.integer_at(4)},
                            row.text_at(5),
                            row.text_at(6),
                            row.optional_text_at(7),
                            row.optional_integer_at(8),
                            row.optional_integer_at(9),
                            row.text_at(10),
                            row.text_at(11),
                            row.text_at(12),
                            {},
                            row.text_at(14),
                            time_at(row, 15)};
  if (const auto parents = json::parse(row.text_at(13)); parents && parents->is_array())
    for (const auto& one : parents->get_array())
      if (one.is_string()) exhibit.parents.emplace_back(one.get_string());
  return exhibit;
}

constexpr std::string_view custody_query =
    "SELECT exhibit, at, who, what, detail, purpose, recipient, digest, line, hash FROM custody WHERE incident = ? ";

incident::CustodyEvent custody_of(const Statement& row) {
  return {row.text_at(0),    UtcMicros{row.integer_at(1)},
          row.text_at(2),    row.text_at(3),
          row.text_at(4),    row.text_at(5),
          row.text_at(6),    row.text_at(7),
          row.integer_at(8), row.text_at(9)};
}

/// Numbers and hashes of events that a version without them wrote.
void complete(const std::string& incident, std::vector<incident::CustodyEvent>& events) {
  std::string previous;
  std::int64_t number = 0;
  for (auto& event : events) {
    ++number;
    if (event.hash.empty()) {
      event.number = number;
      event.hash = incident::custody_hash(incident, event, previous);
    }
    previous = event.hash;
  }
}

}  // namespace

Result<std::vector<incident::Exhibit>> SqlSession::exhibits(const std::string& incident) {
  auto query = database_.prepare(std::string(exhibit_query) + "WHERE incident = ? ORDER BY received, id");
  query.text(incident);
  return rows<incident::Exhibit>(query, exhibit_of);
}

Result<incident::Exhibit> SqlSession::exhibit(const std::string& incident, const std::string& id) {
  auto query = database_.prepare(std::string(exhibit_query) + "WHERE incident = ? AND id = ?");
  query.text(incident).text(id);
  return one<incident::Exhibit>(query, exhibit_of, "exhibit.absent", id);
}

Result<bool> SqlSession::holds(const std::string& sha256) {
  auto query = database_.prepare("SELECT 1 FROM exhibits WHERE sha256 = ? AND state <> 'destroyed' LIMIT 1");
  query.text(sha256);
  return query.step();
}

Result<std::vector<incident::CustodyEvent>> SqlSession::custody(const std::string& incident) {
  auto query = database_.prepare(std::string(custody_query) + "ORDER BY number");
  query.text(incident);
  auto events = rows<incident::CustodyEvent>(query, custody_of);
  if (events) complete(incident, *events);
  return events;
}

Result<std::optional<incident::CustodyEvent>> SqlSession::last_custody(const std::string& incident, const std::string& exhibit,
                                                                       const std::string& who, const std::string& what) {
  auto query = database_.prepare(std::string(custody_query) + "AND exhibit = ? AND who = ? AND what = ? ORDER BY number DESC LIMIT 1");
  query.text(incident).text(exhibit).text(who).text(what);
  const auto row = query.step();
  if (!row) return tl::make_unexpected(row.error());
  return *row ? std::optional(custody_of(query)) : std::nullopt;
}

Result<incident::CustodyEvent> SqlSession::add_custody(const std::string& incident, incident::CustodyEvent event) {
  std::string previous;
  {
    auto last = database_.prepare("SELECT line, hash FROM custody WHERE incident = ? ORDER BY number DESC LIMIT 1");
    last.text(incident);
    const auto row = last.step();
    if (!row) return tl::make_unexpected(row.error());
    if (*row && last.is_null(1)) {
      const auto before = custody(incident);
      if (!before) return tl::make_unexpected(before.error());
      event.number = before->back().number + 1;
      previous = before->back().hash;
    } else {
      event.number = *row ? last.integer_at(0) + 1 : 1;
      if (*row) previous = last.text_at(1);
    }
  }
  event.hash = incident::custody_hash(incident, event, previous);
  auto add = database_.prepare(
      "INSERT INTO custody(incident, exhibit, at, who, what, detail, purpose, recipient, digest, line, hash) "
      "VALUES(?,?,?,?,?,?,?,?,?,?,?)");
  add.text(incident).text(event.exhibit).integer(event.at.value).text(event.who).text(event.what).text(event.detail).text(event.purpose);
  add.text(event.recipient).text(event.digest).integer(event.number).text(event.hash);
  if (auto done = add.run(); !done) return tl::make_unexpected(done.error());
  return event;
}

Result<void> SqlSession::add_exhibit(const std::string& incident, const incident::Exhibit& exhibit) {
  auto add = database_.prepare(
      "INSERT INTO exhibits(id, incident, name, bytes, sha256, received, received_by, method, format, records, rejected, state, sha512,"
      " content, parents, transformation, verified) VALUES(?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)");
  add.text(exhibit.id).text(incident).text(exhibit.name).integer(exhibit.bytes).text(exhibit.sha256).integer(exhibit.received.value);
  add.text(exhibit.by).text(exhibit.method).optional_text(exhibit.format).optional_integer(exhibit.records);
  add.optional_integer(exhibit.rejected).text(exhibit.state).text(exhibit.sha512).text(exhibit.content);
  add.text(json::canonical(json::array_of(exhibit.parents))).text(exhibit.transformation).optional_integer(micros(exhibit.verified));
  return add.run();
}

Result<Entry> SqlSession::take_in(const std::string& incident, const incident::Exhibit& exhibit, const incident::Acquisition& acquisition,
                                  journal::Draft line) {
  for (const auto& parent : exhibit.parents)
    if (const auto known = this->exhibit(incident, parent); !known) return tl::make_unexpected(known.error());
  if (auto done = add_exhibit(incident, exhibit); !done) return tl::make_unexpected(done.error());
  const incident::AcquisitionVersion version{exhibit.id, acquisition, exhibit.received, exhibit.by, {}};
  if (auto done = add_acquisition(incident, version); !done) return tl::make_unexpected(done.error());
  incident::CustodyEvent received{exhibit.id, exhibit.received, exhibit.by, "received", exhibit.method};
  received.digest = exhibit.sha256;
  incident::CustodyEvent recorded{exhibit.id, exhibit.received, exhibit.by, "recorded", acquisition.source};
  recorded.digest = to_hex(sha256(incident::acquisition_text(acquisition)));
  std::vector<incident::CustodyEvent> events{std::move(received), std::move(recorded)};
  for (const auto& parent : exhibit.parents) {
    // Each side names the other.
    events.push_back({exhibit.id, exhibit.received, exhibit.by, "derived", parent + ": " + exhibit.transformation});
    events.push_back({parent, exhibit.received, exhibit.by, "derived", "-> " + exhibit.id + ": " + exhibit.transformation});
  }
  std::string head;
  for (auto& event : events) {
    const auto added = add_custody(incident, std::move(event));
    if (!added) return tl::make_unexpected(added.error());
    head = added->hash;
  }
  line.body.links.push_back({"exhibit", exhibit.id});
  line.body.links.push_back({"custody", head});
  return append(incident, line, exhibit.received);
}

Result<void> SqlSession::set_exhibit_findings(const std::string& incident, const incident::Exhibit& exhibit) {
  auto set =
      database_.prepare("UPDATE exhibits SET format = ?, records = ?, rejected = ?, state = ?, verified = ? WHERE incident = ? AND id = ?");
  set.optional_text(exhibit.format).optional_integer(exhibit.records).optional_integer(exhibit.rejected).text(exhibit.state);
  set.optional_integer(micros(exhibit.verified)).text(incident).text(exhibit.id);
  return changed_one(set, "exhibit.absent", exhibit.id);
}

Result<std::vector<incident::AcquisitionVersion>> SqlSession::acquisitions(const std::string& incident) {
  auto query =
      database_.prepare("SELECT exhibit, record, recorded, recorded_by, reason FROM acquisitions WHERE incident = ? ORDER BY number");
  query.text(incident);
  std::vector<incident::AcquisitionVersion> out;
  for (;;) {
    const auto row = query.step();
    if (!row) return tl::make_unexpected(row.error());
    if (!*row) return out;
    auto record = incident::read_acquisition(query.text_at(1));
    if (!record) return fail(ErrorCode::io, tr("store.damaged"), query.text_at(0));
    out.push_back({query.text_at(0), std::move(*record), UtcMicros{query.integer_at(2)}, query.text_at(3), query.text_at(4)});
  }
}

Result<void> SqlSession::add_acquisition(const std::string& incident, const incident::AcquisitionVersion& version) {
  // Never changed afterwards: what could not be read back is refused now.
  if (const auto readable = incident::read_acquisition(incident::acquisition_text(version.record)); !readable)
    return tl::make_unexpected(readable.error());
  auto add = database_.prepare("INSERT INTO acquisitions(incident, exhibit, record, recorded, recorded_by, reason) VALUES(?,?,?,?,?,?)");
  add.text(incident).text(version.exhibit).text(incident::acquisition_text(version.record)).integer(version.recorded.value);
  add.text(version.by).text(version.reason);
  return add.run();
}

Result<std::vector<incident::Waiver>> SqlSession::waivers() {
  auto query = database_.prepare("SELECT at, given_by, reason FROM disk_waivers ORDER BY number");
  return rows<incident::Waiver>(
      query, [](const Statement& row) { return incident::Waiver{UtcMicros{row.integer_at(0)}, row.text_at(1), row.text_at(2)}; });
}

Result<void> SqlSession::add_waiver(const incident::Waiver& waiver) {
  auto add = database_.prepare("INSERT INTO disk_waivers(at, given_by, reason) VALUES(?,?,?)");
  add.integer(waiver.at.value).text(waiver.by).text(waiver.reason);
  return add.run();
}

Result<std::vector<incident::Package>> SqlSession::packages(const std::string& incident) {
  auto query = database_.prepare(
      "SELECT id, job, format, sealed, recipient, purpose, tlp, created, created_by, bytes, sha256, kept FROM packages"
      " WHERE incident = ? ORDER BY number");
  query.text(incident);
  return rows<incident::Package>(query, [](const Statement& row) {
    return incident::Package{row.text_at(0), row.text_at(1),    row.text_at(2),  row.text_at(3),
                             row.text_at(4), row.text_at(5),    row.text_at(6),  UtcMicros{row.integer_at(7)},
                             row.text_at(8), row.integer_at(9), row.text_at(10), row.integer_at(11) != 0};
  });
}

Result<void> SqlSession::put_package(const std::string& incident, const incident::Package& package) {
  auto put = database_.prepare(
      "INSERT INTO packages(id, incident, job, format, sealed, recipient, purpose, tlp, created, created_by, bytes, sha256, kept)"
      " VALUES(?,?,?,?,?,?,?,?,?,?,?,?,?)"
      " ON CONFLICT(id) DO UPDATE SET bytes = excluded.bytes, sha256 = excluded.sha256, kept = excluded.kept");
  put.text(package.id).text(incident).text(package.job).text(package.format).text(package.sealed).text(package.recipient);
  put.text(package.purpose).text(package.tlp).integer(package.created.value).text(package.by).integer(package.bytes).text(package.sha256);
  put.integer(package.kept ? 1 : 0);
  return put.run();
}

}  // namespace digue::store
