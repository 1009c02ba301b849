#!/bin/bash
# Runs all tests, prints the ten slowest, looks for golden files that no test read; ends with the tests' status and closing line.
set -uo pipefail
here=$(cd "$(dirname "$0")" && pwd)
log=$(mktemp); CERTADNS_GOLDEN_LOG=$(mktemp); export CERTADNS_GOLDEN_LOG
trap 'rm -f "$log" "$CERTADNS_GOLDEN_LOG"' EXIT
swift test --skip-build "$@" 2>&1 | tee "$log"
rc=${PIPESTATUS[0]}
if (($# == 0)); then "$here/golden-unread.sh" "$CERTADNS_GOLDEN_LOG" || rc=1; fi
echo "Ten slowest tests:"
sed -nE 's/^.*Test (.*) (passed|failed) after ([0-9.]+) seconds.*$/\3 \1/p' "$log" | grep -v '^[0-9.]* run with' | sort -rn | head -10 | sed 's/^/  /'
grep -E 'Test run with .* (passed|failed)' "$log" | tail -1
exit "$rc"
