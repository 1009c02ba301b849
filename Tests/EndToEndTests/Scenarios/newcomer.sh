#!/bin/bash
# What somebody meets who sets a CA up for the first time and gets it wrong: each time it is said what happened, where, and what to
# change; nobody insists, and nothing half made is kept.
. "$(dirname -- "$0")/common.sh"
. "$(dirname -- "$0")/ca.sh"
export EAB_KEY WRONG BROKEN='no base64url!'
EAB_KEY=$(head -c 36 /dev/urandom | base64 | tr '+/' '-_') WRONG=$(head -c 36 /dev/urandom | base64 | tr '+/' '-_')
pebble PEBBLE_ALTERNATE_ROOTS=1; proxy; serve
openssl s_server -quiet -accept 127.0.0.1:14999 -www -cert pebble/api.pem -key pebble/api.key >/dev/null 2>&1 &

# wrong DIRECTORY [KEY: VALUE, ...]: an apply with this issuer fails, soon, and leaves no account
wrong() {
  local start=$SECONDS
  sed -i "s|^issuer:.*|issuer: {type: acme, directory: \"$1\"${2:+, $2}}|" certadns.yaml
  ca reset >/dev/null
  run 1 apply --auto-approve
  ((SECONDS - start <= 20)) || fail "$1, $2: told after $((SECONDS - start)) s"
  ! ls state/keys 2>/dev/null | grep . || fail "$1, $2 left $(ls state/keys)"
  lacks "${EAB_KEY:0:20}"; lacks "${WRONG:0:20}"; lacks "swift-nio"
}
trust="trust: [$P/pebble/ca.pem]" dir=https://127.0.0.1:14443/dir
wrong https://127.0.0.1:14000/nothing "$trust"
shows "at https://127.0.0.1:14000/nothing there is no ACME directory: the answer is status 404. Check 'directory' of the issuer"
wrong https://127.0.0.1:14999/ "$trust"; shows "there is no ACME directory: it is a page (text/html)"
wrong "$ACME_MGMT/roots/0" "$trust"; shows "there is no ACME directory: "; shows "no JSON"
wrong https://127.0.0.1:14998/dir "$trust"; shows "https://127.0.0.1:14998/dir: connection refused. Check 'directory'"
wrong https://127.0.0.1:14444/dir "$trust"; shows "what answers there speaks no TLS"; lacks "again in"
wrong "$dir"; shows "leads to no CA that is trusted for it"; shows "'trust' of the issuer"; lacks "again in"
wrong "$dir" "trust: [pebble/issuing-root.pem]"; shows "'trust' of the issuer"
wrong "$dir" "trust: [pebble/nothing.pem]"; shows "pebble/nothing.pem"
[[ $(ca counts) == none ]] || fail "asked all the same: $(ca counts)"
wrong "$dir" "$trust, contact: [ops@example.test]"; shows "certadns.yaml:4:"; shows "mailto:ops@example.com"
wrong "$dir" "$trust, key_type: rsa-2048"; shows "certadns.yaml:4:"; shows "did you mean 'rsa2048'?"
wrong "$dir" "$trust, external_account: {kid: kid-1, key: \"env:BROKEN\"}"; shows "(env:BROKEN) is no base64url"; lacks "$BROKEN"
wrong "$dir" "$trust, external_account: {kid: kid-1, key: \"env:NOBODY\"}"; shows "set env:NOBODY"

# refused WORDS ISSUER...: the CA says no to the account; asked once, its key waits for the next try
refused() {
  issuer "$2"; run 1 apply --auto-approve; shows "$1"; lacks "again in"
  (($(count newAccount) <= 1)) || fail "asked $(count newAccount) times"
  grep -q '"url"' state/keys/account-*.json && fail "an account that is none is kept"
  ca reset >/dev/null
}
refused "invalidContact: contact email \"ops@\" is invalid. Change 'contact' of the issuer" 'contact: ["mailto:ops@"]'

# refuses KIND PROBLEM: the CA answers so from now on
refuses() { ca reset >/dev/null; curl -fsS --noproxy '*' -G "http://127.0.0.1:14444/fault?do=answer&status=403&times=99" -d "kind=$1" --data-urlencode "problem=$2" >/dev/null; }
acme=urn:ietf:params:acme:error
refuses newAccount "{\"type\":\"$acme:badSignatureAlgorithm\",\"detail\":\"no\",\"algorithms\":[\"RS256\"]}"
refused "Accounts here sign by ES256, the CA takes RS256" ""
refuses newOrder "{\"type\":\"$acme:userActionRequired\",\"detail\":\"new terms\",\"instance\":\"https://ca.example/terms/9\"}"
issuer; run 1 apply --auto-approve; shows "agree to the CA's terms at https://ca.example/terms/9, then run again"
! ls state/keys | grep -q '^pending-' || fail "a pending key is left"

# A type of key that the CA refuses: the order is given up with its key, so that another type helps once the wait is ended.
refuses finalize "{\"type\":\"$acme:badPublicKey\",\"detail\":\"no P-256\"}"
run 1 apply --auto-approve; shows "badPublicKey: no P-256. Change 'key_type' of the issuer"; shows "certadns retry"
! ls state/keys | grep -q '^pending-' || fail "the refused key is kept"
[[ -z $(challenge) ]] || fail "a refusal left $(challenge)"
ca reset >/dev/null; issuer 'key_type: p384'; run 0 retry example.test
# A chain that is not offered is told with those that are, and keeps nobody.
issuer 'key_type: p384, preferred_chain: "Some Root X1"'
run 0 apply --auto-approve; shows "note: the CA offers no chain to 'Some Root X1', so its usual one is taken; it offers 'Pebble Root CA "
openssl s_client -connect 127.0.0.80:443 -servername mta-sts.example.test </dev/null 2>/dev/null | openssl x509 -noout -text | grep -q P-384 || fail "no P-384"

# Contracts: none where one is needed, and the wrong ones.
unserve; unpebble; unproxy; rm -rf state; pebble EAB_KID=kid-1 "EAB_HMAC=$EAB_KEY"; proxy; serve
edit $'zone example.test\nupdate delete _mta-sts.example.test\nupdate delete mta-sts.example.test\nupdate delete _smtp._tls.example.test'
wrong "$dir" "$trust"; shows "set 'external_account' of the issuer"; [[ $(count newAccount) == 0 ]] || fail "asked without a contract"
refused "Compare 'kid' ('kid-1') and 'key' under 'external_account' of the issuer" 'external_account: {kid: kid-1, key: "env:WRONG"}'
lacks "${WRONG:0:20}"
refused "Compare 'kid' ('kid-2') and 'key'" 'external_account: {kid: kid-2, key: "env:EAB_KEY"}'
issuer 'external_account: {kid: kid-1, key: "env:EAB_KEY"}'
run 0 apply --auto-approve; shows "example.test: applied"
[[ $(ls state/keys | grep -c '^account-') == 1 ]] || fail "accounts: $(ls state/keys)"
[[ $(ca violations) == none ]] || fail "forbidden: $(ca violations)"
echo "all held"
