#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/json/value.hpp"
#include "base/localized.hpp"
#include "base/messages.hpp"
#include "connect/host/host.hpp"

/// digue-mail-host (packaging/host), asked and understood.
namespace digue::connect::mta {

class Helper {
 public:
  Helper(std::unique_ptr<Host> host, std::chrono::milliseconds limit) : host_(std::move(host)), limit_(limit) {}

  /// Its standard output; `aside` gets the other stream. Its exit codes become errors: conflict, not_found, forbidden, bad_input, else io.
  Result<std::string> ask(const std::vector<std::string>& arguments, std::string_view input = {}, std::string* aside = nullptr) const;
  /// The same, an object of JSON.
  Result<json::Value> ask_json(const std::vector<std::string>& arguments, std::string_view input = {}) const;

 private:
  std::unique_ptr<Host> host_;
  std::chrono::milliseconds limit_;
};

/// The command as a person would type it: what a plan shows.
std::string shown(const std::vector<std::string>& arguments);

}  // namespace digue::connect::mta
