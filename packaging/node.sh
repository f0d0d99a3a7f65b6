#!/bin/bash
# Prints the folder to put first in PATH so that `node` and `npm` can build the page (Node ^20.19 or >= 22.12).
# Where the machine's own is older (Debian 12 has 18), gets node@22 and npm@10 from npm into build/node with it: an old npm
# skips the native packages of the page's tools because their `engines` refuse the old Node, so npm must run on the new one too.
set -euo pipefail
root=$(cd "$(dirname "$0")/.." && pwd)
own=$root/build/node/node_modules/.bin

suits() {
  local version
  version=$("$1" --version 2>/dev/null) || return 1
  [[ $version =~ ^v([0-9]+)\.([0-9]+)\. ]] || return 1
  local major=${BASH_REMATCH[1]} minor=${BASH_REMATCH[2]}
  [ "$major" -gt 22 ] || { [ "$major" = 22 ] && [ "$minor" -ge 12 ]; } || { [ "$major" = 20 ] && [ "$minor" -ge 19 ]; }
}

if command -v npm >/dev/null && suits node; then
  dirname "$(command -v node)"
elif suits "$own/node" && [ -x "$own/npm" ]; then
  echo "$own"
elif command -v npm >/dev/null; then
  echo "Node $(node --version 2>/dev/null || echo '(none)') is too old for the page: getting node@22 from npm into build/node." >&2
  mkdir -p "$root/build/node"
  (cd "$root/build/node" && { [ -f package.json ] || echo '{"private":true}' >package.json; } &&
    npm install --no-audit --no-fund --no-save --ignore-scripts=false node@22 npm@10) >&2
  suits "$own/node" || { echo "node: npm's node@22 does not start on this machine." >&2; exit 1; }
  echo "$own"
else
  echo "node: neither node nor npm found; run packaging/setup.sh build" >&2
  exit 1
fi
