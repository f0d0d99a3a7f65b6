#include "base/json/writer.hpp"

#include <doctest/doctest.h>

TEST_CASE("JSON writer: commas, escapes, repaired text, short numbers") {
  std::string out;
  digue::JsonWriter json(out);
  json.open_object().key("a").open_array().number(std::int64_t{-1}).number(0.97).number(1.0).text("q\"\\\n\x01\x7f").text("\xff").null();
  json.open_object()
      .close_object()
      .open_array()
      .close_array()
      .close_array()
      .key("b")
      .boolean(true)
      .key("c")
      .text_or_null("")
      .close_object();
  CHECK(out == "{\"a\":[-1,0.97,1,\"q\\\"\\\\\\n\\u0001\\u007f\",\"\xef\xbf\xbd\",null,{},[]],\"b\":true,\"c\":null}");
}
