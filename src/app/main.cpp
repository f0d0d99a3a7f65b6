#include <cstdio>

#include "cli/cli.hpp"
#include "worker/job.hpp"

int main(int argc, char** argv) {
  const auto serve = [](const digue::cli::ServeArguments&) {
    std::fputs("digue: the workbench is not in this build\n", stderr);
    return 4;
  };
  return digue::cli::run(argc, argv, {serve, &digue::worker::worker_main});
}
