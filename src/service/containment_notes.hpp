#pragma once

#include "service/containment.hpp"
#include "service/notes.hpp"

/// What containment writes into journal and vault. For containment*.cpp.
namespace digue::service {

/// "account.block sur alice@... (messagerie)" as the journal names an operation.
std::string title_of(const Context& context, const containment::Operation& operation);
Note note_of_plan(const Context& context, const containment::Operation& operation);
/// `about` is "operation.approved" ...; the text is the message note.<about>.
Note note_of(const Context& context, const containment::Operation& operation, const std::string& about, const std::string& detail = {});
/// Emergency accounts that an order names or its steps touch; `asked`: as its account was called before the platform's own name replaced
/// it.
void add_risks(containment::Plan& plan, const std::vector<std::string>& asked, const CommonSettings& common);
/// Those who watch the incident hear of it.
void tell(const Context& context, const containment::Operation& operation);

/// The author of what the workbench does by itself.
Caller workbench();

/// Prior state on its way to be an exhibit.
Result<store::SealedBytes> seal_bytes(const Context& context, std::string_view bytes);
/// The bytes of an exhibit, at most 256 MiB.
Result<std::string> exhibit_bytes(const Context& context, const std::string& incident, const std::string& exhibit);

/// What of its plan is kept sealed.
Result<std::map<std::string, std::string>> secrets_of(const Context& context, const Platforms& platforms,
                                                      const containment::Operation& operation);

/// Where the account of a session.revoke is blocked in the platform's own directory (its setting "directory"), which drew a new password
/// that nobody was shown yet: lends it to the plan as the secret "refused", to be tried on every door.
Result<void> lend_password(const Context& context, const Platforms& platforms, const containment::Operation& operation,
                           containment::Plan& plan);

/// One piece of evidence that a platform gave, as an exhibit.
Result<incident::Exhibit> take_piece(const Context& context, const Caller& caller, const std::string& incident, const NewCollection& wanted,
                                     const containment::Collected& piece);

/// The plan that takes an operation back, from what was sealed and what is there now. Without id, author and reason. `undo`: the operation
/// that it is for, when there is one already.
Result<containment::Operation> undo_of(const Context& context, Platforms& platforms, const containment::Policy& policy,
                                       const std::string& incident, const std::string& id, const std::string& undo = {});

}  // namespace digue::service
