#include "people/roles.hpp"

#include <algorithm>

namespace digue::people {

namespace {

constexpr std::uint8_t P = bit(Role::pilot);
constexpr std::uint8_t W = bit(Role::responder);
constexpr std::uint8_t R = bit(Role::reader);
constexpr std::uint8_t D = bit(Role::dpo);
constexpr std::uint8_t M = bit(Role::direction);
constexpr std::uint8_t everyone = P | W | R | D | M;

constexpr std::array<RightRow, 18> table{{
    {Right::none, "none", everyone, true},
    {Right::read_situation, "read_situation", everyone, false},
    {Right::read_mail, "read_mail", P | W | R, false},
    {Right::read_journal, "read_journal", P | W | R | D, false},
    {Right::read_declarations, "read_declarations", everyone, false},
    {Right::write_journal, "write_journal", P | W | D, false},
    {Right::work, "work", P | W, false},
    {Right::contain, "contain", P | W, false},
    {Right::qualify, "qualify", P | W, false},
    {Right::pin, "pin", P | W, false},
    {Right::add_evidence, "add_evidence", P | W, false},
    {Right::declare, "declare", P | D, false},
    {Right::export_evidence, "export_evidence", P, false},
    {Right::retain, "retain", P | D, true},
    {Right::destroy, "destroy", D, true},
    {Right::manage_team, "manage_team", P, true},
    {Right::edit_directory, "edit_directory", P | W | D, true},
    {Right::administrate, "administrate", 0, true},
}};

constexpr std::array<std::string_view, 5> roles{"pilot", "responder", "reader", "dpo", "direction"};

}  // namespace

std::span<const RightRow> right_table() {
  return table;
}

bool gives(std::uint8_t held, bool administrator, Right right) {
  if (right == Right::none) return true;
  const auto& row = table.at(static_cast<std::size_t>(right));
  return (row.roles & held) != 0 || (administrator && row.administrator);
}

std::span<const std::string_view> role_names() {
  return roles;
}

std::optional<Role> role_named(std::string_view name) {
  const auto at = std::find(roles.begin(), roles.end(), name);
  if (at == roles.end()) return std::nullopt;
  return static_cast<Role>(at - roles.begin());
}

std::string_view name(Right right) {
  return table.at(static_cast<std::size_t>(right)).name;
}

}  // namespace digue::people
