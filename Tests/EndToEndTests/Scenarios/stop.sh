#!/bin/bash
# A first Ctrl-C finishes the step in hand, a second stops at once; every zone ends in one outcome, and the next run converges.
. "$(dirname -- "$0")/common.sh"
edit $'zone example.test\nupdate delete mta-sts.example.test A'

# The policy host is down, so the last step waits; told to stop, it still comes to its end once the host is up.
: >first.out; "$CERTADNS" apply --auto-approve >first.out 2>&1 </dev/null & FIRST=$!
eventually 20 grep -q "again in" first.out
kill -INT "$FIRST"
eventually 20 grep -q "stopping after the step in hand" first.out
serve; got=0; wait "$FIRST" || got=$?; cp first.out out
[[ $got == 0 ]] || fail "apply ended with $got after the step in hand"
shows "done: create _mta-sts.example.test TXT"; shows "example.test: applied"
run 0 plan --detailed-exitcode

# Twice, while it waits: it ends at once, gives its lease back, and the next run converges.
kill "$SERVE"; wait "$SERVE"
sed -i 's/7d/14d/' zones/example.test.yaml
: >first.out; "$CERTADNS" apply --auto-approve >first.out 2>&1 </dev/null & FIRST=$!
eventually 20 grep -q "again in" first.out
kill -INT "$FIRST"; eventually 20 grep -q "stopping after the step in hand" first.out
begun=$SECONDS; kill -TERM "$FIRST"; got=0; wait "$FIRST" || got=$?; cp first.out out
[[ $got == 4 || $got == 1 ]] || fail "apply ended with $got after a second signal"
((SECONDS - begun <= 5)) || fail "a second signal took $((SECONDS - begun)) s"
shows "example.test: failed at mta-sts-record"
serve
run 0 apply --auto-approve; shows "done: change _mta-sts.example.test TXT"
run 0 plan --detailed-exitcode

# The name server hangs: a second signal ends the process all the same, with what is known and a status of the table.
sed -i 's/tls@/reports@/' zones/example.test.yaml
NAMED=$(pgrep -x named); kill -STOP "$NAMED"
: >first.out; "$CERTADNS" apply --auto-approve >first.out 2>&1 </dev/null & FIRST=$!
held() { [[ $(sqlite3 state/certadns.sqlite "SELECT COUNT(*) FROM lease WHERE NOT released") == 1 ]]; }
eventually 20 held
kill -INT "$FIRST"; eventually 20 grep -q "stopping after the step in hand" first.out
begun=$SECONDS; kill -INT "$FIRST"; got=0; wait "$FIRST" || got=$?; cp first.out out
((SECONDS - begun <= 5)) || fail "a second signal took $((SECONDS - begun)) s while the name server hangs"
kill -CONT "$NAMED"
[[ $got == 1 ]] || fail "apply ended with $got, but nothing was done"
[[ $(grep -c '^Apply: 1 \(failed\|not started\)\.$' out) == 1 ]] || fail "not one summary"
sqlite3 state/certadns.sqlite "UPDATE lease SET until = until - 1000" # should it not have been given back
run 0 apply --auto-approve; shows "done: change _smtp._tls.example.test TXT"

# The same in the middle of a step: its reload command hangs. Every zone has its outcome, those that were done too.
mkdir -p hang/zones hang/files; cat >hang/certadns.yaml <<'H'
providers: {files: {type: zonefile, folder: files, reload: [bash, -c, "test ! -e hang || { touch hanging; sleep 30; }"]}}
policy_host: {addresses: [127.0.0.80], listen: "127.0.0.80:443"}
managed_reports: ["mailto:tls-reports@example.net"]
observe: {resolvers: ["127.0.0.53:53"], trust: [state/ca.pem]}
H
printf '$ORIGIN example.test.\n$TTL 60\n@ SOA ns1 hostmaster 1 3600 600 86400 5\n@ NS ns1\nns1 A 127.0.0.53\n' >hang/files/example.test.zone
manifest() { printf 'zone: %s.example.test\nadd_ons: [email-authentication]\ntls_rpt: {rua: [managed]}\n' "$1" >"hang/zones/$1.example.test.yaml"; }
manifest one; (cd hang && "$CERTADNS" apply --auto-approve >../out 2>&1) || fail "the first zone of two"
manifest two; touch hang/hang
: >first.out; : >err.out; (cd hang && exec "$CERTADNS" apply --auto-approve --format json >../first.out 2>../err.out </dev/null) & FIRST=$!
eventually 20 test -e hang/hanging
kill -INT "$FIRST"; eventually 20 grep -q "stopping after the step in hand" err.out
begun=$SECONDS; kill -INT "$FIRST"; got=0; wait "$FIRST" || got=$?; cp first.out out
((SECONDS - begun <= 6)) || fail "a second signal took $((SECONDS - begun)) s in the middle of a step"
[[ $got == 4 ]] || fail "apply ended with $got, though one zone of two had nothing to do"
python3 - first.out >>out 2>&1 <<'Y' || fail "the outcomes after a second signal"
import json, sys
summary = [json.loads(line) for line in open(sys.argv[1])][-1]
assert summary["event"] == "summary" and summary["counts"] == {
    "applied": 0, "nothing-to-do": 1, "held": 0, "blocked": 0, "skipped": 0, "failed": 1, "not-started": 0}, summary
two = summary["zones"][1]
assert two["zone"] == "two.example.test" and two["failed_step"] == "tls-rpt-record" and "in the middle" in two["detail"], two
Y

# Many zones: those not begun are told apart, nothing is lost. On a terminal a line counts them.
for n in $(seq 300); do
  printf 'zone: z%s.example.test\nadd_ons: [email-authentication]\ntls_rpt: {rua: [managed]}\n' "$n" >"zones/z$n.example.test.yaml"
done
: >first.out; "$CERTADNS" apply --auto-approve --format json >first.out 2>err.out </dev/null & FIRST=$!
eventually 20 grep -q '"event": "done"' first.out
kill -TERM "$FIRST"; got=0; wait "$FIRST" || got=$?; cp first.out out
[[ $got == 4 ]] || fail "a stopped apply ended with $got"
python3 - first.out <<'P' || fail "the outcomes"
import collections, json, sys
events = [json.loads(line) for line in open(sys.argv[1])]
zones = [z['outcome'] for z in events[-1]['zones']]
counts = collections.Counter(zones)
print(counts)
assert events[-1]['event'] == 'summary' and len(zones) == 301
assert set(counts) <= {'applied', 'nothing-to-do', 'failed', 'not-started'} and counts['not-started'] > 0 and counts['applied'] > 0
P
TERM=xterm NO_COLOR=1 script -qec "'$CERTADNS' apply --auto-approve" /dev/null >out </dev/null || fail "the next run on a terminal"
shows "301 of 301 zones"; shows "Apply: "
run 0 plan --detailed-exitcode; shows "301 zones as desired"
echo "all held"
