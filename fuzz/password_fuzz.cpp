#include <array>
#include <cstdint>
#include <string>

#include "base/text.hpp"
#include "invariant.hpp"
#include "people/password.hpp"
#include "people/recovery.hpp"
#include "people/totp.hpp"

using namespace digue;

/// What somebody types at the door: judged alike in any case of letters, and never a code by chance of its form.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  static const people::CommonPasswords common("bonjour\nmotdepasse\n");
  const std::array<std::string, 2> personal{"Alix Roche", "CH d'Exemple"};
  const auto weakness = people::weakness_of(text, common, personal);
  INVARIANT(people::weakness_of(lower(text), common, personal) == weakness);
  INVARIANT(size >= people::min_password || weakness == people::Weakness::too_short);
  INVARIANT((size > people::max_password) == (weakness == people::Weakness::too_long));
  for (const auto& word : people::guessable_words(text)) INVARIANT(word.size() >= 4);
  INVARIANT(people::recovery_hash(text) == people::recovery_hash(" -" + text + "\n"));
  const std::string secret = "12345678901234567890";
  const UtcMicros time{59 * micros_per_second};
  if (const auto step = people::match_totp(secret, text, time, -1))
    INVARIANT(*step >= 0 && *step <= 2 && !people::match_totp(secret, text, time, *step));
  for (const char c : people::base32(text)) INVARIANT((c >= 'A' && c <= 'Z') || (c >= '2' && c <= '7'));
  return 0;
}
