#include "connect/dovecot/passwd_file.hpp"

#include <algorithm>

#include "base/text.hpp"

namespace digue::dovecot {

namespace {

ErrorCode code_of(int exit) {
  switch (exit) {
    case 2:
      return ErrorCode::bad_input;
    case 3:
      return ErrorCode::conflict;
    case 4:
      return ErrorCode::not_found;
    case 5:
      return ErrorCode::forbidden;
    default:
      return ErrorCode::io;
  }
}

}  // namespace

Result<std::string> PasswdFile::run(const std::vector<std::string>& arguments, const std::string& input) const {
  auto answer = host_.run(arguments, input, setup_.host_limit);
  if (!answer) return tl::make_unexpected(answer.error());
  if (answer->exit == 0) return std::move(answer->out);
  return fail(code_of(answer->exit), tr("dovecot.host", {{"why", to_utf8_lossy(trim(clip(answer->err, 500)))}}), setup_.passwd_file,
              tr(answer->exit == 3 ? "dovecot.host.changed" : "dovecot.host.help"));
}

Result<PasswdLine> PasswdFile::read(const std::string& account, const std::string& file) const {
  const auto out = run({"passwd-read", file, account});
  if (!out) return tl::make_unexpected(out.error());
  const auto value = json::parse(*out, {4096, 4});
  if (!value) return fail(ErrorCode::io, tr("dovecot.host.unreadable"), file);
  json::Fields fields(*value);
  PasswdLine line;
  line.found = fields.flag_or("found", false);
  line.locked = fields.flag_or("locked", false);
  line.digest = fields.text("digest", 64);
  line.password = fields.text("password", 64);
  line.kept = fields.text("kept", 64);
  if (!fields.done()) return fail(ErrorCode::io, tr("dovecot.host.unreadable"), file);
  if (!line.found) return fail(ErrorCode::not_found, tr("dovecot.not_in_file", {{"file", file}}), account);
  return line;
}

Result<std::string> PasswdFile::digest(const std::string& field) const {
  const auto out = run({"passwd-digest", setup_.passwd_file}, field);
  if (!out) return out;
  const auto value = json::parse(*out, {4096, 4});
  if (!value) return fail(ErrorCode::io, tr("dovecot.host.unreadable"), setup_.passwd_file);
  json::Fields fields(*value);
  auto digest = fields.text("digest", 64);
  if (!fields.done()) return fail(ErrorCode::io, tr("dovecot.host.unreadable"), setup_.passwd_file);
  return digest;
}

Result<void> PasswdFile::change(const std::vector<std::string>& arguments, const std::string& input) const {
  const auto out = run(arguments, input);
  if (!out) return tl::make_unexpected(out.error());
  return {};
}

Result<void> PasswdFile::set(const std::string& account, const std::string& expect, const std::string& field) const {
  return change({"passwd-set", setup_.passwd_file, account, expect}, field);
}
Result<void> PasswdFile::lock(const std::string& account, const std::string& expect) const {
  return change({"passwd-lock", setup_.passwd_file, account, expect});
}
Result<void> PasswdFile::restore(const std::string& account, const std::string& expect) const {
  return change({"passwd-restore", setup_.passwd_file, account, expect});
}

Result<bool> PasswdFile::listed() const {
  const auto out = run({"version"});
  if (!out) return tl::make_unexpected(out.error());
  const auto value = json::parse(*out, {std::size_t{64} << 10, 4});
  if (!value) return fail(ErrorCode::io, tr("dovecot.host.unreadable"), setup_.passwd_file);
  json::Fields fields(*value);
  const auto files = fields.texts("passwd", 1000, 4096);
  return std::find(files.begin(), files.end(), setup_.passwd_file) != files.end();
}

}  // namespace digue::dovecot
