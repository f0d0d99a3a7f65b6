#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

/// What makes a password too weak (OWASP ASVS 5.0, 6.2): its length, and being easy to guess. Never its composition.
namespace digue::people {

inline constexpr std::size_t min_password = 8;       ///< characters
inline constexpr std::size_t advised_password = 15;  ///< characters
inline constexpr std::size_t max_password = 1024;    ///< bytes

enum class Weakness {
  too_short,
  too_long,
  common,    ///< a well-known word, as it is or dressed up with digits and signs
  pattern,   ///< a row of keys, of letters or digits, a repetition, a date
  personal,  ///< little more than the person's name, the establishment's or ours
};

/// "too_short" ...
std::string_view name(Weakness weakness);

/// Words that are easy to guess, one a line, in lower case without accents; blank lines and those that begin with # do not count.
class CommonPasswords {
 public:
  explicit CommonPasswords(std::string_view list);
  bool contains(std::string_view plain) const;
  std::size_t size() const { return words_.size(); }

 private:
  std::vector<std::string_view> words_;  // into the list, sorted
};

/// The first weakness of a password for a person about whom one would guess `personal` words. The password itself is taken as it is.
std::optional<Weakness> weakness_of(std::string_view password, const CommonPasswords& common, std::span<const std::string> personal);

/// The words of a name that are worth guessing: "CHU d'Exemple, Anne Roche" -> exemple, anne, roche.
std::vector<std::string> guessable_words(std::string_view text);

}  // namespace digue::people
