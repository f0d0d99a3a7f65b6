#include "report/document.hpp"

#include <doctest/doctest.h>

using namespace digue;
using namespace digue::report;

namespace {

Paper paper() {
  Paper out;
  out.title = "Carte <réflexe>";
  out.subject = "CH \"A\" </style><script>x</script>\n\\";
  out.tlp = "TLP:AMBER";
  out.exercise = true;
  out.printed = UtcMicros{1'782'900'000'000'000};
  out.zone = *Zone::named("Europe/Paris");
  out.footer = "pied";
  return out;
}

}  // namespace

TEST_CASE("Documents: hostile texts stay texts, in elements and in the style") {
  Document document(paper());
  document.heading(2, "<b>").paragraph("a & b", "small").list({"<i>"}).open_table({"<th>"}).row({"<td onclick=x>"}).close_table();
  const auto out = std::move(document).finish();
  CHECK(out.find("<script") == std::string::npos);
  CHECK(out.find("onclick=x>") == std::string::npos);
  CHECK(out.find("<h2>&lt;b&gt;</h2>") != std::string::npos);
  CHECK(out.find("<p class=\"small\">a &amp; b</p>") != std::string::npos);
  // One style element, closed once: nothing in it ended it early.
  CHECK(out.find("</style") == out.rfind("</style"));
}

TEST_CASE("Documents: marks, subject and time of printing are on the first page, and asked for on all") {
  auto made = paper();
  made.subject = "CH";
  const auto out = Document(made).finish();
  CHECK(out.find("<html lang=\"fr\">") != std::string::npos);
  CHECK(out.find("<span class=\"mark\">EXERCICE</span>") != std::string::npos);
  CHECK(out.find("<span class=\"mark\">TLP:AMBER</span>") != std::string::npos);
  CHECK(out.find(to_local(made.printed, made.zone)) != std::string::npos);
  CHECK(out.find("@top-left{content:\"CH\"}") != std::string::npos);
  CHECK(out.find("counter(pages)") != std::string::npos);
  made.exercise = false;
  made.tlp.clear();
  CHECK(Document(made).finish().find("class=\"mark\"") == std::string::npos);
}
