#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/json/value.hpp"
#include "base/localized.hpp"
#include "base/messages.hpp"
#include "connect/host/host.hpp"

/// A program of packaging/host, asked and understood.
namespace digue::connect {

class Helper {
 public:
  /// `program`: its name, for a person.
  Helper(std::string program, std::unique_ptr<Host> host, std::chrono::milliseconds limit)
      : program_(std::move(program)), host_(std::move(host)), limit_(limit) {}

  /// Its standard output; `aside` gets the other stream. Its exit codes become errors: conflict, not_found, forbidden, bad_input, else io.
  Result<std::string> ask(const std::vector<std::string>& arguments, std::string_view input = {}, std::string* aside = nullptr) const;
  /// The same, an object of JSON.
  Result<json::Value> ask_json(const std::vector<std::string>& arguments, std::string_view input = {}) const;

 private:
  std::string program_;
  std::unique_ptr<Host> host_;
  std::chrono::milliseconds limit_;
};

/// io: it answered, but not as expected.
tl::unexpected<Error> odd_answer(std::string_view program, std::string_view verb);

/// The command as a person would type it: what a plan shows.
std::string shown(std::string_view program, const std::vector<std::string>& arguments);

}  // namespace digue::connect
