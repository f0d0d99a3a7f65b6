#pragma once

#include <memory>
#include <string>

#include "base/loopback_test.hpp"
#include "containment/connector.hpp"

namespace digue::rspamd {

/// Until tomorrow.
containment::Order block(const std::string& capability, const std::string& parameter, const std::string& value);
/// What takes a plan back, as the engine keeps it: with the order of the plan, which has no date any more.
containment::Plan undo_of(containment::Connector& connector, const containment::Plan& plan);
/// Undoes a plan and proves it.
containment::Plan taken_back(containment::Connector& connector, const containment::Plan& plan);

/// An Rspamd of this test run: Debian's, on loopback, in a folder of its own, with rules that reject by the senders of sender.map, by the
/// domains of domain.map, by the patterns of pattern.map, by the links of url.map and by the files of attachment.map. "digue-secret" opens
/// its controller, "reader-secret" for reading only.
class TestRspamd {
 public:
  /// Started by the first call; null, said once, where it is not installed.
  static TestRspamd* instance();
  TestRspamd();
  ~TestRspamd();
  TestRspamd(const TestRspamd&) = delete;
  TestRspamd& operator=(const TestRspamd&) = delete;

  std::string map(const std::string& name) const { return folder_.path + "/maps/" + name + ".map"; }
  /// The file of a map.
  std::string text(const std::string& name) const;
  /// Writes it as a colleague would, who does not go through the controller.
  void write(const std::string& name, const std::string& text) const;
  /// What Rspamd's own client is told of mail from that sender, all that follows its first headers in `content`: "reject", "no action".
  std::string action(const std::string& sender, const std::string& content = plain) const;
  /// action(), asked again for a while until it is `wanted`.
  std::string soon(const std::string& sender, const std::string& wanted, const std::string& content = plain) const;

  containment::Settings settings() const;
  std::unique_ptr<containment::Connector> connector() const { return connector(settings()); }
  std::unique_ptr<containment::Connector> connector(const containment::Settings& settings) const;
  std::string url() const { return "http://127.0.0.1:" + std::to_string(controller_port_); }

 private:
  static constexpr const char* plain = "Content-Type: text/plain\n\nSee you.\n";
  bool answers() const;

  testing::Folder folder_;
  std::uint16_t worker_port_ = 0, controller_port_ = 0;
  pid_t server_ = 0;
};

}  // namespace digue::rspamd
