#define DOCTEST_CONFIG_IMPLEMENT
#include <doctest/doctest.h>

#include <csignal>
#include <string_view>

#include "worker/document.hpp"

/// The tests, or the child that makes a document for one of them, as in the program.
int main(int argc, char** argv) {
  if (argc == 3 && std::string_view(argv[1]) == "document") return digue::worker::document_main(argv[2]);
  std::signal(SIGPIPE, SIG_IGN);  // as the program does
  return doctest::Context(argc, argv).run();
}
