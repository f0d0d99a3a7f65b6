#include "people/roles.hpp"

#include <doctest/doctest.h>

#include <map>
#include <set>
#include <string>

using namespace digue::people;

// What each role may do, told by role: the program's table is told by right.
TEST_CASE("the whole matrix of roles and rights") {
  using enum Right;
  const std::map<Role, std::set<Right>> held{
      {Role::pilot,
       {none, read_situation, read_mail, read_journal, read_declarations, write_journal, work, contain, qualify, pin, add_evidence, declare,
        export_evidence, retain, manage_team, edit_directory}},
      {Role::responder,
       {none, read_situation, read_mail, read_journal, read_declarations, write_journal, work, contain, qualify, pin, add_evidence,
        edit_directory}},
      {Role::reader, {none, read_situation, read_mail, read_journal, read_declarations}},
      {Role::dpo, {none, read_situation, read_journal, read_declarations, write_journal, declare, retain, destroy, edit_directory}},
      {Role::direction, {none, read_situation, read_declarations}},
  };
  const std::set<Right> administrator{none, retain, destroy, manage_team, edit_directory, administrate};
  CHECK(right_table().size() == static_cast<std::size_t>(administrate) + 1);
  for (const auto& row : right_table()) {
    CAPTURE(row.name);
    CHECK(name(row.right) == row.name);
    for (const auto& [role, rights] : held) {
      CAPTURE(role_names()[static_cast<std::size_t>(role)]);
      CHECK(gives(bit(role), false, row.right) == rights.contains(row.right));
      CHECK(gives(bit(role), true, row.right) == (rights.contains(row.right) || administrator.contains(row.right)));
    }
    CHECK(gives(0, false, row.right) == (row.right == none));
    CHECK(gives(0, true, row.right) == administrator.contains(row.right));
  }
}

TEST_CASE("several roles give what each of them gives") {
  const std::uint8_t both = bit(Role::dpo) | bit(Role::responder);
  CHECK(gives(both, false, Right::declare));
  CHECK(gives(both, false, Right::work));
  CHECK_FALSE(gives(both, false, Right::manage_team));
}

TEST_CASE("roles have names") {
  for (std::size_t i = 0; i < role_names().size(); ++i) CHECK(role_named(role_names()[i]) == static_cast<Role>(i));
  CHECK_FALSE(role_named("administrator"));
  CHECK_FALSE(role_named(""));
}
