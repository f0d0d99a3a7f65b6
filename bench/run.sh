#!/bin/bash
# Whole-program speed and peak memory of `digue analyze` beside named peers on the same file, in one run. See bench/README.md.
set -euo pipefail
cd "$(dirname "$0")/.."
program=$(realpath "${1:-build/release/digue}")
PATH="$(packaging/node.sh):$PATH" exec python3 bench/run.py "$program" "${@:2}"
