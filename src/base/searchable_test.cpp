#include "base/searchable.hpp"

#include <doctest/doctest.h>

using namespace digue;

TEST_CASE("searchable: as people type it") {
  CHECK(searchable("L’Été à Œuvre, Ça n’ÉTAIT") == "l'ete a oeuvre, ca n'etait");
  CHECK(searchable("Łódź Žižek ĲSSEL Straße") == "lodz zizek ijssel strasse");
  CHECK(searchable("a\u00a0b\u202fc") == "a b c");
  CHECK(searchable(std::string("x\0y", 3)) == "x y");
  CHECK(searchable("日本 \xc3") == "日本 \xc3");
  CHECK(searchable("") == "");
}
