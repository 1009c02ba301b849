#!/bin/bash
# The main line on a real name server: plan, dry run, apply, an empty plan, drift, repair, a change, a client that nobody here wrote.
. "$(dirname -- "$0")/common.sh"
edit $'zone example.test\nupdate delete mta-sts.example.test A' || fail "the lab's own record can't be removed"

run 0 validate; shows "1 manifest, 0 errors."
run 2 plan --detailed-exitcode
shows "create _smtp._tls.example.test TXT"; shows "create mta-sts.example.test A"; shows "issue certificate for mta-sts.example.test"
shows "create policy at https://mta-sts.example.test/.well-known/mta-sts.txt"; shows "create _mta-sts.example.test TXT"
shows "10 USD a month"
[[ ! -e state ]] || fail "plan made a state folder"
run 1 apply; shows "there is nobody to ask"

serve
before=$(serial example.test); store=$(sha256sum state/certadns.sqlite)
run 0 apply --dry-run; shows "update add _smtp._tls.example.test. 3600 IN TXT"; shows "prereq nxrrset mta-sts.example.test. IN A"
grep '  update add' out | sort >dry.txt
[[ $(serial example.test) == "$before" ]] || fail "the dry run changed the zone"
[[ $(sha256sum state/certadns.sqlite) == "$store" ]] || fail "the dry run changed the store"

run 0 apply --auto-approve; shows "example.test: applied"
order=$(grep -o 'done: .*' out | sed 's/done: [a-z]* //; s/ .*//' | paste -sd' ')
[[ $order == "_smtp._tls.example.test mta-sts.example.test certificate policy _mta-sts.example.test" ]] || fail "the order was: $order"
while read -r _ _ name rest; do
  dig "@$DNS_ADDR" -p "$DNS_PORT" +noall +answer +norec "$name" ANY | tr -s '\t ' ' ' | grep -qF "$name $rest" || fail "printed but not written: $name $rest"
done <dry.txt
run 0 plan --detailed-exitcode; shows "Nothing to do: 1 zone as desired"
run 0 apply --auto-approve; shows "nothing to do"
run 0 status; shows "example.test: ready (lab)"

"$LAB/trust.sh" state/ca.pem
id=$(txt _mta-sts.example.test | sed 's/.*id=\([^;]*\);.*/\1/')
mta-sts-query example.test >tuple; cat tuple
want="(<STSFetchResult.VALID: 1>, ('$id', {'mx': ['mx.example.test'], 'version': 'STSv1', 'mode': 'enforce', 'max_age': 604800}))"
[[ $(<tuple) == "$want" ]] || fail "mta-sts-query printed $(<tuple), not $want"

edit $'zone example.test\nupdate delete _mta-sts.example.test TXT\nupdate add _mta-sts.example.test 60 TXT "v=STSv1; id=evil;"'
run 2 drift; shows 'someone changed it outside git'; shows '- _mta-sts.example.test. 60 IN TXT "v=STSv1; id=evil;"'
run 0 apply --auto-approve; shows "done: change _mta-sts.example.test TXT"
run 0 drift; shows "No drift: 1 zone as last applied"
[[ $(txt _mta-sts.example.test) == "\"v=STSv1; id=$id;\"" ]] || fail "the id did not come back: $(txt _mta-sts.example.test)"

# A saved plan is only good for what it saw.
sed -i 's/7d/14d/' zones/example.test.yaml
run 0 plan --out plan.json; shows "+ max_age: 1209600"
run 0 drift; shows "No drift: 1 zone as last applied"; shows "one has changes to come"; lacks "as desired"
edit $'zone example.test\nupdate delete _mta-sts.example.test TXT\nupdate add _mta-sts.example.test 60 TXT "v=STSv1; id=evil2;"'
run 3 apply --auto-approve plan.json; shows "skipped"; shows "what is live moved since the plan"
run 0 plan --out plan.json
run 0 apply --auto-approve plan.json; shows "example.test: applied"
mta-sts-query example.test >tuple; grep -q "'max_age': 1209600" tuple || fail "the client sees $(<tuple)"
new=$(txt _mta-sts.example.test); [[ $new != *"$id"* && $new == *'id=2x'* ]] || fail "the id is $new"
run 0 history; shows "the manifest is live"

# In a checkout the ledger keeps the commit.
git init -q . && git add zones && git -c user.name=t -c user.email=t@example.test commit -qm "a policy for two weeks" || fail "no checkout"
sed -i 's/tls@/reports@/' zones/example.test.yaml
git -c user.name=t -c user.email=t@example.test commit -qam "reports elsewhere"
run 0 plan; shows "(commit $(git rev-parse --short=12 HEAD))"
run 0 apply --auto-approve
run 0 history example.test --format json; shows "$(git rev-parse HEAD)"

# ready ends at the next look when the host is down, although DNS and ledger have not changed.
kill "$SERVE"; wait "$SERVE"
run 3 status; shows "degraded"; shows "nothing listens there"
run 3 plan; shows "start the policy host there"

# A foreign CA, and a wrong name, are fetch errors to the client.
serve; "$LAB/trust.sh" --reset
mta-sts-query example.test >tuple; grep -q FETCH_ERROR tuple || fail "a foreign CA gave $(<tuple)"

# A certificate of a trusted CA that names another host is no better; with the right name the same CA is.
show() { # show NAME: the policy host shows a certificate for NAME
  "$LAB/mkca.sh" "$P/other" "$1" "DNS:$1"
  local print; print=$(openssl x509 -in "other/$1.pem" -outform der | sha256sum | cut -d' ' -f1)
  cp "other/$1.key" "state/keys/$print.pem"
  sqlite3 state/certadns.sqlite "UPDATE certificate SET chain = readfile('other/$1.pem'), facts = json_set(facts, '\$.fingerprint', '$print')" || fail "no other certificate"
}
kill "$SERVE"; wait "$SERVE"
show mta-sts.example.org; "$LAB/trust.sh" other/ca.pem; serve
mta-sts-query example.test >tuple; grep -q FETCH_ERROR tuple || fail "a wrong name gave $(<tuple)"
run 3 plan; shows "mta-sts.example.org"
kill "$SERVE"; wait "$SERVE"
show mta-sts.example.test; serve
mta-sts-query example.test >tuple; grep -q "STSFetchResult.VALID" tuple || fail "the right name gave $(<tuple)"
echo "all held"
