#pragma once

#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

#include "base/messages.hpp"
#include "base/time.hpp"

/// Documents for paper: one HTML text that a browser prints and that worker/document.hpp makes a PDF of.
namespace digue::report {

/// What stands on every page.
struct Paper {
  Language language = Language::fr;
  std::string title;
  std::string subject;    ///< below the title on the first page, in the header of all
  std::string tlp;        ///< "TLP:AMBER"; empty: none
  bool exercise = false;  ///< marked on every page
  UtcMicros printed{};
  Zone zone;  ///< in which `printed` is shown
  std::string footer;
};

/// Builds the HTML, element by element; every text is encoded here. A4, black on white, page numbers; holds no script and asks for nothing.
class Document {
 public:
  explicit Document(const Paper& paper);

  /// Opens an element; `classes` are those of the style. close() ends the innermost one.
  Document& open(std::string_view element, std::string_view classes = {});
  Document& close();
  Document& text(std::string_view text);
  /// A whole element.
  Document& element(std::string_view element, std::string_view text, std::string_view classes = {});
  Document& heading(int level, std::string_view text);
  Document& paragraph(std::string_view text, std::string_view classes = {});
  Document& list(const std::vector<std::string>& items, std::string_view classes = {});
  /// A table whose head is repeated on each page; rows follow, then close_table().
  Document& open_table(std::initializer_list<std::string_view> columns, std::string_view classes = {});
  Document& row(std::initializer_list<std::string_view> cells);
  Document& close_table();
  /// An empty box to tick by hand.
  Document& box();
  /// A line to write on by hand.
  Document& blank();

  /// The document; all elements must be closed.
  std::string finish() &&;

 private:
  std::string out_;
  std::vector<std::string> open_;
};

}  // namespace digue::report
