#include "service/custody.hpp"

#include <doctest/doctest.h>
#include <sys/stat.h>

#include <algorithm>
#include <condition_variable>
#include <filesystem>
#include <fstream>

#include "service/disk.hpp"
#include "service/exhibits.hpp"
#include "service/incidents.hpp"
#include "service/journal.hpp"
#include "service/reading.hpp"
#include "service/stores_test.hpp"
#include "service/verification.hpp"

using namespace digue;
using namespace digue::service;

namespace {

/// A workbench without a playbook: what evidence needs.
struct Bench : service::testing::Stores {
  std::mutex mutex;
  std::condition_variable changed;
  std::unique_ptr<Jobs> jobs;
  Caller caller{"A. Roche"};
  std::string incident;

  Bench()
      : Stores(true, [this](std::string_view, const std::string&) {
          const std::lock_guard lock(mutex);
          changed.notify_all();
        }) {
    jobs = std::make_unique<Jobs>(*context);
    incident = create_incident(*context, caller, {"Boîte compromise", "", false, false})->incident.id;
  }
  ~Bench() { jobs.reset(); }  // its threads tell of changes
  incident::Exhibit exhibit(const std::string& name, std::string_view bytes, Arrival arrival = {}) {
    auto upload = receive_exhibit(*context, caller, incident, name, std::move(arrival)).value();
    REQUIRE(upload->write(bytes));
    return upload->finish().value();
  }
  std::vector<incident::CustodyEvent> custody() { return list_custody(*context, incident).value(); }
  store::Entry last_line() { return read_journal(*context, incident, 0, 500)->entries.back(); }
  incident::Exhibit again(const std::string& id) {
    const auto all = list_exhibits(*context, incident).value();
    return *std::find_if(all.begin(), all.end(), [&](const auto& one) { return one.id == id; });
  }
  incident::Job ended(const std::string& id) {
    std::unique_lock lock(mutex);
    for (;;) {
      lock.unlock();
      const auto all = jobs->list(incident).value();
      for (const auto& view : all)
        if (view.job.id == id && view.job.ended) return view.job;
      lock.lock();
      changed.wait_for(lock, std::chrono::milliseconds(20));
    }
  }
};

bool ties(const store::Entry& line, const std::string& hash) {
  return std::any_of(line.body->links.begin(), line.body->links.end(),
                     [&](const auto& link) { return link.kind == "custody" && link.id == hash; });
}

}  // namespace

TEST_CASE_FIXTURE(Bench, "an exhibit comes with its record, its custody and its line; what nobody stated is told") {
  const auto bare = exhibit("mail.log", "abc");
  auto records = list_acquisitions(*context, incident).value();
  REQUIRE(records.size() == 1);
  CHECK(records[0].record.who == "A. Roche");
  CHECK(records[0].record.method == "upload");
  CHECK(records[0].record.at == bare.received);
  CHECK(missing_fields(records[0].record) == std::vector<std::string>{"source", "authority", "tool"});
  CHECK(ties(last_line(), custody().back().hash));
  // FIPS 180-4.
  CHECK(bare.sha512.starts_with("ddaf35a193617aba"));

  Arrival arrival;
  arrival.parents = {bare.id};
  CHECK(receive_exhibit(*context, caller, incident, "x", arrival).error().where == "transformation");
  arrival.transformation = "lignes du 9 mars";
  const auto derived = exhibit("extrait.log", "a", arrival);
  CHECK(derived.parents == std::vector<std::string>{bare.id});
  const auto told = custody();
  CHECK(std::count_if(told.begin(), told.end(), [](const auto& one) { return one.what == "derived"; }) == 2);
  CHECK(ties(last_line(), told.back().hash));
  arrival.parents = {"absent"};
  CHECK(receive_exhibit(*context, caller, incident, "x", arrival).error().code == ErrorCode::not_found);
}

TEST_CASE_FIXTURE(Bench, "a record of acquisition is corrected by another one, with its reason") {
  const auto one = exhibit("mail.log", "abc");
  incident::Acquisition record{"B. Diop", UtcMicros{5}, "srv-mail-01", "RSSI", "export", "doveadm", "", "", ""};
  CHECK(correct_acquisition(*context, caller, incident, one.id, record, " ").error().where == "reason");
  record.authority.clear();
  CHECK(correct_acquisition(*context, caller, incident, one.id, record, "relu").error().where == "authority");
  record.authority = "RSSI";
  REQUIRE(correct_acquisition(*context, caller, incident, one.id, record, "relu sur le bordereau"));
  CHECK(list_acquisitions(*context, incident)->size() == 2);
  CHECK(custody().back().what == "recorded");
  CHECK(custody().back().digest == to_hex(sha256(acquisition_text(record))));
  CHECK(last_line().header.about == "acquisition.corrected");
  CHECK(ties(last_line(), custody().back().hash));
  CHECK(correct_acquisition(*context, caller, incident, "absent", record, "x").error().code == ErrorCode::not_found);
}

TEST_CASE_FIXTURE(Bench, "a hand-over names to whom, how and why") {
  const auto one = exhibit("mail.log", "abc");
  CHECK(record_handover(*context, caller, incident, one.id, {"viewed", "x", "y", "z"}).error().where == "what");
  CHECK(record_handover(*context, caller, incident, one.id, {"transferred", "", "y", "z"}).error().where == "recipient");
  const auto done = record_handover(*context, caller, incident, one.id, {"transferred", "Parquet", "clé chiffrée, reçu 12", "enquête"});
  REQUIRE(done);
  CHECK(done->digest == one.sha256);
  CHECK(custody().back().recipient == "Parquet");
  CHECK(last_line().header.about == "custody.transferred");
  CHECK(last_line().body->text.find("reçu 12") != std::string::npos);
}

TEST_CASE_FIXTURE(Bench, "mail is opened for a reason, by each person for each exhibit; logs are not asked for") {
  const auto log = exhibit("mail.log", "Mar  9 20:00:00 mx1 postfix");
  const auto mail = exhibit("export/message.eml", "Return-Path: <x@ch-exemple.fr>\nSubject: essai\n\nCorps.\n");
  CHECK(log.content == "log");
  CHECK(mail.content == "mail");
  CHECK(view_exhibit(*context, caller, incident, log.id, Part::whole, 0, 100)->text.starts_with("Mar  9"));
  CHECK(custody().back().what == "viewed");

  const auto refused = view_exhibit(*context, caller, incident, mail.id, Part::headers, 0, 100);
  REQUIRE_FALSE(refused);
  CHECK(refused.error().where == reason_place);
  CHECK(custody().back().exhibit == log.id);
  CHECK(give_reason(*context, caller, incident, mail.id, " ").error().code == ErrorCode::bad_input);
  CHECK(give_reason(*context, caller, incident, "absent", "x").error().code == ErrorCode::not_found);
  REQUIRE(give_reason(*context, caller, incident, mail.id, "hameçonnage signalé"));
  CHECK(last_line().header.about == "mail.opened");
  CHECK(ties(last_line(), custody().back().hash));
  const auto headers = view_exhibit(*context, caller, incident, mail.id, Part::headers, 0, 100);
  REQUIRE(headers);
  CHECK(headers->text.find("Corps") == std::string::npos);
  CHECK(headers->truncated);
  CHECK(custody().back().purpose == "hameçonnage signalé");
  CHECK(view_exhibit(*context, caller, incident, mail.id, Part::whole, 0, 100)->text.find("Corps") != std::string::npos);
  CHECK_FALSE(view_exhibit(*context, {"B. Diop"}, incident, mail.id, Part::whole, 0, 100));
  const auto other = exhibit("autre.eml", "x");
  CHECK_FALSE(view_exhibit(*context, caller, incident, other.id, Part::whole, 0, 100));
  Arrival declared;
  declared.content = "mail";
  CHECK(exhibit("sans-nom", "x", declared).content == "mail");
  declared.content = "log";
  CHECK(exhibit("message.eml", "x", declared).content == "mail");
  const auto packed = exhibit("boite.zip", "PK\x03\x04 cur/1:2,S Corps");
  CHECK(packed.content == "log");
  CHECK_FALSE(view_exhibit(*context, caller, incident, packed.id, Part::whole, 0, 100));
  REQUIRE(give_reason(*context, caller, incident, packed.id, "tri"));
  CHECK(view_exhibit(*context, caller, incident, packed.id, Part::whole, 0, 100));
}

TEST_CASE_FIXTURE(Bench, "exhibits read again: good ones are verified, a changed one is told loudly and stays so") {
  const auto good = exhibit("bonne", "abc");
  const auto bad = exhibit("mauvaise", "abcd");
  const auto first = start_verification(*context, *jobs, caller, incident, {}).value();
  CHECK(first.job.bytes_total == 7);
  CHECK(ended(first.job.id).state == "done");
  CHECK(again(good.id).verified);
  CHECK(last_line().header.about == "verification.good");
  CHECK(ties(last_line(), custody().back().hash));

  const auto path = vault->path_of(bad.sha256);
  REQUIRE(::chmod(path.c_str(), 0600) == 0);
  std::ofstream(path, std::ios::in | std::ios::out) << "X";
  const auto second = start_verification(*context, *jobs, caller, incident, {bad.id}).value();
  CHECK(ended(second.job.id).state == "done");
  CHECK(again(bad.id).state == "damaged");
  CHECK(again(good.id).state == "received");
  CHECK(custody().back().what == "damaged");
  CHECK(last_line().header.about == "verification.damaged");
  CHECK(last_line().body->text.find("mauvaise") != std::string::npos);

  std::filesystem::remove(path);
  CHECK(ended(start_verification(*context, *jobs, caller, incident, {bad.id})->job.id).state == "done");
  CHECK(again(bad.id).state == "damaged");
  std::ofstream(path) << "abcd";
  CHECK(ended(start_verification(*context, *jobs, caller, incident, {bad.id})->job.id).state == "done");
  CHECK(again(bad.id).state == "received");
  CHECK(start_verification(*context, *jobs, caller, incident, {"absent"}).error().code == ErrorCode::not_found);
}

TEST_CASE_FIXTURE(Bench, "a disk that is not encrypted is told in each incident, and a waiver in all of them") {
  context->settings.disk = DiskEncryption{DiskEncryption::State::no, "ext4 on sda1"};
  const auto second = create_incident(*context, caller, {"Autre boîte", "", false, false})->incident.id;
  auto lines = read_journal(*context, second, 0, 500)->entries;
  CHECK(lines.front().header.about == "clock.check");
  CHECK(lines.front().body->text.find("ext4 on sda1") != std::string::npos);
  CHECK_FALSE(disk_report(*context)->waiver);
  CHECK_FALSE(waive_disk_encryption(*context, caller, " "));
  REQUIRE(waive_disk_encryption(*context, caller, "poste de secours"));
  for (const auto& id : {incident, second}) CHECK(read_journal(*context, id, 0, 500)->entries.back().header.about == "disk.waived");
  CHECK(disk_report(*context)->waiver->reason == "poste de secours");
  const auto third = create_incident(*context, caller, {"Troisième", "", false, false})->incident.id;
  lines = read_journal(*context, third, 0, 500)->entries;
  CHECK(std::any_of(lines.begin(), lines.end(),
                    [](const auto& line) { return line.body->text.find("poste de secours") != std::string::npos; }));
  context->settings.disk = DiskEncryption{DiskEncryption::State::yes, "dm-crypt"};
  CHECK(waive_disk_encryption(*context, caller, "x").error().code == ErrorCode::conflict);
}
