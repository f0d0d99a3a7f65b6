#include <algorithm>
#include <cstdint>
#include <string>

#include "base/crypto/sealed_file.hpp"
#include "invariant.hpp"
#include "service/package_layout.hpp"

using namespace digue;

namespace {

class TextSource final : public ByteSource {
 public:
  explicit TextSource(std::string_view text) : text_(text) {}
  Result<std::size_t> read(char* buffer, std::size_t size) override {
    const auto part = text_.copy(buffer, size, at_);
    at_ += part;
    return part;
  }

 private:
  std::string_view text_;
  std::size_t at_ = 0;
};

}  // namespace

/// A custody event or exhibit that was read says the same when written and read again; nothing forged opens as a sealed file.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size > 100'000) return 0;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  if (const auto event = service::layout::read_custody(text)) {
    const auto line = service::layout::custody_line(*event);
    const auto again = service::layout::read_custody(line);
    INVARIANT(again && service::layout::custody_line(*again) == line);
  }
  if (const auto exhibit = service::layout::read_exhibit(text))
    for (const auto& record : exhibit->records) {
      const auto written = incident::acquisition_text(record);
      const auto again = incident::read_acquisition(written);
      INVARIANT(again && incident::acquisition_text(*again) == written);
    }
  // Without a passphrase nothing is derived: no input can ask for memory.
  static const auto key = make_key_pair().secret_key;
  TextSource source(text);
  INVARIANT(!SealedSource::open(source, {{}, key}));
  return 0;
}
