#!/bin/bash
# An account's budget with a real ACME server: what is over it waits without a request, renewals go first, and all is served in its time.
. "$(dirname -- "$0")/common.sh"
edit $'zone example.test\nupdate delete mta-sts.example.test A' || fail "the lab's own record can't be removed"
DNS_SERVER="$DNS_ADDR:$DNS_PORT" ADDR=127.0.0.1 PORT=14000 HTTP01_PORT=80 VALIDITY_S=86400 "$LAB/pebble.sh" "$P/pebble" >pebble.out 2>&1 &
eventually 30 test -s pebble/env; . pebble/env
zones=(); batch=$'zone example.test'
for n in 1 2 3 4; do
  z=d$n.example.test; zones+=("$z"); batch+=$'\n'"update add $z 60 MX 10 mx.example.test"
  sed "s/example.test/$z/g" zones/example.test.yaml >"zones/$z.yaml"
done
rm zones/example.test.yaml; edit "$batch" || fail "no MX"
issuer() {
  sed -i "s|^issuer:.*|issuer: {type: acme, directory: \"https://127.0.0.1:14000/dir\", trust: [$P/pebble/ca.pem], key_type: p256, budget: $1}|; s|trust: \[state/ca.pem\]|trust: [$P/pebble/issuing-root.pem]|" certadns.yaml
}
sql() { sqlite3 state/certadns.sqlite "$1"; }
orders() { sql "SELECT count(*) FROM audit WHERE kind = 'ordered'"; }

issuer '{orders: {limit: 3, per: 1h}}'
serve
run 0 plan; shows "Certificates: 3 of 4 now and "; shows "by the budget with '127.0.0.1:14000'; the last on "
shows "holds certificate until "; shows "the budget of 3 orders in 1 h is used up"
run 0 plan --format json; shows '"wanted" : 4'
run 0 apply --auto-approve; shows "3 applied"; shows "1 held"; shows "is used up (until "
[[ $(orders) == 3 ]] || fail "$(orders) orders"
run 0 apply --auto-approve; shows "1 held"; [[ $(orders) == 3 ]] || fail "the CA was asked in vain"
run 2 status; shows "pending"

# An hour later: a renewal that fell due meanwhile goes before the new zone, which goes with it.
held=$(for z in "${zones[@]}"; do [[ -n $(sql "SELECT 1 FROM certificate WHERE host = 'mta-sts.$z'") ]] || echo "$z"; done)
for z in "${zones[@]}"; do [[ $z == "$held" ]] || { due=$z; break; }; done
sql "UPDATE issuance SET state = json_set(state, '\$.renewal.at', '$(date -u -d '1 minute ago' +%Y-%m-%dT%H:%M:%SZ)') WHERE zone = '$due'"
sql "UPDATE budget SET at = at - 3600 WHERE n IN (SELECT n FROM budget WHERE kind = 'order' ORDER BY n LIMIT 1)"
run 0 plan; shows "renew certificate for mta-sts.$due"; shows "Certificates: 1 of 2 now"
run 0 apply --auto-approve; shows "$held: held"
# Whichever comes first renews: this apply, or serve by itself.
four() { [[ $(orders) == 4 ]]; }
eventually 70 four; [[ -z $(sql "SELECT 1 FROM certificate WHERE host = 'mta-sts.$held'") ]] || fail "the new zone went first"
sql "UPDATE budget SET at = at - 3600"
run 0 apply --auto-approve; shows "$held: applied"; [[ $(orders) == 5 ]] || fail "$(orders) orders"
run 0 status; shows "$held: ready (lab)"

# Of one registered domain; with the public suffix list each zone may be one.
[[ $(sql "SELECT DISTINCT registered FROM budget WHERE kind = 'certificate'") == example.test ]] || fail "another registered domain"
issuer '{preset: lets-encrypt, public_suffixes: no-such-file}'
run 1 plan; shows "can't be read as a public suffix list"
printf 'example.test\n' >suffixes; issuer '{registered_domain: {limit: 1, per: 7d}, public_suffixes: suffixes}'
run 0 plan
kill "$SERVE"; kill -KILL "$PEBBLE_PID"
echo "all held"
