#include <doctest/doctest.h>

#include "detect/detector.hpp"
#include "model/test_rows.hpp"
#include "story/story.hpp"

/// Detection and attribution together, on small synthetic accounts.
namespace digue {

using namespace test;

namespace {

struct Told {
  AccountStory story;
  std::vector<Finding> findings;

  Actor actor_from(const Rows& rows, const Where& where) const {
    for (std::size_t i = 0; i < rows.rows.size(); ++i)
      if (rows.rows[i].ip == parse_ip(where.ip)) return story.row_actors[i];
    return Actor::unknown;
  }
  const Indicator* indicator(std::string_view type) const {
    for (const Indicator& one : story.indicators)
      if (one.type == type) return &one;
    return nullptr;
  }
  const Exposure* exposure(std::string_view what, Exposure::Level level) const {
    for (const Exposure& one : story.exposure)
      if (one.what == what && one.level == level) return &one;
    return nullptr;
  }
};

Told tell(Rows& rows, std::vector<story::HostileSource> hostile = {}) {
  rows.sort();
  rows.sessions = story::build_sessions("marie.durand@ch-exemple.fr", rows.rows);
  const AccountView view{"marie.durand@ch-exemple.fr", rows.rows, rows.sessions, &rows.world};
  Told told;
  told.findings = detect::detect(view);
  told.story = story::tell(view, told.findings, hostile);
  return told;
}

Details hiding(std::string session) {
  return {{Field::session, std::move(session)},
          {Field::rule_name, "."},
          {Field::rule_condition, "virement"},
          {Field::rule_action, "delete,mark_read"}};
}

story::HostileSource sprayer(const Where& where) {
  return {*parse_ip(where.ip), 0.9, {"reason.hostile_source", {where.ip}}};
}

SourceFacts facts_of(const Where& where, std::uint32_t entered, std::uint32_t refused, bool sprayed) {
  SourceFacts facts;
  facts.ip = *parse_ip(where.ip);
  facts.accounts_succeeded = entered;
  facts.accounts_failed = refused;
  facts.sprayed = sprayed;
  return facts;
}

}  // namespace

TEST_CASE("story: a new country and a rule that hides: compromised, with the time of the first access and the user left in peace") {
  Rows rows;
  rows.live(0, 8);
  rows.sign_in(at(8, 3), lagos, "evil");
  rows.add(at(8, 3, 6), Activity::rule_create, lagos, hiding("evil"));
  rows.live(8, 2);
  const Told told = tell(rows);
  CHECK(told.story.account.verdict == Verdict::compromised);
  CHECK(told.story.account.confidence >= 0.8);
  CHECK(told.story.account.first_access == at(8, 3));
  CHECK(told.story.account.vector == "unknown");
  CHECK_FALSE(told.story.account.reasons.empty());
  CHECK(told.actor_from(rows, lagos) == Actor::attacker);
  CHECK(told.actor_from(rows, hospital) == Actor::user);
  CHECK(told.actor_from(rows, phone) == Actor::user);
  REQUIRE(told.indicator("ip") != nullptr);
  CHECK(told.indicator("ip")->value == lagos.ip);
  CHECK(told.indicator("rule") != nullptr);
  for (const Finding& finding : told.findings)
    if (finding.rule == "inbox_rule") CHECK(finding.confidence > 0.85);
}

TEST_CASE("story: one weak sign never accuses: new country, new telephone, script, mailing, each alone") {
  const auto verdict_of = [](auto&& add) {
    Rows rows;
    rows.live(0, 8);
    add(rows);
    return tell(rows).story.account.verdict;
  };
  CHECK(verdict_of([](Rows& rows) { rows.sign_in(at(8, 3), lagos); }) == Verdict::clear);
  CHECK(verdict_of([](Rows& rows) {
          Where other = phone;
          other.device = "Chrome on Android";
          rows.sign_in(at(8, 19), other);
          rows.add(at(8, 19, 5), Activity::mfa_add, other);
        }) == Verdict::clear);
  CHECK(verdict_of([](Rows& rows) {
          std::string everyone;
          for (int k = 0; k < 400; ++k) everyone += (k ? ";agent" : "agent") + std::to_string(k) + "@ch-exemple.fr";
          rows.add(at(8, 9), Activity::mail_send, hospital, {{Field::recipients, everyone}});
        }) == Verdict::clear);
  CHECK(verdict_of([](Rows& rows) {
          for (int k = 0; k < 6; ++k) rows.wrong_password(at(8, 7, 0, 10 * k), hospital);
          rows.sign_in(at(8, 7, 5), hospital);
        }) == Verdict::clear);
  CHECK(verdict_of([](Rows& rows) { rows.add(at(8, 9), Activity::rule_create, hospital, hiding("office")); }) == Verdict::clear);
}

TEST_CASE("story: a filter that begins to send mail outside is laid to the unusual place in use before it, not to a later journey") {
  const auto with_filter = [](int filter_day, bool mail_before, const Where& where, bool filters) {
    Rows rows;
    rows.live(0, 10);
    const Details out{{Field::rule_action, "redirect"}, {Field::forward_to, "collecte@evil.example"}};
    for (int day = mail_before ? 0 : filter_day; day < 10; ++day) {
      rows.add(at(day, 8, 30), Activity::mail_receive, nowhere);
      if (day >= filter_day) rows.add(at(day, 8, 30, 1), Activity::rule_effect, nowhere, out);
    }
    Where client = where;
    client.device = filters ? "managesieve" : "imap";
    rows.add(at(8, 3), Activity::sign_in, client, {{Field::client, client.device}});
    return tell(rows).story.account.verdict;
  };
  CHECK(with_filter(9, true, lagos, true) == Verdict::compromised);
  CHECK(with_filter(9, true, lagos, false) == Verdict::compromised);
  CHECK(with_filter(9, false, lagos, true) != Verdict::compromised);  // as old as the log, as far as one can tell
  CHECK(with_filter(2, true, lagos, true) == Verdict::clear);
  CHECK(with_filter(9, true, hospital, true) == Verdict::clear);
}

TEST_CASE("story: travel with one's own computer, several days, accuses nobody") {
  Rows rows;
  rows.live(0, 5);
  for (int day = 5; day < 9; ++day) {
    rows.sign_in(at(day, 8), lisbon, "trip" + std::to_string(day));
    rows.add(at(day, 9), Activity::mail_send, lisbon, {{Field::recipients, "paul@ch-exemple.fr"}});
  }
  rows.live(9, 3);
  const Told told = tell(rows);
  CHECK(told.story.account.verdict == Verdict::clear);
  CHECK(told.actor_from(rows, lisbon) != Actor::attacker);
}

TEST_CASE("story: night shifts accuse nobody") {
  Rows rows;
  for (int day = 0; day < 12; ++day) rows.sign_in(at(day, day < 6 ? 8 : 23), hospital, "s" + std::to_string(day));
  CHECK(tell(rows).story.account.verdict == Verdict::clear);
}

TEST_CASE("story: a lone record without history gives a finding, and doubt at most") {
  for (const Details& details :
       {hiding("x"), Details{{Field::rule_name, "a"}, {Field::rule_action, "forward"}, {Field::forward_to, "x@dehors.example"}}}) {
    Rows rows;
    rows.add(at(0), Activity::rule_create, lagos, details);
    const Told told = tell(rows);
    CHECK(told.findings.size() == 1);
    CHECK(told.story.account.verdict != Verdict::compromised);
    CHECK(told.story.account.confidence <= 0.8);
  }
}

TEST_CASE("story: an access from a source that sprayed is the intruder's, and the vector is known") {
  Rows rows;
  rows.live(0, 8);
  rows.sign_in(at(8, 3), lagos, "evil");
  rows.world.sources = {facts_of(lagos, 1, 20, true)};
  const Told told = tell(rows, {sprayer(lagos)});
  CHECK(told.story.account.verdict == Verdict::compromised);
  CHECK(told.story.account.vector == "password_spray");
}

TEST_CASE("story: refused attempts alone: targeted; whose they are depends on whether their source got in somewhere") {
  Rows rows;
  rows.live(0, 8);
  rows.wrong_password(at(8, 3), lagos);
  rows.world.sources = {facts_of(lagos, 0, 20, true)};
  const Told guessing = tell(rows, {sprayer(lagos)});
  CHECK(guessing.story.account.verdict == Verdict::targeted);
  CHECK(guessing.actor_from(rows, lagos) == Actor::unknown);
  rows.world.sources = {facts_of(lagos, 1, 20, true)};
  const Told intruder = tell(rows, {sprayer(lagos)});
  CHECK(intruder.story.account.verdict == Verdict::targeted);
  CHECK(intruder.actor_from(rows, lagos) == Actor::attacker);
  for (const Told* told : {&guessing, &intruder}) {
    std::size_t hostile = 0;
    for (std::size_t i = 0; i < rows.rows.size(); ++i) hostile += told->story.row_hostile[i];
    CHECK(hostile == 1);
    CHECK_FALSE(told->story.account.first_access);
  }
}

TEST_CASE("story: background guessing against one account makes it targeted by nobody known; mistyping makes nothing") {
  Rows guessed;
  guessed.live(0, 8);
  for (int k = 0; k < 30; ++k) {
    Where where = lagos;
    where.ip = "203.0.113." + std::to_string(10 + k);
    guessed.wrong_password(at(8, 2, k), where);
  }
  const Told told = tell(guessed);
  CHECK(told.story.account.verdict == Verdict::targeted);
  CHECK(told.story.indicators.empty());
  Rows mistyped;
  mistyped.live(0, 8);
  mistyped.wrong_password(at(8, 6), phone);
  CHECK(tell(mistyped).story.account.verdict == Verdict::clear);
}

TEST_CASE("story: another account's attacker came from the same address") {
  Rows rows;
  rows.live(0, 8);
  rows.sign_in(at(8, 3), lagos, "evil");
  const Told told = tell(rows, {{*parse_ip(lagos.ip), 0.85, {"reason.other_account", {"paul.martin@ch-exemple.fr"}}}});
  CHECK(told.story.account.verdict == Verdict::compromised);
  CHECK(told.story.account.reasons.front() == Text{"reason.other_account", {"paul.martin@ch-exemple.fr"}});
}

TEST_CASE("story: a hostile address that is the establishment's own, or shared, is not held against it") {
  Rows rows;
  rows.live(0, 8);
  const Told told = tell(rows, {sprayer(hospital)});
  CHECK(told.story.account.verdict == Verdict::clear);
  Rows shared;
  Where exit = hospital;
  exit.own_range = false;
  for (int day = 0; day < 8; ++day) shared.sign_in(at(day, 8), exit);
  shared.world.sources = {facts_of(exit, 40, 12, false)};
  shared.world.sources.front().shared = true;
  CHECK(tell(shared, {sprayer(exit)}).story.account.verdict == Verdict::clear);
}

TEST_CASE("story: guessing, then success") {
  Rows rows;
  rows.live(0, 8);
  for (int k = 0; k < 12; ++k) rows.wrong_password(at(8, 2, k), lagos);
  rows.sign_in(at(8, 2, 20), lagos, "evil");
  const Told told = tell(rows);
  CHECK(told.story.account.verdict == Verdict::compromised);
  CHECK(told.story.account.vector == "password_guessing");
  CHECK(told.story.account.first_access == at(8, 2, 20));
  for (std::size_t i = 0; i < rows.rows.size(); ++i)
    if (rows.rows[i].outcome == Outcome::failure) CHECK(told.story.row_actors[i] == Actor::attacker);
}

TEST_CASE("story: second-factor fatigue is the vector") {
  Rows rows;
  rows.live(0, 8);
  for (int k = 0; k < 9; ++k) rows.wrong_password(at(8, 22, k), lagos, "500121");
  rows.sign_in(at(8, 22, 12), lagos, "evil");
  const Told told = tell(rows);
  CHECK(told.story.account.verdict == Verdict::compromised);
  CHECK(told.story.account.vector == "mfa_fatigue");
}

TEST_CASE("story: a session used from home and from elsewhere: only the unusual rows are the intruder's") {
  Rows rows;
  rows.live(0, 8);
  for (int day = 0; day < 8; ++day) rows.sign_in(at(day, 20), home, "evening" + std::to_string(day));
  rows.sign_in(at(8, 20), home, "stolen");
  rows.add(at(8, 20, 9), Activity::mail_read, lagos, {{Field::session, "stolen"}, {Field::count, "7"}});
  rows.add(at(8, 20, 30), Activity::mail_read, home, {{Field::session, "stolen"}, {Field::count, "2"}});
  rows.sign_in(at(9, 20), home, "after");
  const Told told = tell(rows);
  CHECK(told.story.account.verdict == Verdict::compromised);
  CHECK(told.story.account.vector == "token_theft");
  CHECK(told.actor_from(rows, home) == Actor::user);
  CHECK(told.actor_from(rows, lagos) == Actor::attacker);
  const auto* read = told.exposure("messages_read", Exposure::Level::certain);
  REQUIRE(read != nullptr);
  CHECK(read->count == 7);
}

TEST_CASE("story: impossible travel accuses the unusual place") {
  Rows rows;
  rows.live(0, 8);
  for (int day = 0; day < 8; ++day) rows.sign_in(at(day, 20), home);
  rows.sign_in(at(8, 20), home);
  rows.sign_in(at(8, 20, 40), lagos);
  const Told told = tell(rows);
  CHECK(told.actor_from(rows, lagos) == Actor::attacker);
  CHECK(told.actor_from(rows, home) != Actor::attacker);
}

TEST_CASE("story: a lone access from far away between two evenings at home is doubted, not called the intruder's") {
  Rows rows;
  rows.live(0, 8);
  rows.sign_in(at(7, 19), phone);
  rows.sign_in(at(8, 1), lagos);
  rows.sign_in(at(8, 7, 30), hospital);
  const Told told = tell(rows);
  CHECK(told.story.account.verdict == Verdict::suspected);
  CHECK(told.actor_from(rows, lagos) == Actor::unknown);
}

TEST_CASE("story: an attack on the first day is told apart by the days that follow it") {
  Rows rows;
  rows.sign_in(at(0, 3), lagos, "evil");
  rows.add(at(0, 3, 6), Activity::rule_create, lagos, hiding("evil"));
  rows.live(0, 10);
  const Told told = tell(rows);
  CHECK(told.story.account.verdict == Verdict::compromised);
  CHECK(told.actor_from(rows, lagos) == Actor::attacker);
  CHECK(told.actor_from(rows, hospital) == Actor::user);
}

TEST_CASE("story: an administrator's evening of work, in a log too short to know the habits, is no attack") {
  Rows rows;
  rows.sign_in(at(0, 18), home, "admin");
  rows.add(at(0, 18, 5), Activity::role_add, home,
           {{Field::session, "admin"}, {Field::role, "Exchange Administrator"}, {Field::target, "b@ch-exemple.fr"}});
  rows.add(at(0, 18, 9), Activity::delegation_add, home,
           {{Field::session, "admin"}, {Field::access_rights, "FullAccess"}, {Field::trustee, "b@ch-exemple.fr"}});
  rows.add(at(0, 18, 12), Activity::mfa_disable, home, {{Field::session, "admin"}, {Field::target, "c@ch-exemple.fr"}});
  rows.add(at(0, 18, 15), Activity::protocol_enable, home, {{Field::session, "admin"}, {Field::property, "ImapEnabled"}});
  rows.add(at(0, 18, 20), Activity::account_create, home, {{Field::session, "admin"}, {Field::target, "d@ch-exemple.fr"}});
  const Told told = tell(rows);
  CHECK(told.findings.size() == 5);
  CHECK(told.story.account.verdict != Verdict::compromised);
}

TEST_CASE("story: a directory record without address is the intruder's when done right after the doubtful access") {
  Rows rows;
  rows.live(0, 8);
  rows.sign_in(at(8, 3), lagos, "evil");
  auto& added = rows.add(at(8, 3, 9), Activity::mfa_add, nowhere, {{Field::mfa_detail, "authenticator"}});
  const Id128 id = added.id;
  const Told told = tell(rows);
  CHECK(told.story.account.verdict == Verdict::compromised);
  for (std::size_t i = 0; i < rows.rows.size(); ++i)
    if (rows.rows[i].id == id) CHECK(told.story.row_actors[i] == Actor::attacker);
  for (const StorySession& session : told.story.sessions)
    if (session.session.ips.empty()) CHECK(session.session.reasons.front().key == "reason.among_attacker");
}

TEST_CASE("story: the same directory record in the middle of the user's day is the user's") {
  Rows rows;
  rows.live(0, 9);
  auto& added = rows.add(at(8, 8, 9), Activity::mfa_add, nowhere);
  const Id128 id = added.id;
  const Told told = tell(rows);
  CHECK(told.story.account.verdict == Verdict::clear);
  for (std::size_t i = 0; i < rows.rows.size(); ++i)
    if (rows.rows[i].id == id) CHECK(told.story.row_actors[i] != Actor::attacker);
}

TEST_CASE("story: an intruder who comes back from the same address, or fails from it later, is recognised") {
  Rows rows;
  rows.live(0, 8);
  rows.sign_in(at(8, 3), lagos, "evil");
  rows.add(at(8, 3, 6), Activity::rule_create, lagos, hiding("evil"));
  Where near = lagos;
  near.ip = "203.0.113.99";
  near.device = "Firefox on Linux";
  rows.sign_in(at(10, 4), near, "again");
  rows.wrong_password(at(11, 4), lagos);
  const Told told = tell(rows);
  CHECK(told.actor_from(rows, near) == Actor::attacker);
  for (std::size_t i = 0; i < rows.rows.size(); ++i)
    if (rows.rows[i].outcome == Outcome::failure) CHECK(told.story.row_actors[i] == Actor::attacker);
}

TEST_CASE("story: reach of mail, inside and outside, and of a planted forwarding") {
  Rows rows;
  rows.live(0, 8);
  rows.sign_in(at(8, 3), lagos, "evil");
  rows.add(at(8, 3, 4), Activity::forwarding_set, lagos, {{Field::session, "evil"}, {Field::forward_to, "copie@boite-rapide.example"}});
  for (int k = 0; k < 2; ++k)
    rows.add(at(8, 3, 6 + k), Activity::mail_send, lagos,
             {{Field::session, "evil"},
              {Field::recipients, "compta@fournisseur.example;paul@ch-exemple.fr"},
              {Field::message_id, "<m" + std::to_string(k) + "@x>"}});
  rows.add(at(8, 9), Activity::mail_receive, nowhere);
  rows.add(at(8, 10), Activity::mail_receive, nowhere);
  const Told told = tell(rows);
  REQUIRE(told.story.account.verdict == Verdict::compromised);
  const auto reach = [&](std::string_view address) -> const Reach* {
    for (const Reach& one : told.story.reach)
      if (one.address == address) return &one;
    return nullptr;
  };
  REQUIRE(reach("compta@fournisseur.example") != nullptr);
  CHECK(reach("compta@fournisseur.example")->internal == false);
  CHECK(reach("compta@fournisseur.example")->messages == 2);
  CHECK(reach("paul@ch-exemple.fr")->internal == true);
  CHECK(reach("copie@boite-rapide.example")->how == "forward");
  CHECK(told.exposure("messages_sent", Exposure::Level::certain)->count == 2);
  CHECK(told.exposure("messages_forwarded", Exposure::Level::possible)->count == 2);
  CHECK(told.indicator("sender")->value == "copie@boite-rapide.example");
  CHECK(told.indicator("domain")->value == "boite-rapide.example");
  CHECK(told.indicator("message-id") != nullptr);
}

TEST_CASE("story: a filter that passes mail on since the first access is told, one from before is not") {
  Rows rows;
  rows.live(0, 8);
  for (int day = 0; day < 8; ++day)
    rows.add(at(day, 12), Activity::rule_effect, nowhere, {{Field::forward_to, "cabinet@medecine.example"}});
  rows.sign_in(at(8, 3), lagos, "evil");
  rows.add(at(8, 3, 6), Activity::rule_create, lagos, hiding("evil"));
  rows.add(at(8, 12), Activity::rule_effect, nowhere, {{Field::forward_to, "cabinet@medecine.example"}});
  for (int k = 0; k < 6; ++k) rows.add(at(8, 13, k), Activity::rule_effect, nowhere, {{Field::forward_to, "archive@boite-rapide.example"}});
  const Told told = tell(rows);
  REQUIRE(told.story.reach.size() == 1);
  CHECK(told.story.reach[0].address == "archive@boite-rapide.example");
  CHECK(told.exposure("messages_forwarded", Exposure::Level::certain)->count == 6);
}

TEST_CASE("story: what cannot be known is said: no source records reads, or it stopped recording") {
  Rows silent;
  silent.live(0, 8);
  std::erase_if(silent.rows, [](const Row& row) { return row.activity == Activity::mail_read; });
  silent.sign_in(at(8, 3), lagos, "evil");
  silent.add(at(8, 3, 6), Activity::rule_create, lagos, hiding("evil"));
  CHECK(tell(silent).exposure("messages_read", Exposure::Level::unknowable)->why.key == "exposure.reads_not_recorded");
  Rows throttled;
  throttled.live(0, 8);
  throttled.sign_in(at(8, 3), lagos, "evil");
  throttled.add(at(8, 3, 5), Activity::mail_read, lagos, {{Field::session, "evil"}, {Field::throttled, "true"}});
  throttled.add(at(8, 3, 6), Activity::rule_create, lagos, hiding("evil"));
  CHECK(tell(throttled).exposure("messages_read", Exposure::Level::unknowable)->why.key == "exposure.throttled");
  Rows synced;
  synced.live(0, 8);
  synced.sign_in(at(8, 3), lagos, "evil");
  synced.add(at(8, 3, 5), Activity::mail_sync, lagos, {{Field::session, "evil"}, {Field::folder, "\\Boîte de réception"}});
  synced.add(at(8, 3, 6), Activity::rule_create, lagos, hiding("evil"));
  const Told told = tell(synced);
  CHECK(told.exposure("folders_synchronised", Exposure::Level::possible)->count == 1);
  CHECK(told.exposure("messages_read", Exposure::Level::unknowable) == nullptr);
}

TEST_CASE("story: pins outweigh what was computed") {
  const auto attack = [] {
    Rows rows;
    rows.live(0, 8);
    rows.sign_in(at(8, 3), lagos, "evil");
    rows.add(at(8, 3, 6), Activity::rule_create, lagos, hiding("evil"));
    return rows;
  };
  Rows good = attack();
  good.world.profile = &good.profile;
  good.profile.pins = {{Pin::Kind::ip, lagos.ip, Pin::As::known_good, "VPN de la télémaintenance"}};
  const Told cleared = tell(good);
  CHECK(cleared.story.account.verdict == Verdict::clear);
  CHECK(cleared.actor_from(good, lagos) == Actor::user);
  CHECK(cleared.indicator("ip") == nullptr);
  Rows bad;
  bad.live(0, 8);
  bad.profile.pins = {{Pin::Kind::ip, "198.51.100.0/24", Pin::As::attacker, "adresse vue au pare-feu"}};
  const Told accused = tell(bad);
  CHECK(accused.story.account.verdict == Verdict::compromised);
  CHECK(accused.actor_from(bad, phone) == Actor::attacker);
  CHECK(accused.actor_from(bad, hospital) == Actor::user);
  Rows session = attack();
  session.world.profile = &session.profile;
  const std::string id = to_hex(tell(session).story.sessions.front().session.id, 8);
  session.profile.pins = {{Pin::Kind::ip, "0.0.0.0/0", Pin::As::attacker, "tout"},
                          {Pin::Kind::session, id, Pin::As::user, "vue avec l'agent"}};
  CHECK(tell(session).story.sessions.front().session.actor == Actor::user);
}

TEST_CASE("story: a legitimate application consented in the usual place is no matter; a risky one used from elsewhere is") {
  Rows rows;
  rows.live(0, 8);
  rows.add(at(8, 9), Activity::consent, nowhere, {{Field::app_id, "4be1"}, {Field::scopes, "offline_access Mail.Read"}});
  rows.live(8, 1);
  rows.add(at(8, 22), Activity::mail_read, {lagos.ip, "NG", lagos.network, "", false}, {{Field::app_id, "4be1"}, {Field::count, "40"}});
  const Told told = tell(rows);
  CHECK(told.actor_from(rows, lagos) == Actor::attacker);
  CHECK(told.story.account.vector == "consent");
}

TEST_CASE("story: a whole small hospital without an attack accuses nobody") {
  for (int person = 0; person < 60; ++person) {
    Rows rows;
    const auto seed = static_cast<std::uint32_t>(person) * 2654435761U;
    Where house = home, mobile = phone;
    house.ip = "198.51.100." + std::to_string(10 + person);
    mobile.ip = "2001:db8:4000:" + std::to_string(person) + "::1";
    const bool night = person % 5 == 0, travels = person % 13 == 2, phone_changes = person % 11 == 3, mistypes = person % 4 == 1;
    for (int day = 0; day < 14; ++day) {
      const bool away = travels && day >= 5 && day < 8;
      const Where& office = away ? lisbon : person % 3 == 1 && day % 3 == 0 ? house : hospital;
      const int hour = night ? 20 + day % 3 : 7 + static_cast<int>((seed >> day) % 3);
      const std::string session = "s" + std::to_string(day);
      if (mistypes && day % 5 == 2)
        for (int k = 0; k < 1 + person % 4; ++k) rows.wrong_password(at(day, hour, 0, k), office);
      rows.sign_in(at(day, hour, 1), office, session);
      rows.add(at(day, hour, 20), Activity::mail_read, office, {{Field::session, session}, {Field::count, "4"}});
      rows.add(at(day, hour, 40), Activity::mail_send, office, {{Field::session, session}, {Field::recipients, "paul@ch-exemple.fr"}});
      if (day % 3 == 1) {
        Where used = mobile;
        if (phone_changes && day > 8) used.device = "Chrome on Android";
        rows.sign_in(at(day, 18, 30), used, "m" + std::to_string(day));
      }
      if (phone_changes && day == 8) rows.add(at(day, hour, 45), Activity::mfa_add, nowhere);
      if (person % 17 == 4 && day == 6)
        rows.add(at(day, hour, 30), Activity::rule_create, office,
                 {{Field::session, session}, {Field::rule_name, "Lettres"}, {Field::rule_action, "move"}, {Field::dest_folder, "À lire"}});
    }
    rows.world.accounts = 60;
    rows.world.countries = {{"FR", 60}, {"PT", 5}};
    const Told told = tell(rows);
    CHECK_MESSAGE(told.story.account.verdict == Verdict::clear, person);
  }
}

TEST_CASE("story: telling does not depend on where the records stand") {
  Rows a, b;
  for (Rows* rows : {&a, &b}) {
    rows->live(0, 8);
    rows->sign_in(at(8, 3), lagos, "evil");
    rows->add(at(8, 3, 6), Activity::rule_create, lagos, hiding("evil"));
  }
  std::reverse(b.rows.begin(), b.rows.end());
  for (Row& row : b.rows) row.place = {5, 9, 1'000'000 - row.place.offset};
  const Told first = tell(a), second = tell(b);
  CHECK(first.story.account.reasons == second.story.account.reasons);
  CHECK(first.story.account.confidence == second.story.account.confidence);
  CHECK(first.story.row_actors == second.story.row_actors);
}

}  // namespace digue
