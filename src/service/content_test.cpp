#include "service/content.hpp"

#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>

#include "base/folder_test.hpp"

using namespace digue;
using namespace digue::service;

namespace {

struct Folder : digue::testing::Folder {
  void put(const std::string& name, std::string_view text) const {
    const auto file = std::filesystem::path(path) / name;
    std::filesystem::create_directories(file.parent_path());
    std::ofstream(file, std::ios::binary) << text;
  }
};

std::string shipped(std::string_view path) {
  const auto* asset = find_asset(path);
  REQUIRE(asset != nullptr);
  return std::string(asset->data);
}

}  // namespace

TEST_CASE("content: what is built in loads") {
  const auto content = load_content(assets());
  REQUIRE(content);
  CHECK(content->playbook.measures.size() == 9);
  CHECK(content->platforms.size() == 9);
  CHECK_FALSE(content->duties.obligations.empty());
}

TEST_CASE("content: a file of the folder takes the place of the built-in one, without building the program") {
  const Folder folder;
  CHECK(ContentFolder::read(folder.path + "/absent")->empty());
  std::string edited = shipped("content/playbook/m1.yaml");
  const std::string before = "Tant que le compte est ouvert, l’intrus lit";
  REQUIRE(edited.find(before) != std::string::npos);
  edited.replace(edited.find(before), before.size(), "Chez nous, appelez d’abord le 1515");
  folder.put("playbook/m1.yaml", edited);
  folder.put("playbook/notes.txt", "not content");
  std::filesystem::create_symlink("/etc/hostname", folder.path + "/link.yaml");
  const auto files = ContentFolder::read(folder.path);
  REQUIRE(files);
  CHECK_FALSE(files->empty());
  CHECK(files->files().size() == assets().size());
  const auto content = load_content(files->files());
  REQUIRE(content);
  CHECK(content->playbook.action("1.a")->why.fr.starts_with("Chez nous, appelez d’abord le 1515"));
}

TEST_CASE("content: a broken file is refused with its name and line") {
  const Folder folder;
  folder.put("playbook/m1.yaml", "measure: \"1\"\n  title: broken\n");
  const auto files = ContentFolder::read(folder.path);
  REQUIRE(files);
  const auto content = load_content(files->files());
  REQUIRE_FALSE(content);
  CHECK(content.error().where.find("content/playbook/m1.yaml:") != std::string::npos);
  folder.put("big.yaml", std::string((std::size_t{1} << 20) + 1, ' '));
  CHECK_FALSE(ContentFolder::read(folder.path));
}
