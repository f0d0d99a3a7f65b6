#!/bin/bash
# Makes a clean Debian 12 root in DIR (a copy of build/roots/bookworm, which is made once, by debootstrap as root).
#   unshare --mount packaging/clean_root.sh DIR      exit code 3: it cannot be had on this machine, the reason is on standard error
# The caller runs in a mount namespace of its own, so that DIR can be held in memory and vanishes with it.
set -euo pipefail
cd "$(dirname "$0")/.."
target=$1
base=build/roots/bookworm

[ "$(id -u)" = 0 ] || { echo "clean root: needs root" >&2; exit 3; }
command -v debootstrap >/dev/null || { echo "clean root: debootstrap is not installed" >&2; exit 3; }
if [ "$(readlink /proc/self/ns/mnt)" = "$(readlink /proc/1/ns/mnt)" ]; then
  echo "clean root: not in a mount namespace of its own" >&2
  exit 3
fi

if [ ! -f "$base.made" ]; then
  # The machine's own mirror, so that a closed network works too.
  mirror=$(apt-get indextargets --format '$(REPO_URI)' 'Codename: bookworm' 'Component: main' 'Created-By: Packages' 2>/dev/null | head -n 1)
  rm -rf "$base"
  mkdir -p "$(dirname "$base")"
  if ! debootstrap --variant=minbase bookworm "$base" ${mirror:+"$mirror"} >"$base.log" 2>&1; then
    echo "clean root: debootstrap failed: $(tail -n 1 "$base.log")" >&2
    exit 3
  fi
  # Thrown away after use: no need to wait for the disk after each package.
  echo force-unsafe-io >"$base/etc/dpkg/dpkg.cfg.d/unsafe-io"
  touch "$base.made"
fi
mkdir -p "$target"
if [ "$(awk '/^MemAvailable/ { print $2 }' /proc/meminfo)" -gt $((3 * 1024 * 1024)) ]; then
  mount -t tmpfs -o size=2g,mode=755 digue-root "$target" || true
fi
cp -a "$base/." "$target/"
