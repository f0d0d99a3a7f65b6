#include "cli/package.hpp"

#include <algorithm>
#include <cstdio>

#include "base/files.hpp"
#include "base/messages.hpp"
#include "base/text.hpp"
#include "service/package_check.hpp"

namespace digue::cli {

namespace {

constexpr std::size_t max_secret = 4096;

int failed(const Error& error) {
  std::fprintf(stderr, "digue: %s\n", terminal(to_text(error)).c_str());
  return 4;
}

void line(const std::string& text) {
  std::printf("%s\n", terminal(text).c_str());
}

/// The first line of a file; empty when none is named.
Result<std::string> secret_in(const std::string& path) {
  if (path.empty()) return std::string();
  auto text = read_file(path, max_secret);
  if (text) text->resize(std::min(text->find_first_of("\r\n"), text->size()));
  return text;
}

Result<OpenWith> key_of(const PackageOptions& options) {
  auto passphrase = secret_in(options.passphrase_file);
  if (!passphrase) return tl::make_unexpected(passphrase.error());
  auto key = secret_in(options.key_file);
  if (!key) return tl::make_unexpected(key.error());
  return OpenWith{std::move(*passphrase), std::move(*key)};
}

std::string place(const service::PackageProblem& problem) {
  return problem.file + (problem.line == 0 ? "" : ":" + std::to_string(problem.line));
}

int verify(const PackageOptions& options, const OpenWith& key) {
  const auto verdict = service::check_package(options.path, key);
  if (!verdict)
    return failed({verdict.error().code, verdict.error().message, verdict.error().where.empty() ? options.path : verdict.error().where,
                   verdict.error().help});
  if (options.json) {
    std::printf("%s\n", json::canonical(service::to_json(*verdict)).c_str());
    return verdict->good() ? 0 : 1;
  }
  for (const auto& problem : verdict->problems) line(place(problem) + ": " + problem.message);
  for (const auto& warning : verdict->warnings) line(tr("verify.warning") + " " + place(warning) + ": " + warning.message);
  for (const auto& [label, value] : verdict->info)
    if (label == "External-Identifier" || label == "TLP-Level" || label == "Custody-Recipient") line(label + ": " + value);
  if (!verdict->code.empty()) line(tr("verify.code", {{"code", verdict->code}}));
  if (verdict->left_out > 0) line(tr("verify.left_out", {{"count", std::to_string(verdict->left_out)}}));
  line(verdict->good() ? tr("verify.good", {{"files", std::to_string(verdict->files)},
                                            {"exhibits", std::to_string(verdict->exhibits)},
                                            {"custody", std::to_string(verdict->custody)},
                                            {"lines", std::to_string(verdict->lines)}})
                       : tr("verify.bad", {{"count", std::to_string(verdict->problem_count)}}));
  return verdict->good() ? 0 : 1;
}

int open(const PackageOptions& options, const OpenWith& key) {
  auto source = FileSource::open(options.path);
  if (!source) return failed(source.error());
  const auto content = SealedSource::open(**source, key);
  if (!content) return failed(content.error());
  auto file = File::create(options.to, 0600);
  if (!file) return failed(file.error());
  std::string part(std::size_t{256} * 1024, '\0');
  Result<void> done;
  while (done) {
    const auto got = (*content)->read(part.data(), part.size());
    if (!got)
      done = tl::make_unexpected(got.error());
    else if (*got == 0)
      break;
    else
      done = file->write(std::string_view(part).substr(0, *got));
  }
  if (done) done = file->sync();
  if (done) return 0;
  // What came before the damage was authentic, but nobody asked for a part.
  static_cast<void>(remove_file(options.to));
  return failed(done.error());
}

int make_key(const PackageOptions& options) {
  const auto pair = make_key_pair();
  auto file = File::create(options.path, 0600);
  if (!file) return failed(file.error());
  auto done = file->write(pair.secret_key + "\n");
  if (done) done = file->sync();
  if (!done) return failed(done.error());
  std::printf("%s\n", pair.public_key.c_str());
  return 0;
}

}  // namespace

int package(const PackageOptions& options) {
  if (options.command == "key") return make_key(options);
  const auto key = key_of(options);
  if (!key) return failed(key.error());
  return options.command == "open" ? open(options, *key) : verify(options, *key);
}

}  // namespace digue::cli
