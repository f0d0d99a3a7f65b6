#include <doctest/doctest.h>

#include <atomic>
#include <filesystem>
#include <thread>

#include "base/http_client.hpp"
#include "base/text.hpp"
#include "connect/connectors.hpp"
#include "connect/ldap/steps_test.hpp"
#include "connect/rspamd/lines.hpp"
#include "connect/rspamd/server_test.hpp"

using namespace digue;
using namespace digue::containment;
using namespace digue::testing;
using digue::ldap::carry_out;
using digue::ldap::planned;
using digue::ldap::proven;
using digue::ldap::refusal;
using digue::rspamd::taken_back;
using digue::rspamd::TestRspamd;
using digue::rspamd::undo_of;

namespace {

bool has(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

Order block(const std::string& what) {
  const bool sender = what.find('@') != std::string::npos;
  return digue::rspamd::block(sender ? "sender.block" : "domain.block", sender ? "sender" : "domain", what);
}

ErrorCode code_of(const Result<Plan>& plan) {
  REQUIRE_FALSE(plan);
  return plan.error().code;
}

std::string answer(const std::string& body, const std::string& type = "application/json") {
  return "HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(body.size()) + "\r\nContent-Type: " + type + "\r\n\r\n" + body;
}

}  // namespace

TEST_CASE("rspamd: a sender is refused, others pass, and the undo gives the map back byte for byte") {
  auto* server = TestRspamd::instance();
  if (server == nullptr) return;
  // Written by hand on several systems: a broken pattern, no last line end.
  const std::string before =
      "# colleagues'\r\n\"quoted@old.example\"\nold@old.example 5.0 # since 2024\n/open@old.example\n\xe9t\xe9@old.example";
  server->write("sender", before);
  const auto connector = server->connector();
  const auto plan = planned(*connector, block("Facture@Evil.example"));
  REQUIRE(plan.steps.size() == 1);
  const auto& step = plan.steps.front();
  CHECK(step.before == "absent");
  CHECK(step.after.starts_with("facture@evil.example # IR-2026-003 until "));
  CHECK(has(step.request, step.after));
  CHECK_FALSE(has(json::canonical(to_json(plan)) + plan.prior, "digue-secret"));
  CHECK(plan.undo == Undo::reversible);
  CHECK_FALSE(plan.care.empty());
  CHECK_FALSE(plan.mail.empty());
  CHECK_FALSE(plan.rights.empty());
  CHECK(server->text("sender") == before);
  CHECK(server->soon("facture@evil.example", "no action") == "no action");

  carry_out(*connector, plan);
  CHECK(server->text("sender") == step.after + "\n" + before);
  proven(*connector, plan);
  CHECK(connector->verify(plan).value().size() == 3);
  CHECK(server->action("facture@evil.example") == "reject");
  CHECK(server->action("FACTURE@EVIL.EXAMPLE") == "reject");
  CHECK(server->action("facture+tag@evil.example") == "reject");
  CHECK(server->action("other@evil.example") == "no action");
  CHECK(server->action("xfacture@evil.example") == "no action");

  const auto undo = taken_back(*connector, plan);
  CHECK(server->text("sender") == before);
  CHECK(server->action("facture@evil.example") == "no action");
  // What is undone twice changes nothing; bytes of another plan are refused.
  const auto again = connector->plan_undo(plan, plan.prior);
  REQUIRE(again);
  CHECK(again->steps.empty());
  CHECK(connector->verify(*again).error().code == ErrorCode::bad_input);
  const auto other = planned(*connector, block("facture@other.example"));
  for (const auto& prior : {std::string("{}"), std::string("not JSON"), other.prior})
    CHECK(connector->plan_undo(plan, prior).error().code == ErrorCode::bad_input);
  CHECK(connector->plan_undo(undo, plan.prior).error().code == ErrorCode::bad_input);
}

TEST_CASE("rspamd: a domain is refused, in an empty map too") {
  auto* server = TestRspamd::instance();
  if (server == nullptr) return;
  server->write("domain", "");
  const auto connector = server->connector();
  const auto plan = planned(*connector, block("evil.example"));
  carry_out(*connector, plan);
  proven(*connector, plan);
  CHECK(server->text("domain") == plan.steps.front().after + "\n");
  CHECK(server->action("anybody@evil.example") == "reject");
  CHECK(server->action("anybody@notevil.example") == "no action");
  // As this server's rule has it: the plan says that it depends.
  CHECK(server->action("anybody@mail.evil.example") == "no action");
  taken_back(*connector, plan);
  // Rspamd takes no empty map.
  CHECK(server->text("domain") == "\n");
  const auto second = planned(*connector, block("evil.example"));
  carry_out(*connector, second);
  taken_back(*connector, second);
  CHECK(server->text("domain") == "\n");
}

TEST_CASE("rspamd: what somebody else refuses already stays theirs") {
  auto* server = TestRspamd::instance();
  if (server == nullptr) return;
  const std::string before =
      "One@Taken.example\n\"two@taken.example\" # quoted\n\tthree@taken.example 5\nfour@taken.example# tight\r\n#five@taken.example\n"
      "six@taken.example.org\n";
  server->write("sender", before);
  const auto connector = server->connector();
  for (const auto* sender : {"one@taken.example", "two@taken.example", "three@taken.example", "four@taken.example"}) {
    INFO(sender);
    const auto plan = planned(*connector, block(sender));
    CHECK(plan.steps.empty());
    CHECK_FALSE(plan.notes.empty());
    CHECK(server->soon(sender, "reject") == "reject");
  }
  for (const auto* sender : {"five@taken.example", "six@taken.example"}) {
    CHECK(planned(*connector, block(sender)).steps.size() == 1);
    CHECK(server->action(sender) == "no action");
  }
  CHECK(server->text("sender") == before);
  // They take it off: what was found is not there any more.
  server->write("sender", "# nothing\n");
  CHECK(planned(*connector, block("one@taken.example")).steps.size() == 1);
}

TEST_CASE("rspamd: a second block of ours with a later end has its own line, and outlasts the first one") {
  auto* server = TestRspamd::instance();
  if (server == nullptr) return;
  const std::string before = "old@old.example\n";
  server->write("sender", before);
  const auto connector = server->connector();
  auto order = block("twice@evil.example");
  const auto first = planned(*connector, order);
  carry_out(*connector, first);
  CHECK(planned(*connector, order).steps.empty());
  order.until = UtcMicros{order.until->value + micros_per_day};
  const auto second = planned(*connector, order);
  REQUIRE(second.steps.size() == 1);
  CHECK(second.steps.front().before == first.steps.front().after);
  carry_out(*connector, second);
  proven(*connector, second);
  taken_back(*connector, first);
  CHECK(server->soon("twice@evil.example", "reject") == "reject");
  proven(*connector, second);
  taken_back(*connector, second);
  CHECK(server->text("sender") == before);
}

TEST_CASE("rspamd: what changes meanwhile is neither lost nor overwritten") {
  auto* server = TestRspamd::instance();
  if (server == nullptr) return;
  server->write("sender", "old@old.example\n");
  const auto connector = server->connector();
  const auto plan = planned(*connector, block("race@evil.example"));
  const auto& line = plan.steps.front().after;

  SUBCASE("the same key by a colleague") {
    server->write("sender", "race@evil.example # colleague\n");
    CHECK(connector->stand(plan, plan.steps.front()).value() == Stand::other);
    CHECK(connector->apply(plan, plan.steps.front()).error().code == ErrorCode::conflict);
    CHECK(server->text("sender") == "race@evil.example # colleague\n");
  }
  SUBCASE("other keys") {
    server->write("sender", "old@old.example\nnew@old.example\n");
    carry_out(*connector, plan);
    server->write("sender", "# moved\n" + server->text("sender") + "newest@old.example");
    CHECK(connector->stand(plan, plan.steps.front()).value() == Stand::after);
    taken_back(*connector, plan);
    CHECK(server->text("sender") == "# moved\nold@old.example\nnew@old.example\nnewest@old.example");
  }
  SUBCASE("our line") {
    carry_out(*connector, plan);
    server->write("sender", "race@evil.example # for good\nold@old.example\n");
    CHECK_FALSE(connector->verify(plan).value().front().good);
    CHECK(connector->plan_undo(plan, plan.prior).error().code == ErrorCode::conflict);
    server->write("sender", "old@old.example\n");
    CHECK_FALSE(connector->verify(plan).value().front().good);
    CHECK(connector->plan_undo(plan, plan.prior).value().steps.empty());
  }
  SUBCASE("a second line of the key") {
    carry_out(*connector, plan);
    server->write("sender", server->text("sender") + "race@evil.example # colleague\n");
    proven(*connector, plan);
    const auto undo = taken_back(*connector, plan);
    CHECK(undo.steps.front().before == line + "\nrace@evil.example # colleague");
    CHECK(undo.mail.empty());
    CHECK(server->text("sender") == "old@old.example\nrace@evil.example # colleague\n");
    CHECK(server->soon("race@evil.example", "reject") == "reject");
  }
  SUBCASE("between the plan of an undo and the undo") {
    carry_out(*connector, plan);
    const auto undo = undo_of(*connector, plan);
    CHECK_FALSE(connector->verify(undo).value().front().good);
    server->write("sender", "old@old.example\n");
    CHECK(connector->stand(undo, undo.steps.front()).value() == Stand::after);
    CHECK(connector->apply(undo, undo.steps.front()).error().code == ErrorCode::conflict);
  }
}

TEST_CASE("rspamd: blocks at once do not overwrite each other") {
  auto* server = TestRspamd::instance();
  if (server == nullptr) return;
  server->write("sender", "old@old.example\n");
  constexpr int count = 6;
  std::vector<std::unique_ptr<Connector>> connectors;
  std::vector<Plan> plans;
  for (int i = 0; i < count; ++i) {
    connectors.push_back(server->connector());
    plans.push_back(planned(*connectors.back(), block("many" + std::to_string(i) + "@evil.example")));
  }
  std::atomic<int> done = 0;
  {
    std::vector<std::jthread> threads;
    for (std::size_t i = 0; i < count; ++i)
      threads.emplace_back([&, i] { done += connectors[i]->apply(plans[i], plans[i].steps.front()).has_value() ? 1 : 0; });
  }
  CHECK(done == count);
  const auto text = server->text("sender");
  for (const auto& plan : plans) CHECK(has(text, plan.steps.front().after + "\n"));
  CHECK(text.ends_with("old@old.example\n"));
}

TEST_CASE("rspamd: hostile names become no other line and no pattern") {
  auto* server = TestRspamd::instance();
  if (server == nullptr) return;
  server->write("sender", "old@old.example\n");
  server->write("domain", "old.example\n");
  const auto connector = server->connector();
  for (const auto& sender : {std::string("a@evil.example\nb@evil.example"),
                             std::string("a@evil.example\r"),
                             std::string("a b@evil.example"),
                             std::string("a#b@evil.example"),
                             std::string("#a@evil.example"),
                             std::string("/a@evil.example"),
                             std::string("/.*@evil.example/"),
                             std::string("*@evil.example"),
                             std::string("a?@evil.example"),
                             std::string("\"a\"@evil.example"),
                             std::string("@evil.example"),
                             std::string("a@"),
                             std::string("a@b@evil.example"),
                             std::string("a@evil"),
                             std::string("a@[192.0.2.1]"),
                             std::string("a@.example"),
                             std::string("a@evil..example"),
                             std::string("a@-evil.example"),
                             std::string("a@192.0.2.1"),
                             std::string("a@evil.example\0x", 16),
                             std::string("\u202ea@evil.example"),
                             std::string("a{1}@evil.example"),
                             std::string("<a@evil.example>"),
                             std::string(65, 'a') + "@evil.example",
                             "a@" + std::string(260, 'a') + ".example"}) {
    INFO(sender);
    CHECK(code_of(connector->plan(block(sender))) == ErrorCode::bad_input);
  }
  for (const auto* domain :
       {"", "evil", "*.evil.example", ".evil.example", "evil.example.", "evil.example #", "192.0.2.1", "/evil.example/"}) {
    INFO(domain);
    auto order = block("x.example");
    order.parameters["domain"] = domain;
    CHECK(code_of(connector->plan(order)) == ErrorCode::bad_input);
  }
  for (const auto* own : {"chu.test", "CHU.test"}) CHECK(code_of(connector->plan(block(own))) == ErrorCode::forbidden);
  auto order = block("a@evil.example");
  order.mark = "IR-2026-003\n*";
  CHECK(code_of(connector->plan(order)) == ErrorCode::bad_input);
  order = block("a@evil.example");
  order.until.reset();
  CHECK(code_of(connector->plan(order)) == ErrorCode::bad_input);
  order = block("a@evil.example");
  order.until = UtcMicros{now().value + 32 * micros_per_day};
  CHECK(code_of(connector->plan(order)) == ErrorCode::bad_input);
  order = block("a@evil.example");
  order.parameters["map"] = "other";
  CHECK(code_of(connector->plan(order)) == ErrorCode::bad_input);
  CHECK(code_of(connector->plan({"account.block", "a"})) == ErrorCode::bad_input);
  CHECK(server->text("sender") == "old@old.example\n");
  CHECK(server->text("domain") == "old.example\n");
  // Odd ones that are allowed do what they say.
  const auto odd = planned(*connector, block("!o'neil-x_y=z%q~s&t@xn--evl-rma.example"));
  carry_out(*connector, odd);
  proven(*connector, odd);
}

TEST_CASE("rspamd: a sender that Rspamd reads as another is not refused in vain") {
  auto* server = TestRspamd::instance();
  if (server == nullptr) return;
  const auto connector = server->connector();
  for (const auto& [sender, read] : {std::pair<std::string, std::string>{"list+tag@evil.example", "list@evil.example"},
                                     {"e.v.il@gmail.com", "evil@gmail.com"},
                                     {"e.vil+x@googlemail.com", "evil@gmail.com"}}) {
    INFO(sender);
    CHECK(has(refusal(connector->plan(block(sender))), read));
    // So it is: the line as it was asked for has no effect, the other one has.
    server->write("sender", sender + "\nmark" + sender.substr(sender.find('@')) + "\n");
    if (!sender.ends_with("@googlemail.com")) CHECK(server->soon("mark" + sender.substr(sender.find('@')), "reject") == "reject");
    CHECK(server->action(sender) == "no action");
    server->write("sender", read + "\n");
    CHECK(server->soon(sender, "reject") == "reject");
  }
  CHECK(has(refusal(connector->plan(block("googlemail.com"))), "gmail.com"));
  CHECK(planned(*connector, block("+lead@evil.example")).steps.size() == 1);
}

TEST_CASE("rspamd: a map of patterns is seen by what it refuses beyond") {
  auto* server = TestRspamd::instance();
  if (server == nullptr) return;
  server->write("pattern", "# patterns\n");
  auto settings = server->settings();
  settings.values["sender_map"] = server->map("pattern");
  const auto connector = server->connector(settings);
  const auto plan = planned(*connector, block("wide@pattern.example"));
  carry_out(*connector, plan);
  CHECK(server->soon("xwide@pattern.example", "reject") == "reject");
  const auto probes = connector->verify(plan);
  REQUIRE(probes);
  REQUIRE(probes->size() == 3);
  CHECK(probes->at(1).good);
  CHECK_FALSE(probes->at(2).good);
  CHECK(has(probes->at(2).seen, "reject"));
  taken_back(*connector, plan);
}

TEST_CASE("rspamd: a line that nothing asks is not proven") {
  auto* server = TestRspamd::instance();
  if (server == nullptr) return;
  auto settings = server->settings();
  settings.values["sender_map"] = server->map("domain");
  server->write("domain", "# domains\n");
  const auto connector = server->connector(settings);
  const auto plan = planned(*connector, block("unasked@evil.example"));
  carry_out(*connector, plan);
  const auto probes = connector->verify(plan);
  REQUIRE(probes);
  CHECK(probes->front().good);
  CHECK_FALSE(probes->at(1).good);
  CHECK(has(probes->at(1).seen, "no action"));
  // Without an address to try, that is said, and nothing is claimed.
  settings.values["check_url"] = "";
  const auto silent = server->connector(settings);
  const auto read = silent->verify(plan);
  REQUIRE(read);
  CHECK(read->size() == 2);
  CHECK(read->back().expected == "no trial possible");
  CHECK(planned(*silent, block("other@evil.example")).notes.size() > planned(*connector, block("other@evil.example")).notes.size());
}

TEST_CASE("rspamd: readiness, rights and maps") {
  auto* server = TestRspamd::instance();
  if (server == nullptr) return;
  const auto way = [&](const Settings& settings) {
    const auto all = server->connector(settings)->test();
    if (!all) FAIL(to_text(all.error()));
    REQUIRE(all->size() == 4);
    CHECK(all->at(0).capability == "sender.block");
    for (const auto& one : *all) CHECK((one.way == Readiness::Way::automatic) == one.why.fr.empty());
    return std::pair(all->at(0).way == Readiness::Way::automatic, all->at(1).way == Readiness::Way::automatic);
  };
  CHECK(way(server->settings()) == std::pair(true, true));
  auto settings = server->settings();
  settings.values.erase("domain_map");
  CHECK(way(settings) == std::pair(true, false));
  CHECK(code_of(server->connector(settings)->plan(block("evil.example"))) == ErrorCode::bad_input);
  settings.values["domain_map"] = server->map("locked");
  CHECK(way(settings) == std::pair(true, false));
  CHECK(code_of(server->connector(settings)->plan(block("evil.example"))) == ErrorCode::forbidden);
  settings.values["domain_map"] = server->map("nowhere");
  CHECK(way(settings) == std::pair(true, false));
  const auto unknown = server->connector(settings)->plan(block("evil.example"));
  CHECK(code_of(unknown) == ErrorCode::bad_input);
  CHECK(has(unknown.error().help, server->map("domain")));

  settings = server->settings();
  settings.secrets["password"] = "wrong";
  CHECK(way(settings) == std::pair(false, false));
  CHECK(code_of(server->connector(settings)->plan(block("evil.example"))) == ErrorCode::forbidden);
  server->write("domain", "# domains\n");
  settings.secrets["password"] = "reader-secret";
  CHECK(way(settings) == std::pair(false, false));
  const auto reader = server->connector(settings);
  const auto plan = planned(*reader, block("evil.example"));
  CHECK(reader->apply(plan, plan.steps.front()).error().code == ErrorCode::forbidden);
  CHECK(server->text("domain") == "# domains\n");

  // A map by its number.
  const auto listed = ask_http({"GET", server->url() + "/maps", {{"Password", "digue-secret"}}, {}}, {});
  REQUIRE(listed);
  const auto maps = json::parse(listed->body);
  REQUIRE(maps);
  settings = server->settings();
  for (const auto& one : maps->get_array())
    if (std::string(one.at("uri").get_string()) == server->map("domain"))
      settings.values["domain_map"] = std::to_string(one.at("map").to_number<std::uint64_t>());
  REQUIRE(settings.values["domain_map"] != json::Value(server->map("domain")));
  const auto numbered = server->connector(settings);
  const auto by_number = planned(*numbered, block("numbered.example"));
  carry_out(*numbered, by_number);
  CHECK(has(server->text("domain"), "numbered.example # IR-2026-003"));
  taken_back(*numbered, by_number);
  CHECK(server->text("domain") == "# domains\n");
}

TEST_CASE("rspamd: a folder that Rspamd may not write is told as such, and the map stays") {
  auto* server = TestRspamd::instance();
  if (server == nullptr) return;
  server->write("sender", "old@old.example\n");
  const auto connector = server->connector();
  const auto plan = planned(*connector, block("kept@evil.example"));
  const auto folder = std::filesystem::path(server->map("sender")).parent_path();
  std::filesystem::permissions(folder, std::filesystem::perms(0555));
  const auto refused = connector->apply(plan, plan.steps.front());
  std::filesystem::permissions(folder, std::filesystem::perms(0755));
  REQUIRE_FALSE(refused);
  INFO(to_text(refused.error()));
  CHECK(refused.error().code == ErrorCode::forbidden);
  CHECK(server->text("sender") == "old@old.example\n");
  CHECK(connector->stand(plan, plan.steps.front()).value() == Stand::before);
}

TEST_CASE("rspamd: a controller that is away, silent, cut or no Rspamd at all") {
  Settings settings;
  settings.name = "antispam";
  settings.kind = "rspamd";
  settings.values = {{"sender_map", "/maps/sender.map"}, {"connect_seconds", 1}, {"seconds", 1}};
  settings.secrets["password"] = "digue-secret";
  const auto* maker = connect::connector_named("rspamd");
  REQUIRE(maker != nullptr);
  const auto at = [&](std::uint16_t port) {
    settings.values["url"] = "http://127.0.0.1:" + std::to_string(port) + "/";
    return std::move(maker->make(settings).value());
  };
  const auto away = at(closed_port());
  CHECK(code_of(away->plan(block("a@evil.example"))) == ErrorCode::io);
  CHECK(away->test().error().code == ErrorCode::io);

  const auto maps = answer(R"([{"map":7,"uri":"/maps/sender.map","editable":true}])");
  // What /maps, then /getmap answer.
  const std::vector<std::pair<std::string, std::string>> odd{
      {"", ""},
      {"HTTP/1.1 200 OK\r\nContent-Length: 900\r\n\r\n[{", ""},
      {"HTTP/1.1 500 no\r\nContent-Length: 0\r\n\r\n", ""},
      {answer("<html>sign in</html>", "text/html"), ""},
      {answer("{}"), ""},
      {answer(R"([{"map":-1,"uri":"/maps/sender.map"}])"), ""},
      {answer(std::string((4 << 20) + 1, ' ')), ""},
      {maps, ""},
      {maps, "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 90\r\n\r\nold@old.example\n"},
      {maps, "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n\r\nold@old.example\n"},  // whole, or cut: nobody knows
      {maps, answer("<html>sign in</html>", "text/html")},
  };
  for (const auto& [first, second] : odd) {
    INFO(clip(first, 200) << " " << second);
    RawServer server([&](const Peer& peer) {
      const auto asked = peer.read_until("\r\n\r\n");
      peer.send(asked.starts_with("GET /maps ") ? first : second);
    });
    CHECK(code_of(at(server.port())->plan(block("a@evil.example"))) == ErrorCode::io);
  }
  {
    RawServer silent([](const Peer& peer) { peer.wait_for_close(); });
    CHECK(code_of(at(silent.port())->plan(block("a@evil.example"))) == ErrorCode::io);
    CHECK(at(silent.port())->test().error().code == ErrorCode::io);
  }
  settings.values["seconds"] = 60;  // 16 MiB on a busy machine
  RawServer large([&](const Peer& peer) {
    const auto asked = peer.read_until("\r\n\r\n");
    peer.send(asked.starts_with("GET /maps ") ? maps : answer(std::string((16 << 20) + 1, '#'), "text/plain"));
  });
  CHECK(code_of(at(large.port())->plan(block("a@evil.example"))) == ErrorCode::bad_input);
  // The save is cut: what was done is unknown until stand() told.
  RawServer cut([&](const Peer& peer) {
    const auto asked = peer.read_until("\r\n\r\n");
    if (asked.starts_with("GET /maps ")) peer.send(maps);
    if (asked.starts_with("GET /getmap ")) peer.send(answer("old@old.example\n", "text/plain"));
  });
  const auto connector = at(cut.port());
  const auto plan = planned(*connector, block("a@evil.example"));
  CHECK(connector->apply(plan, plan.steps.front()).error().code == ErrorCode::io);
  CHECK(connector->stand(plan, plan.steps.front()).value() == Stand::before);
}

TEST_CASE("rspamd: settings that cannot be meant are refused") {
  Settings good;
  good.kind = "rspamd";
  good.values = {{"url", "https://rspamd.chu.example"}, {"sender_map", "/maps/sender.map"}};
  good.secrets["password"] = "digue-secret";
  const auto* maker = connect::connector_named("rspamd");
  REQUIRE(maker != nullptr);
  CHECK(maker->make(good));
  for (const auto& [name, value] : {std::pair<std::string, std::string>{"url", "http://rspamd.chu.example"},
                                    {"url", "ftp://127.0.0.1"},
                                    {"url", ""},
                                    {"url", "https://a:b@rspamd.chu.example"},
                                    {"url", "https://rspamd.chu.example/?x"},
                                    {"check_url", "http://rspamd.chu.example:11333"},
                                    {"pin", "sha256//x"},
                                    {"sender_map", "a\nb"},
                                    {"attachment_map", "a\tb"}}) {
    INFO(name << " " << value);
    auto settings = good;
    settings.values[name] = value;
    const auto made = maker->make(settings);
    REQUIRE_FALSE(made);
    CHECK(made.error().code == ErrorCode::bad_input);
  }
  for (const auto* password : {"", "two\nlines"}) {
    auto settings = good;
    settings.secrets["password"] = password;
    CHECK(maker->make(settings).error().code == ErrorCode::bad_input);
  }
}
