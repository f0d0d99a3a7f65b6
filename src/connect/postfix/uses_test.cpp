#include "connect/postfix/uses.hpp"

#include <doctest/doctest.h>

using namespace digue::connect::mta;

namespace {

// As digue-mail-host map-uses prints what postconf 3.7 says.
const std::string services = "smtp inet\n127.0.0.1:10025 inet\nsubmission inet\n";
const std::string sign_in = "smtpd_sasl_auth_enable = no\nsubmission/inet/smtpd_sasl_auth_enable = yes\n";
const std::string own_of_filter = "127.0.0.1:10025/inet/smtpd_sender_restrictions =\n";

bool users(const std::string& parameters) {
  return uses_of(services + sign_in + own_of_filter + parameters, "hash:/block", true).asked;
}
bool senders(const std::string& parameters) {
  return uses_of(services + sign_in + own_of_filter + parameters, "hash:/block", false).asked;
}

}  // namespace

TEST_CASE("postfix uses: a table of who signed in counts where each service that takes a sign-in asks it before letting through") {
  const std::string list = "smtpd_sender_restrictions = ";
  CHECK(users(list + "check_sasl_access hash:/block, permit_sasl_authenticated\n"));
  CHECK(users(list + "reject_unknown_sender_domain,check_sender_access hash:/o,CHECK_SASL_ACCESS\thash:/block\n"));
  CHECK(users("smtpd_relay_restrictions = check_sasl_access hash:/block, permit_sasl_authenticated, reject\n"));
  CHECK_FALSE(users(list + "permit_sasl_authenticated, check_sasl_access hash:/block\n"));
  CHECK_FALSE(users(list + "permit_mynetworks, check_sasl_access hash:/block\n"));
  CHECK_FALSE(users(list + "permit check_sasl_access hash:/block\n"));
  CHECK_FALSE(users(list + "warn_if_reject check_sasl_access hash:/block\n"));
  CHECK_FALSE(users(list + "check_sender_access hash:/block\n"));
  CHECK_FALSE(users(list + "check_sasl_access hash:/other\n"));
  CHECK_FALSE(users(list + "check_sasl_access hash:/block2\n"));
  CHECK_FALSE(users("mua_restrictions = check_sasl_access hash:/block\n"));
  CHECK_FALSE(users("alias_maps = hash:/block\n"));
  // Its own list stands in the place of main.cf's.
  CHECK_FALSE(users(list + "check_sasl_access hash:/block\nsubmission/inet/" + list + "\n"));
  CHECK(users(list + "\nsubmission/inet/" + list + "check_sasl_access hash:/block permit\n"));
  // A second service that takes a sign-in, and does not ask.
  CHECK_FALSE(users(list + "check_sasl_access hash:/block\n127.0.0.1:10025/inet/smtpd_sasl_auth_enable = yes\n"));
  // The way back from a filter inherits sign-in from main.cf; whoever reaches it is inside.
  CHECK(uses_of(services + "smtpd_sasl_auth_enable = yes\n" + own_of_filter + list + "check_sasl_access hash:/block\n", "hash:/block", true)
            .asked);
  // Debian's own submission service: asked at RCPT TO, unless smtpd does not wait for it.
  const std::string clients =
      "submission/inet/smtpd_client_restrictions = check_sasl_access hash:/block, permit_sasl_authenticated, reject\n";
  CHECK(users("smtpd_delay_reject = yes\n" + clients));
  CHECK_FALSE(users("smtpd_delay_reject = no\n" + clients));
  // Nobody signs in: nobody is asked for.
  CHECK_FALSE(uses_of(services + list + "check_sasl_access hash:/block\n", "hash:/block", true).asked);
  CHECK_FALSE(uses_of("", "hash:/block", true).asked);
  const auto told = uses_of(services + sign_in + list + "check_sasl_access hash:/block\n", "hash:/block", true).told;
  CHECK(told == "submission/inet: smtpd_sender_restrictions = check_sasl_access hash:/block\n");
}

TEST_CASE("postfix uses: a table of senders is asked by one service, whose own networks may pass before") {
  const std::string list = "smtpd_sender_restrictions = ";
  CHECK(senders(list + "permit_mynetworks, check_sender_access hash:/block\n"));
  CHECK(senders("smtpd_recipient_restrictions = reject_unauth_destination, check_sender_access hash:/block, permit\n"));
  CHECK(senders(list + "permit_sasl_authenticated check_sender_access hash:/block\n"));
  CHECK_FALSE(senders(list + "permit_auth_destination, check_sender_access hash:/block\n"));
  CHECK_FALSE(senders(list + "permit, check_sender_access hash:/block\n"));
  CHECK_FALSE(senders(list + "check_sasl_access hash:/block\n"));
  CHECK_FALSE(senders(list + "check_recipient_access hash:/block\n"));
}
