#!/bin/bash
# An id counts as replaced once every name server shows the new one: a secondary that lags keeps a withdrawal waiting and is named, one
# that is silent does until the zone expires there, and a person may know better.
. "$(dirname -- "$0")/common.sh"
ip addr add 127.0.0.56/32 dev lo
# pass SECONDS: what was superseded, replaced and begun is that much longer ago
pass() {
  for column in superseded_at replaced_at announced_at intent_at; do
    sqlite3 state/certadns.sqlite "UPDATE published SET $column = strftime('%Y-%m-%dT%H:%M:%SZ', $column, '-$1 seconds')"
  done
}
replaced() { sqlite3 state/certadns.sqlite "SELECT COUNT(*) FROM published WHERE replaced_at IS NOT NULL"; }
edit $'zone example.test\nupdate delete mta-sts.example.test A\nupdate add ns2.example.test 60 A 127.0.0.56\nupdate add example.test 60 NS ns2.example.test' || fail "no second server"
serve
# A secondary with the zone as it is once the policy is out; it never looks for news again.
sed -i 's/mode: enforce/mode: testing/' zones/example.test.yaml
run 0 apply --auto-approve; shows "example.test: applied"
mkdir -p third
dig "@$DNS_ADDR" -p "$DNS_PORT" -y "hmac-sha256:$TSIG_NAME:$TSIG_SECRET" +noall +answer +onesoa example.test AXFR >third/zone
printf 'options { directory "%s"; pid-file "named.pid"; lock-file none; session-keyfile "session.key"; listen-on port 53 { 127.0.0.56; }; listen-on-v6 { none; }; allow-query { any; }; recursion no; dnssec-validation no; empty-zones-enable no; notify no; };\ncontrols { };\nzone "example.test" { type primary; file "zone"; };\n' "$P/third" >third/named.conf
named -g -4 -n 1 -c "$P/third/named.conf" >third.log 2>&1 & LAGGARD=$!
eventually 20 dig @127.0.0.56 +tries=1 +time=1 +noall example.test SOA

sed -i '/^mta_sts:/d' zones/example.test.yaml
run 0 apply --auto-approve example.test; shows "ns2.example.test (127.0.0.56:53) does not show the new _mta-sts record yet"; shows "example.test: held"
run 0 plan; shows "replacement-unseen"; shows "ns2.example.test (127.0.0.56:53) answered an earlier _mta-sts record when last asked"
# However long it lags, nothing counts as replaced, and nothing goes.
pass $((30 * 86400))
run 0 apply --auto-approve; lacks "done:"
[[ $(replaced) == 0 ]] || fail "$(replaced) policies count as replaced"

# It falls silent: senders may be answered by it until the zone expires there.
kill -STOP "$LAGGARD"
sqlite3 state/certadns.sqlite "UPDATE published SET superseded_at = strftime('%Y-%m-%dT%H:%M:%SZ', 'now') WHERE superseded_at IS NOT NULL"
run 0 apply --auto-approve; lacks "done:"; [[ $(replaced) == 0 ]] || fail "silence counts as an answer"
run 0 plan; shows "may answer an earlier _mta-sts record until the zone expires there"; shows "count as replaced at $(date -u -d '+1 day' +%Y-%m-%dT)"
pass 86401
run 0 apply --auto-approve; [[ $(replaced) == 1 ]] || fail "after the SOA's expire $(replaced) policies count as replaced"
run 0 plan; lacks "replacement-unseen"; lacks "delete"; shows "holds mta-sts-record until $(date -u -d '+8 days' +%Y-%m-)"
# The record goes at the end; what resolvers still answer is counted from when every server lacks it.
pass $((8 * 86400 + 301))
run 0 apply --auto-approve; shows "done: delete _mta-sts.example.test TXT"; shows "example.test: held"
pass 3601
run 0 plan; shows "replacement-unseen"; lacks "delete policy"
kill -CONT "$LAGGARD"; kill -KILL "$LAGGARD"
edit $'zone example.test\nupdate delete example.test NS ns2.example.test' || fail "the second server stays"
run 0 apply --auto-approve; lacks "done:"; pass 301
run 0 apply --auto-approve; shows "done: delete policy of mta-sts.example.test"; shows "example.test: applied"
kill "$SERVE"; wait "$SERVE" || fail "serve ended with $?"
echo "all held"
