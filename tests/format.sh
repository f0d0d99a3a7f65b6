#!/bin/bash
# The sources follow .clang-format: `make format` writes it, this only checks. One count per file.
set -uo pipefail
cd "$(dirname "$0")/.."
if ! command -v clang-format-19 >/dev/null; then
  echo "skipped: clang-format-19 is not installed"
  echo "0 passed, 0 failed, 1 skipped"
  exit 0
fi
mapfile -d '' files < <(find src tests fuzz bench \( -name '*.cpp' -o -name '*.hpp' \) -print0 2>/dev/null)
bad=$(printf '%s\0' "${files[@]}" | xargs -0 -n 40 -P "$(nproc)" clang-format-19 --dry-run -Werror 2>&1)
code=$?
first=$(grep 'error:' <<<"$bad" | sort -u -t: -k1,1)
[ -z "$first" ] || echo "$first"
failed=$(grep -c . <<<"$first")
[ "$code" -eq 0 ] || [ "$failed" -gt 0 ] || { echo "$bad"; failed=1; }
echo "$((${#files[@]} - failed)) passed, $failed failed"
[ "$failed" -eq 0 ]
