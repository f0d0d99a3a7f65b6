#include "cli/playbook.hpp"

#include <cstdio>

#include "base/files.hpp"
#include "base/json/value.hpp"
#include "base/messages.hpp"
#include "base/text.hpp"
#include "playbook/cacao.hpp"
#include "service/content.hpp"

namespace digue::cli {

namespace {

int failed(const Error& error) {
  std::fprintf(stderr, "digue: %s\n", terminal(to_text(error)).c_str());
  return 4;
}

void line(const std::string& text) {
  std::printf("%s\n", terminal(text).c_str());
}

json::Array problems_json(const std::vector<playbook::CacaoProblem>& problems) {
  json::Array out;
  for (const auto& problem : problems)
    out.push_back(json::Object{{"pointer", problem.pointer}, {"message", problem.message}, {"expected", problem.expected}});
  return out;
}

json::Object view_json(const playbook::CacaoView& view) {
  json::Array steps;
  for (const auto& step : view.steps)
    steps.push_back(json::Object{{"id", step.id},
                                 {"type", step.type},
                                 {"name", step.name},
                                 {"description", step.description},
                                 {"commands", json::array_of(step.commands)},
                                 {"executable", step.executable}});
  return {{"id", view.id},           {"name", view.name},         {"description", view.description}, {"created_by", view.created_by},
          {"created", view.created}, {"modified", view.modified}, {"revoked", view.revoked},         {"steps", std::move(steps)}};
}

void show(const playbook::CacaoView& view) {
  line(view.name);
  line(view.id + ", " + view.created_by + ", " + view.modified);
  line(tr("cacao.foreign"));
  if (view.revoked) line(tr("cacao.revoked"));
  for (const auto& step : view.steps) {
    line("- " + step.type + (step.name.empty() ? "" : ": " + step.name) + (step.executable ? " (" + tr("cacao.executable") + ")" : ""));
    for (const auto& command : step.commands) line("    " + command);
  }
}

}  // namespace

int playbook(const PlaybookOptions& options) {
  if (options.command == "export") {
    const auto book = service::embedded_playbook();
    if (!book) return failed(book.error());
    std::printf("%s\n", playbook::to_cacao(*book).c_str());
    return 0;
  }
  const auto text = read_file(options.path, playbook::max_cacao);
  if (!text) return failed(text.error());
  const auto problems = playbook::check_cacao(*text);
  if (!problems) return failed({problems.error().code, problems.error().message, options.path, problems.error().help});
  const bool good = problems->empty();
  if (options.json) {
    json::Object out{{"file", options.path}, {"problems", problems_json(*problems)}};
    if (good && options.command == "import") out["playbook"] = view_json(*playbook::view_cacao(*text));
    std::printf("%s\n", json::canonical(out).c_str());
  } else {
    for (const auto& problem : *problems)
      line(options.path + "#" + problem.pointer + ": " + problem.message + (problem.expected.empty() ? "" : " " + problem.expected));
    if (good && options.command == "import")
      show(*playbook::view_cacao(*text));
    else
      line(good ? tr("cacao.good") : tr("cacao.faults", {{"count", std::to_string(problems->size())}}));
  }
  return good ? 0 : 1;
}

}  // namespace digue::cli
