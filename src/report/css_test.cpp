#include "report/css.hpp"

#include <doctest/doctest.h>

using namespace digue::report;

TEST_CASE("A CSS string ends at its own quote only, and a style element not inside it") {
  CHECK(css_string("CH d’Exemple 2") == "\"CH d’Exemple 2\"");
  CHECK(css_string("a\"b\\c") == "\"a\\22 b\\5c c\"");
  CHECK(css_string("</style>") == "\"\\3c \\2f style\\3e \"");
  CHECK(css_string("'&amp;\n") == "\"\\27 \\26 amp\\3b \\0a \"");
  CHECK(css_string("\xff\x1b") == "\"\xef\xbf\xbd\xef\xbf\xbd\"");
  CHECK(css_string("exe\xe2\x80\xae") == "\"exe\xef\xbf\xbd\"");
}
