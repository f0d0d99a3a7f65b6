#pragma once

#include "service/notes.hpp"

namespace digue::service {

Result<std::vector<incident::CustodyEvent>> list_custody(const Context& context, const std::string& incident);
/// Records and corrections of the incident's exhibits, in the order in which they were given.
Result<std::vector<incident::AcquisitionVersion>> list_acquisitions(const Context& context, const std::string& incident);

/// Adds custody events and the journal line that ties the chain of them to the journal. The line links the first exhibits.
Result<void> note_custody(store::CaseWriter& writer, const Context& context, const Caller& caller, const std::string& incident,
                          std::vector<incident::CustodyEvent> events, Note note);

/// A new state of an exhibit's acquisition record; the old ones stay. bad_input without a reason or with a required field empty.
Result<incident::AcquisitionVersion> correct_acquisition(const Context& context, const Caller& caller, const std::string& incident,
                                                         const std::string& exhibit, const incident::Acquisition& acquisition,
                                                         const std::string& reason);

/// What a person did with an exhibit outside of the workbench.
struct Handover {
  std::string what;       ///< transferred, released
  std::string recipient;  ///< to whom
  std::string how;        ///< means, and the receipt that was given
  std::string purpose;
};
Result<incident::CustodyEvent> record_handover(const Context& context, const Caller& caller, const std::string& incident,
                                               const std::string& exhibit, const Handover& given);

}  // namespace digue::service
