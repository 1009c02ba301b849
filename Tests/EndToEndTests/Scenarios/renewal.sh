#!/bin/bash
# serve renews by itself, by dns-01 and by http-01, without manifests and without a restart; two of them share the work.
. "$(dirname -- "$0")/common.sh"
edit $'zone example.test\nupdate delete mta-sts.example.test A' || fail "the lab's own record can't be removed"

# pebble [NAME=VALUE...]: a CA with these knobs; sets ACME_DIR, ACME_API_CA, ACME_ROOT
pebble() {
  rm -rf pebble; env DNS_SERVER="$DNS_ADDR:$DNS_PORT" ADDR=127.0.0.1 PORT=14000 HTTP01_PORT=80 "$@" "$LAB/pebble.sh" "$P/pebble" >pebble.out 2>&1 & PEBBLE=$!
  eventually 30 test -s pebble/env; . pebble/env
}
unpebble() { kill -KILL "$PEBBLE_PID"; wait "$PEBBLE"; } 2>/dev/null
serial() { openssl s_client -connect "$1:443" -servername mta-sts.example.test </dev/null 2>/dev/null | openssl x509 -noout -serial; }
sql() { sqlite3 state/certadns.sqlite "$1"; }
renewals() { cat serve.log other.log 2>/dev/null | grep -c 'certificate renewed' || true; }
renewed() { (($(renewals) > $1)); }

pebble VALIDITY_S=30
sed -i "s|^issuer:.*|issuer: {type: acme, directory: \"https://127.0.0.1:14000/dir\", contact: [\"mailto:ops@example.test\"], trust: [$P/pebble/ca.pem], challenge: dns-01}|; s|trust: \[state/ca.pem\]|trust: [$P/pebble/issuing-root.pem]|" certadns.yaml
serve
run 0 apply --auto-approve; shows "example.test: applied"

# From here on nobody applies, and there are no manifests: serve alone renews, again and again, and another one beside it.
mv zones hidden
sed 's/listen: "127.0.0.80:443"/listen: "127.0.0.81:443"/' certadns.yaml >other.yaml
"$CERTADNS" serve --config other.yaml >other.log 2>&1 & OTHER=$!; eventually 20 grep -q listening other.log
for round in 1 2; do
  first=$(serial 127.0.0.80); other=$(serial 127.0.0.81); before=$(renewals); ours=$(grep -c 'certificate renewed' serve.log)
  [[ -n $first && -n $other ]] || fail "no certificate is served"
  eventually 60 renewed "$before"
  # Each process serves it within seconds, the one that stored it at the next handshake.
  if (($(grep -c 'certificate renewed' serve.log) > ours)); then host=127.0.0.80 old=$first; else host=127.0.0.81 old=$other; fi
  got=$(serial $host); [[ $got == serial=* && $got != "$old" ]] || fail "the next handshake at $host, which renewed, got: $got"
  for host in 127.0.0.80 127.0.0.81; do eventually 6 bash -c "[[ \$(openssl s_client -connect $host:443 -servername mta-sts.example.test </dev/null 2>/dev/null | openssl x509 -noout -serial) != '$first' ]]"; done
done
kill -0 "$SERVE" && kill -0 "$OTHER" || fail "a serve process ended"
[[ -z $(txt _acme-challenge.mta-sts.example.test) ]] || fail "a proof was left behind"
run 0 history example.test --limit 200 --format json; shows "certadns serve"
# One order a certificate, though two were at it.
orders=$(sql "SELECT COUNT(*) FROM audit WHERE kind = 'ordered'"); done=$(sql "SELECT COUNT(*) FROM audit WHERE what LIKE 'done:%certificate'")
((orders == done || orders == done + 1)) || fail "$orders orders for $done certificates"
((done >= 3)) || fail "only $done certificates"
kill "$OTHER"; wait "$OTHER" || fail "the other serve ended with $?"
mv hidden zones
kill "$SERVE"; wait "$SERVE" || fail "serve ended with $?"
grep -q "renewal failed" serve.log other.log && fail "a renewal failed: $(grep 'renewal failed' serve.log other.log)"

# http-01: the store carries the answer to the listener; the zone's provider is not asked to change a thing.
sed -i 's/challenge: dns-01/challenge: http-01, concurrency: 3/; s/listen: "127.0.0.80:443"/&, listen_http: "127.0.0.80:80"/' certadns.yaml
serve; eventually 20 grep -q "listener for http-01 is listening" serve.log; eventually 20 grep -q "policy host is listening" serve.log
at() { date -u -d "$1" +%Y-%m-%dT%H:%M:%SZ; }
sql "UPDATE issuance SET state = json_set(state, '$.renewal.at', '$(at '1 minute ago')')"
updates() { grep -c '_acme-challenge' "$(dirname "$TSIG_FILE")/named-queries.log" || true; }
written=$(updates)
run 0 apply --auto-approve; shows "done: renew certificate"
before=$(renewals); eventually 60 renewed "$before"
[[ $(updates) == "$written" ]] || fail "http-01 wrote to DNS"
[[ $(sql "SELECT COUNT(*) FROM http_token") == 0 ]] || fail "a token was left behind"
[[ $(curl -s -o /dev/null -w '%{http_code}' http://127.0.0.80/) == 404 ]] || fail "port 80 answers strangers"
run 0 status; shows "example.test: ready (lab)"; shows "renew certificate for mta-sts.example.test: due "

# Told to stop in the middle of an order (its proof waits for a name server that never answers), serve ends by itself; the next one
# goes on with that very order, and takes the proof away.
rm other.log; cp certadns.yaml good.yaml
sed -i 's/challenge: http-01/challenge: dns-01/' good.yaml
sed 's|challenge: dns-01|&, propagation: {servers: ["127.0.0.99:53"], wait: 600}|' good.yaml >certadns.yaml
kill "$SERVE"; wait "$SERVE"
stranger
orders=$(sql "SELECT COUNT(*) FROM audit WHERE kind = 'ordered'")
serve; proven() { [[ -n $(txt _acme-challenge.mta-sts.example.test) ]]; }
eventually 70 proven
begun=$SECONDS; kill -TERM "$SERVE"; wait "$SERVE" || fail "serve ended with $? in the middle of an order"
((SECONDS - begun <= 30)) || fail "serve took $((SECONDS - begun)) s to stop"
proven || fail "nothing was left to go on with"
cp good.yaml certadns.yaml; serve; eventually 60 renewed 0
(($(sql "SELECT COUNT(*) FROM audit WHERE kind = 'ordered'") == orders + 1)) || fail "the order was doubled"
proofless() { ! proven; }
eventually 30 proofless
unpebble; kill "$SERVE"; wait "$SERVE"

# A refusal is a wait; a person ends it, and the next run asks again. A person is told where there is nothing to end.
pebble 'BLOCKLIST=["mta-sts.example.test"]'
rm -rf state; serve
edit $'zone example.test\nupdate delete _mta-sts.example.test\nupdate delete mta-sts.example.test\nupdate delete _smtp._tls.example.test'
run 1 apply --auto-approve; shows "rejectedIdentifier"; shows "nothing is ordered before"
run 0 plan; lacks "issue certificate"
run 0 retry example.test nowhere.test; shows "example.test: its wait until"; shows "rejectedIdentifier"; shows "nowhere.test: the ledger does not know this zone"
run 0 plan; shows "issue certificate for mta-sts.example.test"
run 1 retry example.test; shows "example.test: it does not wait for a CA"
run 1 retry nowhere.test
run 0 history example.test; shows "ended by hand the wait until"
run 1 apply --auto-approve; shows "rejectedIdentifier"
echo "all held"
