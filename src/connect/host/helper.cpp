#include "connect/host/helper.hpp"

#include "base/quote.hpp"
#include "base/text.hpp"

namespace digue::connect {

namespace {

constexpr std::size_t max_told = 500;

/// What it wrote on its error stream, for a person.
std::string told(const HostAnswer& answer) {
  return to_utf8_lossy(clip(trim(answer.err), max_told));
}

/// sudo warns of the machine's name, too, and runs the program all the same: then the program speaks as well.
bool only_sudo_spoke(std::string_view text) {
  if (text.empty()) return false;
  while (!text.empty()) {
    const auto line = text.substr(0, text.find('\n'));
    if (!line.starts_with("sudo: ")) return false;
    if (line.find("unable to resolve host") != std::string_view::npos) return false;
    text.remove_prefix(std::min(text.size(), line.size() + 1));
  }
  return true;
}

}  // namespace

Result<std::string> Helper::ask(const std::vector<std::string>& arguments, std::string_view input, std::string* aside) const {
  auto answer = host_->run(arguments, input, limit_);
  if (!answer) return tl::make_unexpected(answer.error());
  if (aside != nullptr) *aside = answer->err;
  switch (answer->exit) {
    case 0:
      return std::move(answer->out);
    case 2:
      return fail(ErrorCode::bad_input, tr("host.helper.usage", {{"program", program_}, {"why", told(*answer)}}));
    case 3:
      return fail(ErrorCode::conflict, tr("host.helper.changed", {{"program", program_}, {"why", told(*answer)}}), {},
                  tr("host.helper.changed.help"));
    case 4:
      return fail(ErrorCode::not_found, tr("host.helper.absent", {{"program", program_}, {"why", told(*answer)}}));
    case 5:
      return fail(ErrorCode::forbidden, tr("host.helper.not_allowed", {{"program", program_}, {"why", told(*answer)}}), {},
                  tr("host.helper.not_allowed.help", {{"program", program_}}));
    default:
      // Refused by sudo, or not installed: then nothing was done.
      if (only_sudo_spoke(answer->err))
        return fail(ErrorCode::forbidden, tr("host.helper.sudo", {{"program", program_}, {"why", told(*answer)}}), {}, tr("host.not_done"));
      if (answer->exit == 126 || answer->exit == 127)
        return fail(ErrorCode::io, tr("host.helper.no_helper", {{"program", program_}, {"why", told(*answer)}}), {}, tr("host.not_done"));
      return fail(ErrorCode::io, tr("host.helper.failed", {{"program", program_}, {"why", told(*answer)}}), {}, tr("host.unknown"));
  }
}

Result<json::Value> Helper::ask_json(const std::vector<std::string>& arguments, std::string_view input) const {
  const auto text = ask(arguments, input);
  if (!text) return tl::make_unexpected(text.error());
  auto value = json::parse(*text);
  if (!value || !value->is_object()) return odd_answer(program_, arguments.front());
  return value;
}

tl::unexpected<Error> odd_answer(std::string_view program, std::string_view verb) {
  return fail(ErrorCode::io, tr("host.helper.odd", {{"program", std::string(program)}, {"verb", std::string(verb)}}), {},
              tr("host.unknown"));
}

std::string shown(std::string_view program, const std::vector<std::string>& arguments) {
  std::string out(program);
  for (const auto& one : arguments) out += " " + quote::sh_word(one).value_or("?");
  return out;
}

}  // namespace digue::connect
