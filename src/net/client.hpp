#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "base/result.hpp"

namespace digue::net {

struct ClientRequest {
  std::string method;
  std::string target;  ///< "/api/v1/incidents?x=1", encoded
  std::vector<std::pair<std::string, std::string>> headers;
  std::uint64_t size = 0;  ///< of the body, bytes
  /// The next bytes of the body; called until `size` bytes came.
  std::function<Result<std::size_t>(char* to, std::size_t size)> body;
};

struct ClientReply {
  int status = 0;
  std::string type;  ///< Content-Type
};

/// One request through a server's Unix socket; `head` gets status and type, then `sink` the answer's body, part by part. Errors: not_found
/// when nobody listens there, io, those of the body.
Result<ClientReply> ask_local(const std::string& socket, const ClientRequest& request, const std::function<void(const ClientReply&)>& head,
                              const std::function<void(std::string_view)>& sink);

}  // namespace digue::net
