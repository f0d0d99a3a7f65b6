#pragma once

#include <sys/types.h>

#include <string>

namespace digue::postgres {

/// A PostgreSQL of this test run: Debian's, durable as it is by default, on a socket in a folder of its own. Its databases sort text as
/// French does, so that what relies on the order of bytes shows.
class TestServer {
 public:
  /// Started by the first call; null, said once, where Debian's programs are not installed.
  static TestServer* instance();
  /// The URI of a new, empty database.
  std::string new_database();
  const std::string& folder() const { return folder_; }
  /// With options behind it: "&application_name=x".
  std::string uri(const std::string& database, const std::string& more = {}) const;
  /// As `pg_ctl stop -m immediate`: what was not synced by the server is gone.
  void stop();
  void start();

  TestServer(std::string programs, std::string folder);
  ~TestServer();
  TestServer(const TestServer&) = delete;
  TestServer& operator=(const TestServer&) = delete;

 private:
  const std::string programs_, folder_;
  pid_t server_ = 0;
  int databases_ = 0;
};

}  // namespace digue::postgres
