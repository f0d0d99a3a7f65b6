#pragma once

#include <sys/types.h>

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/loopback_test.hpp"
#include "containment/connector.hpp"

namespace digue::testing {

/// A Postfix of its own on loopback whose users sign in through a Dovecot: domain chu.test, users alice and bob (password "pw-alice",
/// "pw-bob"). Mail to other domains stays in the queue. Empty tables stand before everything: hash:sasl_block,
/// texthash:sender_block, hash:sender_hash, and where Debian's packages are installed lmdb:both_lmdb and cdb:both_cdb, asked for senders
/// and for who signed in.
class PostfixServer {
 public:
  /// Started once; null, said once, where it cannot be.
  static PostfixServer* instance();
  PostfixServer();
  ~PostfixServer();
  PostfixServer(const PostfixServer&) = delete;
  PostfixServer& operator=(const PostfixServer&) = delete;

  void start();
  void stop();

  /// Those of both_lmdb and both_cdb that there are; says which are not.
  static std::vector<std::string> more_tables();
  /// "hash:/.../maps/NAME", or its file.
  std::string table(const std::string& name) const;
  std::string file(const std::string& name) const { return folder_.path + "/maps/" + name; }
  /// Writes a table as a colleague does: text, then postmap or reload.
  void write_table(const std::string& name, const std::string& text);
  const std::string& folder() const { return folder_.path; }
  std::string configuration() const { return folder_.path + "/etc"; }
  /// A connector of this server.
  std::unique_ptr<containment::Connector> connector(const json::Object& changes = {}) const;

  /// Offers one message; the reply to the last command that was sent ("250 ...", "554 ..."). No user: as another server does.
  std::string send(const std::string& user, const std::string& sender, const std::string& recipient, const std::string& subject = "x");
  /// As postqueue prints it.
  std::string queue() const;
  void empty_queue() const;

 private:
  Folder folder_;
  std::uint16_t smtp_, submission_;
  pid_t dovecot_ = 0, postfix_ = 0;
};

}  // namespace digue::testing
