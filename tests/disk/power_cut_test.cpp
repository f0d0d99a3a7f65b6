// Power cuts, full disks and failing disks under the store, the vault and single files; docs/durability.md tells the promise and the
// model. DIGUE_CUTS sets how many cuts are played, DIGUE_SEED where they begin.
#include <doctest/doctest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <iostream>
#include <memory>

#include "workload.hpp"

using namespace digue::disk;
namespace fs = std::filesystem;

namespace {

std::uint64_t setting(const char* name, std::uint64_t usual) {
  const char* text = std::getenv(name);
  return text == nullptr ? usual : std::strtoull(text, nullptr, 10);
}
const std::uint64_t cuts = setting("DIGUE_CUTS", 400);
const std::uint64_t first_seed = setting("DIGUE_SEED", 1);
constexpr std::uint64_t cuts_per_night = 50;

/// In memory where the machine has such a folder: what counts is kept by the model, not by this file system.
struct Folder {
  std::string path;
  Folder() {
    std::string name = (fs::exists("/dev/shm") ? "/dev/shm" : fs::temp_directory_path().string()) + "/digue-XXXXXX";
    REQUIRE(mkdtemp(name.data()) != nullptr);
    path = name;
  }
  ~Folder() { fs::remove_all(path); }
  void empty() const {
    for (const auto& entry : fs::directory_iterator(path)) fs::remove_all(entry.path());
  }
};

std::uint64_t marks_before(const std::vector<Op>& operations, std::size_t end) {
  std::uint64_t mark = 0;
  for (std::size_t i = 0; i < end; ++i)
    if (operations[i].kind == Op::Kind::mark) mark = operations[i].offset;
  return mark;
}

/// Plays `count` cuts of one night; what they broke, with the cut that did. A cut of four also cuts the recovery from it.
std::vector<std::string> play(const std::vector<Op>& operations, const Night& night, Random& random, std::uint64_t count) {
  std::vector<std::size_t> places;
  for (std::uint64_t i = 0; i < count; ++i) places.push_back(pick(random, operations.size() + 1));
  std::sort(places.begin(), places.end());
  std::vector<std::string> found;
  const Folder left;
  Disk disk;
  std::size_t done = 0;
  for (const auto place : places) {
    for (; done < place; ++done) disk.apply(operations[done]);
    left.empty();
    disk.cut(random, left.path);
    const auto marks = marks_before(operations, place);
    const auto where = "cut at operation " + std::to_string(place) + " of " + std::to_string(operations.size());
    std::vector<Op> recovery;
    {
      const bool again = pick(random, 4) == 0;
      const auto recording = again ? std::make_unique<Recording>(left.path) : nullptr;
      if (auto problem = broken(left.path, night, marks); !problem.empty()) {
        found.push_back(where + ": " + problem);
        continue;
      }
      if (!again) continue;
      recovery = recording->operations();
    }
    const auto begun =
        std::find_if(recovery.begin(), recovery.end(), [](const Op& op) { return op.kind == Op::Kind::mark; }) - recovery.begin();
    const auto end = static_cast<std::size_t>(begun) + pick(random, recovery.size() - static_cast<std::size_t>(begun) + 1);
    Disk again;
    for (std::size_t i = 0; i < end; ++i) again.apply(recovery[i]);
    left.empty();
    again.cut(random, left.path);
    auto later = night;
    later.offered.emplace_back("après la coupure");
    if (auto problem = broken(left.path, later, marks); !problem.empty()) found.push_back(where + ", then in the recovery: " + problem);
  }
  return found;
}

struct Lies {
  bool files = false;
  bool directories = false;
};

std::vector<std::string> night_of(std::uint64_t seed, std::uint64_t count, Lies lies = {}) {
  Random random(seed);
  const Folder folder;
  Night night;
  std::vector<Op> operations;
  {
    Recording recording(folder.path);
    recording.lie(lies.files, lies.directories);
    night = work(recording, random, folder.path, 20 + pick(random, 30));
    operations = recording.operations();
  }
  CHECK(night.problem.empty());
  CHECK(night.promises.size() > 5);
  return play(operations, night, random, count);
}

}  // namespace

TEST_CASE("nothing acknowledged is lost at any power cut") {
  std::cout << "power cuts: DIGUE_CUTS=" << cuts << " DIGUE_SEED=" << first_seed << std::endl;
  std::uint64_t seed = first_seed;
  for (std::uint64_t played = 0; played < cuts; played += cuts_per_night, ++seed) {
    CAPTURE(seed);
    for (const auto& problem : night_of(seed, std::min(cuts_per_night, cuts - played))) FAIL_CHECK(problem);
  }
}

TEST_CASE("the model can tell: a disk that only says that it synced loses what was acknowledged") {
  std::size_t files = 0;
  std::size_t directories = 0;
  for (std::uint64_t seed = 1; seed <= 2; ++seed) {
    files += night_of(seed, 30, {.files = true}).size();
    directories += night_of(seed, 30, {.directories = true}).size();
  }
  CHECK(files > 5);
  CHECK(directories > 5);
}

TEST_CASE("a full or failing disk refuses, keeps what it acknowledged, and works again without being opened anew") {
  std::uint64_t failed = 0;
  for (std::uint64_t round = 0; round < std::max<std::uint64_t>(cuts / 20, 10); ++round) {
    const auto seed = first_seed + round;
    CAPTURE(seed);
    Random random(seed);
    const Folder folder;
    Night night;
    std::vector<Op> operations;
    {
      Recording recording(folder.path);
      const auto fault = pick(random, 2) == 0 ? Recording::Fault::full : Recording::Fault::broken_sync;
      recording.fail(fault, pick(random, 600), 1 + pick(random, 30));
      night = work(recording, random, folder.path, 40);
      failed += recording.failed();
      operations = recording.operations();
    }
    CHECK(night.problem.empty());
    for (const auto& problem : play(operations, night, random, 10)) FAIL_CHECK(problem);
  }
  CHECK(failed > 10);
}
