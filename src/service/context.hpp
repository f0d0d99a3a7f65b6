#pragma once

#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/disk_encryption.hpp"
#include "base/messages.hpp"
#include "connect/guided/guided.hpp"
#include "incident/questions.hpp"
#include "incident/retention.hpp"
#include "incident/stages.hpp"
#include "incident/task.hpp"
#include "playbook/playbook.hpp"
#include "store/cases/cases.hpp"
#include "store/documents.hpp"
#include "store/events/events.hpp"
#include "store/vault/vault.hpp"

namespace digue::service {

struct DutyContent;

/// Who asks: the author of journal lines.
struct Caller {
  std::string name;
  std::string person{};     ///< the account's id; empty when there is none
  std::string session{};    ///< the login session's id; empty at the terminal
  std::string source{};     ///< IP address; "local" at the terminal
  bool everything = false;  ///< all rights: whoever can open the data directory, and everybody before accounts exist
};

/// How a workbench is set up.
struct Settings {
  std::string zone = "Europe/Paris";  ///< of the establishment
  Language language = Language::fr;   ///< of the lines that the workbench writes by itself
  std::vector<std::string> own_domains;
  std::vector<std::string> own_ranges;   ///< CIDR
  std::optional<Error> content_problem;  ///< why the content of the data directory is not in use
  std::string directory{};               ///< the data directory; empty: none (tests)
  std::optional<DiskEncryption> disk{};  ///< what the data directory lies on; nothing: nobody looked
};

/// Tells those who watch an incident that something of a kind changed: journal, task, job, story, exhibit, incident, duty; or all, by an
/// empty incident: directory. Any thread.
using Notify = std::function<void(std::string_view kind, const std::string& incident)>;

/// What every use case works with. All of it outlives the use cases.
struct Context {
  store::CaseStore& cases;
  store::Vault& vault;
  store::EventStore& events;
  const store::Documents& documents;
  const playbook::Playbook& playbook;
  Settings settings;
  Notify notify;
  incident::Plan plan;  ///< of the playbook, see plan_of()
  incident::Questions questions{};
  incident::Stages stages{};
  const DutyContent* duties = nullptr;  ///< null only where nothing is declared (tests)
  std::span<const guided::Platform> platforms = {};
  incident::Retention retention{};
};

}  // namespace digue::service
