#!/bin/bash
# The sources follow .clang-format: `make format` writes it, this only checks. One count per file.
set -uo pipefail
cd "$(dirname "$0")/.."
if ! command -v clang-format-19 >/dev/null; then
  echo "skipped: clang-format-19 is not installed"
  echo "0 passed, 0 failed, 1 skipped"
  exit 0
fi
passed=0
failed=0
while IFS= read -r -d '' file; do
  if clang-format-19 --dry-run -Werror "$file" >/dev/null 2>&1; then
    passed=$((passed + 1))
  else
    failed=$((failed + 1))
    clang-format-19 --dry-run -Werror "$file" 2>&1 | grep -m 1 'error:'
  fi
done < <(find src tests fuzz bench \( -name '*.cpp' -o -name '*.hpp' \) -print0 2>/dev/null | sort -z)
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
