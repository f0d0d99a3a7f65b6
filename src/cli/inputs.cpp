#include "cli/inputs.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <set>

#include "analysis/spill.hpp"

namespace digue::cli {

namespace {

namespace fs = std::filesystem;
using Identity = std::pair<dev_t, ino_t>;

Result<int> spool_standard_input() {
  const auto fd = analysis::Spill::open_private_file();
  if (!fd) return fd;
  std::string buffer(1 << 20, '\0');
  while (true) {
    const ssize_t got = ::read(0, buffer.data(), buffer.size());
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return fail(ErrorCode::io, std::string("cannot read standard input: ") + std::strerror(errno));
    if (got == 0) return fd;
    for (ssize_t done = 0; done < got;) {
      const ssize_t wrote = ::write(*fd, buffer.data() + done, static_cast<std::size_t>(got - done));
      if (wrote < 0 && errno == EINTR) continue;
      if (wrote <= 0)
        return fail(ErrorCode::io, std::string("cannot keep standard input: ") + std::strerror(errno), "TMPDIR", "Free space there.");
      done += wrote;
    }
  }
}

/// Files below a folder. `seen` holds the folders on the way, so that a loop of links ends.
void walk(const fs::path& folder, std::set<Identity>& folders, std::set<Identity>& files, std::vector<std::string>& out) {
  std::error_code error;
  std::vector<fs::path> entries;
  for (const auto& entry : fs::directory_iterator(folder, fs::directory_options::skip_permission_denied, error))
    entries.push_back(entry.path());
  std::sort(entries.begin(), entries.end());
  for (const fs::path& path : entries) {
    struct stat status{};
    if (::stat(path.c_str(), &status) != 0) continue;
    const Identity identity{status.st_dev, status.st_ino};
    if (S_ISDIR(status.st_mode) && folders.insert(identity).second) walk(path, folders, files, out);
    if (S_ISREG(status.st_mode) && files.insert(identity).second) out.push_back(path.string());
  }
}

}  // namespace

Result<NamedInputs> expand_inputs(const std::vector<std::string>& paths) {
  NamedInputs out;
  for (std::size_t i = 0; i < paths.size(); ++i) {
    if (paths[i] == "-") {
      const auto fd = spool_standard_input();
      if (!fd) return tl::make_unexpected(fd.error());
      out.sources.push_back({"", "-", *fd});
      out.named.push_back(i);
      continue;
    }
    std::vector<std::string> files;
    struct stat status{};
    if (::stat(paths[i].c_str(), &status) == 0 && S_ISDIR(status.st_mode)) {
      std::set<Identity> folders{{status.st_dev, status.st_ino}};
      std::set<Identity> seen;
      walk(paths[i], folders, seen, files);
    } else {
      files.push_back(paths[i]);
    }
    for (std::string& file : files) {
      out.sources.push_back({file, file, -1});
      out.named.push_back(i);
    }
  }
  return out;
}

}  // namespace digue::cli
