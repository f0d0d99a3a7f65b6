#pragma once

#include "base/json/value.hpp"
#include "net/http.hpp"
#include "service/backup.hpp"

namespace digue::api {

/// `passphrase` and `public_key` of a body.
SealFor seal_of(json::Fields& fields);
/// A download that is made while it is taken.
net::Response reply_stream(service::Outgoing out);

}  // namespace digue::api
