#include "base/clock.hpp"

#include <sys/timex.h>

#include <filesystem>

namespace digue {

namespace {

std::string machine_zone() {
  std::error_code problem;
  const auto target = std::filesystem::read_symlink("/etc/localtime", problem).string();
  const auto at = target.find("zoneinfo/");
  return at == std::string::npos ? std::string() : target.substr(at + 9);
}

}  // namespace

ClockFacts read_clock() {
  ClockFacts facts{.source = "machine", .synchronised = false, .offset_micros = {}, .error_micros = {}, .zone = machine_zone()};
  timex kernel{};
  const int state = ::adjtimex(&kernel);
  if (state < 0) return facts;
  facts.synchronised = state != TIME_ERROR && (kernel.status & STA_UNSYNC) == 0;
  if (facts.synchronised) {
    facts.offset_micros = (kernel.status & STA_NANO) != 0 ? kernel.offset / 1000 : kernel.offset;
    facts.error_micros = kernel.maxerror;
  }
  return facts;
}

}  // namespace digue
