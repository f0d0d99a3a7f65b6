#include "analysis/join.hpp"

#include <algorithm>
#include <tuple>

#include "analysis/ingest.hpp"
#include "formats/format.hpp"

namespace digue::analysis {

namespace {

class JoinedSink final : public formats::Sink {
 public:
  JoinedSink(SpillWriter& writer, AccountNames& names) : writer_(writer), names_(names) {}
  void event(const Event& event) override {
    if (auto added = route(writer_, names_, false, event); !added && status) status = std::move(added);
  }
  void fragment(std::string_view, const Event&) override {}  // a joiner makes events only
  Result<void> status;

 private:
  SpillWriter& writer_;
  AccountNamer names_;
};

Event event_of(const Spilled& fragment, UtcMicros time) {
  Event event;
  event.time = time.value;
  event.activity = fragment.activity;
  event.outcome = fragment.outcome;
  event.own_id = fragment.own_id;
  event.id = fragment.id;
  event.repeats = fragment.repeats;
  event.ip = fragment.ip;
  event.place = fragment.place;
  event.account = fragment.account;
  event.operation = fragment.operation;
  event.uid = fragment.uid;
  for (const auto& [field, value] : fragment.fields) event.set(field, value);
  return event;
}

}  // namespace

Result<void> join_fragments(Spill& spill, const Clock& clock, AccountNames& names,
                            std::unordered_map<std::uint32_t, Inputs::Loaded>& loaded) {
  SpillWriter writer(spill, all_partitions);
  JoinedSink sink(writer, names);
  const auto formats = formats::line_formats();
  for (std::size_t p = account_partitions + source_partitions; p < all_partitions; ++p) {
    const auto bytes = spill.load(p);
    if (!bytes) return tl::make_unexpected(bytes.error());
    Arena arena;
    auto fragments = without_duplicates(decode(*bytes, arena), loaded);
    std::vector<std::pair<UtcMicros, const Spilled*>> order;
    order.reserve(fragments.size());
    for (const Spilled& fragment : fragments) order.emplace_back(clock.resolve(fragment), &fragment);
    std::sort(order.begin(), order.end(), [](const auto& a, const auto& b) {
      return std::tie(a.second->key, a.first, a.second->place, a.second->id) <
             std::tie(b.second->key, b.first, b.second->place, b.second->id);
    });
    Arena texts;
    for (std::size_t at = 0; at < order.size();) {
      std::vector<Event> one_key;
      const std::string_view key = order[at].second->key;
      for (; at < order.size() && order[at].second->key == key; ++at) one_key.push_back(event_of(*order[at].second, order[at].first));
      texts.clear();
      formats[static_cast<unsigned char>(key.front())]->join(one_key, texts, sink);
      if (!sink.status) return sink.status;
    }
  }
  return writer.flush();
}

}  // namespace digue::analysis
