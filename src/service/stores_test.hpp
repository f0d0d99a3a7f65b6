#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/folder_test.hpp"
#include "service/context.hpp"

namespace digue::service::testing {

/// What the use cases work with, in a folder of its own that goes with it.
struct Stores {
  digue::testing::Folder place;
  std::string folder = place.path;
  std::vector<std::string> leftovers;
  std::unique_ptr<store::CaseStore> cases = store::open_sqlite_cases(folder + "/cases.sqlite").value();
  std::unique_ptr<store::Vault> vault;
  std::unique_ptr<store::EventStore> events = store::open_sqlite_events(folder + "/events").value();
  std::unique_ptr<store::Documents> documents = std::make_unique<store::Documents>(folder + "/documents");
  playbook::Playbook book;
  std::unique_ptr<Context> context;

  /// `known`: whether the vault keeps what it finds when it is opened.
  explicit Stores(
      bool known = false, Notify notify = [](std::string_view, const std::string&) {})
      : vault(store::Vault::open(
                  folder + "/vault", [known](const std::string&) -> Result<bool> { return known; }, leftovers)
                  .value()),
        context(std::make_unique<Context>(Context{*cases, *vault, *events, *documents, book, {}, std::move(notify), {}})) {}
};

}  // namespace digue::service::testing
