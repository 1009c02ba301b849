#!/bin/bash
# The CA's own word on renewal (RFC 9773): its window is drawn in once, moved into the past it means now, and what it replaces is named.
. "$(dirname -- "$0")/common.sh"
. "$(dirname -- "$0")/ca.sh"
pebble; proxy; issuer; serve
moment() { sqlite3 state/certadns.sqlite "SELECT json_extract(state, '\$.renewal.$1') FROM issuance"; }
# Until the CA may be asked again hours go by: the test does not wait for them.
ask() { sqlite3 state/certadns.sqlite "UPDATE issuance SET state = json_set(state, '\$.renewal.askAgain', '2020-01-01T00:00:00Z')"; run 0 apply --auto-approve; }
run 0 apply --auto-approve; run 0 apply --auto-approve
[[ $(count renewalInfo) == 1 ]] || fail "the CA was asked $(count renewalInfo) times"
days=$((($(date -d "$(moment at)" +%s) - $(date +%s)) / 86400))
((days >= 58 && days <= 63)) || fail "of 90 days the CA means 59 to 63, and $days were drawn"

# The same window again draws nothing anew; one that can't be had leaves the moment as it is, and fails no zone.
drawn=$(moment at); ask; [[ $(moment at) == "$drawn" ]] || fail "drawn anew in the same window"
for fault in "answer&status=503&wait=7200" "answer&status=500&bare=1" lose cut; do
  ca "fault?kind=renewalInfo&do=$fault" >/dev/null; ask; [[ $(moment at) == "$drawn" ]] || fail "$fault moved the moment"
done
run 0 plan --detailed-exitcode

# A mass revocation: the window lies in the past, and says why. Its successor names what it replaces, and has a window of its own.
first=$(shown); ca reset >/dev/null; ca "window?start=-7200&end=-3600&url=https://ca.example/incident" >/dev/null
ask
[[ $(count newOrder) == 1 ]] || { run 2 plan --detailed-exitcode; shows "renew certificate"; shows "https://ca.example/incident"; run 0 apply --auto-approve; }
eventually 10 bash -c "[[ \$(openssl s_client -connect 127.0.0.80:443 -servername mta-sts.example.test </dev/null 2>/dev/null | openssl x509 -noout -serial) != '$first' ]]"
ca log | grep -q 'newOrder .*replaces=[A-Za-z0-9_-]*[.][A-Za-z0-9_-]* 201' || fail "no predecessor was named: $(ca log)"
[[ $(ca issued) == "mta-sts.example.test 1" ]] || fail "issued: $(ca issued)"
ca window >/dev/null; ask; run 0 plan --detailed-exitcode
[[ $(ca violations) == none ]] || fail "forbidden: $(ca violations)"

# A key is made afresh each time, unless it shall be kept; one that was revoked, or is of another type, is not.
pin() { sqlite3 state/certadns.sqlite "SELECT chain FROM certificate" | openssl x509 -noout -pubkey; }
first=$(pin); due; run 0 apply --auto-approve; [[ $(pin) != "$first" ]] || fail "the key was not made afresh"
issuer 'reuse_key: true'; first=$(pin)
due; run 0 apply --auto-approve; shows "done: renew certificate"; [[ $(pin) == "$first" ]] || fail "the key was not kept"
run 0 acme revoke example.test --reason keyCompromise
run 0 apply --auto-approve; shows "done: renew certificate"; [[ $(pin) != "$first" ]] || fail "a revoked key was kept"
issuer 'reuse_key: true, key_type: p384'
for round in 1 2; do
  first=$(pin); due; run 0 apply --auto-approve; shows "done: renew certificate"
  sqlite3 state/certadns.sqlite "SELECT chain FROM certificate" | openssl x509 -noout -text | grep -q 'P-384' || fail "no key on P-384"
done
[[ $(pin) == "$first" ]] || fail "the key on P-384 was not kept"
[[ $(ls state/keys | grep -c '^mta-sts') -le 1 ]] || fail "keys are left: $(ls state/keys)"

# The proxy is as strict as it claims: what it lets pass says something.
asks() { # asks STATUS WORDS CURL-ARGUMENTS...
  local want=$1 words=$2 got; shift 2
  got=$(curl -s --noproxy '*' --cacert pebble/ca.pem -o refusal -w '%{http_code}' "$@")
  [[ $got == "$want" ]] && grep -q "$words" refusal || { cp refusal out; fail "$*: $got, not $want"; }
}
api=https://127.0.0.1:14443
asks 415 "application/jose+json" -X POST -H "Content-Type: application/json" -d '{}' $api/order-plz
asks 400 "no flattened JWS" -X POST -H "Content-Type: application/jose+json" -d '{}' $api/order-plz
asks 405 "POST-as-GET" $api/my-order/1
asks 400 "User-Agent" -H "User-Agent:" $api/dir
for id in nothing a. .b a.b. a.b= "a/b.c"; do asks 400 "malformed" "$api/renewal-info/$id"; done
asks 404 "malformed" $api/renewal-info/aYhba4dGQEHhs3uEe6CuLN4ByNQ.AIdlQyE
nonce=$(curl -sI --noproxy '*' --cacert pebble/ca.pem $api/nonce-plz | tr -d '\r' | sed -n 's/^[Rr]eplay-[Nn]once: //p')
b64() { base64 -w0 | tr '+/' '-_' | tr -d =; }
jws() { printf '{"protected":"%s","payload":"","signature":""}' "$(printf '{"alg":"ES256","kid":"k","nonce":"%s","url":"%s"}' "$1" "$api/my-order/1" | b64)"; }
asks 400 "badNonce" -X POST -H "Content-Type: application/jose+json" -d "$(jws AAAA)" $api/my-order/1
asks 401 "signed url" -X POST -H "Content-Type: application/jose+json" -d "$(jws "$nonce")" $api/my-order/2
curl -s --noproxy '*' --cacert pebble/ca.pem -o /dev/null -X POST -H "Content-Type: application/jose+json" -d "$(jws "$nonce")" $api/my-order/1
asks 400 "badNonce" -X POST -H "Content-Type: application/jose+json" -d "$(jws "$nonce")" $api/my-order/1
echo "all held"
