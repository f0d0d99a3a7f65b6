#include "app/restore.hpp"

#include <algorithm>
#include <iostream>

#include "base/files.hpp"
#include "base/json/value.hpp"
#include "base/text.hpp"
#include "service/backup.hpp"
#include "store/data_directory.hpp"
#include "store/journal_key.hpp"

namespace digue::app {

namespace {

int failed(const Error& error) {
  std::cerr << "digue: " << terminal(to_text(error)) << '\n';
  return error.code == ErrorCode::usage ? 2 : 4;
}

Result<std::string> first_line(const std::string& path) {
  if (path.empty()) return std::string();
  auto text = read_file(path, 4096);
  if (text) text->resize(std::min(text->find_first_of("\r\n"), text->size()));
  return text;
}

Result<std::unique_ptr<store::CaseStore>> open_cases(const std::string& directory) {
  auto key = store::open_journal_key(directory + "/journal.key");
  if (!key) return tl::make_unexpected(key.error());
  return store::open_sqlite_cases(directory + "/cases.sqlite", std::move(*key));
}

}  // namespace

int restore(const cli::RestoreArguments& arguments) {
  service::RestoreOrder order;
  order.file = arguments.file;
  const auto data = arguments.data_directory.empty() ? store::default_data_directory() : Result<std::string>(arguments.data_directory);
  if (!data) return failed(data.error());
  order.directory = *data;
  auto passphrase = first_line(arguments.passphrase_file);
  if (!passphrase) return failed(passphrase.error());
  auto key = first_line(arguments.key_file);
  if (!key) return failed(key.error());
  order.key = {std::move(*passphrase), std::move(*key)};
  order.author = arguments.author;
  const auto done = service::restore(order, open_cases);
  if (!done) return failed(done.error());
  if (arguments.json)
    std::cout << json::canonical(json::Object{{"directory", order.directory},
                                              {"made", done->made},
                                              {"incidents", done->incidents},
                                              {"exhibits", done->exhibits},
                                              {"lines", done->lines},
                                              {"good", done->problems.empty()},
                                              {"problems", json::array_of(done->problems)}})
              << '\n';
  else
    std::cout << tr("restore.done", {{"directory", terminal(order.directory)},
                                     {"made", terminal(done->made)},
                                     {"incidents", std::to_string(done->incidents)},
                                     {"exhibits", std::to_string(done->exhibits)},
                                     {"lines", std::to_string(done->lines)}})
              << '\n';
  for (const auto& problem : done->problems) std::cerr << "digue: " << terminal(problem) << '\n';
  return done->problems.empty() ? 0 : 1;
}

}  // namespace digue::app
