#!/bin/bash
# The long forms: rules over many more seeded histories, the fuzzer, a kill at every request to a CA and every write to DNS, and ten
# thousand strangers at the policy host, and as many names due at once.
# Writes docs/proof.md.
set -euo pipefail
cd "$(dirname "$0")/../.."
export CERTADNS_SCENARIO_SECONDS=3600
SEEDS=${SEEDS:-5000} FUZZ_SECONDS=${FUZZ_SECONDS:-300} SCHEDULES=${SCHEDULES:-1000000}
start=$(date -u +%Y-%m-%dT%H:%M:%SZ)
histories=$(CERTADNS_PROOF_SEEDS=$SEEDS swift test --skip-build --filter 'RuleTests' 2>&1 | tee -a /dev/stderr | grep -E 'Test run with' | tail -1)
[[ $histories == *passed* ]]
fuzz=$(Tests/Fuzz/run.sh "$FUZZ_SECONDS" | tee -a /dev/stderr | grep -E 'number_of_executed_units' | grep -oE '[0-9]+$')
kills=$(mktemp) faults=$(mktemp) fleet=$(mktemp) simulated=$(mktemp) moments=$(mktemp); trap 'rm -f "$moments" "$kills" "$faults" "$fleet" "$simulated"' EXIT
Tests/Lab/simulate.sh "$SCHEDULES" | tee -a /dev/stderr >"$simulated"
CERTADNS_KILL_STRIDE=1 CERTADNS_KILL_FIRST=1 CERTADNS_KILL_REPORT=$kills swift test --skip-build --filter 'killed around a request' 2>&1 | tee -a /dev/stderr | grep -qE 'Test run with 1 test.* passed'
CERTADNS_MOMENTS=long CERTADNS_MOMENTS_REPORT=$moments swift test --skip-build --filter 'killed at any moment of an apply' 2>&1 | tee -a /dev/stderr | grep -qE 'Test run with 1 test.* passed'
CERTADNS_FAULTS=10000 CERTADNS_FAULTS_REPORT=$faults swift test --skip-build --filter 'lives through whoever misbehaves' 2>&1 | tee -a /dev/stderr | grep -qE 'Test run with 1 test.* passed'
CERTADNS_FLEET=${FLEET:-10000} CERTADNS_FLEET_REPORT=$fleet swift test --skip-build --filter 'many names due at once' 2>&1 | tee -a /dev/stderr | grep -qE 'Test run with 1 test.* passed'
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
| simulated schedules | $(grep -E '^schedules' "$simulated"); $(grep -E '^deliveries' "$simulated"); $(grep -c '^mistake: .* caught by' "$simulated") mistakes caught |
| kills of an apply, before and after each request to a CA and each write to DNS, at a first certificate and at a renewal | $(awk '{n += $1} END {print n}' "$kills") on BIND and Knot; after each the next apply ends with one certificate, one key, no proof in DNS |
| a fleet on Pebble and BIND | $(<"$fleet") |

## Kills

An apply, or the serve beside a remote state, killed outright around every write; ledger, DNS, policy and certificates were each time those of
an apply that nobody killed, and written once. "In" is a write that was done or under way while its answer was held back.

\`\`\`
$(cat "$moments")
\`\`\`

## Faults

A conforming client's fetches while strangers misbehave, 400 during each fault; 250 ms at p99 are allowed. Debug build, the strangers on
the same machine.

\`\`\`
$(cat "$faults")
\`\`\`

## Simulation

\`\`\`
$(grep -E '^(holds|killed|mistake)' "$simulated")
\`\`\`
E
