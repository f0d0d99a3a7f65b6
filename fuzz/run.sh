#!/bin/bash
# Runs each fuzzer of the preset `fuzz` for SECONDS (60), beginning with fuzz/corpus/<name>. New inputs of interest go to
# build/fuzz/corpus, a failing one to build/fuzz/crash-<name>-*: once corrected, it belongs in fuzz/corpus.
set -uo pipefail
cd "$(dirname "$0")/.."
seconds=${1:-60}
passed=0
failed=0
for fuzzer in build/fuzz/fuzz/*_fuzz; do
  name=$(basename "$fuzzer" _fuzz)
  mkdir -p "build/fuzz/corpus/$name" "fuzz/corpus/$name"
  echo "== $name"
  leaks=1
  [ "$name" = yaml ] && leaks=0 # libfyaml keeps 4 KiB of some documents that it refuses
  if ASAN_OPTIONS=detect_leaks=$leaks "$fuzzer" -max_total_time="$seconds" -timeout=20 -rss_limit_mb=2048 -print_final_stats=1 -verbosity=0 -close_fd_mask=1 \
    -artifact_prefix="build/fuzz/crash-$name-" "build/fuzz/corpus/$name" "fuzz/corpus/$name"; then
    passed=$((passed + 1))
  else
    failed=$((failed + 1))
  fi
done
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
