#include "formats/entra/error_codes.hpp"

#include "formats/microsoft365/key_table.hpp"

namespace digue::formats::entra {

namespace {

// Microsoft's reference of AADSTS codes: those where the first factor was right or not asked: the person is asked for a next step.
constexpr auto interruptions = key_table<bool>({
    {"16000", true},   // choose an account
    {"16001", true},   // account selection invalid
    {"16003", true},   // user not in the tenant, to be added
    {"50055", true},   // password expired
    {"50058", true},   // silent sign-in without session
    {"50072", true},   // second factor to be registered
    {"50074", true},   // second factor asked
    {"50076", true},   // second factor asked by policy
    {"50079", true},   // second factor to be registered by policy
    {"50097", true},   // device authentication asked
    {"50125", true},   // password reset or registration asked
    {"50127", true},   // broker application to be installed
    {"50129", true},   // workplace join asked
    {"50140", true},   // "stay signed in?"
    {"50144", true},   // password of the local directory expired
    {"50158", true},   // external challenge
    {"50199", true},   // application to be confirmed
    {"50203", true},   // authenticator registration offered
    {"51006", true},   // integrated Windows authentication asked
    {"65001", true},   // consent asked
    {"70043", true},   // session older than the policy allows
    {"70044", true},   // session ended by the policy
    {"81010", true},   // seamless sign-on without ticket
    {"81012", true},   // seamless sign-on for another user
    {"50078", true},   // second factor too old
    {"50089", true},   // sign-in page left open too long
    {"50133", true},   // session ended by a change of password: no credential was tried
    {"50173", true},   // the same for a refresh token
    {"70008", true},   // refresh token ran out
    {"700082", true},  // refresh token ran out, unused
    {"90072", true},   // account of another tenant, to be chosen again
});

}  // namespace

Outcome outcome_of_code(std::string_view code) {
  if (code == "0") return Outcome::success;
  return interruptions.find(code) != nullptr ? Outcome::interrupted : Outcome::failure;
}

}  // namespace digue::formats::entra
