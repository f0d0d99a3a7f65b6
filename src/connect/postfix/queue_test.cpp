#include "connect/postfix/queue.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <chrono>
#include <thread>

#include "base/encoding.hpp"
#include "base/files.hpp"
#include "connect/connectors.hpp"
#include "connect/host/sshd_test.hpp"
#include "connect/postfix/server_test.hpp"

using namespace digue;
using namespace digue::containment;
using namespace digue::testing;
using connect::mta::Queued;
using connect::mta::read_queue;

namespace {

Order order_of(std::string capability, std::map<std::string, std::string> parameters) {
  Order out;
  out.capability = std::move(capability);
  out.mark = "IR-2026-003";
  out.parameters = std::move(parameters);
  return out;
}

std::vector<Queued> waiting(const PostfixServer& server) {
  return read_queue(server.queue()).value();
}

std::string id_of(const PostfixServer& server, const std::string& recipient) {
  for (const auto& one : waiting(server))
    if (one.recipients == std::vector<std::string>{recipient}) return one.id;
  FAIL("no message for " << recipient);
  return {};
}

std::string queue_of(const PostfixServer& server, const std::string& recipient) {
  for (const auto& one : waiting(server))
    if (one.recipients == std::vector<std::string>{recipient}) return one.queue == "hold" ? "hold" : "queued";
  return "gone";
}

void apply_all(Connector& connector, const Plan& plan) {
  REQUIRE(plan.steps.size() == 1);
  CHECK(connector.stand(plan, plan.steps[0]).value() == Stand::before);
  const auto answer = connector.apply(plan, plan.steps[0]);
  REQUIRE_MESSAGE(answer, (answer ? "" : to_text(answer.error())));
  CHECK(connector.stand(plan, plan.steps[0]).value() == Stand::after);
}

bool all_good(const Result<std::vector<Probe>>& probes) {
  return probes && !probes->empty() && std::all_of(probes->begin(), probes->end(), [](const auto& one) { return one.good; });
}

/// Three messages: the attacker's under the account's own and a forged sender, and a colleague's under the account's sender.
void fill(PostfixServer& server) {
  server.empty_queue();
  REQUIRE(server.send("alice@chu.test", "alice@chu.test", "one@far.example", "invoice").starts_with("250"));
  REQUIRE(server.send("alice@chu.test", "director@bank.example", "two@far.example", "forged").starts_with("250"));
  REQUIRE(server.send("bob@chu.test", "alice@chu.test", "three@far.example", "results").starts_with("250"));
  // Taken in, they still move from queue to queue.
  const auto settled = [&] {
    const auto all = waiting(server);
    return all.size() == 3 && std::all_of(all.begin(), all.end(), [](const auto& one) { return one.queue == "deferred"; });
  };
  for (int tries = 0; tries < 1000 && !settled(); ++tries) std::this_thread::sleep_for(std::chrono::milliseconds(20));
  REQUIRE(settled());
}

}  // namespace

TEST_CASE("postfix queue: what postqueue prints is read whole or not at all") {
  const auto one = read_queue(
      R"({"queue_name": "deferred", "queue_id": "4ZxYqk1Bz5z9rw", "arrival_time": 1700000000, "message_size": 300, "forced_expire": false, "sender": "a@x.example", "recipients": [{"address": "b@y.example", "delay_reason": "refused"}, {"address": "c@y.example"}]})"
      "\n");
  REQUIRE(one);
  CHECK(one->at(0).id == "4ZxYqk1Bz5z9rw");
  CHECK(one->at(0).arrival == 1700000000);
  CHECK(one->at(0).recipients == std::vector<std::string>{"b@y.example", "c@y.example"});
  CHECK(read_queue("")->empty());
  for (const std::string hostile : {"{}\n", "x\n",
                                    R"({"queue_id": "ALL", "queue_name": "hold", "arrival_time": 1})"
                                    "\n",
                                    R"({"queue_id": "A B C D", "queue_name": "hold", "arrival_time": 1})"
                                    "\n",
                                    R"({"queue_id": "AAAAAA", "queue_name": "hold", "arrival_time": -1})"
                                    "\n",
                                    R"({"queue_id": "AAAAAA", "queue_name": "hold", "arrival_time": 1, "recipients": [1]})"
                                    "\n",
                                    R"({"queue_id": "AAAAAA", "queue_name": "hold", "arrival_time": 1})"}) {
    CAPTURE(hostile);
    REQUIRE_FALSE(read_queue(hostile));
    CHECK(read_queue(hostile).error().code == ErrorCode::io);
  }
}

TEST_CASE("postfix queue: messages of who signed in are held, whatever their sender says, and released again") {
  auto* server = PostfixServer::instance();
  if (server == nullptr) return;
  fill(*server);
  const auto connector = server->connector();
  const auto before = server->queue();
  const auto plan = connector->plan(order_of("queue.hold", {{"sasl_username", "alice@chu.test"}}));
  REQUIRE(plan);
  CHECK(plan->undo == Undo::reversible);
  CHECK(waiting(*server).size() == read_queue(before)->size());
  for (const auto& one : waiting(*server)) CHECK(one.queue != "hold");
  // The evidence, before anything is touched.
  const auto prior = json::parse(plan->prior).value();
  const auto& sealed = prior.at("messages").as_array();
  CHECK(sealed.size() == 2);
  for (const auto& one : sealed) {
    CHECK(one.at("sasl_username").as_string() == "alice@chu.test");
    CHECK(one.at("recipients").as_array().size() == 1);
  }
  CHECK(plan->steps[0].says.en.find("director@bank.example") != std::string::npos);

  apply_all(*connector, *plan);
  CHECK(queue_of(*server, "one@far.example") == "hold");
  CHECK(queue_of(*server, "two@far.example") == "hold");
  CHECK(queue_of(*server, "three@far.example") == "queued");
  CHECK(all_good(connector->verify(*plan)));
  const auto again = connector->plan(order_of("queue.hold", {{"sasl_username", "alice@chu.test"}}));
  CHECK(again->steps.empty());
  CHECK(all_good(connector->verify(*again)));
  REQUIRE(server->send("alice@chu.test", "alice@chu.test", "four@far.example").starts_with("250"));
  CHECK_FALSE(all_good(connector->verify(*again)));

  const auto undo = connector->plan_undo(*plan, plan->prior);
  REQUIRE(undo);
  CHECK(undo->undo == Undo::partly);
  apply_all(*connector, *undo);
  CHECK(queue_of(*server, "one@far.example") == "queued");
  CHECK(all_good(connector->verify(*undo)));

  // By sender alone: the colleague's message is among them, and the plan names who signed in.
  const auto by_sender = connector->plan(order_of("queue.hold", {{"sender", "Alice@chu.test"}}));
  REQUIRE(by_sender);
  CHECK(by_sender->steps[0].says.en.find("bob@chu.test") != std::string::npos);
  // By both: only what matches both.
  const auto by_both = connector->plan(order_of("queue.hold", {{"sender", "alice@chu.test"}, {"sasl_username", "alice@chu.test"}}));
  const auto both = by_both->steps[0].object;
  CHECK(both.find(id_of(*server, "one@far.example")) != std::string::npos);
  CHECK(both.find(id_of(*server, "two@far.example")) == std::string::npos);
  CHECK(both.find(id_of(*server, "three@far.example")) == std::string::npos);
  server->empty_queue();
}

TEST_CASE("postfix queue: a message that left meanwhile does not keep the others from being held") {
  auto* server = PostfixServer::instance();
  if (server == nullptr) return;
  fill(*server);
  const auto connector = server->connector();
  const auto plan = connector->plan(order_of("queue.hold", {{"sasl_username", "alice@chu.test"}})).value();
  const auto gone = id_of(*server, "one@far.example");
  output_of("postsuper -c " + server->configuration() + " -d " + gone + " 2>&1");
  const auto answer = connector->apply(plan, plan.steps[0]);
  REQUIRE(answer);
  CHECK(answer->find(gone) != std::string::npos);
  CHECK(queue_of(*server, "two@far.example") == "hold");
  CHECK(all_good(connector->verify(plan)));

  server->empty_queue();
  const auto refused = connector->apply(plan, plan.steps[0]);
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code == ErrorCode::conflict);
  CHECK(connector->stand(plan, plan.steps[0]).value() == Stand::other);
}

TEST_CASE("postfix queue: only held messages are deleted, their content sealed, and never brought back") {
  auto* server = PostfixServer::instance();
  if (server == nullptr) return;
  fill(*server);
  const auto connector = server->connector();
  const auto one = id_of(*server, "one@far.example"), three = id_of(*server, "three@far.example");
  // Not held: nothing to delete, even by name.
  CHECK(connector->plan(order_of("queue.delete", {{"ids", three}}))->steps.empty());
  apply_all(*connector, *connector->plan(order_of("queue.hold", {{"ids", one + ", " + three}})));
  const auto plan = connector->plan(order_of("queue.delete", {{"ids", one + " " + three}}));
  REQUIRE(plan);
  CHECK(plan->undo == Undo::irreversible);
  CHECK(plan->messages == 2);
  const auto prior = json::parse(plan->prior).value();
  const auto& sealed = prior.at("messages").as_array();
  CHECK(sealed.size() == 2);
  for (const auto& message : sealed) {
    const auto content = from_base64(message.at("content").as_string().c_str()).value();
    CHECK(content.find("sasl_username=") != std::string::npos);
    CHECK(content.find("Subject: ") != std::string::npos);
  }
  // One is released before it is applied: it is not deleted.
  output_of("postsuper -c " + server->configuration() + " -H " + three + " 2>&1");
  REQUIRE(connector->apply(*plan, plan->steps[0]));
  CHECK(queue_of(*server, "one@far.example") == "gone");
  CHECK(queue_of(*server, "three@far.example") == "queued");
  CHECK_FALSE(all_good(connector->verify(*plan)));
  CHECK_FALSE(connector->plan_undo(*plan, plan->prior));
  server->empty_queue();
  CHECK(all_good(connector->verify(*plan)));
}

TEST_CASE("postfix queue: ids that are none are refused; what was done by half is found and finished") {
  auto* server = PostfixServer::instance();
  if (server == nullptr) return;
  fill(*server);
  const auto connector = server->connector();
  for (const std::string hostile : {"ALL", "-d", "../etc", "A1B2C3;id", "$(id)x", "é12345"})
    CHECK_FALSE(connector->plan(order_of("queue.hold", {{"ids", hostile}})));
  CHECK_FALSE(connector->plan(order_of("queue.hold", {})));
  // Without postlogd, postsuper gives up after the first message: half is done, the answer says unknown, a look tells.
  server->stop();
  const auto plan = connector->plan(order_of("queue.hold", {{"sasl_username", "alice@chu.test"}}));
  REQUIRE_MESSAGE(plan, (plan ? "" : to_text(plan.error())));
  const auto half = connector->apply(*plan, plan->steps[0]);
  server->start();
  REQUIRE_FALSE(half);
  CHECK(half.error().code == ErrorCode::io);
  CHECK_FALSE(all_good(connector->verify(*plan)));
  apply_all(*connector, *plan);
  CHECK(queue_of(*server, "one@far.example") == "hold");
  CHECK(queue_of(*server, "two@far.example") == "hold");
  CHECK(all_good(connector->verify(*plan)));
  server->empty_queue();
}

TEST_CASE("postfix queue: what somebody else had held when the hold began is not released by its undo") {
  auto* server = PostfixServer::instance();
  if (server == nullptr) return;
  fill(*server);
  const auto connector = server->connector();
  const auto order = order_of("queue.hold", {{"sasl_username", "alice@chu.test"}});
  const auto approved = connector->plan(order).value();
  output_of("postsuper -c " + server->configuration() + " -h " + id_of(*server, "one@far.example") + " 2>&1");
  // Read again before the first step: this is what is sealed.
  const auto sealed = connector->plan(order)->prior;
  apply_all(*connector, approved);
  CHECK(all_good(connector->verify(approved)));
  const auto undo = connector->plan_undo(approved, sealed).value();
  apply_all(*connector, undo);
  CHECK(queue_of(*server, "one@far.example") == "hold");
  CHECK(queue_of(*server, "two@far.example") == "queued");
  for (const std::string broken : {"", "{}", R"({"messages":[{"sender":"x"}]})"})
    CHECK(connector->plan_undo(approved, broken).error().code == ErrorCode::bad_input);
  server->empty_queue();
}

TEST_CASE("postfix queue: held messages that others deleted leave a hold as good, one that is back in the queue does not") {
  auto* server = PostfixServer::instance();
  if (server == nullptr) return;
  fill(*server);
  const auto connector = server->connector();
  const auto plan = connector->plan(order_of("queue.hold", {{"sasl_username", "alice@chu.test"}})).value();
  apply_all(*connector, plan);
  output_of("postsuper -c " + server->configuration() + " -H " + id_of(*server, "one@far.example") + " 2>&1");
  CHECK_FALSE(all_good(connector->verify(plan)));
  server->empty_queue();
  CHECK(all_good(connector->verify(plan)));
}

TEST_CASE("postfix queue: a spam run of 10,000 messages is held without reading them, in a plan that can be stored") {
  Folder folder;
  const auto program = write_program(folder.path, "mail-host", R"sh(#!/bin/sh
case $1 in
  queue-list) awk -v count="$(cat "${0%/*}/count")" 'BEGIN {
    sender = sprintf("%300s", "x@evil.example")
    gsub(" ", "a", sender)
    for (i = 1; i <= count; i++)
      printf "{\"queue_name\":\"deferred\",\"queue_id\":\"4ZxYqk1Bz5z%05d\",\"arrival_time\":1700000000,\"sender\":\"%s\",\"recipients\":[]}\n", i, sender
  }' ;;
  queue-owners) awk '{ print $0 "\talice@chu.test" }' ;;
  *) exit 1 ;;
esac
)sh");
  Settings settings{"mx", "postfix", {{"helper", program}}, {}};
  const auto connector = connect::connector_named("postfix")->make(settings).value();
  const auto order = order_of("queue.hold", {{"sasl_username", "alice@chu.test"}});
  REQUIRE(write_file(folder.path + "/count", "10000"));
  const auto plan = connector->plan(order);
  REQUIRE_MESSAGE(plan, (plan ? "" : to_text(plan.error())));
  const auto stored = plan_of(to_json(*plan));
  REQUIRE_MESSAGE(stored, (stored ? "" : to_text(stored.error())));
  CHECK(stored->steps[0].request.find("4ZxYqk1Bz5z10000") != std::string::npos);
  CHECK(stored->steps[0].object.size() < 4000);
  CHECK(connector->stand(*stored, stored->steps[0]).value() == Stand::before);
  REQUIRE(write_file(folder.path + "/count", "10001"));
  CHECK(connector->plan(order).error().code == ErrorCode::limit);
}
