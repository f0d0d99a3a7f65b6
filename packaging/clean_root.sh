#!/bin/bash
# Makes a clean Debian 12 root in DIR (a copy of build/roots/bookworm, which is made once, by debootstrap as root).
#   packaging/clean_root.sh DIR        exit code 3: it cannot be had on this machine, with the reason on standard error
set -euo pipefail
cd "$(dirname "$0")/.."
target=$1
base=build/roots/bookworm

[ "$(id -u)" = 0 ] || { echo "clean root: needs root" >&2; exit 3; }
command -v debootstrap >/dev/null || { echo "clean root: debootstrap is not installed" >&2; exit 3; }
unshare --mount true 2>/dev/null || { echo "clean root: this machine refuses a mount namespace" >&2; exit 3; }

if [ ! -f "$base.made" ]; then
  # The machine's own mirror, so that a closed network works too.
  mirror=$(apt-get indextargets --format '$(REPO_URI)' 'Codename: bookworm' 'Component: main' 'Created-By: Packages' 2>/dev/null | head -n 1)
  rm -rf "$base"
  mkdir -p "$(dirname "$base")"
  if ! debootstrap --variant=minbase bookworm "$base" ${mirror:+"$mirror"} >"$base.log" 2>&1; then
    echo "clean root: debootstrap failed: $(tail -n 1 "$base.log")" >&2
    exit 3
  fi
  touch "$base.made"
fi
mkdir -p "$target"
cp -a "$base/." "$target/"
