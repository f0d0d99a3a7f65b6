#include "people/password.hpp"

#include <algorithm>
#include <array>

#include "base/text.hpp"

namespace digue::people {

namespace {

constexpr std::size_t dressing = 6;  // characters around a common word that do not make it a better one

bool is_letter(char c) {
  return c >= 'a' && c <= 'z';
}
bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

std::size_t characters(std::string_view text) {
  return static_cast<std::size_t>(
      std::count_if(text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xc0U) != 0x80U; }));
}

/// Lower case without the accents of French; other characters beyond ASCII are kept.
std::string plain(std::string_view text) {
  struct Fold {
    std::string_view from;
    char to;
  };
  static constexpr std::array<Fold, 30> folds{
      {{"à", 'a'}, {"â", 'a'}, {"ä", 'a'}, {"é", 'e'}, {"è", 'e'}, {"ê", 'e'}, {"ë", 'e'}, {"î", 'i'}, {"ï", 'i'}, {"ô", 'o'},
       {"ö", 'o'}, {"ù", 'u'}, {"û", 'u'}, {"ü", 'u'}, {"ç", 'c'}, {"À", 'a'}, {"Â", 'a'}, {"Ä", 'a'}, {"É", 'e'}, {"È", 'e'},
       {"Ê", 'e'}, {"Ë", 'e'}, {"Î", 'i'}, {"Ï", 'i'}, {"Ô", 'o'}, {"Ö", 'o'}, {"Ù", 'u'}, {"Û", 'u'}, {"Ü", 'u'}, {"Ç", 'c'}}};
  std::string out;
  for (std::size_t i = 0; i < text.size();) {
    const auto* fold = std::find_if(folds.begin(), folds.end(), [&](const Fold& one) { return text.substr(i).starts_with(one.from); });
    if (fold == folds.end()) {
      out += text[i++];
    } else {
      out += fold->to;
      i += fold->from.size();
    }
  }
  lower_in_place(out);
  return out;
}

/// Digits and signs that stand for letters, read as these: "p@ssw0rd" -> "password".
std::string unmasked(std::string_view text) {
  static constexpr std::string_view from = "013457@$!+|8";
  static constexpr std::string_view to = "oieastasitlb";
  std::string out(text);
  for (char& c : out)
    if (const auto at = from.find(c); at != std::string_view::npos) c = to[at];
  return out;
}

std::string_view core(std::string_view text) {
  while (!text.empty() && !is_letter(text.front())) text.remove_prefix(1);
  while (!text.empty() && !is_letter(text.back())) text.remove_suffix(1);
  return text;
}

/// A common word, plain or masked, with a few characters around it, or twice the same.
bool is_common(const std::string& text, const CommonPasswords& common) {
  if (common.contains(text)) return true;
  const auto bare = core(text);
  if (bare.size() >= 3 && text.size() - bare.size() <= dressing && (common.contains(bare) || common.contains(unmasked(bare)))) return true;
  const auto whole = unmasked(text);
  if (common.contains(whole)) return true;
  // "p@ssw0rd2024": only what stands behind the last letter of the mask is dressing.
  for (std::size_t cut = 1; cut <= dressing && cut + 3 <= text.size(); ++cut) {
    if (is_letter(text[text.size() - cut])) break;
    if (common.contains(unmasked(std::string_view(text).substr(0, text.size() - cut)))) return true;
  }
  return false;
}

bool is_repetition(std::string_view text) {
  for (std::size_t period = 1; period <= 4 && period * 2 <= text.size(); ++period) {
    bool same = true;
    for (std::size_t i = period; i < text.size() && same; ++i) same = text[i] == text[i - period];
    if (same) return true;
  }
  return false;
}

/// The longest part from `at` that runs along one of the rows, either way.
std::size_t run_at(std::string_view text, std::size_t at) {
  static constexpr std::array<std::string_view, 12> rows{"azertyuiop",
                                                         "qsdfghjklm",
                                                         "wxcvbn",
                                                         "qwertyuiop",
                                                         "asdfghjkl",
                                                         "zxcvbnm",
                                                         "01234567890",
                                                         "abcdefghijklmnopqrstuvwxyz",
                                                         "1qaz2wsx3edc4rfv5tgb6yhn7ujm",
                                                         "1aqw2zsx3edc4rfv5tgb6yhn7uj",
                                                         "qaz1wsx2edc3",
                                                         "aqw1zsx2"};
  std::size_t best = 0;
  for (const auto row : rows)
    for (const int step : {1, -1})
      for (std::size_t from = 0; from < row.size(); ++from) {
        std::size_t length = 0;
        for (auto in = static_cast<std::ptrdiff_t>(from);
             in >= 0 && in < static_cast<std::ptrdiff_t>(row.size()) && at + length < text.size() &&
             row[static_cast<std::size_t>(in)] == text[at + length];
             in += step)
          ++length;
        best = std::max(best, length);
      }
  return best;
}

/// Runs of at least four keys or three digits that leave at most four characters over.
bool is_walk(std::string_view text) {
  std::size_t left = 0;
  std::size_t at = 0;
  while (at < text.size()) {
    const auto length = run_at(text, at);
    if (length >= 4 || (length == 3 && is_digit(text[at]))) {
      at += length;
    } else {
      ++left;
      ++at;
    }
  }
  return left <= 4 && left * 2 < text.size();
}

/// Eight digits that are a day of the last or this century, in either order.
bool is_date(std::string_view text) {
  std::string digits;
  for (const char c : text) {
    if (is_digit(c))
      digits += c;
    else if (std::string_view("/-. ").find(c) == std::string_view::npos)
      return false;
  }
  if (digits.size() != 8) return false;
  const auto number = [&](std::size_t at, std::size_t size) { return std::stoi(digits.substr(at, size)); };
  const auto day = [](int d, int m, int y) { return d >= 1 && d <= 31 && m >= 1 && m <= 12 && y >= 1900 && y <= 2099; };
  return day(number(0, 2), number(2, 2), number(4, 4)) || day(number(2, 2), number(0, 2), number(4, 4)) ||
         day(number(6, 2), number(4, 2), number(0, 4));
}

bool is_personal(std::string text, std::span<const std::string> personal) {
  bool found = false;
  std::vector<std::string> words;
  for (const auto& one : personal)
    for (auto& word : guessable_words(one)) words.push_back(std::move(word));
  // The longest first: "rochefort" before "roche".
  std::sort(words.begin(), words.end(), [](const auto& a, const auto& b) { return a.size() > b.size(); });
  for (const auto& word : words)
    for (auto at = text.find(word); at != std::string::npos; at = text.find(word)) {
      text.erase(at, word.size());
      found = true;
    }
  return found && characters(text) < min_password;
}

}  // namespace

std::string_view name(Weakness weakness) {
  static constexpr std::array<std::string_view, 5> names{"too_short", "too_long", "common", "pattern", "personal"};
  return names.at(static_cast<std::size_t>(weakness));
}

CommonPasswords::CommonPasswords(std::string_view list) {
  while (!list.empty()) {
    const auto end = std::min(list.find('\n'), list.size());
    const auto word = trim(list.substr(0, end));
    if (!word.empty() && word.front() != '#') words_.push_back(word);
    list.remove_prefix(std::min(end + 1, list.size()));
  }
  std::sort(words_.begin(), words_.end());
}

bool CommonPasswords::contains(std::string_view word) const {
  return std::binary_search(words_.begin(), words_.end(), word);
}

std::vector<std::string> guessable_words(std::string_view text) {
  std::vector<std::string> out(1);
  for (const char c : plain(text)) {
    if (is_letter(c) || is_digit(c))
      out.back() += c;
    else
      out.emplace_back();
  }
  std::erase_if(out, [](const std::string& word) { return word.size() < 4; });
  return out;
}

std::optional<Weakness> weakness_of(std::string_view password, const CommonPasswords& common, std::span<const std::string> personal) {
  if (password.size() > max_password) return Weakness::too_long;
  if (characters(password) < min_password) return Weakness::too_short;
  const auto text = plain(password);
  if (is_repetition(text) || is_walk(text) || is_date(text)) return Weakness::pattern;
  if (is_common(text, common)) return Weakness::common;
  if (is_personal(text, personal) || is_personal(unmasked(text), personal)) return Weakness::personal;
  return std::nullopt;
}

}  // namespace digue::people
