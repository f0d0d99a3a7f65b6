#include "report/document.hpp"

#include <cassert>

#include "base/text.hpp"
#include "report/css.hpp"

namespace digue::report {

namespace {

/// Legible in black and white: weight, rules and words carry what colour would.
constexpr std::string_view style = R"css(
:root{color-scheme:light}
*{box-sizing:border-box}
html{background:#fff;color:#000}
body{margin:0 auto;max-width:190mm;font:9.5pt/1.38 "DejaVu Sans","Liberation Sans",Arial,sans-serif;overflow-wrap:break-word}
h1{font-size:16pt;line-height:1.2;margin:0 0 1mm}
h2{font-size:11.5pt;line-height:1.25;margin:5mm 0 1.5mm;padding:0 0 .8mm;border-bottom:.5mm solid #000;break-after:avoid}
h3{font-size:10pt;line-height:1.25;margin:3mm 0 1mm;break-after:avoid}
p{margin:0 0 1.5mm}
ul,ol{margin:0 0 1.5mm;padding-left:5mm}
li{margin:0 0 .6mm}
table{border-collapse:collapse;width:100%;margin:0 0 2mm}
th,td{text-align:left;vertical-align:top;padding:.8mm 1.4mm;border:.2mm solid #555}
th{font-weight:700;background:#eee}
thead{display:table-header-group}
tr,.keep{break-inside:avoid}
code{font-family:"DejaVu Sans Mono","Liberation Mono",monospace}
.cover{border-bottom:.8mm solid #000;margin:0 0 3mm;padding:0 0 1.5mm}
.marks{font-weight:700}
.mark{display:inline-block;border:.4mm solid #000;padding:.2mm 1.5mm;margin:0 2mm 0 0}
.small{font-size:8pt}
.strong{font-weight:700}
.warning{border:.5mm solid #000;padding:1.2mm 2mm}
.warning::before{content:"⚠ ";font-weight:700}
.nowrap,.ticked td:first-child{white-space:nowrap}
.written{white-space:pre-wrap;overflow-wrap:anywhere}
.hash{font-size:6.5pt;overflow-wrap:anywhere}
.sheet{table-layout:fixed}
.sheet td{height:11mm}
.sheet th:nth-child(5){width:42%}
pre{white-space:pre-wrap;overflow-wrap:anywhere;font:8pt/1.3 "DejaVu Sans Mono","Liberation Mono",monospace;margin:0 0 1.5mm}
.plain{list-style:none;padding-left:0}
.group{break-after:avoid}
.group td{background:#e4e4e4}
.to-fill th:last-child{width:26mm}
.to-fill.wide th:last-child{width:58mm}
.box{display:inline-block;width:3.4mm;height:3.4mm;border:.35mm solid #000;vertical-align:-.5mm;margin:0 1mm 0 0}
.blank{display:inline-block;width:38mm;border-bottom:.25mm solid #000;height:4mm}
@media screen{body{padding:8mm}}
@media screen and (max-width:50rem){body{padding:3mm}.to-fill th:last-child,.to-fill.wide th:last-child{width:auto}
.ticked td:first-child{white-space:normal}th,td{padding:1mm}td{overflow-wrap:anywhere}.blank{width:20mm}}
)css";

void page_box(std::string& css, std::string_view where, std::string_view content) {
  css.append("@").append(where).append("{content:").append(content).append("}");
}

/// The margins of every page. Browsers without margin boxes print the first page's header alone.
std::string page_style(const Paper& paper) {
  std::string marks = paper.exercise ? tr_in(paper.language, "paper.exercise") : "";
  if (!paper.tlp.empty()) marks += (marks.empty() ? "" : "  ") + paper.tlp;
  std::string css = "@page{size:A4;margin:14mm 10mm 13mm;font:7.5pt \"DejaVu Sans\",\"Liberation Sans\",Arial,sans-serif;";
  page_box(css, "top-left", css_string(paper.subject));
  page_box(css, "top-right", css_string(marks) + ";font-weight:700");
  page_box(css, "bottom-left", css_string(paper.footer));
  page_box(css, "bottom-right", css_string(tr_in(paper.language, "paper.page") + " ") + " counter(page) \" / \" counter(pages)");
  return css + "}";
}

}  // namespace

Document::Document(const Paper& paper) {
  const bool english = paper.language == Language::en;
  out_ = std::string("<!doctype html>\n<html lang=\"") + (english ? "en" : "fr") +
         "\">\n<head>\n<meta charset=\"utf-8\">\n<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
         "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n"
         "<meta name=\"generator\" content=\"Digue " DIGUE_VERSION "\">\n<meta name=\"dcterms.created\" content=\"" +
         html(to_iso8601(UtcMicros{paper.printed.value - paper.printed.value % 1'000'000})) + "\">\n<title>" + html(paper.title) +
         (paper.subject.empty() ? "" : " – " + html(paper.subject)) + "</title>\n<style>" + std::string(style) + page_style(paper) +
         "</style>\n</head>\n<body>\n";
  open("header", "cover");
  element("h1", paper.title);
  if (!paper.subject.empty()) paragraph(paper.subject, "strong");
  if (paper.exercise || !paper.tlp.empty()) {
    open("p", "marks");
    if (paper.exercise) element("span", tr_in(paper.language, "paper.exercise"), "mark");
    if (!paper.tlp.empty()) element("span", paper.tlp, "mark");
    close();
  }
  paragraph(tr_in(paper.language, "paper.printed", {{"time", to_local(paper.printed, paper.zone)}, {"version", DIGUE_VERSION}}), "small");
  close();
  open("main");
}

Document& Document::open(std::string_view element, std::string_view classes) {
  out_.append("<").append(element);
  if (!classes.empty()) out_.append(" class=\"").append(html(classes)).append("\"");
  out_ += '>';
  open_.emplace_back(element);
  return *this;
}

Document& Document::close() {
  assert(!open_.empty());
  out_.append("</").append(open_.back()).append(">\n");
  open_.pop_back();
  return *this;
}

Document& Document::text(std::string_view text) {
  out_ += html(text);
  return *this;
}

Document& Document::element(std::string_view element, std::string_view words, std::string_view classes) {
  return open(element, classes).text(words).close();
}

Document& Document::heading(int level, std::string_view text) {
  return element("h" + std::to_string(level), text);
}

Document& Document::paragraph(std::string_view text, std::string_view classes) {
  return element("p", text, classes);
}

Document& Document::list(const std::vector<std::string>& items, std::string_view classes) {
  open("ul", classes);
  for (const auto& item : items) element("li", item);
  return close();
}

Document& Document::open_table(std::initializer_list<std::string_view> columns, std::string_view classes) {
  open("table", classes).open("thead").open("tr");
  for (const auto column : columns) out_ += "<th scope=\"col\">" + html(column) + "</th>";
  return close().close().open("tbody");
}

Document& Document::row(std::initializer_list<std::string_view> cells) {
  open("tr");
  for (const auto cell : cells) element("td", cell);
  return close();
}

Document& Document::close_table() {
  return close().close();
}

Document& Document::box() {
  return open("span", "box").close();
}

Document& Document::blank() {
  return open("span", "blank").close();
}

std::string Document::finish() && {
  close();  // main
  assert(open_.empty());
  out_ += "</body>\n</html>\n";
  return std::move(out_);
}

}  // namespace digue::report
