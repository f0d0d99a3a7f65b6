#pragma once

#include <chrono>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.hpp"
#include "base/trust.hpp"

/// One HTTP request to another machine. Redirects, cookies, the environment's proxies and passwords inside URLs do not exist here.
namespace digue {

struct HttpRequest {
  std::string method = "GET";
  std::string url;                                           ///< https; http to this machine itself, or where the settings allow it
  std::vector<std::pair<std::string, std::string>> headers;  ///< names and values without line ends
  std::string body;
};

struct HttpAnswer {
  int status = 0;
  std::vector<std::pair<std::string, std::string>> headers;  ///< names in lower case; hostile text
  std::string body;                                          ///< whole; hostile bytes

  /// First value, empty when absent.
  std::string_view header(std::string_view lower_name) const;
};

struct HttpSettings {
  Trust trust;
  std::string proxy;        ///< "http://proxy.example:3128"; empty: none
  bool clear_text = false;  ///< http to other machines, too
  std::chrono::milliseconds connect{5'000}, total{30'000};
  std::size_t bytes = std::size_t{64} << 20;  ///< of the answer's body
};

/// bad_input names the part that cannot be sent.
Result<void> check_url(const std::string& url, const HttpSettings& settings);

/// Blocks until the answer is whole; any status is an answer. Any thread. Errors: bad_input (see check_url), limit (an answer beyond
/// `bytes`), io whose message says which of: unreachable, TLS wrong (nothing was sent then), out of time, cut (whether it did something is
/// unknown then).
Result<HttpAnswer> ask_http(const HttpRequest& request, const HttpSettings& settings);

}  // namespace digue
