#include "base/json/value.hpp"
#include "base/messages.hpp"
#include "store/cases/sql_rows.hpp"
#include "store/cases/sql_session.hpp"

namespace digue::store {

namespace {

using sql::Statement;

constexpr std::string_view incident_columns = "id, reference, title, description, created, created_by, severity, confirmed, exercise, tlp";
incident::Incident incident_of(const Statement& row) {
  return {row.text_at(0), row.text_at(1),          row.text_at(2),         row.text_at(3),         UtcMicros{row.integer_at(4)},
          row.text_at(5), row.optional_text_at(6), row.integer_at(7) != 0, row.integer_at(8) != 0, row.text_at(9)};
}

constexpr std::string_view job_columns = "id, incident, kind, state, bytes_done, bytes_total, queued, started, ended, error, started_by";
incident::Job job_of(const Statement& row) {
  return {row.text_at(0),
          row.text_at(1),
          row.text_at(2),
          row.text_at(3),
          row.integer_at(4),
          row.integer_at(5),
          UtcMicros{row.integer_at(6)},
          time_at(row, 7),
          time_at(row, 8),
          row.optional_text_at(9),
          row.text_at(10)};
}

std::string sql(std::string_view before, std::string_view columns, std::string_view after) {
  return std::string(before).append(columns).append(after);
}

}  // namespace

Result<std::vector<incident::Summary>> SqlSession::incidents() {
  auto query = database_.prepare(sql("SELECT ", incident_columns,
                                     ", (SELECT count(*) FROM accounts a WHERE a.incident = i.id AND a.joined = 1)"
                                     ", (SELECT count(*) FROM exhibits x WHERE x.incident = i.id)"
                                     ", (SELECT e.header FROM journal_entries e WHERE e.incident = i.id ORDER BY e.seq DESC LIMIT 1)"
                                     " FROM incidents i ORDER BY created DESC, id"));
  return rows<incident::Summary>(query, [](const Statement& row) {
    incident::Summary summary{incident_of(row), row.integer_at(10), row.integer_at(11), std::nullopt};
    if (const auto header = journal::parse_header(row.text_at(12))) summary.last_entry = header->recorded;
    return summary;
  });
}

Result<incident::Incident> SqlSession::incident(const std::string& id) {
  auto query = database_.prepare(sql("SELECT ", incident_columns, " FROM incidents WHERE id = ?"));
  query.text(id);
  return one<incident::Incident>(query, incident_of, "incident.absent", id);
}

Result<std::vector<incident::Account>> SqlSession::accounts(const std::string& incident) {
  auto query = database_.prepare("SELECT account, origin, verdict, joined FROM accounts WHERE incident = ? ORDER BY added, account");
  query.text(incident);
  return rows<incident::Account>(query, [](const Statement& row) {
    return incident::Account{row.text_at(0), row.text_at(1), row.optional_text_at(2), row.integer_at(3) != 0};
  });
}

Result<std::vector<incident::Pin>> SqlSession::pins(const std::string& incident) {
  auto query = database_.prepare(
      "SELECT id, kind, value, actor, reason, created, created_by FROM pins WHERE incident = ? AND removed IS NULL ORDER BY number");
  query.text(incident);
  return rows<incident::Pin>(query, [](const Statement& row) {
    return incident::Pin{row.text_at(0), row.text_at(1), row.text_at(2), row.text_at(3), row.text_at(4), UtcMicros{row.integer_at(5)},
                         row.text_at(6)};
  });
}

Result<std::vector<incident::Job>> SqlSession::jobs(const std::string& incident) {
  auto query = database_.prepare(sql("SELECT ", job_columns, " FROM jobs WHERE incident = ? ORDER BY queued DESC, id"));
  query.text(incident);
  return rows<incident::Job>(query, job_of);
}

Result<incident::Job> SqlSession::job(const std::string& incident, const std::string& id) {
  auto query = database_.prepare(sql("SELECT ", job_columns, " FROM jobs WHERE incident = ? AND id = ?"));
  query.text(incident).text(id);
  return one<incident::Job>(query, job_of, "job.absent", id);
}

Result<std::vector<incident::Job>> SqlSession::open_jobs() {
  auto query = database_.prepare(sql("SELECT ", job_columns, " FROM jobs WHERE state IN ('queued', 'running') ORDER BY queued"));
  return rows<incident::Job>(query, job_of);
}

Result<incident::StoryVersion> SqlSession::story(const std::string& incident) {
  return last_story(incident, "analysis");
}

Result<incident::StoryVersion> SqlSession::story_head(const std::string& incident) {
  return last_story(incident, "''");
}

Result<incident::StoryVersion> SqlSession::last_story(const std::string& incident, std::string_view analysis) {
  auto query = database_.prepare(
      sql("SELECT version, computed, ", analysis, ", inputs FROM stories WHERE incident = ? ORDER BY version DESC LIMIT 1"));
  query.text(incident);
  return one<incident::StoryVersion>(
      query,
      [](const Statement& row) {
        incident::StoryVersion story{row.integer_at(0), UtcMicros{row.integer_at(1)}, row.text_at(2), {}};
        const auto inputs = json::parse(row.text_at(3), {.bytes = std::size_t{64} << 20, .depth = 4});
        if (inputs && inputs->is_array())
          for (const auto& item : inputs->get_array()) {
            json::Fields input(item);
            story.inputs.push_back({input.text_or("exhibit", 64, ""), input.text_or("path", 1u << 20, "")});
          }
        return story;
      },
      "story.absent", incident);
}

}  // namespace digue::store
