#!/bin/bash
# Whole-program speed and peak memory of `digue analyze` beside named peers on the same file, in one run. See bench/README.md.
set -euo pipefail
cd "$(dirname "$0")/.."
program=$(realpath "${1:-build/release/digue}")
PATH="$(packaging/node.sh):$PATH"
export PATH
python3 bench/run.py "$program" "${@:2}"
echo
node bench/entries.mjs "$program"
echo
node bench/live.mjs "$program" "${BENCH_LIVE_SECONDS:-300}"
