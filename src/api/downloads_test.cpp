#include "api/downloads.hpp"

#include <doctest/doctest.h>

#include "base/crypto/hash.hpp"

using namespace digue;
using namespace digue::api;

namespace {

constexpr const char* bytes = "an archive, in parts";

service::Outgoing archive(bool good = true) {
  return {"digue.tar", 20, std::make_shared<Producer>([good](const Producer::Put& put) -> Result<void> {
            if (auto done = put("an archive, "); !done) return done;
            if (!good) return fail(ErrorCode::io, "the disk is gone");
            return put("in parts");
          })};
}

std::string text(const json::Value& told, const char* member) {
  const auto& value = told.at(member);
  return value.is_string() ? std::string(value.as_string()) : std::string();
}

std::string id_of(const json::Value& told) {
  return text(told, "id");
}

/// All that a browser gets; what is thrown ends it.
std::string drain(net::Response& response) {
  std::string all;
  for (;;) {
    std::string part;
    const bool more = response.parts(part);
    all += part;
    if (!more) return all;
  }
}

struct Desk {
  UtcMicros time{1'800'000'000 * micros_per_second};
  Downloads downloads{[this] { return time; }};
};

}  // namespace

TEST_CASE("a download is had once, and tells its size and hash") {
  Desk desk;
  const auto told = desk.downloads.add(archive(), "one", {});
  const auto id = id_of(told);
  CHECK(id.size() == 64);
  CHECK(text(told, "state") == "waiting");
  CHECK(told.at("about").to_number<int>() == 20);
  {
    auto response = desk.downloads.take(id, "one").value();
    CHECK(text(desk.downloads.show(id, "one").value(), "state") == "sending");
    CHECK(desk.downloads.take(id, "one").error().code == ErrorCode::not_found);
    CHECK(drain(response) == bytes);
  }
  const auto after = desk.downloads.show(id, "one").value();
  CHECK(text(after, "state") == "done");
  CHECK(after.at("bytes").to_number<int>() == 20);
  CHECK(text(after, "sha256") == to_hex(sha256(bytes)));
  CHECK(desk.downloads.take(id, "one").error().code == ErrorCode::not_found);
}

TEST_CASE("a download is for its session alone") {
  Desk desk;
  const auto id = id_of(desk.downloads.add(archive(), "one", {people::Right::export_evidence, "feed"}));
  CHECK(desk.downloads.show(id, "other").error().code == ErrorCode::not_found);
  CHECK(desk.downloads.needs(id, "other").error().code == ErrorCode::not_found);
  CHECK(desk.downloads.take(id, "other").error().code == ErrorCode::not_found);
  CHECK(desk.downloads.cancel(id, "other").error().code == ErrorCode::not_found);
  const auto needs = desk.downloads.needs(id, "one").value();
  CHECK(needs.right == people::Right::export_evidence);
  CHECK(needs.incident == "feed");
  CHECK(desk.downloads.take(id, "one"));
}

TEST_CASE("a download that nobody fetches expires, and so does one of a session that ended") {
  Desk desk;
  const auto id = id_of(desk.downloads.add(archive(), "one", {}));
  desk.time.value += Downloads::life - 1;
  CHECK(desk.downloads.show(id, "one"));
  desk.time.value += 1;
  CHECK(desk.downloads.take(id, "one").error().code == ErrorCode::not_found);
  const auto second = id_of(desk.downloads.add(archive(), "one", {}));
  const auto other = id_of(desk.downloads.add(archive(), "other", {}));
  desk.downloads.forget("one");
  CHECK_FALSE(desk.downloads.take(second, "one"));
  CHECK(desk.downloads.take(other, "other"));
  // One that is asked for again takes the place of the one that waits.
  const auto third = id_of(desk.downloads.add(archive(), "one", {}));
  const auto fourth = id_of(desk.downloads.add(archive(), "one", {}));
  CHECK_FALSE(desk.downloads.take(third, "one"));
  CHECK(desk.downloads.take(fourth, "one"));
}

TEST_CASE("a download that was cut, failed or was given up is never called whole") {
  Desk desk;
  const auto cut = id_of(desk.downloads.add(archive(), "one", {}));
  {
    auto response = desk.downloads.take(cut, "one").value();
    std::string part;
    CHECK(response.parts(part));
  }
  auto told = desk.downloads.show(cut, "one").value();
  CHECK(text(told, "state") == "failed");
  CHECK(text(told, "error") == tr("download.cut"));
  CHECK(text(told, "sha256").empty());

  const auto broken = id_of(desk.downloads.add(archive(false), "one", {}));
  auto response = desk.downloads.take(broken, "one").value();
  CHECK_THROWS(drain(response));
  told = desk.downloads.show(broken, "one").value();
  CHECK(text(told, "state") == "failed");
  CHECK(text(told, "error").find("the disk is gone") != std::string::npos);

  const auto given_up = id_of(desk.downloads.add(archive(), "one", {}));
  auto leaving = desk.downloads.take(given_up, "one").value();
  CHECK(desk.downloads.cancel(given_up, "one"));
  CHECK_THROWS(drain(leaving));
  CHECK(text(desk.downloads.show(given_up, "one").value(), "state") == "failed");
  const auto unwanted = id_of(desk.downloads.add(archive(), "one", {}));
  CHECK(desk.downloads.cancel(unwanted, "one"));
  CHECK_FALSE(desk.downloads.take(unwanted, "one"));
}
