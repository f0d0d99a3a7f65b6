#pragma once

#include <map>
#include <string>

#include "net/http.hpp"

namespace digue::api {

/// The built page, out of the program's own bytes.
class Assets {
 public:
  Assets();
  net::Response serve(const net::Request& request) const;

 private:
  struct File {
    std::string_view data;
    std::string_view type;
    std::string tag;  ///< strong ETag: SHA-256 of the content
  };
  std::map<std::string, File, std::less<>> files_;
};

}  // namespace digue::api
