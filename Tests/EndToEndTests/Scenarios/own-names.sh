#!/bin/bash
# Names of serve itself: certified by apply or by serve at its start, shown by SNI, renewed by serve alone, let go when no longer
# named; a mail domain may be called the same; killed in between there is one certificate.
. "$(dirname -- "$0")/common.sh"
. "$(dirname -- "$0")/ca.sh"
OWN=reports.example.test
NAMES="serve: {names: [$OWN]}"
tls() { openssl s_client -connect "${1:-127.0.0.80}:443" -servername "${2:-$OWN}" -CAfile pebble/issuing-root.pem -verify_return_error -verify_hostname "${2:-$OWN}" </dev/null; }
own() { tls "$@" 2>/dev/null | openssl x509 -noout -serial 2>/dev/null; }
code() { curl -sS -o /dev/null -w '%{http_code}' --noproxy '*' --cacert pebble/issuing-root.pem --resolve "$1:443:127.0.0.80" "https://$1/.well-known/mta-sts.txt"; }
sql() { sqlite3 state/certadns.sqlite "$1"; }
# clean: no proof in DNS, no pending key, no order open
clean() {
  [[ -z $(txt "_acme-challenge.$OWN") ]] || fail "a proof was left behind"
  ! ls state/keys | grep -q '^pending-' || fail "a pending key is left"
  [[ $(sql "SELECT COUNT(*) FROM issuance WHERE json_extract(state, '\$.order') IS NOT NULL OR json_array_length(state, '\$.challenges') > 0") == 0 ]] || fail "left in the ledger: $(sql 'SELECT state FROM issuance')"
}

# By apply, on a store of its own; the plan says what and why, the dry run what it would write; without a ledger, too.
pebble; proxy; issuer 'contact: ["mailto:ops@example.test"]'
echo "$NAMES" >>certadns.yaml
run 0 validate; shows "1 manifest, 0 errors"
run 0 plan "$OWN"; shows "$OWN (name of serve): 1 step"; shows "issue certificate for $OWN by '127.0.0.1:14443'"; shows "there is no certificate for $OWN"; lacks "example.test:"
run 0 apply --dry-run "$OWN"; shows "$OWN (name of serve) would write:"
run 1 plan nobody.example.test; shows "no manifest and no ledger knows the zone nobody.example.test"
run 0 apply --auto-approve "$OWN"; shows "$OWN (name of serve): done: issue certificate for $OWN"; shows "Apply: 1 applied."
run 0 plan "$OWN" --detailed-exitcode; shows "renew certificate for $OWN: due"
run 0 status "$OWN"; shows "$OWN (name of serve): ready (lab)"; shows "yes certificate: by"; shows "renew certificate for $OWN: due"
for name in "$OWN" "_serve.$OWN"; do run 0 history "$name"; shows "$OWN (name of serve) done: issue certificate"; done
clean
serve; [[ -n $(own) ]] || fail "the own name is not shown its certificate"
[[ $(code "$OWN") == 404 ]] || fail "an own name has a policy: $(code "$OWN")"
run 0 apply --auto-approve; shows "example.test: applied"; lacks "$OWN (name of serve): applied"
[[ $(code mta-sts.example.test) == 200 && $(code "$OWN") == 404 ]] || fail "the policy is not where it belongs"
[[ $(ca issued) == *"$OWN 1"* ]] || fail "issued: $(ca issued)"

# A mail domain called the same: two ledgers, two certificates; what the one word means is both, and revoked is but one.
edit $'zone example.test\nupdate add reports.example.test 60 MX 10 mx.example.test.' || fail "no MX"
sed "s/^zone:.*/zone: $OWN/" zones/example.test.yaml >"zones/$OWN.yaml"
run 0 plan "$OWN"; shows "$OWN: 5 steps"; lacks "$OWN (name of serve): "
run 0 apply --auto-approve; shows "$OWN: applied"; before=$(own)
[[ $(code "mta-sts.$OWN") == 200 && $(code "$OWN") == 404 ]] || fail "the names are mixed up"
run 0 status "$OWN"; shows "$OWN: ready (lab)"; shows "$OWN (name of serve): ready (lab)"
run 1 acme revoke "$OWN"; shows "name mta-sts.$OWN, or _serve.$OWN"
run 0 acme revoke "_serve.$OWN" --reason superseded; shows "revoked: the certificate of $OWN, by the account"
run 2 plan "$OWN" --detailed-exitcode; shows "renew certificate for $OWN by"; lacks "renew certificate for mta-sts.$OWN by"
run 0 apply --auto-approve "$OWN"; eventually 6 bash -c "[[ \$(openssl s_client -connect 127.0.0.80:443 -servername $OWN </dev/null 2>/dev/null | openssl x509 -noout -serial) != '$before' ]]"
run 1 retry "$OWN"; shows "$OWN: it does not wait for a CA"; shows "$OWN (name of serve): it does not wait for a CA"
rm "zones/$OWN.yaml"

# No longer named: said, kept, not ordered again; named again it is there at once.
before=$(ca issued); kept=$(sql "SELECT facts FROM certificate WHERE host = '$OWN'")
sed -i '/^serve:/d' certadns.yaml
run 0 plan "_serve.$OWN"; shows "certificate-released"; shows "is not renewed any more"; lacks "delete"
run 0 apply --auto-approve "_serve.$OWN"; lacks "delete"; shows "$OWN (name of serve): nothing to do: it is listed no longer"
run 1 plan "_serve.$OWN"; shows "neither configuration nor ledger knows the name $OWN of serve"
[[ $(sql "SELECT facts FROM certificate WHERE host = '$OWN'") == "$kept" ]] || fail "the certificate was touched"
unserve; serve; [[ -z $(own) ]] || fail "a name that is none of serve's is let in"
[[ -n $(shown) ]] || fail "the zone's own certificate is not shown"
echo "$NAMES" >>certadns.yaml
unserve; serve; [[ -n $(own) ]] || fail "named again, it is not shown"
run 0 apply --auto-approve "_serve.$OWN"; [[ $(ca issued) == "$before" ]] || fail "issued: $(ca issued), before: $before"
unserve

# Killed around the order by apply, and serve alone ends it: one certificate.
for fault in newOrder:after finalize:before finalize:after certificate:after; do
  rm -rf state; ca reset >/dev/null; ca "fault?kind=${fault%:*}&do=kill-${fault#*:}&pidfile=$P/client.pid" >/dev/null
  bash -c 'echo $$ >client.pid; exec "$0" apply --auto-approve "$1"' "$CERTADNS" "$OWN" >first.out 2>&1 </dev/null && fail "nobody was killed at $fault"
  lapse; serve; eventually 60 grep -q "certificate issued" serve.log; unserve
  [[ $(ca issued) == *"$OWN 1"* ]] || fail "killed at $fault: issued: $(ca issued)"
  lapse; run 0 apply --auto-approve "$OWN"; clean; echo "held: $fault"
done
[[ $(ca violations) == none ]] || fail "forbidden: $(ca violations)"

# By http-01, in the name's own way: serve answers on port 80 for it, and DNS is not written.
rm -rf state; ca reset >/dev/null; written=$(serial example.test)
edit "update add $OWN 60 A 127.0.0.80" || fail "no address"; written=$((written + 1))
sed -i "s/^serve:.*/serve: {names: [{name: $OWN, challenge: http-01}]}/; s/listen: \"127.0.0.80:443\"/&, listen_http: \"127.0.0.80:80\"/" certadns.yaml
serve; eventually 30 grep -q "certificate issued" serve.log
[[ -n $(own) && $(ca issued) == "$OWN 1" ]] || fail "issued: $(ca issued)"
[[ $(serial example.test) == "$written" ]] || fail "http-01 wrote to DNS"
[[ $(sql "SELECT COUNT(*) FROM http_token") == 0 ]] || fail "a token was left behind"
unserve; sed -i "s/^serve:.*/$NAMES/; s/, listen_http: [^}]*}/}/" certadns.yaml
unproxy; unpebble

# Two serves on an empty store, no apply and no manifest: one order; and they renew it, again and again.
pebble VALIDITY_S=30
issuer; sed -i 's|127.0.0.1:14443|127.0.0.1:14000|' certadns.yaml
rm -rf state; mv zones hidden
sed 's/listen: "127.0.0.80:443"/listen: "127.0.0.81:443"/' certadns.yaml >other.yaml
serve; "$CERTADNS" serve --config other.yaml >other.log 2>&1 & OTHER=$!
issued() { cat serve.log other.log | grep -c 'certificate issued'; }
is_shown() { [[ -n $(own "$1") ]]; }
for host in 127.0.0.80 127.0.0.81; do eventually 40 is_shown "$host"; done
[[ $(issued) == 1 ]] || fail "$(issued) certificates at the start"
first=$(own)
moved() { [[ -n $(own "$1") && $(own "$1") != "$first" ]]; }
for host in 127.0.0.80 127.0.0.81; do eventually 60 moved "$host"; done
orders=$(sql "SELECT COUNT(*) FROM audit WHERE kind = 'ordered'"); done=$(sql "SELECT COUNT(*) FROM audit WHERE what LIKE 'done:%certificate'")
((orders == done || orders == done + 1)) || fail "$orders orders for $done certificates"
grep -q "renewal failed" serve.log other.log && fail "a renewal failed: $(grep 'renewal failed' serve.log other.log)"

# Named no longer: serve lets it go by itself, when it would have been due, and orders nothing.
kill -KILL "$OTHER"; unserve; lapse; sed -i '/^serve:/d' certadns.yaml
orders=$(sql "SELECT COUNT(*) FROM audit WHERE kind = 'ordered'")
serve; let_go() { [[ $(sql "SELECT COUNT(*) FROM audit WHERE what LIKE 'let go: $OWN%'") == 1 ]]; }
eventually 60 let_go
[[ $(sql "SELECT COUNT(*) FROM due") == 0 && $(sql "SELECT COUNT(*) FROM audit WHERE kind = 'ordered'") == "$orders" ]] || fail "it is renewed still"
[[ $(sql "SELECT COUNT(*) FROM certificate WHERE host = '$OWN'") == 1 ]] || fail "the certificate was taken away"
clean
echo "all held"
