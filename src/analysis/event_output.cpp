#include "analysis/output.hpp"
#include "base/json/writer.hpp"
#include "base/text.hpp"

namespace digue::analysis {

namespace {

std::string_view actor_name(const EventOut& event) {
  if (event.row.activity == Activity::own_probe) return "responder";
  return event.actor == Actor::attacker ? "attacker" : event.actor == Actor::user ? "user" : "unknown";
}

std::string ip_text(const Row& row) {
  return row.ip ? to_text(*row.ip) : std::string{};
}
std::string session_text(const EventOut& event) {
  return event.session != nullptr ? to_hex(event.session->session.id, 8) : std::string{};
}

}  // namespace

void append_event(const EventOut& event, std::string& out) {
  const Row& row = event.row;
  JsonWriter json(out);
  json.open_object().key("time").text(to_iso8601(row.time)).key("account").text(row.account);
  json.key("class").number(std::int64_t{ocsf(row.activity).class_uid}).key("activity").text(name(row.activity));
  json.key("operation").text_or_null(row.operation).key("outcome").text_or_null(row.outcome == Outcome::unknown ? "" : name(row.outcome));
  json.key("ip").text_or_null(ip_text(row)).key("country").text_or_null(row.country).key("device").text_or_null(row.device);
  json.key("session").text_or_null(session_text(event)).key("actor").text(actor_name(event)).key("confidence").number(event.confidence);
  json.key("uid").text_or_null(row.uid).key("input").number(std::int64_t{row.place.input});
  json.key("offset").number(static_cast<std::int64_t>(row.place.offset)).key("length").number(std::int64_t{row.place.length});
  json.close_object();
}

std::string csv_header() {
  return "time,account,class,activity,operation,outcome,ip,country,device,session,actor,confidence,uid,input,offset,length\r\n";
}

void append_csv(const EventOut& event, std::string& out) {
  const Row& row = event.row;
  std::string confidence;
  JsonWriter(confidence).number(event.confidence);
  const std::string cells[] = {to_iso8601(row.time),
                               std::string(row.account),
                               std::to_string(ocsf(row.activity).class_uid),
                               std::string(name(row.activity)),
                               std::string(row.operation),
                               std::string(name(row.outcome)),
                               ip_text(row),
                               std::string(row.country),
                               std::string(row.device),
                               session_text(event),
                               std::string(actor_name(event)),
                               confidence,
                               std::string(row.uid),
                               std::to_string(row.place.input),
                               std::to_string(row.place.offset),
                               std::to_string(row.place.length)};
  for (const std::string& cell : cells) {
    if (&cell != cells) out += ',';
    out += csv_cell(cell);
  }
  out += "\r";
}

// OCSF 1.8.0: base event attributes, then those that the class demands (see the class map in model/event.cpp).
void append_ocsf(const EventOut& event, std::string& out) {
  const Row& row = event.row;
  const OcsfClass kind = ocsf(row.activity);
  JsonWriter json(out);
  json.open_object().key("class_uid").number(std::int64_t{kind.class_uid}).key("category_uid").number(std::int64_t{kind.class_uid / 1000});
  json.key("activity_id")
      .number(std::int64_t{kind.activity_id})
      .key("type_uid")
      .number(std::int64_t{kind.class_uid} * 100 + kind.activity_id);
  json.key("severity_id").number(std::int64_t{1}).key("time").number(row.time.value / 1000);
  json.key("metadata")
      .open_object()
      .key("version")
      .text("1.8.0")
      .key("product")
      .open_object()
      .key("name")
      .text("Digue")
      .key("vendor_name")
      .text("Digue");
  json.close_object();
  if (!row.uid.empty()) json.key("original_event_uid").text(row.uid);
  json.close_object();
  const int status = row.outcome == Outcome::success ? 1 : row.outcome == Outcome::failure ? 2 : row.outcome == Outcome::unknown ? 0 : 99;
  json.key("status_id").number(std::int64_t{status});
  const auto user = [&](std::string_view address) {
    json.open_object().key("name").text(address);
    if (address.find('@') != std::string_view::npos) json.key("email_addr").text(address);
    json.close_object();
  };
  const std::string_view target = row.get(Field::target).empty() ? row.account : row.get(Field::target);
  json.key("actor").open_object().key("user");
  user(row.account);
  json.close_object();
  if (row.ip) {
    json.key("src_endpoint").open_object().key("ip").text(to_text(*row.ip));
    if (!row.country.empty()) json.key("location").open_object().key("country").text(row.country).close_object();
    json.close_object();
  } else if (kind.class_uid == 6003) {
    json.key("src_endpoint").open_object().key("name").text("unknown").close_object();
  }
  switch (kind.class_uid) {
    case 3001:
    case 3002:
    case 3005:
      json.key("user");
      user(kind.class_uid == 3002 ? row.account : target);
      if (kind.class_uid == 3002) {
        json.key("service")
            .open_object()
            .key("name")
            .text(row.get(Field::app_name).empty() ? "mail" : row.get(Field::app_name))
            .close_object();
        json.key("logon_type_id").number(std::int64_t{3});
      }
      if (kind.class_uid == 3005) {
        std::string_view right = row.get(Field::role);
        if (right.empty()) right = row.get(Field::access_rights);
        if (right.empty()) right = row.get(Field::scopes);
        json.key("privileges").open_array().text(right.empty() ? row.operation : right).close_array();
      }
      break;
    case 3004:
      json.key("entity").open_object().key("name").text(row.get(Field::rule_name).empty() ? target : row.get(Field::rule_name));
      json.key("type").text(name(row.activity)).close_object();
      break;
    case 4009:
      json.key("direction_id").number(std::int64_t{row.activity == Activity::mail_receive ? 1 : 2});
      json.key("email").open_object();
      if (!row.get(Field::sender).empty() || row.activity == Activity::mail_send)
        json.key("from").text(row.get(Field::sender).empty() ? row.account : row.get(Field::sender));
      if (!row.get(Field::recipients).empty()) json.key("to").open_array().text(row.get(Field::recipients)).close_array();
      if (!row.get(Field::message_id).empty()) json.key("message_uid").text(row.get(Field::message_id));
      if (!row.get(Field::subject).empty()) json.key("subject").text(row.get(Field::subject));
      json.close_object();
      break;
    case 6001:
      json.key("web_resources").open_array().open_object();
      json.key("name").text(row.get(Field::file_name).empty() ? (row.get(Field::folder).empty() ? row.operation : row.get(Field::folder))
                                                              : row.get(Field::file_name));
      json.close_object().close_array();
      break;
    default:
      json.key("api").open_object().key("operation").text(row.operation.empty() ? name(row.activity) : row.operation).close_object();
  }
  json.key("unmapped").open_object().key("digue_actor").text(actor_name(event)).key("digue_session").text_or_null(session_text(event));
  json.key("input").number(std::int64_t{row.place.input}).key("offset").number(static_cast<std::int64_t>(row.place.offset));
  json.key("length").number(std::int64_t{row.place.length}).close_object();
  json.close_object();
}

}  // namespace digue::analysis
