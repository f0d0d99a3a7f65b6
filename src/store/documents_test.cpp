#include "store/documents.hpp"

#include <doctest/doctest.h>

#include <filesystem>

#include "base/folder_test.hpp"

using namespace digue;
using namespace digue::store;

TEST_CASE("documents appear whole, the last version only") {
  const digue::testing::Folder here;
  const auto& folder = here.path;
  const Documents documents(folder + "/documents");
  {
    auto first = documents.begin("i", 1).value();
    REQUIRE(first->write("html", "<p>"));
    REQUIRE(first->write("csv", "a,b"));
    REQUIRE(first->write("html", "</p>"));
    CHECK(first->write("../x", "y").error().code == ErrorCode::bad_input);
    CHECK(documents.open("i", 1, "html").error().code == ErrorCode::not_found);
    REQUIRE(first->commit());
  }
  char bytes[16];
  const auto html = documents.open("i", 1, "html").value();
  CHECK(std::string(bytes, html.read_at(0, bytes, 16).value()) == "<p></p>");
  CHECK_FALSE(documents.open("i", 1, "ocsf"));
  {
    REQUIRE(documents.begin("i", 2).value()->write("html", "lost"));
  }
  CHECK_FALSE(documents.open("i", 2, "html"));
  REQUIRE(documents.begin("i", 3).value()->commit());
  REQUIRE(documents.keep_only("i", 3));
  CHECK_FALSE(documents.open("i", 1, "html"));
  CHECK(std::distance(std::filesystem::directory_iterator(folder + "/documents/i"), {}) == 1);
}
