#!/bin/bash
# Two runners that own nothing but manifests and a token plan and apply against one serve at once: while a provider is held in the
# middle of its write one applies and the other says who holds the lease; both end on the same empty plan. Then the refusals.
. "$(dirname -- "$0")/common.sh"
edit $'zone example.test\nupdate delete mta-sts.example.test A'
# The name of serve leads to it; a policy host shows no policy there.
echo "127.0.0.80 certadns.example.test" >>"$NS_WORK/hosts"
echo "serve: {names: [certadns.example.test]}" >>certadns.yaml
serve
name_is_up() { curl -sS -o /dev/null --noproxy '*' --cacert state/ca.pem https://certadns.example.test/; }
eventually 20 name_is_up
run 0 token create ci --scope apply; CI=$(grep -o 'certadns_[0-9a-f_]*' out); [[ ${#CI} == 82 ]] || fail "no token: $CI"
run 0 token create pulls --scope plan; PULLS=$(grep -o 'certadns_[0-9a-f_]*' out)
run 1 token create ci --scope apply; shows "there is a token called 'ci' already"
run 0 token list; shows "pulls"; lacks "$CI"; lacks "$PULLS"
export CI PULLS
"$LAB/update-hold.py" 127.0.0.54 "$DNS_ADDR" "$DNS_PORT" "$P/hold" >hold.log 2>&1 & eventually 10 grep -q listening hold.log

for runner in one two; do
  mkdir -p "$NS_WORK/$runner"; cp -r zones "$NS_WORK/$runner/"; cp state/ca.pem "$NS_WORK/$runner/serve-ca.pem"
  sed -e '/^serve:/d' -e 's|^state: .*|state: {url: "https://certadns.example.test", token: "env:CI", trust: [serve-ca.pem]}|' \
    -e 's|state/ca.pem|serve-ca.pem|' -e "s|server: \"$DNS_ADDR:$DNS_PORT\"|server: \"127.0.0.54:53\"|" certadns.yaml >"$NS_WORK/$runner/certadns.yaml"
done
# at RUNNER STATUS ARGUMENTS...
at() { local r=$1; shift; cd "$NS_WORK/$r" || fail "no $r"; run "$@"; cd "$P" || exit 1; }

for runner in one two; do at $runner 2 plan --detailed-exitcode; shows "issue certificate for mta-sts.example.test"; lacks "there is no ledger"; done
touch hold
(cd "$NS_WORK/one" && USER=first exec "$CERTADNS" apply --auto-approve) >first.out 2>&1 </dev/null & FIRST=$!
eventually 20 test -e hold.held
at two 5 apply --auto-approve; shows "is being changed by first on"; shows "certadns apply"
kill -0 "$FIRST" || fail "the first apply did not wait for its write"
at two 5 unlock example.test; shows "held by first on"; shows "('certadns apply')"
rm hold; wait "$FIRST" || { cp first.out out; fail "the first apply failed"; }
grep -q "example.test: applied" first.out || { cp first.out out; fail "the first apply did not apply"; }
at two 0 apply --auto-approve; shows "nothing to do"
for runner in one two; do
  at $runner 0 plan --detailed-exitcode; shows "Nothing to do: 1 zone as desired"; sed 's| as desired at [^;]*;| as desired;|' out >"$runner.plan"
  [[ ! -e $NS_WORK/$runner/state ]] || fail "$runner kept a state"
done
cmp one.plan two.plan || fail "the runners' plans differ"
at two 0 status; shows "example.test: ready (lab)"; at two 0 drift; shows "No drift"
at one 0 history; shows "done: issue certificate"
[[ $(ls state/keys | grep -c '^[0-9a-f]*\.pem$') -ge 2 ]] || fail "the keys are not beside serve: $(ls state/keys)"
! grep -rl "PRIVATE KEY" "$NS_WORK/one" "$NS_WORK/two" || fail "a key travelled"

# A commit by the one runner is seen by the other.
sed -i 's/7d/14d/' "$NS_WORK/two/zones/example.test.yaml" "$NS_WORK/one/zones/example.test.yaml"
at two 0 apply --auto-approve; shows "example.test: applied"; at one 0 plan --detailed-exitcode

# A run that was killed holds its lease until somebody ends it, from anywhere with a token that may write.
sed -i 's/14d/15d/' "$NS_WORK/two/zones/example.test.yaml" "$NS_WORK/one/zones/example.test.yaml"
sed -i 's/tls@/reports@/' "$NS_WORK/two/zones/example.test.yaml" "$NS_WORK/one/zones/example.test.yaml"
touch hold; rm -f hold.held
(cd "$NS_WORK/one" && exec "$CERTADNS" apply --auto-approve) >first.out 2>&1 </dev/null & FIRST=$!
eventually 20 test -e hold.held; kill -KILL "$FIRST"; wait "$FIRST" 2>/dev/null; rm hold
sed -i 's/env:CI/env:PULLS/' "$NS_WORK/two/certadns.yaml"
at two 5 unlock example.test; shows "'certadns unlock --force' ends that"
at two 1 unlock --force example.test; shows "the token 'pulls' is for plans and may not write"
sed -i 's/env:PULLS/env:CI/' "$NS_WORK/two/certadns.yaml"
at two 0 unlock --force example.test; shows "is over; others may take the zone from"
at two 0 history example.test; shows "ended by force the lease of"
sqlite3 state/certadns.sqlite "UPDATE lease SET until = until - 1000" || fail "the lease can't be aged"
at two 0 unlock example.test; shows "nobody holds it"; at two 1 unlock exampel.test; shows "the ledger does not know this zone"
at two 0 apply --auto-approve; at one 0 plan --detailed-exitcode
at two 1 retry example.test; shows "it does not wait for a CA"

# Two clocks would judge dates in two ways.
clang -shared -fPIC -O1 -o skew.so "$LAB/skew.c" || fail "no shifted clock"
export SKEW=3600 LD_PRELOAD=$P/skew.so; before=$(serial example.test)
at two 1 plan; shows "this machine's clock is 3600 seconds ahead of that of https://certadns.example.test"; shows "set it by NTP"
at two 1 apply --auto-approve; shows "seconds ahead of"; unset SKEW LD_PRELOAD
[[ $(serial example.test) == "$before" ]] || fail "something was written by a wrong clock"

# A token for plans reads, and writes nothing; a revoked one opens nothing; all of it is logged without them.
sed -i 's/env:CI/env:PULLS/' "$NS_WORK/one/certadns.yaml"
at one 0 plan; sed -i 's/14d/21d/' "$NS_WORK/one/zones/example.test.yaml"
at one 1 apply --auto-approve; shows "the token 'pulls' is for plans and may not write"
run 0 token revoke ci; shows "revoked: ci"
at two 1 plan; shows "the token 'ci' was revoked at"
run 0 token list --uses --limit 1000; shows "refused: the token 'pulls' is for plans"; shows "refused: the token 'ci' was revoked"; shows "acquire example.test for first on"
grep -q "is for plans and may not write" serve.log || fail "the refusal was not logged"
for secret in "${CI##*_}" "${PULLS##*_}"; do
  ! grep -qF "$secret" serve.log out first.out state/certadns.sqlite state/certadns.sqlite-wal || fail "a token's secret was written down"
done
at one 1 token list; shows "do this where it runs"

[[ $(sqlite3 state/certadns.sqlite "SELECT COUNT(*) FROM audit WHERE what LIKE 'let go%'") == 0 ]] || fail "a runner let serve's own name go"

# The server gone: told, and nothing changed.
kill "$SERVE"; wait "$SERVE"; before=$(serial example.test)
at one 1 plan; shows "connection refused; start 'certadns serve' there"
[[ $(serial example.test) == "$before" ]] || fail "something was written"
echo "all held"
