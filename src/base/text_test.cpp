#include "base/text.hpp"

#include <doctest/doctest.h>

using namespace digue;

TEST_CASE("HTML sink: markup, controls and direction overrides lose their power") {
  CHECK(html("<img src=x onerror='alert(1)'>&\"") == "&lt;img src=x onerror=&#39;alert(1)&#39;&gt;&amp;&quot;");
  CHECK(html("a\x1b[31mb") == "a\xef\xbf\xbd[31mb");
  CHECK(html("exe\xe2\x80\xae"
             "fdp") ==
        "exe\xef\xbf\xbd"
        "fdp");
  CHECK(html("\xff") == "\xef\xbf\xbd");
  CHECK(html("Élise\n") == "Élise\n");
}

TEST_CASE("CSV sink: quotes doubled, formulas disarmed") {
  CHECK(csv_cell("a \"b\", c\nd") == "\"a \"\"b\"\", c\nd\"");
  CHECK(csv_cell("=cmd|'/c calc'!A0") == "\"'=cmd|'/c calc'!A0\"");
  for (const char* formula : {"+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\x01=1", "\x1b\t=1"}) CHECK(csv_cell(formula)[1] == '\'');
  CHECK(csv_cell("") == "\"\"");
}

TEST_CASE("Terminal sink: escapes are shown, never sent") {
  CHECK(terminal("\x1b]0;owned\x07") == "\\x1b]0;owned\\x07");
  CHECK(terminal("a\xe2\x80\xae"
                 "b") == "a\\u202eb");
  CHECK(terminal("l1\nl2") == "l1\\nl2");
  CHECK(terminal("\xc2\x9b"
                 "31m") == "\\x9b31m");
  CHECK(terminal("été \xff") == "été \\xff");
}

TEST_CASE("Defanging") {
  CHECK(defang("https://evil.example/a.b?x") == "hxxps://evil[.]example/a[.]b?x");
  CHECK(defang("x@evil.example") == "x[@]evil[.]example");
  CHECK(defang("192.0.2.1") == "192[.]0[.]2[.]1");
  CHECK(defang("End of text.") == "End of text.");
}

TEST_CASE("UTF-8: overlong forms, surrogates and cut characters are not valid") {
  for (const char* bad : {"\xc0\xaf", "\xe0\x80\xaf", "\xed\xa0\x80", "\xf5\x80\x80\x80", "\xe2\x82", "\x80"}) CHECK_FALSE(is_utf8(bad));
  CHECK(is_utf8("Éléments supprimés \xf0\x9f\x93\xa7"));
  CHECK(clip("é", 1).empty());
  CHECK(clip("aé", 2) == "a");
  CHECK(from_windows1252("R\xe9pertoire \x80") == "Répertoire €");
}
