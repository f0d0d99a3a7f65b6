#include "cli/remote.hpp"

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <optional>
#include <ostream>
#include <thread>

#include "base/crypto/hash.hpp"
#include "base/encoding.hpp"
#include "base/files.hpp"
#include "base/json/value.hpp"
#include "base/messages.hpp"
#include "base/text.hpp"
#include "base/time.hpp"
#include "cli/commands.hpp"
#include "cli/secret.hpp"

namespace digue::cli {

namespace {

std::string encoded(std::string_view text) {
  static constexpr char digits[] = "0123456789ABCDEF";
  std::string out;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (std::isalnum(byte) != 0 || std::string_view("-._~").find(c) != std::string_view::npos)
      out += c;
    else
      out.append("%") += {digits[byte >> 4], digits[byte & 15]};
  }
  return out;
}

/// Speaks for one command: sends, tells what went wrong, prints.
class Speaker {
 public:
  Speaker(const RemoteArguments& arguments, const Send& send, std::ostream& out, std::ostream& err)
      : arguments_(arguments), send_(send), out_(out), err_(err) {}

  /// The answer's JSON; nothing when it was told to the person (`exit` is set).
  std::optional<json::Value> ask(const Ask& what) {
    return ask(what, [&](std::string_view part) { out_ << part; });
  }
  /// The same; what is no JSON goes to `sink`.
  std::optional<json::Value> ask(const Ask& what, const std::function<void(std::string_view)>& sink) {
    const auto reply = send_(what, sink);
    if (!reply) {
      fails(reply.error());
      return std::nullopt;
    }
    json::Value value;
    if (reply->json && !reply->body.empty()) {
      auto parsed = json::parse(reply->body, {std::size_t{512} << 20, 64});
      if (!parsed) {
        fails(parsed.error());
        return std::nullopt;
      }
      value = std::move(*parsed);
    }
    if (reply->status < 400) return value;
    Error error{ErrorCode::internal, "HTTP " + std::to_string(reply->status), {}, {}};
    if (const auto* told = value.is_object() ? value.as_object().if_contains("error") : nullptr) {
      json::Fields fields(*told);
      error.message = fields.text("message", 4000);
      error.where = fields.text_or("where", 4000, "");
      error.help = fields.text_or("help", 4000, "");
    }
    err_ << "digue: " << terminal(to_text(error)) << '\n';
    exit = reply->status == 422 || reply->status == 400 ? 2 : 4;
    return std::nullopt;
  }

  void print(const json::Value& value) {
    if (value.is_null()) return;
    out_ << (arguments_.json ? json::canonical(value) + "\n" : readable(value));
  }

  /// The id of an incident named by its reference ("2026-003"); an id stays as it is.
  std::optional<std::string> incident(const std::string& name) {
    if (name.size() < 6 || name.find('-') != 4) return name;
    const auto list = ask({"GET", "incidents", {}, {}});
    if (!list) return std::nullopt;
    if (const auto* incidents = list->if_array())
      for (const auto& one : *incidents)
        if (one.at("reference").as_string() == name) return std::string(one.at("id").as_string());
    fails({ErrorCode::not_found, tr("remote.no_incident"), name, tr("remote.no_incident_help")});
    return std::nullopt;
  }

  /// Tells it; the exit code.
  int fails(const Error& error) {
    err_ << "digue: " << terminal(to_text(error)) << '\n';
    return exit = 4;
  }

  int exit = 0;

 private:
  const RemoteArguments& arguments_;
  const Send& send_;
  std::ostream& out_;
  std::ostream& err_;
};

Result<json::Value> typed(const Member& member, const std::string& text) {
  constexpr std::size_t max_file = std::size_t{1} << 20;
  if (member.kind == Member::Kind::secret) {
    auto content = read_secret(text);
    if (!content) return tl::make_unexpected(content.error());
    return json::Value(std::move(*content));
  }
  if (member.kind == Member::Kind::file || member.kind == Member::Kind::binary) {
    const auto content = read_file(text, max_file);
    if (!content) return tl::make_unexpected(content.error());
    return json::Value(member.kind == Member::Kind::binary ? base64(*content) : *content);
  }
  if (member.kind == Member::Kind::flag) return text != "false";
  if (member.kind == Member::Kind::number) return json::parse(text).value_or(json::Value(text));
  return json::Value(text);
}

/// What was not given, from the person at the terminal; a new one twice, since a slip of it would lock its owner out.
Result<std::optional<std::string>> asked_for(const Command& command, const Member& member) {
  auto secret = ask_secret(tr("ask." + member.name));
  const bool fresh = member.name == "passphrase" && command.members.front().name == "current";
  if (secret && fresh && ask_secret(tr("ask.again")) != secret) return fail(ErrorCode::usage, tr("ask.differs"));
  return secret;
}

/// What a name alone does not do where accounts exist.
bool asks_identity(const Command& command) {
  return std::any_of(command.members.begin(), command.members.end(),
                     [](const Member& one) { return one.kind == Member::Kind::secret && one.name == "password"; });
}

/// The body that the options make; errors of a file that a member names.
Result<json::Object> body_of(const Command& command, const RemoteArguments& arguments) {
  json::Object body;
  for (const Member& member : command.members) {
    for (const auto& [name, text] : arguments.options) {
      if (name != member.name) continue;
      if (member.kind == Member::Kind::list) {
        if (!body.contains(member.name)) body[member.name] = json::Array();
        body[member.name].as_array().emplace_back(text);
      } else if (member.kind == Member::Kind::pairs) {
        if (!body.contains(member.name)) body[member.name] = json::Object();
        const auto mark = text.find('=');
        body[member.name].as_object()[text.substr(0, mark)] = mark == std::string::npos ? "" : text.substr(mark + 1);
      } else {
        auto value = typed(member, text);
        if (!value) return tl::make_unexpected(value.error());
        body[member.name] = std::move(*value);
      }
    }
    if (member.kind == Member::Kind::flag && !body.contains(member.name)) body[member.name] = false;
    if (member.kind == Member::Kind::secret && member.required && !body.contains(member.name)) {
      const auto secret = asked_for(command, member);
      if (!secret) return tl::make_unexpected(secret.error());
      if (*secret) body[member.name] = **secret;
    }
  }
  return body;
}

std::string query_of(const Command& command, const RemoteArguments& arguments, std::string query = {}) {
  for (const Member& member : command.members)
    for (const auto& [name, text] : arguments.options)
      if (name == member.name) query.append(query.empty() ? "?" : "&").append(encoded(name)).append("=").append(encoded(text));
  return query;
}

/// Makes the answer a new file: written beside, synced, renamed. The exit code.
int save(Speaker& speaker, const Command& command, const Ask& ask, const std::string& given, std::ostream& err) {
  namespace fs = std::filesystem;
  std::error_code problem;
  std::string path = given;
  if (fs::is_directory(path, problem)) {
    std::string name = "digue-" + command.words.back() + "-" + to_iso8601(UtcMicros{now().value / micros_per_second * micros_per_second});
    std::erase_if(name, [](char c) { return c == ':'; });
    path += "/" + name;
  }
  if (file_exists(path)) {
    speaker.fails({ErrorCode::usage, tr("remote.file_exists"), path, {}});
    return 2;
  }
  const std::string part = path + ".part";
  static_cast<void>(remove_file(part));
  auto file = File::create(part, 0600);
  if (!file) return speaker.fails(file.error());
  Sha256Stream hash;
  std::int64_t bytes = 0;
  Result<void> done;
  const auto answer = speaker.ask(ask, [&](std::string_view bytes_of) {
    hash.update(bytes_of);
    bytes += static_cast<std::int64_t>(bytes_of.size());
    if (done) done = file->write(bytes_of);
  });
  if (answer && done) done = file->sync();
  if (answer && done) done = rename_file(part, path);
  if (answer && done) done = sync_directory(fs::absolute(path, problem).parent_path().string());
  if (!answer || !done) {
    static_cast<void>(remove_file(part));
    return answer ? speaker.fails(done.error()) : speaker.exit;
  }
  if (ask.body.find("\"passphrase\"") == std::string::npos && ask.body.find("\"public_key\"") == std::string::npos)
    err << "digue: " << tr("remote.in_the_clear") << '\n';
  speaker.print(json::Object{{"file", path}, {"bytes", bytes}, {"sha256", to_hex(hash.finish())}});
  return 0;
}

/// What stands for the connector that is set now goes along: settings that are not given stay, and whoever changed it meanwhile is not
/// written over. False when it was told to the person.
bool base_on_present(Speaker& speaker, const std::string& name, json::Object& body) {
  const auto list = speaker.ask({"GET", "connectors", {}, {}});
  if (!list) return false;
  for (const auto& one : list->as_array()) {
    if (one.at("name").as_string() != name) continue;
    body["based_on"] = one.at("changed");
    if (!body.contains("settings")) body["settings"] = one.at("settings");
  }
  return true;
}

/// Names the exhibits that are no longer what was received; the exit code.
int damaged(Speaker& speaker, const std::string& incident, std::ostream& err) {
  const auto exhibits = speaker.ask({"GET", "incidents/" + encoded(incident) + "/exhibits", {}, {}});
  if (!exhibits) return speaker.exit;
  int exit = 0;
  for (const auto& one : exhibits->as_array()) {
    if (one.at("state").as_string() != "damaged") continue;
    err << "digue: " << tr("remote.damaged") << ' ' << terminal(std::string_view(one.at("name").as_string())) << '\n';
    exit = 1;
  }
  return exit;
}

int wait_for_job(Speaker& speaker, const std::string& incident, const std::string& job, std::ostream& err) {
  for (;;) {
    const auto jobs = speaker.ask({"GET", "incidents/" + encoded(incident) + "/jobs", {}, {}});
    if (!jobs) return speaker.exit;
    for (const auto& one : jobs->as_array()) {
      if (one.at("id").as_string() != job) continue;
      const auto& state = one.at("state").as_string();
      if (state == "queued" || state == "running") break;
      speaker.print(one);
      if (state == "done") return one.at("kind").as_string() == "verification" ? damaged(speaker, incident, err) : 0;
      if (const auto* why = one.at("error").if_string()) err << "digue: " << terminal(std::string_view(*why)) << '\n';
      return 4;
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
  }
}

}  // namespace

int run_remote(const RemoteArguments& arguments, const Send& send, std::ostream& out, std::ostream& err) {
  const Command* command = command_named(arguments.words);
  if (command == nullptr) return 2;
  Speaker speaker(arguments, send, out, err);
  std::string target;
  std::string incident;
  std::size_t place = 0;
  for (std::size_t at = 0; at < command->path.size();) {
    const auto open = command->path.find('{', at);
    target += command->path.substr(at, open - at);
    if (open == std::string_view::npos) break;
    const auto close = command->path.find('}', open);
    std::string value = arguments.places[place++];
    if (command->path.substr(open + 1, close - open - 1) == "incident") {
      const auto id = speaker.incident(value);
      if (!id) return speaker.exit;
      incident = value = *id;
    }
    target += encoded(value);
    at = close + 1;
  }
  if (command->method == "FILE") {
    const auto given = [&](const char* name) {
      return std::any_of(arguments.options.begin(), arguments.options.end(), [&](const auto& one) { return one.first == name; });
    };
    json::Array kept;
    for (std::size_t i = place; i < arguments.places.size(); ++i) {
      const auto& file = arguments.places[i];
      const auto name = std::filesystem::path(file).filename().string();
      const bool exhibit = command->path.ends_with("exhibits");
      std::string query = query_of(*command, arguments, exhibit ? "?name=" + encoded(name) : "");
      if (exhibit && !given("tool")) query += "&tool=digue%20evidence%20add&tool_version=" DIGUE_VERSION;
      const auto taken = speaker.ask({"POST", target + query, {}, file});
      if (!taken) return speaker.exit;
      kept.push_back(*taken);
    }
    speaker.print(kept);
    return 0;
  }
  Ask ask{std::string(command->method), target, {}, {}};
  if (ask.method == "GET") {
    ask.target += query_of(*command, arguments);
  } else if (ask.method != "WAIT" || !command->members.empty()) {
    auto body = body_of(*command, arguments);
    if (!body) return speaker.fails(body.error());
    if (asks_identity(*command) && !body->contains("password")) {
      const auto access = speaker.ask({"GET", "access", {}, {}});
      if (!access) return speaker.exit;
      if (access->at("accounts") == json::Value(true))
        for (const auto* name : {"password", "code"})
          if (const auto secret = ask_secret(tr(std::string("ask.") + name))) (*body)[name] = *secret;
    }
    if (command->path == "connectors/{platform}" && ask.method == "PUT" && !base_on_present(speaker, arguments.places.at(0), *body))
      return speaker.exit;
    ask.body = json::canonical(*body);
  }
  if (ask.method == "SAVE") {
    ask.method = "POST";
    return save(speaker, *command, ask, arguments.places.at(place), err);
  }
  if (ask.method == "WAIT") ask.method = "POST";
  const auto answer = speaker.ask(ask);
  if (!answer) return speaker.exit;
  if (command->method == "WAIT") return wait_for_job(speaker, incident, std::string(answer->at("id").as_string()), err);
  speaker.print(*answer);
  // What was verified and is not good, what failed, and what of a wave was not taken.
  const auto* object = answer->if_object();
  if (object == nullptr) return 0;
  const auto is = [&](std::string_view key, const json::Value& value) {
    const auto* found = object->if_contains(key);
    return found != nullptr && *found == value;
  };
  const auto* refused = object->if_contains("refused");
  const bool some_refused = refused != nullptr && refused->is_array() && !refused->get_array().empty();
  if (is("good", false) || is("state", "failed") || some_refused) return 1;
  // Who waited for the end of an operation is told when it did not prove itself.
  const auto* state = object->if_contains("state");
  const bool waited = std::any_of(arguments.options.begin(), arguments.options.end(), [](const auto& one) { return one.first == "wait"; });
  if (!waited || state == nullptr || is("state", "verified") || is("state", "undone")) return 0;
  err << "digue: " << tr("operation.state." + std::string(state->as_string())) << '\n';
  return 1;
}

}  // namespace digue::cli
