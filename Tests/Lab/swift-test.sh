#!/bin/bash
# Runs all tests and prints the ten slowest; ends with the tests' own status and closing line.
set -uo pipefail
log=$(mktemp); trap 'rm -f "$log"' EXIT
swift test --skip-build "$@" 2>&1 | tee "$log"
rc=${PIPESTATUS[0]}
echo "Ten slowest tests:"
sed -nE 's/^.*Test (.*) (passed|failed) after ([0-9.]+) seconds.*$/\3 \1/p' "$log" | grep -v '^[0-9.]* run with' | sort -rn | head -10 | sed 's/^/  /'
grep -E 'Test run with .* (passed|failed)' "$log" | tail -1
exit "$rc"
