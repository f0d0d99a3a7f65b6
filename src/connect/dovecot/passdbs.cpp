#include "connect/dovecot/passdbs.hpp"

#include <algorithm>

#include "base/text.hpp"

namespace digue::dovecot {

namespace {

/// As Dovecot compares: * is any text, ? one byte.
bool is_like(std::string_view name, std::string_view pattern) {
  std::size_t at = 0, in = 0, star = std::string_view::npos, from = 0;
  while (at < name.size()) {
    if (in < pattern.size() && pattern[in] == '*') {
      star = in++;
      from = at;
    } else if (in < pattern.size() && (pattern[in] == '?' || pattern[in] == name[at])) {
      ++in;
      ++at;
    } else if (star != std::string_view::npos) {
      in = star + 1;
      at = ++from;
    } else {
      return false;
    }
  }
  return pattern.substr(in).find_first_not_of('*') == std::string_view::npos;
}

/// Takes the next word off `rest`; empty at the end.
std::string_view next_word(std::string_view& rest) {
  rest.remove_prefix(std::min(rest.find_first_not_of(" ,"), rest.size()));
  const auto word = rest.substr(0, rest.find_first_of(" ,"));
  rest.remove_prefix(word.size());
  return word;
}

/// One "!pattern" that fits shuts out; without any other pattern, the rest is let in.
bool lets_through(std::string_view filter, const std::string& account) {
  bool wants = false, fits = false;
  for (auto word = next_word(filter); !word.empty(); word = next_word(filter)) {
    const bool shuts = word.front() == '!';
    const bool is = is_like(account, word.substr(shuts ? 1 : 0));
    if (shuts && is) return false;
    wants = wants || !shuts;
    fits = fits || is;
  }
  return fits || !wants;
}

bool is_file(const Passdb& one, const std::string& file) {
  return one.driver == "passwd-file" && one.file == file && !one.deny && !one.master;
}

/// Where a wrong password is refused there, no later database is asked.
bool is_last_word(const Passdb& one, const std::string& account) {
  return (one.failure == "return" || one.failure == "return-fail") && one.protocol.empty() && one.mechanisms.empty() &&
         one.skip != "unauthenticated" && (one.filter.empty() || (!account.empty() && lets_through(one.filter, account)));
}

/// One that is asked only of whom another let in does not let in by itself, nor does one whose "yes" is a "no".
bool lets_in(const Passdb& one, const std::string& account) {
  return !one.deny && !one.master && one.skip != "unauthenticated" && !one.success.ends_with("-fail") &&
         (account.empty() || lets_through(one.filter, account));
}

std::string shown(const Passdb& one) {
  auto out = one.driver + (one.file.empty() ? "" : " " + one.file) + (one.protocol.empty() ? "" : " (" + one.protocol + ")");
  return to_utf8_lossy(clip(out, 300));
}

}  // namespace

std::vector<Passdb> passdbs_of(std::string_view text) {
  std::vector<Passdb> out;
  std::string protocol, mechanisms;
  bool winbind = false;
  Passdb one;
  while (!text.empty()) {
    const auto line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(text.size(), line.size() + 1));
    const auto words = trim(line);
    const auto equals = words.find('=');
    if (line.starts_with("protocol ") && line.ends_with(" {")) {
      protocol = line.substr(9, line.size() - 11);
    } else if (words == "passdb {") {
      one = {};
      if (line != words) one.protocol = protocol;
    } else if (words == "}") {
      out.push_back(one);
    } else if (equals != std::string_view::npos) {
      const auto name = trim(words.substr(0, equals));
      const std::string value(trim(words.substr(equals + 1)));
      if (name == "driver") one.driver = value;
      if (name == "args") one.file = value;
      if (name == "username_filter") one.filter = value;
      if (name == "mechanisms") one.mechanisms = value;
      if (name == "result_failure") one.failure = value;
      if (name == "result_success") one.success = value;
      if (name == "skip") one.skip = value;
      if (name == "deny") one.deny = value == "yes";
      if (name == "master") one.master = value == "yes";
      if (name == "auth_mechanisms") mechanisms = lower(value);
      if (name == "auth_use_winbind") winbind = value == "yes";
    }
  }
  // They let in without any database: by a ticket, or asked of Samba.
  std::string_view rest = mechanisms;
  for (auto word = next_word(rest); !word.empty(); word = next_word(rest))
    if (word.starts_with("gss") || (winbind && word == "ntlm")) {
      Passdb other;
      other.driver = "auth_mechanisms " + std::string(word);
      out.insert(out.begin(), std::move(other));
    }
  return out;
}

std::vector<Passdb> others_than(const std::string& passwd_file, const std::string& account, const std::vector<Passdb>& all) {
  std::vector<Passdb> out;
  bool closed = false;
  for (const auto& one : all) {
    const bool ours = is_file(one, passwd_file);
    // Those of one protocol are asked before those of all.
    if (!ours && (!closed || !one.protocol.empty()) && lets_in(one, account)) out.push_back(one);
    closed = closed || (ours && is_last_word(one, account));
  }
  return out;
}

Result<std::vector<std::string>> other_ways(connect::Host& host, const Setup& setup, const std::string& account) {
  const PasswdFile ours(host, setup);
  const auto text = ours.passdbs();
  if (!text) return tl::make_unexpected(text.error());
  const auto all = passdbs_of(*text);
  // Where even ours is not among them, this is not what the running Dovecot asks, or is written otherwise than is understood here.
  if (std::none_of(all.begin(), all.end(), [&](const Passdb& one) { return is_file(one, setup.passwd_file); }))
    return fail(ErrorCode::io, tr("dovecot.passdb.not_ours", {{"file", setup.passwd_file}}));
  std::vector<std::string> out;
  for (const auto& one : others_than(setup.passwd_file, account, all)) {
    if (one.driver == "passwd-file" && !one.file.empty() && !account.empty()) {
      const auto line = ours.read(account, one.file);
      if (line ? line->locked : line.error().code == ErrorCode::not_found) continue;
    }
    out.push_back(shown(one));
  }
  return out;
}

std::optional<Localized> remark_on(const Result<std::vector<std::string>>& ways) {
  if (!ways) return says("dovecot.passdb.unread", {{"why", to_text(ways.error())}});
  if (ways->empty()) return std::nullopt;
  std::string all;
  for (const auto& one : *ways) all += (all.empty() ? "" : ", ") + one;
  return says("dovecot.passdb.others", {{"others", all}});
}

}  // namespace digue::dovecot
