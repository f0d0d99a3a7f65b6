#include <sys/mman.h>
#include <unistd.h>

#include <cstdint>
#include <string>

#include "analysis/analysis.hpp"
#include "analysis/output.hpp"
#include "base/json/value.hpp"
#include "invariant.hpp"

using namespace digue;

/// The whole first river on one file: recognition, containers, every format, detection, story, outputs. Counts must add up, the result
/// must be JSON, and giving the file twice must add nothing but duplicates.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size > 64 * 1024) return 0;
  std::string once;
  for (const int copies : {1, 2}) {
    analysis::Options options;
    for (int i = 0; i < copies; ++i) {
      const int fd = ::memfd_create("fuzz", MFD_CLOEXEC);
      INVARIANT(fd >= 0 && ::write(fd, data, size) == static_cast<ssize_t>(size));
      options.sources.push_back({"", "input", fd});
    }
    options.threads = 1;
    options.all_accounts = true;
    options.now = UtcMicros{1'790'000'000'000'000};
    analysis::ReadControl control;
    std::string events;
    const analysis::EventSink sink{[](const analysis::EventOut& event, std::string& out) {
                                     analysis::append_event(event, out);
                                     out += '\n';
                                     analysis::append_ocsf(event, out);
                                     out += '\n';
                                     analysis::append_csv(event, out);
                                   },
                                   [&](std::string_view line) { events.append(line); }};
    const auto result = analysis::analyse(std::move(options), control, &sink);
    INVARIANT(result);
    for (std::uint32_t i = 0; i < result->inputs->size(); ++i) {
      const auto& input = (*result->inputs)[i];
      INVARIANT(input.total.records >= input.total.rejected + input.duplicates);
    }
    INVARIANT(json::parse(analysis::to_json(*result, Language::fr), {std::size_t{256} << 20, 64}));
    analysis::to_html(*result, Language::en);
    analysis::to_summary(*result, Language::fr);
    std::string accounts;
    for (const auto& account : result->accounts) accounts += account.account + std::to_string(static_cast<int>(account.verdict)) + '\n';
    for (const auto& finding : result->findings) accounts += to_hex(finding.id) + '\n';
    if (copies == 1)
      once = accounts;
    else
      INVARIANT(accounts == once);
  }
  return 0;
}
