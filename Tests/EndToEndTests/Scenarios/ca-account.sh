#!/bin/bash
# The account with the CA: made under a contract, shown, its contact changed, its key rolled over and killed in the middle of that,
# another one made; certificates revoked by the account and by their own key.
. "$(dirname -- "$0")/common.sh"
. "$(dirname -- "$0")/ca.sh"
export EAB_KEY; EAB_KEY=$(head -c 36 /dev/urandom | base64 | tr '+/' '-_')
pebble EAB_KID=kid-1 "EAB_HMAC=$EAB_KEY"; proxy; serve
file() { cat state/keys/account-*.json; }
shows_no_key() {
  local secret
  for secret in $(file | grep -oE 'MIG[A-Za-z0-9+/\\]{40}' | cut -c1-40 | tr -d '\\') "$EAB_KEY"; do lacks "${secret:0:30}"; done
}
field() { sed -n "s/^$1: //p" out; }
# The certificate that is held is the one that is served: the policy host takes a new one within seconds.
current() { [[ $(shown) == $(sqlite3 state/certadns.sqlite "SELECT chain FROM certificate" | openssl x509 -noout -serial) ]]; }
revocation() { curl -fsS --noproxy '*' --cacert pebble/ca.pem "$ACME_MGMT/cert-status-by-serial/${1#serial=}" | grep -o '"Status":"[A-Za-z]*"\|"Status": "[A-Za-z]*"' | grep -oE 'Valid|Revoked'; }
# A local CA has no accounts: said so, with what to do.
run 1 acme account; shows "local CA"; shows "type: acme"
run 1 acme revoke example.test; shows "local CA"
run 1 acme account --deactivate-old; shows "--new"

# A contract that the CA asks for and nobody set says so, and writes no account's URL.
issuer 'contact: ["mailto:ops@example.test"]'
run 1 acme account; shows "there is no account with the CA yet"
run 1 apply --auto-approve; shows "external_account"
issuer 'contact: ["mailto:ops@example.test"], external_account: {kid: kid-1, key: "env:EAB_KEY"}'
run 0 apply --auto-approve; shows "example.test: applied"
run 0 acme account; url=$(field account); thumb=$(field key)
shows "directory: https://127.0.0.1:14443/dir"; shows "status: valid"; shows "contact: mailto:ops@example.test"
shows "external account: kid-1"; shows "accounturi=$url"; shows "profiles: classic, short"; shows_no_key
[[ $url == https://* && $thumb == "P-256, thumbprint "* ]] || fail "no account is shown"

run 0 acme account --contact mailto:a@example.test --contact mailto:b@example.test
shows "contact: mailto:a@example.test, mailto:b@example.test"; shows "certadns.yaml"
run 1 acme account --contact nobody; shows "mailto:"

# Another key, the same account; then the old key is nobody's.
run 0 acme account --roll-over; [[ $(field account) == "$url" && $(field key) != "$thumb" ]] || fail "no other key"
shows_no_key; thumb=$(field key)
due; run 0 apply --auto-approve; shows "done: renew certificate"
for when in before after; do
  ca reset >/dev/null; ca "fault?kind=keyChange&do=kill-$when&pidfile=$P/client.pid" >/dev/null
  bash -c 'echo $$ >client.pid; exec "$0" acme account --roll-over' "$CERTADNS" >first.out 2>&1 && fail "nobody was killed"
  file | grep -q nextKey || fail "the key that comes next was not kept"
  run 0 acme account; [[ $(field account) == "$url" ]] || fail "another account"
  if [[ $when == before ]]; then [[ $(field key) == "$thumb" ]]; else [[ $(field key) != "$thumb" ]]; fi || fail "killed $when the change: $(field key), before it $thumb"
  ! file | grep -q nextKey || fail "a change is still open"
  thumb=$(field key)
done
ca reset >/dev/null; ca "fault?kind=keyChange&do=answer&status=503&wait=60" >/dev/null
run 1 acme account --roll-over; shows "down for a while"
run 0 acme account; [[ $(field key) == "$thumb" ]] || fail "a refusal changed the key"

# CAA that wants another account: the plan says so already, with nothing but the state to read, and names the record that helps.
due; before=$(shown); edit "zone example.test
update add example.test 60 CAA 0 issue \"pebble.test; accounturi=${url}9\"" || fail "no CAA"
(unset EAB_KEY; run 3 plan) || exit 1
shows "it wants the account ${url}9, and ours is $url"; lacks "1. renew certificate"
record="example.test. CAA 0 issue \"pebble.test; accounturi=$url\""; shows "add '$record'"
run 3 apply --auto-approve; shows "it wants the account ${url}9"; lacks "done:"
edit "zone example.test
update add ${record/ CAA/ 60 CAA}" || fail "no CAA as printed"
run 0 apply --auto-approve; shows "done: renew certificate"
edit $'zone example.test\nupdate delete example.test CAA' || fail "CAA stays"
newer() { [[ $(shown) != "$before" ]]; }; eventually 10 newer

# Revoked by the account; due at once; the next apply issues another one.
eventually 10 current; old=$(shown)
run 1 acme revoke nobody.test; shows "no certificate is held"
run 1 acme revoke example.test --reason whim; shows "superseded"
run 0 plan --detailed-exitcode
ca reset >/dev/null; ca "fault?kind=revokeCert&do=answer&status=403&problem=%7B%22type%22%3A%22urn%3Aietf%3Aparams%3Aacme%3Aerror%3AbadRevocationReason%22%2C%22detail%22%3A%22not+that+one%22%7D" >/dev/null
run 1 acme revoke example.test --reason superseded; shows "badRevocationReason: not that one"
run 0 plan --detailed-exitcode
run 0 acme revoke example.test --reason superseded; shows "by the account"; shows "certadns apply"
[[ $(revocation "$old") == Revoked ]] || fail "the CA says $(revocation "$old") of $old"
run 0 history; shows "revoked"
run 0 acme revoke mta-sts.example.test --reason keyCompromise; shows "already revoked"; shows "given first"; lacks "by the account"; shows "certadns serve"
run 2 plan --detailed-exitcode; shows "renew certificate for mta-sts.example.test"; shows "it was revoked at 2"
run 3 status; shows "it was revoked at 2"; shows "another one takes its place"
run 0 apply --auto-approve; shows "done: renew certificate"
eventually 10 bash -c "[[ \$(openssl s_client -connect 127.0.0.80:443 -servername mta-sts.example.test </dev/null 2>/dev/null | openssl x509 -noout -serial) != '$old' ]]"
[[ $(revocation "$(shown)") == Valid ]] || fail "the new one is $(revocation "$(shown)")"
run 0 plan --detailed-exitcode

# Another account, the old one closed; it can't revoke what the old one ordered, but the certificate's key can.
first=$(field account); run 0 acme account --new --deactivate-old; [[ $(field account) != "$url" ]] || fail "the same account"
shows "status: valid"; shows_no_key
second=$(field account); eventually 10 current; old=$(shown)
run 0 acme revoke example.test --reason keyCompromise; shows "by the certificate's own key"
[[ $(revocation "$old") == Revoked ]] || fail "the CA says $(revocation "$old") of $old"
run 0 apply --auto-approve; shows "done: renew certificate"

# The same with keys of every other type: each signs its own revocation, by the algorithm that is its own (RFC 7518).
contract='external_account: {kid: kid-1, key: "env:EAB_KEY"}'
kind() { openssl s_client -connect 127.0.0.80:443 -servername mta-sts.example.test </dev/null 2>/dev/null | openssl x509 -noout -text | grep -qF "$1"; }
for type in "p384 ASN1 OID: secp384r1" "rsa2048 Public-Key: (2048 bit)"; do
  issuer "$contract, key_type: ${type%% *}"; due
  for signer in "by the account" "by the certificate's own key"; do
    run 0 apply --auto-approve; shows "done: renew certificate"
    eventually 10 current
    kind "${type#* }" || fail "the key is no ${type%% *}"
    old=$(shown)
    [[ $signer == *account ]] || run 0 acme account --new
    run 0 acme revoke example.test --reason superseded; shows "$signer"
    [[ $(revocation "$old") == Revoked ]] || fail "${type%% *}, $signer: the CA says $(revocation "$old") of $old"
  done
done
run 0 apply --auto-approve; [[ $(ca violations) == none ]] || fail "forbidden: $(ca violations)"
issuer "contact: [\"mailto:ops@example.test\"], $contract"

# Killed while another account is made: the one that the CA confirmed counts, and no key is lost. A key that the CA did not know is asked
# about again (by newAccount, too), for who asked for it may still be waiting.
for when in before after; do
  run 0 acme account; second=$(field account)
  [[ $when == before ]] || file | grep -q candidates || fail "a key that may still come to count is gone"
  ca reset >/dev/null; ca "fault?kind=newAccount&nth=$([[ $when == before ]] && echo 1 || echo 2)&do=kill-$when&pidfile=$P/client.pid" >/dev/null
  bash -c 'echo $$ >client.pid; exec "$0" acme account --new' "$CERTADNS" >first.out 2>&1 && fail "nobody was killed"
  run 0 acme account
  if [[ $when == before ]]; then [[ $(field account) == "$second" ]]; else [[ $(field account) != "$second" ]]; fi || fail "killed $when: $(field account), before it $second"
done

# Killed between the new account and the closing of the old one, or right after that: the next run closes it, and goes on with the new one.
for when in before after; do
  run 0 acme account; second=$(field account); cp -r state former
  ca reset >/dev/null; ca "fault?kind=account&do=kill-$when&pidfile=$P/client.pid" >/dev/null
  bash -c 'echo $$ >client.pid; exec "$0" acme account --new --deactivate-old' "$CERTADNS" >first.out 2>&1 && fail "nobody was killed"
  file | grep -q '"closes":true' || fail "what was begun is not kept"
  run 0 acme account; [[ $(field account) != "$second" ]] || fail "killed $when: still $second"
  shows "status: valid"; ! file | grep -qE 'nextKey|closes' || fail "a change is still open"
  sed 's/^state: .*/state: former/' certadns.yaml >former.yaml
  run 1 acme account --config former.yaml; shows "deactivated"; rm -r former
done

# An order that the former account left open is given up, not asked about for ever.
ca reset >/dev/null; ca "fault?kind=finalize&do=kill-before&pidfile=$P/client.pid" >/dev/null; due
bash -c 'echo $$ >client.pid; exec "$0" apply --auto-approve' "$CERTADNS" >first.out 2>&1 && fail "nobody was killed"
lapse; run 0 acme account --new
run 0 apply --auto-approve; shows "done: renew certificate"

# The CA has lost the account: told, with what to do, and that helps.
unpebble; pebble EAB_KID=kid-1 "EAB_HMAC=$EAB_KEY"; issuer 'contact: ["mailto:ops@example.test"], external_account: {kid: kid-1, key: "env:EAB_KEY"}'
unproxy; proxy; due
run 1 apply --auto-approve; shows "certadns acme account --new"
run 0 acme account --new --deactivate-old; shows "status: valid"
run 0 apply --auto-approve; shows "done: renew certificate"
[[ $(ca violations) == none ]] || fail "forbidden: $(ca violations)"

# What docs/operations.md shows, word for word, on the lab's domain.
while IFS= read -r line; do
  run 0 ${line#certadns }
  count=$((${count:-0} + 1))
  [[ $line == *revoke* ]] && run 0 apply --auto-approve
done < <(sed -n '/^```sh$/,/^```$/p' "$REPOSITORY/docs/operations.md" | grep '^certadns acme' | sed 's/ *#.*//; s/example\.com/example.test/g')
((count >= 5)) || fail "docs/operations.md shows only $count commands"

# In work: the status says so, and nothing is asked of the CA.
ca reset >/dev/null; sqlite3 state/certadns.sqlite "UPDATE lease SET released = 0, until = $(date +%s) + 600 WHERE zone = 'example.test'"
run 5 acme revoke example.test; shows "example.test is being changed by"
[[ $(count revokeCert) == 0 ]] || fail "the CA was asked"
lapse
run 1 ca; shows "no CA of our own"; [[ ! -e state/ca.key ]] || fail "a private CA was made"

# Of another issuer: nothing is asked of a CA that did not issue it.
issuer; sed -i 's|127.0.0.1:14443/dir|localhost:14443/dir|' certadns.yaml
run 1 acme revoke example.test; shows "is by '127.0.0.1:14443', not by 'localhost:14443'"
echo "all held"
