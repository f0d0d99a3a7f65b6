#pragma once

#include <functional>

#include "api/api.hpp"
#include "base/json/value.hpp"
#include "net/http.hpp"
#include "service/backup.hpp"

namespace digue::api {

/// `passphrase` and `public_key` of a body.
SealFor seal_of(json::Fields& fields);
/// A download that is made while it is taken: `next` appends to its argument, false at the end.
net::Response reply_stream(const std::string& name, std::function<Result<bool>(std::string& part)> next);
/// The archive itself; with `link` what Downloads::add() tells, for a browser that then follows the link.
net::Response reply_archive(Call& call, service::Outgoing out, bool link, Downloads::Needs needs);

}  // namespace digue::api
