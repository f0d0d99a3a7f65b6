#include "journal/entry.hpp"

#include <doctest/doctest.h>

#include <fstream>
#include <map>

#include "base/json/value.hpp"

using namespace digue;
using namespace digue::journal;

namespace {

Draft draft() {
  Draft out;
  out.event_time = UtcMicros{1'773'086'400'000'000};
  out.zone = "Europe/Paris";
  out.body.author = "A. Roche";
  out.body.text = "Compte bloqué";
  return out;
}

std::string bytes_of(std::string_view hex) {
  std::string out;
  for (std::size_t i = 0; i + 1 < hex.size(); i += 2) out += static_cast<char>(std::stoi(std::string(hex.substr(i, 2)), nullptr, 16));
  return out;
}

}  // namespace

// The page gives each value on a line of its own, `name = value`; its hashes were computed apart from this code.
TEST_CASE("the worked example of docs/journal-format.md holds") {
  std::ifstream page(DIGUE_SOURCE_DIR "/docs/journal-format.md");
  REQUIRE(page.good());
  std::map<std::string, std::string> values;
  for (std::string line; std::getline(page, line);)
    if (const auto at = line.find(" = "); at != std::string::npos) values.emplace(line.substr(0, at), line.substr(at + 3));
  REQUIRE(values.contains("leaf"));
  const auto salt = bytes_of(values["salt"]);
  REQUIRE(salt.size() == salt_size);
  const auto header = parse_header(values["header"]);
  const auto body = parse_body(values["body"]);
  REQUIRE(header);
  REQUIRE(body);
  const auto sealed = seal(*header, *body, salt);
  CHECK(sealed.header == values["header"]);
  CHECK(sealed.body == values["body"]);
  CHECK(to_hex(sealed.body_hash) == values["body_hash"]);
  CHECK(to_hex(sealed.leaf) == values["leaf"]);
  CHECK(header->precision == Precision::minute);
  CHECK(header->rectifies == 11);
  CHECK(body->links == std::vector<Link>{{"task", "6c1f0a9e2b7d4358"}});
}

TEST_CASE("the leaf binds header, body and salt, and stays provable without the body") {
  const auto header = header_of(draft(), "incident-1", 7, UtcMicros{1'773'086'401'000'001});
  const std::string salt(salt_size, 's');
  const auto sealed = seal(header, draft().body, salt);
  CHECK(leaf_hash(sealed.header, sealed.body_hash).value() == sealed.leaf);
  CHECK(body_hash(sealed.salt, sealed.body) == sealed.body_hash);

  CHECK(seal(header, draft().body, std::string(salt_size, 't')).leaf != sealed.leaf);
  auto other = header;
  other.recorded.value += 1;
  CHECK(seal(other, draft().body, salt).leaf != sealed.leaf);
  auto elsewhere = header;
  elsewhere.incident = "incident-2";
  CHECK(seal(elsewhere, draft().body, salt).leaf != sealed.leaf);
  auto body = draft().body;
  body.text += ".";
  CHECK(seal(header, body, salt).leaf != sealed.leaf);
}

TEST_CASE("a header that is not canonical has no leaf") {
  const auto sealed = seal(header_of(draft(), "i", 1, UtcMicros{0}), draft().body, std::string(salt_size, 0));
  CHECK_FALSE(leaf_hash(sealed.header + " ", sealed.body_hash));
  CHECK_FALSE(leaf_hash("{\"b\":1,\"a\":2}", sealed.body_hash));
  CHECK_FALSE(leaf_hash("", sealed.body_hash));
}

TEST_CASE("a line comes back from its stored texts, hostile text included") {
  auto in = draft();
  in.kind = Kind::call;
  in.rectifies = 3;
  in.about = "task.changed";
  in.precision = Precision::day;
  in.body.text = "<script>\x1b[31m\u202e \"}\n\t=cmd|' /C calc'!A0";
  in.body.reporter = "standard";
  in.body.machines = {"PC-12"};
  in.body.accounts = {"c.moreau@ch-exemple.fr"};
  const auto sealed = seal(header_of(in, "i", 4, UtcMicros{5}), in.body, std::string(salt_size, 'x'));
  const auto header = parse_header(sealed.header).value();
  const auto body = parse_body(sealed.body).value();
  CHECK(header.kind == Kind::call);
  CHECK(header.seq == 4);
  CHECK(header.rectifies == 3);
  CHECK(header.about == "task.changed");
  CHECK(header.event_time == in.event_time);
  CHECK(header.recorded == UtcMicros{5});
  CHECK(body.text == in.body.text);
  CHECK(body.reporter == "standard");
  CHECK(body.machines == in.body.machines);
  CHECK(body.accounts == in.body.accounts);
  CHECK_FALSE(parse_header("{}"));
  CHECK_FALSE(parse_body("[]"));
}

TEST_CASE("drafts are bounded") {
  CHECK(check(draft()));
  const auto refused = [](const auto& change) {
    auto one = draft();
    change(one);
    const auto result = check(one);
    return result ? std::string() : result.error().where;
  };
  CHECK(refused([](Draft& d) { d.body.text = " \n"; }) == "text");
  CHECK(refused([](Draft& d) { d.body.text.assign(max_text + 1, 'a'); }) == "text");
  CHECK(refused([](Draft& d) { d.body.text = "\xc3("; }) == "text");
  CHECK(refused([](Draft& d) { d.body.author.clear(); }) == "author");
  CHECK(refused([](Draft& d) { d.body.reporter = std::string(max_name + 1, 'r'); }) == "reporter");
  CHECK(refused([](Draft& d) { d.body.machines.assign(max_items + 1, "m"); }) == "machines");
  CHECK(refused([](Draft& d) { d.body.accounts = {std::string(max_item + 1, 'a')}; }) == "accounts");
  CHECK(refused([](Draft& d) { d.zone = "Europe/Nowhere"; }) == "zone");
}
