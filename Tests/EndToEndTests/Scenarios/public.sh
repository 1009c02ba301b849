#!/bin/bash
# A plan by what everybody can see, without any secret; and a ledger that was lost, made anew from the live world.
. "$(dirname -- "$0")/common.sh"
edit $'zone example.test\nupdate delete mta-sts.example.test A' || fail "the lab's own record can't be removed"
echo 'serve: {names: [api.example.test], public_ledger: true}' >>certadns.yaml
serve
run 0 apply --auto-approve
run 0 state export --public public.json; shows "1 zones in 'public.json'"
grep -q 'example.test' public.json || fail "$(cat public.json)"
! grep -qi -e private -e secret -e '"order"' public.json || fail "something is in it that is nobody's to know"
# stranger STATUS ARGUMENTS...: certadns without the provider's secret, and in a folder that has manifests alone
mkdir -p runner; cp -r zones runner; sed 's|state/ca.pem|../state/ca.pem|' certadns.yaml >runner/certadns.yaml
stranger() { local secret=$TSIG_SECRET; unset TSIG_SECRET; run "$@" --config runner/certadns.yaml; export TSIG_SECRET=$secret; }
stranger 0 plan --read public --ledger public.json --detailed-exitcode; lacks "ledger-missing"
run 1 plan --ledger public.json; shows "--read public"
stranger 1 plan --read public --ledger certadns.yaml; shows "no public ledger"
# A change shows as what it is; and an edit from outside as that.
sed -i 's/max_age: 7d/max_age: 9d/' runner/zones/example.test.yaml
stranger 2 plan --read public --ledger public.json --detailed-exitcode; shows "+ max_age: 777600"; lacks "outside git"
sed -i 's/max_age: 9d/max_age: 7d/' runner/zones/example.test.yaml
edit $'zone example.test\nupdate delete _smtp._tls.example.test TXT' || fail "no edit"
stranger 2 plan --read public --ledger public.json --detailed-exitcode; shows "someone removed it outside git"
run 0 apply --auto-approve
# The same over HTTPS, from serve, and to nobody what takes a token.
get() { curl -sS --noproxy '*' --cacert state/ca.pem --resolve api.example.test:443:127.0.0.80 "https://api.example.test$1" "${@:2}"; }
eventually 20 get /api/v1/ledger/public
get /api/v1/ledger/public | grep -q '"format":"certadns-public-ledger"' || fail "$(get /api/v1/ledger/public)"
[[ $(get /api/v2/state/read -X POST -d '{}' -o /dev/null -w '%{http_code}') == 401 ]] || fail "the state is open"
echo "127.0.0.80 api.example.test" >>"$NS_WORK/hosts"
stranger 0 plan --read public --ledger https://api.example.test/api/v1/ledger/public --detailed-exitcode

# The ledger is lost. What is live is no sign of a new zone, and is ours again by a person's word.
kill "$SERVE"; wait "$SERVE" 2>/dev/null; rm state/certadns.sqlite*
sed -i '/^serve:/d' certadns.yaml
sed -i 's/max_age: 7d/max_age: 8d/' zones/example.test.yaml
serve
run 0 state rebuild; shows "rebuilt; policy 1x"
run 1 state rebuild; shows "the ledger manages it already"
run 2 plan --detailed-exitcode; lacks "unmanaged"; lacks "ledger-empty"; shows "issue certificate"; shows "+ max_age: 691200"
run 0 apply --auto-approve; shows "1 applied"
[[ $(txt _mta-sts.example.test) == *id=2x* ]] || fail "$(txt _mta-sts.example.test)"
rows=$(sqlite3 state/certadns.sqlite "SELECT count(*) FROM published WHERE max_age = 31557600")
[[ $rows == 1 ]] || fail "nothing is assumed: $rows"
echo "all held"
