#!/bin/bash
# The long forms: rules over many more seeded histories, and the fuzzer. Writes docs/proof.md.
set -euo pipefail
cd "$(dirname "$0")/../.."
SEEDS=${SEEDS:-5000} FUZZ_SECONDS=${FUZZ_SECONDS:-300}
start=$(date -u +%Y-%m-%dT%H:%M:%SZ)
histories=$(CERTADNS_PROOF_SEEDS=$SEEDS swift test --skip-build --filter 'RuleTests' 2>&1 | tee /dev/stderr | grep -E 'Test run with' | tail -1)
[[ $histories == *passed* ]]
fuzz=$(Tests/Fuzz/run.sh "$FUZZ_SECONDS" | tee /dev/stderr | grep -E 'number_of_executed_units' | grep -oE '[0-9]+$')
cat >docs/proof.md <<E
# Proof

The last run of \`make proof\`, whose long forms \`make test\` runs in short.

| what | result |
| --- | --- |
| date | $start |
| commit | $(git rev-parse HEAD) |
| machine | $(nproc) cores, $(. /etc/os-release; echo "$PRETTY_NAME"), $(swift --version 2>/dev/null | grep -oE 'Swift version [0-9.]+' | head -1) |
| rules over seeded histories | seeds 0 to $((SEEDS - 1)), 6 commits or edits each, failing calls between them: all hold |
| fuzzing of messages and master files | $fuzz inputs in $FUZZ_SECONDS s, no crash, no time-out, every decoded message encodes and decodes to itself |
E
