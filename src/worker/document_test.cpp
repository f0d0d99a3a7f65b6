#include "worker/document.hpp"

#include <arpa/inet.h>
#include <doctest/doctest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <optional>

#include "base/files.hpp"

using namespace digue;
using namespace digue::worker;

namespace {

/// A folder of its own, gone at the end.
struct Folder {
  std::filesystem::path path = std::filesystem::temp_directory_path() / ("digue-document-" + std::to_string(::getpid()));
  Folder() { std::filesystem::create_directories(path); }
  ~Folder() { std::filesystem::remove_all(path); }
};

/// What `tool` of poppler-utils prints about the PDF; nothing when it is not installed.
std::optional<std::string> look(const Folder& folder, const std::string& pdf, const std::string& tool, const std::string& options = {}) {
  const auto file = folder.path / "a.pdf";
  const auto out = folder.path / "out";
  std::ofstream(file, std::ios::binary) << pdf;
  const std::string end = tool == "pdftotext" ? " - >" : " >";
  const int code = std::system((tool + " " + options + " " + file.string() + end + out.string() + " 2>/dev/null").c_str());
  if (code != 0) return std::nullopt;
  return read_file(out.string(), 1 << 20).value_or("");
}

/// True when the machine cannot make a PDF; says so.
bool skip(const Result<std::string>& made) {
  if (made || (made.error().code != ErrorCode::not_found && made.error().code != ErrorCode::forbidden)) return false;
  MESSAGE("skipped: ", made.error().message);
  return true;
}

}  // namespace

TEST_CASE("PDF: French text is in it, data: images are, nothing else is fetched") {
  const Folder folder;
  std::ofstream(folder.path / "secret.svg") << "<svg xmlns='http://www.w3.org/2000/svg'><text y='20'>LUSURDISQUE</text></svg>";
  std::ofstream(folder.path / "secret.css") << "body::after{content:'LUSURDISQUE'}";
  const int listener = ::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  REQUIRE(::bind(listener, reinterpret_cast<sockaddr*>(&address), size) == 0);
  REQUIRE(::listen(listener, 8) == 0);
  ::getsockname(listener, reinterpret_cast<sockaddr*>(&address), &size);
  const std::string web = "http://127.0.0.1:" + std::to_string(ntohs(address.sin_port)) + "/";
  const std::string file = "file://" + folder.path.string() + "/secret.";

  const auto pdf = render_pdf("<!doctype html><html lang=fr><meta charset=utf-8><title>Essai</title><link rel=stylesheet href='" + web +
                              "a.css'><link rel=stylesheet href='" + file + "css'><link rel=attachment href='" + file +
                              "svg'><style>@import url('" + web + "b.css');@font-face{font-family:x;src:url('" + web +
                              "f.woff')}</style><p>Gravité&nbsp;: « œuvre élevée »</p><img src='" + web + "i.png'><img src='" + file +
                              "svg'><img src=\"data:image/svg+xml,<svg xmlns='http://www.w3.org/2000/svg' width='200' "
                              "height='30'><text y='20'>LUDANSLAPAGE</text></svg>\"></html>");
  if (skip(pdf)) {
    ::close(listener);
    return;
  }
  REQUIRE(pdf);
  CHECK(::accept(listener, nullptr, nullptr) < 0);
  ::close(listener);
  const auto text = look(folder, *pdf, "pdftotext");
  const auto files = look(folder, *pdf, "pdfdetach", "-list");
  if (!text || !files) {
    MESSAGE("skipped: poppler-utils is not installed");
    return;
  }
  CHECK(text->find("« œuvre élevée »") != std::string::npos);
  CHECK(text->find("LUDANSLAPAGE") != std::string::npos);
  CHECK(text->find("LUSURDISQUE") == std::string::npos);
  CHECK(files->starts_with("0 "));
}

TEST_CASE("PDF: archival documents say so and carry their attachments; the same HTML gives the same bytes") {
  const Folder folder;
  PdfOptions options;
  options.archival = true;
  options.attachments = {{"événements.csv", "les événements", "text/csv", "a;b\n1;2\n"}};
  const std::string page = "<!doctype html><html lang=fr><meta charset=utf-8><title>Essai</title><p>Page</p></html>";
  const auto pdf = render_pdf(page, options);
  if (skip(pdf)) return;
  REQUIRE(pdf);
  CHECK(render_pdf(page, options).value_or("") == *pdf);
  CHECK(pdf->find("/AFRelationship /Data") != std::string::npos);
  CHECK(pdf->find("pdfaid:part=\"3\"") != std::string::npos);
  const auto saved = folder.path / "taken";
  if (!look(folder, *pdf, "pdfdetach", "-save 1 -o " + saved.string())) {
    MESSAGE("skipped: poppler-utils is not installed");
    return;
  }
  CHECK(read_file(saved.string(), 100).value_or("") == "a;b\n1;2\n");
}

TEST_CASE("PDF: what cannot be made is said with the way out") {
  PdfOptions options;
  options.python = "/nonexistent/python3";
  const auto absent = render_pdf("<p>x</p>", options);
  REQUIRE_FALSE(absent);
  CHECK(absent.error().code == ErrorCode::not_found);
  CHECK(absent.error().help.find("apt install weasyprint") != std::string::npos);
  // A program that is no Python says nothing useful: it failed.
  options.python = "/bin/false";
  const auto failed = render_pdf("<p>x</p>", options);
  REQUIRE_FALSE(failed);
  CHECK_FALSE(failed.error().help.empty());
  CHECK(render_pdf(std::string(max_html + 1, 'x')).error().code == ErrorCode::limit);
}

TEST_CASE("PDF: a document that takes too long is stopped") {
  PdfOptions options;
  options.limit = std::chrono::seconds(0);
  const auto late = render_pdf("<p>x</p>", options);
  REQUIRE_FALSE(late);
  CHECK(late.error().code == ErrorCode::limit);
}
