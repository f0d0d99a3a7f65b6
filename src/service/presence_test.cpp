#include "service/presence.hpp"

#include <doctest/doctest.h>

using namespace digue;
using namespace digue::service;

namespace {

std::string who(const std::vector<Present>& all) {
  std::string out;
  for (const auto& one : all)
    out += (out.empty() ? "" : ", ") + one.name + " " + one.place + (one.editing.empty() ? "" : " " + one.editing);
  return out;
}

struct Fixture {
  UtcMicros time{1'000'000};
  Presence presence{[this] { return time; }};
};

}  // namespace

TEST_CASE("who has an incident open is seen, at which place, and what they change") {
  Fixture f;
  CHECK(f.presence.here("i", "s1", "p1", {"B. Diop", "plan", "", {}}));
  CHECK(f.presence.here("i", "s2", "p1", {"A. Roche", "journal", "", {}}));
  CHECK_FALSE(f.presence.here("i", "s2", "p1", {"A. Roche", "journal", "", {}}));
  CHECK(f.presence.here("i", "s1", "p1", {"B. Diop", "plan", "task:1", {}}));
  CHECK(f.presence.here("other", "s1", "p2", {"B. Diop", "story", "", {}}));
  CHECK(who(f.presence.list("i")) == "A. Roche journal, B. Diop plan task:1");
  CHECK(who(f.presence.list("other")) == "B. Diop story");
  CHECK(f.presence.list("none").empty());
}

TEST_CASE("two tabs of a person at one place are one line, until both are closed") {
  Fixture f;
  CHECK(f.presence.here("i", "s1", "p1", {"B. Diop", "plan", "", {}}));
  f.time.value += 5;
  CHECK_FALSE(f.presence.here("i", "s1", "p2", {"B. Diop", "plan", "", {}}));
  CHECK(f.presence.list("i").size() == 1);
  CHECK_FALSE(f.presence.gone("i", "s1", "p2"));
  CHECK(f.presence.gone("i", "s1", "p1"));
  CHECK_FALSE(f.presence.gone("i", "s1", "p1"));
  CHECK(f.presence.list("i").empty());
}

TEST_CASE("a page that no longer says that it is there is forgotten; another session cannot close it") {
  Fixture f;
  f.presence.here("i", "s1", "p1", {"B. Diop", "plan", "", {}});
  CHECK_FALSE(f.presence.gone("i", "s2", "p1"));
  f.time.value += Presence::life - 1;
  CHECK(f.presence.list("i").size() == 1);
  f.presence.here("i", "s2", "p1", {"A. Roche", "plan", "", {}});
  f.time.value += 1;
  CHECK(who(f.presence.list("i")) == "A. Roche plan");
}

TEST_CASE("a login session that ends takes all its pages along") {
  Fixture f;
  f.presence.here("i", "s1", "p1", {"B. Diop", "plan", "", {}});
  f.presence.here("j", "s1", "p2", {"B. Diop", "plan", "", {}});
  f.presence.here("k", "s2", "p1", {"A. Roche", "plan", "", {}});
  CHECK(f.presence.forget("s1") == std::vector<std::string>{"i", "j"});
  CHECK(f.presence.forget("s1").empty());
  CHECK(f.presence.list("i").empty());
  CHECK(f.presence.list("k").size() == 1);
}

TEST_CASE("pages beyond the bound are not shown, and room comes back") {
  Fixture f;
  for (std::size_t i = 0; i < Presence::max_pages; ++i)
    f.presence.here("i" + std::to_string(i), "s", "p", {"N" + std::to_string(i), "plan", "", {}});
  CHECK_FALSE(f.presence.here("j", "t", "p", {"A. Roche", "plan", "", {}}));
  f.presence.gone("i0", "s", "p");
  CHECK(f.presence.here("j", "t", "p", {"A. Roche", "plan", "", {}}));
}
