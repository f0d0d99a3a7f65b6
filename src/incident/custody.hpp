#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "base/time.hpp"

/// Where an exhibit comes from and who had it in hand (ISO/IEC 27037): records, and the chain that ties them together.
namespace digue::incident {

/// How an exhibit was acquired. Empty texts are what nobody stated.
struct Acquisition {
  std::string who;
  UtcMicros at;
  std::string source;     ///< machine or system that it comes from
  std::string authority;  ///< who allowed it, or which mandate
  std::string method;     ///< upload, pasted, export, image ...
  std::string tool;
  std::string tool_version;
  std::string query;  ///< what was asked of the source
  std::string note;
};

/// The fields that a record must have and this one has not: who, source, authority, method, tool.
std::vector<std::string> missing_fields(const Acquisition& acquisition);
/// JCS text of the record.
std::string acquisition_text(const Acquisition& acquisition);
Result<Acquisition> read_acquisition(std::string_view text);

/// One state of an exhibit's record: the first, or a correction. All are kept.
struct AcquisitionVersion {
  std::string exhibit;
  Acquisition record;
  UtcMicros recorded;
  std::string by;
  std::string reason;  ///< of the correction; empty for the first
};

/// Who did what with an exhibit, and when.
struct CustodyEvent {
  std::string exhibit;
  UtcMicros at;
  std::string who;
  std::string what;  ///< received, recorded, analysed, viewed, verified, damaged, exported, transferred, derived, released, destroyed
  std::string detail{};
  std::string purpose{};
  std::string recipient{};
  std::string digest{};     ///< SHA-256 of what the event is about: the exhibit, or its acquisition record
  std::int64_t number = 0;  ///< 1, 2, 3 ... in the incident, given by the store
  std::string hash{};       ///< of this event and all before it, given by the store
};

/// SHA-256 of the event tied to the one before it (docs/package-format.md): JCS of all members and `previous`, which is empty for the
/// first. Hexadecimal.
std::string custody_hash(const std::string& incident, const CustodyEvent& event, const std::string& previous);

/// Whether a file holds mails rather than logs, by its name and first bytes: mbox, maildir, eml, msg, pst.
bool holds_mail(std::string_view name, std::string_view head);
/// Whether a file begins as ZIP, tar, 7z or RAR: its bytes may hold a mailbox.
bool is_archive(std::string_view head);

/// A decision to work on a data directory whose disk is not encrypted.
struct Waiver {
  UtcMicros at;
  std::string by;
  std::string reason;
};

/// An evidence package that was made.
struct Package {
  std::string id;
  std::string job;
  std::string format;  ///< zip, tar
  std::string sealed;  ///< passphrase, public key; empty: in the clear
  std::string recipient;
  std::string purpose;
  std::string tlp;
  UtcMicros created;
  std::string by;
  std::int64_t bytes = 0;
  std::string sha256;  ///< of the file
  bool kept = true;    ///< false: the file was removed, the record stays
};

}  // namespace digue::incident
