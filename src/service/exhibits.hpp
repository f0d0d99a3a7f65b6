#pragma once

#include <memory>

#include "service/context.hpp"
#include "service/notes.hpp"

namespace digue::service {

/// What is said of an exhibit when it comes: where from, how, of what it was made.
struct Arrival {
  incident::Acquisition acquisition;   ///< an empty `who` is the caller, a time of 0 is now, an empty method "upload"
  std::vector<std::string> parents{};  ///< exhibits of the incident that it was made of
  std::string transformation{};        ///< how; needed when there are parents
  std::string content{};               ///< mail, log; empty: told by name and first bytes
};

/// One exhibit on its way in. Destroyed before finish(), nothing of it stays.
class Upload {
 public:
  Result<void> write(std::string_view data);
  /// Sealed, recorded, told in the journal: on disk when it returns.
  Result<incident::Exhibit> finish();

 private:
  friend Result<std::unique_ptr<Upload>> receive_exhibit(const Context&, const Caller&, const std::string&, const std::string&, Arrival);
  Upload(const Context& context, Caller caller, std::string incident, std::string name, Arrival arrival, store::Incoming incoming)
      : context_(context),
        caller_(std::move(caller)),
        incident_(std::move(incident)),
        name_(std::move(name)),
        arrival_(std::move(arrival)),
        incoming_(std::move(incoming)) {}
  const Context& context_;
  Caller caller_;
  std::string incident_;
  std::string name_;
  Arrival arrival_;
  std::string head_;  ///< the first bytes
  store::Incoming incoming_;
};

inline constexpr std::size_t max_exhibit_name = 4096;

/// `name` as the person's machine gave it, `/` allowed: it is shown, never used as a path. Bytes that are not UTF-8 become U+FFFD.
Result<std::unique_ptr<Upload>> receive_exhibit(const Context& context, const Caller& caller, const std::string& incident,
                                                const std::string& name, Arrival arrival = {});

/// What sealed bytes are recorded as.
struct TakenIn {
  std::string name;
  std::string method;
  Arrival arrival;
  Note note;
};
/// The record of sealed bytes: exhibit, acquisition, custody and journal line in the transaction of `writer`.
Result<incident::Exhibit> take_in(store::CaseWriter& writer, const Context& context, const Caller& caller, const std::string& incident,
                                  const store::SealedBytes& sealed, std::string_view head, const TakenIn& taken);

/// Runs `record` in a transaction for bytes that were sealed for it; nothing of them stays when it fails.
Result<void> record_sealed(const Context& context, const store::SealedBytes& sealed,
                           const std::function<Result<void>(store::CaseWriter&)>& record);

Result<std::vector<incident::Exhibit>> list_exhibits(const Context& context, const std::string& incident);
}  // namespace digue::service
