#pragma once

#include <cstdint>

#include "connect/rspamd/kinds.hpp"

namespace digue::rspamd {

/// A map as the controller lists it.
struct Map {
  std::uint32_t id = 0;
  std::string uri;  ///< hostile text
  bool editable = false;
};

/// What Rspamd would do with a message.
struct Verdict {
  std::string action;
  std::vector<std::string> symbols;  ///< those that name its key
};

/// Rspamd's controller, one request a call. Errors: forbidden (password, or the file of the map), io (unreachable, cut, out of time, or not
/// what Rspamd answers), bad_input (no such map, or one that is too large).
class Controller {
 public:
  explicit Controller(const Setup& setup) : setup_(setup) {}

  /// Whether the password opens reading only.
  Result<bool> is_read_only() const;
  /// By its uri or number.
  Result<Map> find(const std::string& name) const;
  /// Every byte.
  Result<std::string> read(const Map& map) const;
  /// Replaces all of it.
  Result<void> save(const Map& map, const std::string& text) const;
  /// A small mail, judged by a normal worker; it goes nowhere.
  Result<Verdict> judge(const Sample& mail, const std::string& mark) const;

 private:
  Result<HttpAnswer> ask(const std::string& method, const std::string& path, const Map* map, const std::string& body = {}) const;

  const Setup& setup_;
};

}  // namespace digue::rspamd
