#include "base/sandbox/sandbox.hpp"

#include <fcntl.h>
#include <linux/landlock.h>
#include <seccomp.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <memory>

namespace digue {

namespace {

// Rights that Debian 12's header does not name yet (linux/landlock.h of later kernels).
constexpr std::uint64_t access_truncate = std::uint64_t{1} << 14;
constexpr std::uint64_t access_ioctl_dev = std::uint64_t{1} << 15;

Error system_failure(const char* what) {
  return {ErrorCode::internal, std::string("cannot shut the analysis in: ") + what + ": " + std::strerror(errno), {}, {}};
}

int landlock_abi() {
  const long abi = ::syscall(SYS_landlock_create_ruleset, nullptr, 0, LANDLOCK_CREATE_RULESET_VERSION);
  return abi < 0 ? 0 : static_cast<int>(abi);
}

/// What cannot be opened now is told when it is read.
Result<void> allow(int ruleset, const std::string& path, std::uint64_t file_access) {
  const int fd = ::open(path.c_str(), O_PATH | O_CLOEXEC);
  if (fd < 0) return {};
  struct stat status{};
  ::fstat(fd, &status);
  landlock_path_beneath_attr rule{};
  rule.parent_fd = fd;
  rule.allowed_access = file_access | (S_ISDIR(status.st_mode) ? LANDLOCK_ACCESS_FS_READ_DIR : 0);
  const long added = ::syscall(SYS_landlock_add_rule, ruleset, LANDLOCK_RULE_PATH_BENEATH, &rule, 0);
  ::close(fd);
  if (added != 0) return tl::make_unexpected(system_failure("Landlock rule"));
  return {};
}

Result<void> restrict_files(const std::vector<std::string>& readable, const std::vector<std::string>& programs, int abi) {
  landlock_ruleset_attr attributes{};
  attributes.handled_access_fs = (std::uint64_t{1} << 13) - 1;  // all of the first version
  if (abi >= 2) attributes.handled_access_fs |= LANDLOCK_ACCESS_FS_REFER;
  if (abi >= 3) attributes.handled_access_fs |= access_truncate;
  if (abi >= 5) attributes.handled_access_fs |= access_ioctl_dev;
  const int ruleset = static_cast<int>(::syscall(SYS_landlock_create_ruleset, &attributes, sizeof attributes, 0));
  if (ruleset < 0) return tl::make_unexpected(system_failure("Landlock rules"));
  Result<void> done;
  for (const std::string& path : readable)
    if (done) done = allow(ruleset, path, LANDLOCK_ACCESS_FS_READ_FILE);
  for (const std::string& path : programs)
    if (done) done = allow(ruleset, path, LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_EXECUTE);
  if (done && ::syscall(SYS_landlock_restrict_self, ruleset, 0) != 0) done = tl::make_unexpected(system_failure("Landlock"));
  ::close(ruleset);
  return done;
}

Result<void> restrict_calls(bool may_execute) {
  const std::unique_ptr<void, decltype(&seccomp_release)> filter(seccomp_init(SCMP_ACT_ALLOW), &seccomp_release);
  if (!filter) return tl::make_unexpected(system_failure("seccomp"));
  for (const int call : {SCMP_SYS(socket),
                         SCMP_SYS(socketpair),
                         SCMP_SYS(connect),
                         SCMP_SYS(bind),
                         SCMP_SYS(listen),
                         SCMP_SYS(accept),
                         SCMP_SYS(accept4),
                         SCMP_SYS(ptrace),
                         SCMP_SYS(process_vm_readv),
                         SCMP_SYS(process_vm_writev),
                         SCMP_SYS(execveat),
                         SCMP_SYS(fork),
                         SCMP_SYS(vfork),
                         SCMP_SYS(kill),
                         SCMP_SYS(tkill),
                         SCMP_SYS(bpf),
                         SCMP_SYS(mount),
                         SCMP_SYS(umount2),
                         SCMP_SYS(unshare),
                         SCMP_SYS(setns),
                         SCMP_SYS(keyctl),
                         SCMP_SYS(add_key),
                         SCMP_SYS(request_key),
                         SCMP_SYS(perf_event_open),
                         SCMP_SYS(userfaultfd),
                         SCMP_SYS(io_uring_setup),
                         SCMP_SYS(memfd_create),
                         SCMP_SYS(chmod),
                         SCMP_SYS(fchmod),
                         SCMP_SYS(fchmodat),
                         SCMP_SYS(init_module)})
    if (seccomp_rule_add(filter.get(), SCMP_ACT_ERRNO(EPERM), call, 0) != 0) return tl::make_unexpected(system_failure("seccomp rule"));
  if (!may_execute && seccomp_rule_add(filter.get(), SCMP_ACT_ERRNO(EPERM), SCMP_SYS(execve), 0) != 0)
    return tl::make_unexpected(system_failure("seccomp rule"));
  if (seccomp_load(filter.get()) != 0) return tl::make_unexpected(system_failure("seccomp"));
  return {};
}

}  // namespace

Result<Jail> enter_jail(const std::vector<std::string>& readable, bool without_landlock, const std::vector<std::string>& programs) {
  if (::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 || ::prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0)
    return tl::make_unexpected(system_failure("prctl"));
  Jail jail;
  jail.landlock_abi = landlock_abi();
  if (jail.landlock_abi == 0 && !without_landlock)
    return fail(ErrorCode::forbidden, "this kernel has no Landlock: the analysis of hostile files cannot be shut in", {},
                "Use a kernel with Landlock (5.13 or later, Debian 12 has it), or accept the risk with --allow-unjailed.");
  if (jail.landlock_abi > 0)
    if (auto files = restrict_files(readable, programs, jail.landlock_abi); !files) return tl::make_unexpected(files.error());
  if (auto calls = restrict_calls(!programs.empty()); !calls) return tl::make_unexpected(calls.error());
  return jail;
}

}  // namespace digue
