#include "formats/container/cutter.hpp"

#include <doctest/doctest.h>

#include <string>

using namespace digue::formats;

namespace {

struct Cut {
  std::vector<std::string> good, bad;
};

/// Feeds the text as a reader would, `step` more bytes at a time; every byte must end up used.
Cut feed(Container container, const std::string& text, std::size_t step) {
  const auto cutter = make_cutter(container);
  Cut out;
  std::size_t start = 0;
  std::size_t end = 0;
  while (true) {
    end = std::min(text.size(), end + step);
    const bool last = end == text.size();
    std::vector<Span> spans;
    const std::string_view buffer = std::string_view(text).substr(start, end - start);
    const std::size_t used = cutter->cut(buffer, last, spans);
    for (const Span& span : spans) (span.problem ? out.bad : out.good).emplace_back(buffer.substr(span.offset, span.length));
    start += used;
    if (last && used == 0) break;
    if (last && start == text.size()) break;
  }
  CHECK(start == text.size());
  return out;
}

void same_in_any_pieces(Container container, const std::string& text, const std::vector<std::string>& good, std::size_t bad) {
  for (const std::size_t step : {text.size() + 1, std::size_t{1}, std::size_t{7}, std::size_t{64}}) {
    const Cut cut = feed(container, text, step);
    CHECK(cut.good == good);
    CHECK(cut.bad.size() == bad);
  }
}

}  // namespace

TEST_CASE("JSON values: arrays, concatenated arrays, pages, pretty-printed and single objects") {
  const std::vector<std::string> two{R"({"a":[1,{"b":"]}"}]})", R"({"a":2})"};
  same_in_any_pieces(Container::json_values, R"([{"a":[1,{"b":"]}"}]},{"a":2}])", two, 0);
  same_in_any_pieces(Container::json_values, R"([{"a":[1,{"b":"]}"}]}][{"a":2}])", two, 0);
  same_in_any_pieces(Container::json_values, R"({"a":[1,{"b":"]}"}]}{"a":2})", two, 0);
  same_in_any_pieces(Container::json_values, "[\r\n " + two[0] + " ,\r\n" + two[1] + "\r\n]\r\n", two, 0);
  same_in_any_pieces(Container::json_values, "{\n \"a\": {\n  \"b\": \"x\\\"}\"\n }\n}\n", {"{\n \"a\": {\n  \"b\": \"x\\\"}\"\n }\n}"}, 0);
}

TEST_CASE("JSON values: the wrapper of a page is not a record") {
  same_in_any_pieces(Container::json_values, R"({"@odata.context":"x","value":[{"a":1},{"a":2}],"@odata.nextLink":"y"}{"value":[{"a":3}]})",
                     {R"({"a":1})", R"({"a":2})", R"({"a":3})"}, 0);
}

TEST_CASE("JSON values: a truncated record costs one record") {
  // cut inside a string, cut between values, cut at the end of the file
  same_in_any_pieces(Container::json_values, "{\"a\":\"cu\n{\"a\":2}\n", {"{\"a\":2}"}, 1);
  same_in_any_pieces(Container::json_values, "[{\"a\":1,\"b\":\n{\"a\":2}\n,{\"a\":3}]", {"{\"a\":2}", "{\"a\":3}"}, 1);
  same_in_any_pieces(Container::json_values, "[{\"a\":1},{\"a\":", {"{\"a\":1}"}, 1);
  same_in_any_pieces(Container::json_values, "[1,\"x\",{\"a\":1}]", {"{\"a\":1}"}, 2);
  same_in_any_pieces(Container::json_values, "%%% \n{\"a\":1}", {"{\"a\":1}"}, 1);
}

TEST_CASE("Lines: any line end, no last line end, no empty records") {
  same_in_any_pieces(Container::lines, "one\r\n\n two \nthree", {"one", " two ", "three"}, 0);
}

TEST_CASE("Lines: a line beyond the limit is one rejected record, the next is kept") {
  const auto cutter = make_cutter(Container::lines);
  std::vector<Span> spans;
  const std::string giant(cutter->limit() + 10, 'x');
  CHECK(cutter->cut(giant, false, spans) == 0);
  CHECK(cutter->give_up(giant, spans) == giant.size());
  CHECK(spans.size() == 1);
  CHECK(spans[0].problem != nullptr);
  spans.clear();
  CHECK(cutter->cut("xxxx\nnext\n", true, spans) == 10);
  CHECK(spans.size() == 1);
}

TEST_CASE("CSV: line feeds inside quotes belong to the row") {
  same_in_any_pieces(Container::csv, "a,b\r\n\"x\ny\",\"say \"\"hi\"\"\"\r\nlast,row", {"a,b", "\"x\ny\",\"say \"\"hi\"\"\"", "last,row"},
                     0);
}

TEST_CASE("CSV: a quote that never closes costs its line") {
  const Cut cut = feed(Container::csv, "a,b\n\"open,1\nc,d\ne,f\n", 1000);
  CHECK(cut.good == std::vector<std::string>{"a,b", "c,d", "e,f"});
  CHECK(cut.bad.size() == 1);
}

TEST_CASE("CSV cells: RFC 4180 quoting, blanks around quotes, broken rows") {
  CsvRow row(';');
  REQUIRE(row.split(R"(plain;"a ""q"" ; b"; "x" ;)"));
  CHECK(row.cells() == std::vector<std::string_view>{"plain", "a \"q\" ; b", "x", ""});
  CHECK_FALSE(row.split(R"("open;x)"));
  CHECK_FALSE(row.split(R"("a"b;c)"));
  CHECK(csv_delimiter("a;b,c;d") == ';');
  CHECK(csv_delimiter("a,b") == ',');
  CHECK(csv_delimiter("a\tb\tc") == '\t');
}
