#!/bin/bash
# A policy is taken away without a sender left refusing: none first, its record once no cache needs it, all else last; a checkout that
# lost files takes nothing away, and whoever changes their mind is back at once.
. "$(dirname -- "$0")/common.sh"
edit $'zone example.test\nupdate delete mta-sts.example.test A' || fail "the lab's own record can't be removed"
batch=$'zone example.test'
for z in d1.example.test d2.example.test; do
  batch+=$'\n'"update add $z 60 MX 10 mx.example.test"
  sed "s/example.test/$z/g" zones/example.test.yaml >"zones/$z.yaml"
done
edit "$batch" || fail "no MX"
body() { curl -sS --noproxy '*' --cacert state/ca.pem --resolve "mta-sts.${1:-example.test}:443:127.0.0.80" "https://mta-sts.${1:-example.test}/.well-known/mta-sts.txt"; }
host() { dig "@$DNS_ADDR" -p "$DNS_PORT" +short "mta-sts.${1:-example.test}" A; }
# pass SECONDS: what was replaced and begun is that much longer ago
pass() {
  for column in superseded_at replaced_at announced_at intent_at; do
    sqlite3 state/certadns.sqlite "UPDATE published SET $column = strftime('%Y-%m-%dT%H:%M:%SZ', $column, '-$1 seconds')"
  done
  sqlite3 state/certadns.sqlite "UPDATE zone SET withdrawn_at = strftime('%Y-%m-%dT%H:%M:%SZ', withdrawn_at, '-$1 seconds')"
}
serve
run 0 apply --auto-approve; shows "3 applied"
first=$(txt _mta-sts.example.test)

# Two files of three are not there: nothing is taken away, and nothing is written.
mkdir hidden; mv zones/example.test.yaml zones/d1.example.test.yaml hidden
before=$(zone_lines example.test)
run 3 plan; shows "withdrawal-blocked"; shows "2 of 3 zones would lose their policy"; shows "'certadns apply ZONE'"; lacks "mode: none"
run 3 apply --auto-approve; shows "2 blocked"
# Nor by a saved plan of it, of which the dry run says the same.
run 3 plan --out blocked.json; run 3 apply --dry-run blocked.json; shows "0 zones"; lacks "skipped"; lacks "mode: none"
run 3 apply --auto-approve blocked.json; shows "2 blocked"; lacks "done:"
[[ $(zone_lines example.test) == "$before" ]] || fail "a checkout that lost files changed DNS"

# One file is gone, and that is meant: senders are told so, and the plan says until when the rest stays.
mv hidden/d1.example.test.yaml zones
run 0 plan; shows "mode: none"; shows "nobody asks for the policy any more"; shows "holds mta-sts-record until"; shows "holds policy-host until"; lacks "delete"
run 0 apply --auto-approve; shows "example.test: held"
body | grep -q '^mode: none' && body | grep -q '^mx: mx.example.test' || fail "the host serves $(body)"
[[ $(txt _mta-sts.example.test) != "$first" && -n $(txt _mta-sts.example.test) ]] || fail "the id is $(txt _mta-sts.example.test)"
run 0 apply --auto-approve; lacks "done:"; shows "example.test: held"
# Who drops the provider meanwhile is told which zone needs it, and until when.
cp certadns.yaml good.yaml; sed -i 's/^  primary:/  renamed:/' certadns.yaml
run 4 plan; shows "the provider 'primary' of example.test is not in the configuration"; shows "it is being withdrawn, until $(date -u -d '+8 days' +%Y-%m-)"
cp good.yaml certadns.yaml
# In the same day no other zone goes unnamed.
mv zones/d1.example.test.yaml hidden
run 3 plan; shows "after 1 in the last 24 hours"
mv hidden/d1.example.test.yaml zones

# A team that changes its mind is back at once, under an id that was never used.
mv hidden/example.test.yaml zones
run 0 apply --auto-approve; shows "example.test: applied"
body | grep -q '^mode: enforce' || fail "the host serves $(body)"
txt _mta-sts.example.test | grep -q 'id=3x' || fail "the id is $(txt _mta-sts.example.test)"
mv zones/example.test.yaml hidden
run 0 apply --auto-approve example.test; shows "example.test: held"

# A second short of the end nothing goes; at the end the record does, and what it announced outlives it by its TTL.
pass $((604800 + 86400 + 300 - 60))
run 0 apply --auto-approve; lacks "done:"
pass 61
run 0 plan; shows "delete _mta-sts.example.test"; shows "no sender can hold the policy any more"
run 0 apply --auto-approve; shows "example.test: held"
[[ -z $(txt _mta-sts.example.test) ]] || fail "the record is there: $(txt _mta-sts.example.test)"
body | grep -q '^mode: none' || fail "the policy went with its record"
pass 301
run 0 plan; shows "delete policy of mta-sts.example.test"; shows "delete mta-sts.example.test A"; shows "delete certificate of mta-sts.example.test"; shows "delete _smtp._tls.example.test TXT"
keys=$(ls state/keys | wc -l)
run 0 apply --auto-approve; shows "example.test: applied"
[[ -z $(host) && -z $(txt _smtp._tls.example.test) ]] || fail "left in DNS: $(host) $(txt _smtp._tls.example.test)"
[[ $(ls state/keys | wc -l) == $((keys - 1)) ]] || fail "the key is left: $(ls state/keys)"
gone() { ! body; }
eventually 6 gone
body d1.example.test | grep -q '^mode: enforce' || fail "another zone went with it"
run 0 plan --detailed-exitcode; lacks "example.test.yaml"
run 1 plan example.test; shows "no manifest and no ledger knows the zone example.test"
run 0 history example.test; shows "withdrawn to the end"

# It comes back as a new zone, but for its ids: they go on counting.
mv hidden/example.test.yaml zones
run 0 apply --auto-approve; shows "example.test: applied"
txt _mta-sts.example.test | grep -q 'id=5x' || fail "the id is $(txt _mta-sts.example.test)"

# A protected zone stays when its manifest is gone, named or not.
echo 'protect: true' >>zones/example.test.yaml
run 0 apply --auto-approve
mv zones/example.test.yaml hidden
run 3 apply --auto-approve example.test; shows "example.test: blocked"; shows "the zone is protected"
body | grep -q '^mode: enforce' || fail "a protected zone went"
kill "$SERVE"; wait "$SERVE" || fail "serve ended with $?"
echo "all held"
