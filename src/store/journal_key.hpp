#pragma once

#include <string>

#include "base/crypto/signature.hpp"
#include "base/result.hpp"

namespace digue::store {

/// The key that signs checkpoints of the journals: a file of one line (mode 0600), made when it is absent. A damaged one is refused and
/// kept as it is: a new key would sign what the old one did not see.
Result<SigningKey> open_journal_key(const std::string& path);

}  // namespace digue::store
