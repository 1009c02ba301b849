#!/bin/bash
# A concurrent edit between the look and the write fails that step clearly; a second apply on a held zone says who holds it.
. "$(dirname -- "$0")/common.sh"
edit $'zone example.test\nupdate delete mta-sts.example.test A'
serve
run 0 apply --auto-approve
sed -i 's/7d/14d/' zones/example.test.yaml

# The policy host is down, so the apply waits before it announces; in that time somebody edits the record.
kill "$SERVE"; wait "$SERVE"
: >first.out; "$CERTADNS" apply --auto-approve >first.out 2>&1 & FIRST=$!
eventually 20 grep -q "done: change policy" first.out
edit $'zone example.test\nupdate delete _mta-sts.example.test TXT\nupdate add _mta-sts.example.test 60 TXT "v=STSv1; id=evil;"'
run 5 apply --auto-approve; shows "is being changed by"; shows "certadns apply"
run 5 unlock example.test; shows "held by"; shows "('certadns apply') since"; shows "--force"
serve
wait "$FIRST" && fail "the first apply overwrote a concurrent edit"
cp first.out out
shows "failed at mta-sts-record"; shows "is no longer what the plan saw"
[[ $(txt _mta-sts.example.test) == '"v=STSv1; id=evil;"' ]] || fail "the concurrent edit was overwritten: $(txt _mta-sts.example.test)"
run 0 apply --auto-approve
[[ $(txt _mta-sts.example.test) == *"id=2x"* ]] || fail "the next run did not converge: $(txt _mta-sts.example.test)"

# Who may wait for a zone has its turn once the first is done, and finds nothing left to do.
run 1 apply --auto-approve --lock-timeout soon; shows "'soon' is invalid for '--lock-timeout"
kill "$SERVE"; wait "$SERVE"
sed -i 's/14d/15d/' zones/example.test.yaml
: >first.out; "$CERTADNS" apply --auto-approve >first.out 2>&1 & FIRST=$!
eventually 20 grep -q "done: change policy" first.out
: >second.out; "$CERTADNS" apply --auto-approve --lock-timeout 2m >second.out 2>&1 & SECOND=$!
eventually 20 grep -q "('certadns apply') since .*; waiting for it until" second.out
serve
wait "$FIRST" || { cp first.out out; fail "the first of two ended with $?"; }
wait "$SECOND" || { cp second.out out; fail "who waited ended with $?"; }
cp second.out out; lacks "done:"; shows "example.test: nothing to do"
run 0 unlock example.test; shows "nobody holds it"
run 1 unlock --force exampel.test; shows "exampel.test: the ledger does not know this zone"
sed -i 's/15d/14d/' zones/example.test.yaml; run 0 apply --auto-approve

# kill -9 in the middle: the next run converges, and takes the lapsed lease over.
sed -i 's/14d/21d/' zones/example.test.yaml
kill "$SERVE"; wait "$SERVE"
: >first.out; "$CERTADNS" apply --auto-approve >first.out 2>&1 & FIRST=$!
eventually 20 grep -q "done: change policy" first.out
kill -KILL "$FIRST"; wait "$FIRST" 2>/dev/null; serve
run 5 apply --auto-approve; shows "its lease ends at the latest at"
run 0 unlock --force example.test; shows "is over; others may take the zone from"
run 5 apply --auto-approve; shows "its lease ends at the latest at"
run 0 history example.test; shows "ended by force the lease of"
sqlite3 state/certadns.sqlite "UPDATE lease SET until = until - 1000" || fail "the lease can't be aged"
run 0 apply --auto-approve
[[ $(txt _mta-sts.example.test) == *"id=5x"* ]] || fail "after the kill: $(txt _mta-sts.example.test)"
run 0 plan --detailed-exitcode
run 0 status; shows "ready (lab)"

# A broken manifest: its zone is left alone, and it is never exit 0.
printf 'zone: example.test\nmta_stz: {}\n' >zones/example.test.yaml
run 1 plan; shows "did you mean 'mta_sts'?"
run 1 apply --auto-approve; shows "nothing is changed"
rm zones/example.test.yaml
run 1 plan; shows "holds no manifest"
echo "all held"
