#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "base/result.hpp"

namespace digue::worker {

/// A file carried inside a document.
struct Attachment {
  std::string name;         ///< without folders
  std::string description;  ///< shown by readers beside the name
  std::string type;         ///< media type
  std::string bytes;
};

struct PdfOptions {
  bool archival = false;  ///< PDF/A-3b: what is kept as evidence
  std::vector<Attachment> attachments;
  std::chrono::seconds limit{120};
  std::string python = "/usr/bin/python3";  ///< the one that has WeasyPrint
};

inline constexpr std::size_t max_html = std::size_t{16} << 20;
inline constexpr std::size_t max_pdf = std::size_t{64} << 20;

/// The HTML document as a PDF, made by WeasyPrint in a jailed child process: no network, of the file system only libraries and fonts, of
/// URLs only `data:`. The same HTML gives the same bytes on one machine. One document at a time; others wait.
/// Errors, each with the way out: not_found when WeasyPrint is not installed, forbidden without Landlock, limit (time, size), internal.
Result<std::string> render_pdf(const std::string& html, const PdfOptions& options = {});

/// The child's side: shuts itself in and becomes `python` with the renderer. Returns only when it could not: the exit code.
int document_main(const std::string& python);

}  // namespace digue::worker
