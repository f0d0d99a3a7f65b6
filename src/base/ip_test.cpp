#include "base/ip.hpp"

#include <doctest/doctest.h>

using namespace digue;

TEST_CASE("client address: the spellings that logs use") {
  const auto canonical = [](std::string_view text) -> std::string {
    const auto ip = parse_client_address(text);
    return ip ? to_text(*ip) : "none";
  };
  CHECK(canonical("10.11.12.13") == "10.11.12.13");
  CHECK(canonical("10.11.12.13:12345") == "10.11.12.13");
  CHECK(canonical("[10.11.12.13]:12345") == "10.11.12.13");
  CHECK(canonical("[10.11.12.13]") == "10.11.12.13");
  CHECK(canonical("::ffff:10.11.12.13") == "10.11.12.13");
  CHECK(canonical("[::ffff:10.11.12.13]:12345") == "10.11.12.13");
  CHECK(canonical("[2001:db8::abcd]:12345") == "2001:db8::abcd");
  CHECK(canonical("2001:DB8:0:0::abcd") == "2001:db8::abcd");
  CHECK(canonical("[2001:db8::abcd]") == "2001:db8::abcd");
  CHECK(canonical("fe80::1%3") == "fe80::1");
  CHECK(canonical("::1") == "::1");
  CHECK(canonical("192.168.1.1-12345") == "192.168.1.1");
  CHECK(canonical("1.2.3.4, 5.6.7.8") == "1.2.3.4");
  CHECK(canonical(" 1.2.3.4 ") == "1.2.3.4");
  for (const char* none :
       {"", "null", "-", "localhost:12345", "cool.client.local:12345", "AM0PR01MB", "1.2.3", "1.2.3.4.5", "[1.2.3.4", "999.1.1.1"})
    CHECK_MESSAGE(canonical(none) == "none", none);
}

TEST_CASE("an address does not end at a NUL byte") {
  CHECK_FALSE(parse_ip(std::string_view("192.0.2.1\0x", 11)));
  CHECK_FALSE(parse_client_address(std::string_view("2001:db8::1\0", 12)));
}

TEST_CASE("ranges and local addresses") {
  CHECK(parse_range("10.0.0.0/8")->contains(*parse_ip("10.200.1.1")));
  CHECK_FALSE(parse_range("10.0.0.0/8")->contains(*parse_ip("11.0.0.1")));
  CHECK(parse_range("2001:db8::/33")->contains(*parse_ip("2001:db8:7fff::1")));
  CHECK_FALSE(parse_range("2001:db8::/33")->contains(*parse_ip("2001:db8:8000::1")));
  CHECK(parse_range("192.0.2.7")->contains(*parse_ip("192.0.2.7")));
  for (const char* bad : {"10.0.0.0/33", "10.0.0.0/-1", "10.0.0.0/", "x/8", ""}) CHECK_FALSE(parse_range(bad));
  for (const char* local : {"10.1.2.3", "172.31.0.1", "192.168.0.1", "127.0.0.1", "169.254.1.1", "100.64.0.1", "::1", "fe80::1", "fd00::1"})
    CHECK(parse_ip(local)->is_local());
  for (const char* public_ip : {"172.32.0.1", "8.8.8.8", "100.128.0.1", "2a09:bac5::1"}) CHECK_FALSE(parse_ip(public_ip)->is_local());
  CHECK(to_text(neighbourhood(*parse_ip("203.0.113.77"))) == "203.0.113.0");
  CHECK(to_text(neighbourhood(*parse_ip("2001:db8:1:2:3::4"))) == "2001:db8:1:2::");
}
