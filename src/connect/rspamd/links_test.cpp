#include "connect/rspamd/links.hpp"

#include <doctest/doctest.h>

#include <vector>

using namespace digue::rspamd;

TEST_CASE("rspamd: a link's key is what Rspamd reads in it") {
  const std::vector<std::pair<std::string, std::string>> all{
      {"https://Evil.example/Login", "evil.example/login"},
      {"  http://evil.example/login  ", "evil.example/login"},
      {"evil.example/login", "evil.example/login"},
      {"HXXPS://evil[.]example/login", "evil.example/login"},
      {"hxxp[://]evil(.)example/a[.]b", "evil.example/a.b"},
      {"hxxpress.example", "hxxpress.example"},
      {"hxxps[:]//evil[dot]example/login", "evil.example/login"},
      {"hxxps://evil[.]example/?u=hxxp://other[.]example/x", "evil.example/path?u=http://other.example/x"},
      // Neither scheme, user, port, a last dot nor what is behind "#" is in a key.
      {"https://www.bank.example:pw@evil.example.:8443/login#marie@chu.test", "evil.example/login"},
      {"https://evil.example", "evil.example"},
      {"https://evil.example/", "evil.example"},
      {"https://evil.example/?", "evil.example"},
      {"evil.example", "evil.example"},
      {"https://evil.example/#/inbox?x", "evil.example"},
      {"http://192.0.2.9/x", "192.0.2.9/x"},
      {"https://xn--vil-bla.example/x", "xn--vil-bla.example/x"},
      // A template gives the name of a part that is missing.
      {"https://evil.example?id=3", "evil.example/path?id=3"},
      {"https://evil.example/?id=3", "evil.example/path?id=3"},
      {"https://evil.example/x?Id=3&e=A+b%3D", "evil.example/x?id=3&e=a b="},
      {"https://evil.example/x?", "evil.example/x"},
      {"https://evil.example/x/", "evil.example/x/"},
      {"https://evil.example//a///b", "evil.example/a/b"},
      {"https://evil.example/a%20b+c/%C3%A9t%c3%a9", "evil.example/a b c/été"},
      {"https://evil.example/été", "evil.example/été"},
      {"https://evil.example/%2541", "evil.example/%41"},
      {"https://evil.example/x?a?b%23c", "evil.example/x?a?b#c"},
      {"https://evil.example/it's;a=(b),c!$&*:@~", "evil.example/it's;a=(b),c!$&*:@~"},
  };
  for (const auto& [given, key] : all) {
    INFO(given);
    CHECK(key_of_link(given).value_or("none") == key);
    CHECK(key_of_link(link_of_key(key)).value_or("none") == key);
    CHECK(key_of_link(link_of_given(given)).value_or("none") == key);
    CHECK(host_of_key(key) == key.substr(0, key.find('/')));
  }
}

TEST_CASE("rspamd: what has no key of its own has none") {
  for (const auto& given : {std::string(),
                            std::string("http://"),
                            std::string("evil"),
                            std::string("http://localhost/x"),
                            std::string("ftp://evil.example/x"),
                            std::string("file:///etc/passwd"),
                            std::string("javascript:alert(1)"),
                            std::string("mailto:a@evil.example"),
                            std::string("a@evil.example"),
                            std::string("a[@]evil[.]example"),
                            std::string("http://[2001:db8::1]/x"),
                            std::string("http://192.0.2/x"),
                            std::string("http://0xc0000209/x"),
                            std::string("http://évil.example/x"),
                            std::string("http://evil.example:x/"),
                            std::string("http://evil.example:80:90/"),
                            std::string("http://*.example/x"),
                            std::string("http:// evil.example/x"),
                            std::string("http://evil.example/a b"),
                            std::string("/evil.example/"),
                            std::string("#evil.example"),
                            std::string("http://evil.example\\x"),
                            std::string("http://evil.example/a\nother.example"),
                            std::string("http://evil.example/a%0aother.example"),
                            std::string("http://evil.example/a%0Dx"),
                            std::string("http://evil.example/a%00x"),
                            std::string("http://evil.example/\0x", 22),
                            std::string("http://evil.example/a\"b"),
                            std::string("http://evil.example/a%22b"),
                            std::string("http://evil.example/a%5Cb"),
                            std::string("http://evil.example/<b>"),
                            std::string("http://evil.example/%3Cb%3E"),
                            std::string("http://evil.example/\u202eb"),
                            std::string("http://evil.example/%E2%80%AEb"),
                            std::string("http://evil.example/%e9t%e9"),
                            std::string("http://evil.example/%"),
                            std::string("http://evil.example/%4"),
                            std::string("http://evil.example/%zz"),
                            std::string("http://evil.example/a/../b"),
                            std::string("http://evil.example/a/%2e%2E/b"),
                            std::string("http://evil.example/./b"),
                            std::string("http://evil.example/x%3Fy"),
                            std::string("http://evil.example/x%23y"),
                            std::string("http://evil.example/Path"),
                            std::string("http://evil.example/x?query"),
                            std::string("http://evil.example/x%20"),
                            "http://evil.example/" + std::string(1'000, 'a'),
                            "http://evil.example/" + std::string(100'000, '%')}) {
    INFO(given.substr(0, 100));
    CHECK_FALSE(key_of_link(given).has_value());
  }
}
