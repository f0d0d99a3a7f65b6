#include "service/package_index.hpp"

#include "base/messages.hpp"
#include "base/text.hpp"
#include "base/time.hpp"
#include "incident/tlp.hpp"

namespace digue::service {

namespace {

constexpr std::string_view style =
    "body{font:16px/1.5 system-ui,sans-serif;max-width:72rem;margin:2rem auto;padding:0 1rem;color:#111;background:#fff}"
    "h1{font-size:1.5rem}h2{font-size:1.15rem;margin-top:2rem}table{border-collapse:collapse;width:100%;font-size:.875rem}"
    "th,td{border:1px solid #999;padding:.3rem "
    ".5rem;text-align:left;vertical-align:top}code,pre{font-family:monospace;overflow-wrap:anywhere}"
    "pre{background:#f2f2f2;padding:.7rem;white-space:pre-wrap}.tlp{display:inline-block;border:2px solid #111;padding:.1rem "
    ".6rem;font-weight:700}"
    ".bad{font-weight:700}dt{font-weight:600}dd{margin:0 0 .4rem}section+section{border-top:3px double #999;margin-top:3rem}"
    "@media print{body{margin:0;max-width:none}}";

class Page {
 public:
  Page(Language language, const PackageFacts& facts, const std::string& zone) : language_(language), facts_(facts) {
    if (auto found = Zone::named(zone)) zone_ = std::move(*found);
  }

  std::string text() {
    const auto& package = facts_.package;
    out_ += language_ == Language::fr ? "<section lang=\"fr\">" : "<section lang=\"en\">";
    out_ += "<h1>" + word("title", {{"reference", facts_.incident.reference}}) + "</h1>";
    out_ += "<p><span class=\"tlp\">" + html(incident::tlp_marking(package.tlp)) + "</span>" +
            (facts_.incident.exercise ? " " + word("exercise") : "") + "</p><dl>";
    fact("incident", facts_.incident.title);
    fact("recipient", package.recipient);
    fact("purpose", package.purpose);
    fact("by", package.by);
    fact("at", at(package.created));
    fact("custody", std::to_string(facts_.custody));
    fact("journal", std::to_string(facts_.lines));
    fact("code", facts_.code.empty() ? word("no_code") : facts_.code);
    out_ += "</dl><h2>" + word("check") + "</h2><p>" + word("check_sums") + "</p><pre>sha256sum -c manifest-sha256.txt</pre><p>" +
            word("check_all") + "</p><pre>digue verify .</pre><p>" + word("check_code") + "</p>";
    out_ += "<h2>" + word("exhibits") + "</h2><table><thead><tr>";
    for (const char* head : {"name", "bytes", "source", "collected", "file"}) out_ += "<th scope=\"col\">" + word(head) + "</th>";
    out_ += "</tr></thead><tbody>";
    for (const auto& one : facts_.exhibits) row(one);
    out_ += "</tbody></table><h2>" + word("content") + "</h2><ul>";
    for (const char* file : {"exhibits.ndjson", "custody.ndjson", "journal.ndjson", "story", "answers"})
      out_ += "<li>" + word(file) + "</li>";
    out_ += "</ul></section>";
    return std::move(out_);
  }

 private:
  std::string word(std::string_view key, MessageValues values = {}) const {
    return html(tr_in(language_, "index." + std::string(key), values));
  }
  std::string at(UtcMicros time) const { return zone_ ? to_local(time, *zone_) : to_iso8601(time); }
  void fact(std::string_view key, const std::string& value) { out_ += "<dt>" + word(key) + "</dt><dd>" + html(value) + "</dd>"; }

  void row(const IndexExhibit& one) {
    const auto& exhibit = one.exhibit;
    out_ += "<tr><td>" + html(exhibit.name) + "<br><code>" + html(exhibit.sha256) + "</code>" +
            (exhibit.state == "damaged" ? "<br><span class=\"bad\">" + word("damaged") + "</span>" : "") + "</td><td>" +
            std::to_string(exhibit.bytes) + "</td><td>" + html(one.acquisition.source) + "<br>" + html(one.acquisition.authority) +
            "</td><td>" + html(one.acquisition.who) + "<br>" + html(at(one.acquisition.at)) + "<br>" + html(one.acquisition.method) + ", " +
            html(one.acquisition.tool) + " " + html(one.acquisition.tool_version) + "</td><td>" +
            (exhibit.state == "destroyed" ? word("destroyed")
             : one.path.empty()           ? word("left_out")
                                          : "<code>" + html(one.path) + "</code>") +
            "</td></tr>";
  }

  Language language_;
  const PackageFacts& facts_;
  std::optional<Zone> zone_;
  std::string out_;
};

}  // namespace

std::string index_html(const PackageFacts& facts, const std::string& zone) {
  return "<!doctype html><html lang=\"fr\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width\">"
         "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\"><title>Digue " +
         html(facts.incident.reference) + "</title><style>" + std::string(style) + "</style></head><body>" +
         Page(Language::fr, facts, zone).text() + Page(Language::en, facts, zone).text() + "</body></html>\n";
}

}  // namespace digue::service
