#include "incident/custody.hpp"

#include <doctest/doctest.h>

using namespace digue;
using namespace digue::incident;

TEST_CASE("acquisition: what a record must state is told when it is missing") {
  Acquisition record{"A. Roche", UtcMicros{1'000'000}, "srv-mail-01", "", "export", "doveadm", "2.3", "user=c.moreau", ""};
  CHECK(missing_fields(record) == std::vector<std::string>{"authority"});
  CHECK(missing_fields({}) == std::vector<std::string>{"who", "source", "authority", "method", "tool"});
  record.authority = "RSSI";
  CHECK(missing_fields(record).empty());
  const auto again = read_acquisition(acquisition_text(record)).value();
  CHECK(acquisition_text(again) == acquisition_text(record));
  CHECK(again.at == record.at);
  CHECK_FALSE(read_acquisition("{}"));
}

TEST_CASE("custody: every member of an event and the event before it count in its hash") {
  const CustodyEvent event{"x1", UtcMicros{5}, "A. Roche", "viewed", "détail", "motif", "B. Diop", "aa", 3, {}};
  const auto hash = custody_hash("i", event, "before");
  CHECK(hash.size() == 64);
  CHECK(custody_hash("i", event, "other") != hash);
  CHECK(custody_hash("j", event, "before") != hash);
  for (auto member : {&CustodyEvent::exhibit, &CustodyEvent::who, &CustodyEvent::what, &CustodyEvent::detail, &CustodyEvent::purpose,
                      &CustodyEvent::recipient, &CustodyEvent::digest}) {
    auto other = event;
    (other.*member) += "x";
    CHECK(custody_hash("i", other, "before") != hash);
  }
  auto later = event;
  later.at.value += 1;
  CHECK(custody_hash("i", later, "before") != hash);
  // Computed with Python: hashlib over json.dumps(sort_keys, separators, ensure_ascii=False).
  CHECK(hash == "b48a87404fdbb324ca681ea246304e0cafcbe16261bac184f0897380ec1cc3f3");
}

TEST_CASE("what holds mails is told from logs") {
  CHECK(holds_mail("export/boite.PST", ""));
  CHECK(holds_mail("message", "Return-Path: <x@ch-exemple.fr>\r\n"));
  CHECK(holds_mail("boite", "From x@ch-exemple.fr Mon Mar  9 20:00:00 2026\n"));
  for (const char* name : {"Maildir/cur/1741.M1P2.srv:2,S", "Maildir/cur/1741.M1P2.srv:2,RS", "cur/1741.srv:2,", "Maildir/new/1741.srv"})
    CHECK(holds_mail(name, ""));
  CHECK_FALSE(holds_mail("Maildir/cur/index.log", ""));
  CHECK(is_archive(std::string(257, '\0') + "ustar"));
  CHECK(is_archive("PK\x03\x04"));
  CHECK_FALSE(is_archive("Mar  9 20:00:00 mx1"));
  CHECK(holds_mail("x", "!BDN\x01"));
  CHECK_FALSE(holds_mail("mail.log", "Mar  9 20:00:00 mx1 postfix/smtpd[1]: connect from x@y"));
  CHECK_FALSE(holds_mail("ual.csv", "RecordType,CreationDate,UserIds\n"));
}
