#!/bin/bash
# A fleet that others managed is imported: the first plan asks for nothing but what adoption needs; then one instance hands a zone to another.
. "$(dirname -- "$0")/common.sh"
# Another instance made what is there: another CA, another host, ids of its own.
mkdir -p theirs/zones; cp zones/example.test.yaml theirs/zones
sed 's/127.0.0.80/127.0.0.81/g' certadns.yaml >theirs/certadns.yaml
edit $'zone example.test\nupdate delete mta-sts.example.test A' || fail "the lab's own record can't be removed"
(cd theirs && exec "$CERTADNS" serve) >theirs.log 2>&1 & eventually 20 grep -q listening theirs.log
run 0 apply --auto-approve --config theirs/certadns.yaml
edit $'zone example.test\nupdate delete _mta-sts.example.test TXT\nupdate add _mta-sts.example.test 300 TXT "v=STSv1; id=20200101000000Z;"' || fail "no edit"
sed -i 's|trust: \[state/ca.pem\]|trust: [theirs/state/ca.pem]|' certadns.yaml

# Their manifest is not ours: nothing is overwritten, and each zone ends by itself.
run 1 import example.test; shows "there is a manifest of it already"
rm zones/example.test.yaml
run 4 import example.test nothing.example.test other.invalid
shows "example.test: written to zones/example.test.yaml"; shows "nothing.example.test: not imported"; shows "other.invalid: not imported"
grep -q 'mode: enforce' zones/example.test.yaml && grep -q 'mx: derived' zones/example.test.yaml && grep -q 'adopt: true' zones/example.test.yaml || fail "$(cat zones/example.test.yaml)"
grep -q 'rua: \[managed, "mailto:tls@example.test"\]' zones/example.test.yaml || fail "$(cat zones/example.test.yaml)"
run 1 import example.test; shows "there is a manifest of it already"
[[ ! -e state/certadns.sqlite ]] || fail "an import made a ledger"

# The first plan: host, certificate, policy and record change hands; the report record is as it was, and nobody is needed.
run 0 plan; lacks "error:"; lacks "_smtp._tls.example.test"; shows "ledger-empty"; shows "change _mta-sts.example.test TXT"; shows "change mta-sts.example.test A"
shows "1 to create, 2 to change, 1 certificate to issue"
before=$(zone_lines example.test | grep -v -e '^_mta-sts' -e '^mta-sts')
serve
sed -i 's|trust: \[theirs/state/ca.pem\]|trust: [state/ca.pem, theirs/state/ca.pem]|' certadns.yaml
run 0 apply --auto-approve; shows "1 applied"
[[ $(zone_lines example.test | grep -v -e '^_mta-sts' -e '^mta-sts') == "$before" ]] || fail "something else changed"
run 0 plan --detailed-exitcode
lacks "ledger-empty"

# Handed on: nothing is touched, the receipt tells what senders hold, and the other instance counts with it.
before=$(zone_lines example.test)
run 0 release example.test --out receipt.json; shows "is managed here no longer"
[[ $(zone_lines example.test) == "$before" ]] || fail "a release changed DNS"
grep -q '20200101000000Z' receipt.json && grep -q '"cachedUntil"' receipt.json || fail "$(cat receipt.json)"
run 1 release example.test; shows "no ledger manages the zone"
# Its manifest from then asks in vain.
run 3 plan; shows "zone-released"; shows "the zone was released"
rm -r theirs/state/certadns.sqlite*; mkdir theirs/receipts; cp receipt.json theirs/receipts/
sed 's|^adopt: true|adopt: {receipt: nothing.json}|' zones/example.test.yaml >theirs/zones/example.test.yaml
sed -i 's|trust: \[state/ca.pem\]|trust: [state/ca.pem, ../state/ca.pem]|' theirs/certadns.yaml
run 3 plan --config theirs/certadns.yaml; shows "receipts/nothing.json"
sed -i 's|nothing.json|receipt.json|' theirs/zones/example.test.yaml
run 0 apply --auto-approve --config theirs/certadns.yaml; shows "1 applied"
run 0 history example.test --config theirs/certadns.yaml; shows "taken over by its receipt"
rows=$(sqlite3 theirs/state/certadns.sqlite "SELECT count(*) FROM published WHERE id = '20200101000000Z' AND max_age = 31557600")
[[ $rows == 1 ]] || fail "the receipt's policies are not known: $rows"
run 0 plan --detailed-exitcode --config theirs/certadns.yaml
echo "all held"
