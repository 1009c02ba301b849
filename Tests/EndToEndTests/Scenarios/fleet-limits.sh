#!/bin/bash
# One line of defaults would change twelve zones: nothing of them moves before the plan is accepted by its own digest. Then a policy that is
# enforced is relaxed by hand, past the manifest, and stays so until a commit ends it; and a record that two tools write is fought over thrice.
. "$(dirname -- "$0")/common.sh"
rm zones/example.test.yaml
for n in $(seq 12); do
  edit "zone z$n.test
update delete mta-sts.z$n.test A" || fail "the lab's own record of z$n.test can't be removed"
  cat >zones/z$n.test.yaml <<Z
zone: z$n.test
add_ons: [email-authentication]
mta_sts: {mode: enforce, mx: derived}
tls_rpt: {rua: [managed]}
waivers: [{code: enforce-unproven, reason: "a lab"}]
Z
done
echo 'defaults: {mta_sts: {max_age: 7d}}' >>certadns.yaml
serve
run 0 apply --auto-approve; shows "12 applied"
id=$(txt _mta-sts.z1.test)

sed -i 's/max_age: 7d/max_age: 14d/' certadns.yaml
run 3 plan --out plan.json; shows "12 of 12 zones would change; 'max_changes' lets 10 go in a day"; shows "withheld: change policy"; shows "max_age: 1209600"
accept=$(sed -n "s/.*'--accept \([0-9a-f]*\)'.*/\1/p" out); [[ $accept ]] || fail "no digest is shown"
run 3 plan --format markdown; shows "withheld"
run 3 apply --auto-approve; shows "12 blocked"; lacks "done:"
run 3 apply --auto-approve plan.json; shows "12 blocked"; lacks "done:"
run 1 apply --auto-approve plan.json --accept 0123456789abcdef; shows "is the digest of another plan"
run 1 apply --auto-approve --accept "$accept"; shows "goes with a saved plan"
[[ $(txt _mta-sts.z1.test) == "$id" ]] || fail "an id moved"
run 0 apply --auto-approve z2.test; shows "1 applied"
run 0 apply --auto-approve plan.json --accept "$accept"; shows "11 applied"
run 0 plan; shows "Nothing to do"

run 1 relax z1.test --to testing; shows "--reason"
run 1 relax z1.test --to enforce --reason x; shows "'enforce' is invalid"
run 1 relax nobody.test --to testing --reason x; shows "the ledger does not know this zone"
sed -i 's/mode: enforce/mode: perhaps/' zones/z1.test.yaml
run 3 relax z1.test --to testing --reason "its certificate expired"; shows "the policy was relaxed, and nothing else"; shows "done: change policy"; shows "may refuse by it until"
curl -sS --noproxy '*' --cacert state/ca.pem --resolve mta-sts.z1.test:443:127.0.0.80 https://mta-sts.z1.test/.well-known/mta-sts.txt | grep -q "^mode: testing" || fail "the policy is not relaxed"
sed -i 's/mode: perhaps/mode: enforce/' zones/z1.test.yaml
run 0 apply --auto-approve; lacks "done:"
run 0 plan; shows "the policy was relaxed to 'testing' at"; shows "its certificate expired"
run 0 history z1.test; shows "relaxed to 'testing': its certificate expired"
sed -i 's/mx: derived/mx: derived, generation: 2/' zones/z1.test.yaml
run 0 apply --auto-approve; shows "done: change policy"
run 0 plan; lacks "was relaxed"

other() { edit $'zone z3.test\nupdate delete _smtp._tls.z3.test TXT\nupdate add _smtp._tls.z3.test 60 TXT "v=TLSRPTv1; rua=mailto:other@example.org"' || fail "no edit"; }
for n in 1 2 3; do other; run 0 apply --auto-approve; shows "done: change _smtp._tls.z3.test TXT"; done
other; run 3 apply --auto-approve; shows "was put back at"; lacks "done:"
run 3 plan; shows "contested"; shows "other@example.org"
[[ $(txt _smtp._tls.z3.test) == *other@example.org* ]] || fail "it was put back a fourth time"
echo "all held"
