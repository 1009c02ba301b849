#!/bin/bash
# Runs all tests, prints the ten slowest, looks for golden files that no test read; ends with the tests' status and closing line.
# After CERTADNS_TEST_SECONDS (25 minutes) everything that the run started is killed, and the run has failed: a test that hangs
# shall not hang what waits for it. A whole run whose ten slowest can't be told has failed, too: what swift prints has changed.
set -uo pipefail
here=$(cd "$(dirname "$0")" && pwd)
limit=${CERTADNS_TEST_SECONDS:-1500}
log=$(mktemp); CERTADNS_GOLDEN_LOG=$(mktemp); export CERTADNS_GOLDEN_LOG
run=
# A session of its own, for the test runner gives its children process groups of their own. What a scenario starts in a process
# namespace ends with the namespace's keeper, which lies in the session. KILL, since the runner's children ignore TERM.
end() { [[ -z $run ]] || pkill -KILL -s "$run"; }
trap 'end; rm -f "$log" "$CERTADNS_GOLDEN_LOG"' EXIT
trap 'exit 143' TERM
trap 'exit 130' INT
setsid swift test --skip-build "$@" >"$log" 2>&1 </dev/null &
run=$!
# Ends with the run, or when the time is over.
timeout -k 2 "$limit" tail -n +1 -s 0.2 -f --pid="$run" "$log" &
wait "$!"; watched=$?
if ((watched == 0)); then
  wait "$run"; rc=$?
else
  end; wait "$run" 2>/dev/null; rc=124
fi
if (($# == 0)); then "$here/golden-unread.sh" "$CERTADNS_GOLDEN_LOG" || ((rc)) || rc=1; fi
slowest=$(sed -nE 's/^.*Test (.*) (passed|failed) after ([0-9.]+) seconds.*$/\3 \1/p' "$log" | grep -v '^[0-9.]* run with' | sort -rn | head -10 | sed 's/^/  /')
echo "Ten slowest tests:"; echo "$slowest"
if (($# == 0 && watched == 0 && $(grep -c . <<<"$slowest") < 10)); then
  echo "swift-test.sh: the output tells the time of fewer than ten tests"; ((rc)) || rc=1
fi
grep -E 'Test run with .* (passed|failed)' "$log" | tail -1
if ((watched != 0)); then
  echo "The tests took longer than $limit s and were killed. Begun and not ended:"
  # Without the cases of a test: swift tells their start only.
  comm -23 <(sed -nE 's/^.*Test (.*) started\.$/\1/p' "$log" | grep -vE '^(run|case passing)' | sort -u) \
    <(sed -nE 's/^.*Test (.*) (passed|failed) after .*$/\1/p' "$log" | sed -E 's/ with [0-9]+ test cases?$//' | sort -u) | sed 's/^/  /'
fi
exit "$rc"
