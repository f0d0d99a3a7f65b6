#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>

#include "connect/postfix/queue.hpp"
#include "connect/postfix/trace.hpp"
#include "invariant.hpp"

/// What a mail server answers: its queue is read whole or not at all, the lines of an account are lines of the log in their order.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace digue;
  using namespace digue::connect::mta;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  if (const auto queue = read_queue(text)) {
    INVARIANT(queue->size() == static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n')));
    for (const auto& one : *queue) INVARIANT(one.id.size() >= 5 && one.id.find_first_of(" \n-") == std::string::npos);
  }
  AccountLines account("alice@chu.example");
  const auto lines = account.take(text);
  const auto take_line = [](std::string_view& rest) {
    const auto line = rest.substr(0, std::min(rest.find('\n'), rest.size() - 1) + 1);
    rest.remove_prefix(line.size());
    return line;
  };
  for (std::string_view kept = lines, all = text; !kept.empty();) {
    const auto line = take_line(kept);
    while (!all.empty() && take_line(all) != line) {
    }
    INVARIANT(!all.empty() || kept.empty());
  }
  BlockListed refusals;
  refusals.take(text);
  INVARIANT(json::parse(json::canonical(refusals.to_json()), {std::size_t{1} << 26, 8}).has_value());
  return 0;
}
