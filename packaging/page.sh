#!/bin/bash
# Builds the page, web/ -> web/dist; with the argument `check`, runs the page's own checks (types, messages) instead.
# Dependencies are those of web/package-lock.json, installed again when it changed.
set -euo pipefail
cd "$(dirname "$0")/.."
PATH="$(packaging/node.sh):$PATH"
export PATH
cd web
if [ ! node_modules/.package-lock.json -nt package-lock.json ]; then
  npm ci --no-audit --no-fund
  touch node_modules/.package-lock.json
fi
npm run "${1:-build}"
