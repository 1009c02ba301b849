#!/bin/bash
# A real ACME server: issue by dns-01 while it rejects half of the nonces, renew, resume, and what a refusal leaves behind.
. "$(dirname -- "$0")/common.sh"
edit $'zone example.test\nupdate delete mta-sts.example.test A' || fail "the lab's own record can't be removed"

# pebble [NAME=VALUE...]: a CA with these knobs; sets ACME_DIR, ACME_API_CA, ACME_ROOT
pebble() {
  rm -rf pebble; env DNS_SERVER="$DNS_ADDR:$DNS_PORT" ADDR=127.0.0.1 PORT=14000 HTTP01_PORT=80 "$@" "$LAB/pebble.sh" "$P/pebble" >pebble.out 2>&1 & PEBBLE=$!
  eventually 30 test -s pebble/env; . pebble/env
}
# Outright: what a test runner starts may have been told to ignore TERM.
unpebble() { kill -KILL "$PEBBLE_PID"; wait "$PEBBLE"; } 2>/dev/null
challenge() { txt _acme-challenge.mta-sts.example.test; }
issuer() { sed -i "s|^issuer:.*|issuer: $1|; s|trust: \[state/ca.pem\]|trust: [$P/pebble/issuing-root.pem]|" certadns.yaml; }
shown() { openssl s_client -connect 127.0.0.80:443 -servername mta-sts.example.test </dev/null 2>/dev/null | openssl x509 -noout -serial; }
dns01="{type: acme, directory: \"https://127.0.0.1:14000/dir\", contact: [\"mailto:ops@example.test\"], trust: [$P/pebble/ca.pem]}"

pebble PEBBLE_WFE_NONCEREJECT=50 VALIDITY_S=600
issuer "$dns01"
serve
run 0 plan; shows "issue certificate for mta-sts.example.test by '127.0.0.1:14000'"
[[ -z $(challenge) ]] || fail "a plan published a proof"
edit $'zone example.test\nupdate add _acme-challenge.mta-sts.example.test 300 TXT "somebody else"' || fail "no neighbour"
run 0 apply --auto-approve; shows "example.test: applied"
run 0 status; shows "example.test: ready (lab)"
[[ $(challenge) == '"somebody else"' ]] || fail "at the challenge's name stands: $(challenge)"
[[ $(stat -c %a state/keys/account-*.json) == 600 ]] || fail "the account's key is open to others"
! ls state/keys/pending-* 2>/dev/null || fail "a pending key is left"
"$LAB/trust.sh" pebble/issuing-root.pem
mta-sts-query example.test >tuple; grep -q "VALID" tuple || fail "the client sees $(<tuple)"
run 0 apply --auto-approve; shows "nothing to do"

# Half of the ten minutes are over: a renewal is due, and it is another certificate under another key.
first=$(shown); keys=$(ls state/keys)
run 0 plan; shows "renew certificate for mta-sts.example.test: due "; lacks "renewal is due"
sqlite3 state/certadns.sqlite "UPDATE issuance SET state = json_set(state, '\$.renewal.at', '$(date -u -d '10 seconds ago' +%Y-%m-%dT%H:%M:%SZ)')"
run 0 plan; shows "1. renew certificate for mta-sts.example.test"; shows "renewal is due since"
run 0 apply --auto-approve; shows "done: renew certificate"
eventually 10 bash -c "[[ \$(openssl s_client -connect 127.0.0.80:443 -servername mta-sts.example.test </dev/null 2>/dev/null | openssl x509 -noout -serial) != '$first' ]]"
[[ $(ls state/keys) != "$keys" ]] || fail "the key is the old one"
run 0 plan --detailed-exitcode
unpebble

# A CA that CAA forbids is a blocked zone with the record to add; another one that the CA will not certify says why, and waits.
pebble 'BLOCKLIST=["mta-sts.example.test"]'
rm -rf state; kill "$SERVE"; wait "$SERVE"; serve
edit $'zone example.test\nupdate delete _mta-sts.example.test\nupdate delete mta-sts.example.test\nupdate delete _smtp._tls.example.test'
run 1 apply --auto-approve; shows "rejectedIdentifier"; shows "nothing is ordered before"
[[ $(challenge) == '"somebody else"' ]] || fail "a refusal left $(challenge)"
run 0 plan; lacks "issue certificate"; shows "it waits for the certificate"
echo "all held"
