#!/bin/bash
# A real ACME server beside a remote state: serve orders with its own account and proofs for runs that own nothing; a wait that the CA asks
# for leaves the zone held and its lease free, and is ended from the runner.
. "$(dirname -- "$0")/common.sh"
. "$(dirname -- "$0")/ca.sh"
pebble; proxy
issuer
echo "127.0.0.80 certadns.example.test" >>"$NS_WORK/hosts"
# The name of serve has a certificate of the same CA.
echo "serve: {names: [certadns.example.test]}" >>certadns.yaml
edit $'zone example.test\nupdate add certadns.example.test 60 A 127.0.0.80' || fail "no name of serve"
serve
name_is_up() { curl -sS -o /dev/null --noproxy '*' --cacert pebble/issuing-root.pem https://certadns.example.test/; }
eventually 30 name_is_up
run 0 token create ci --scope apply; CI=$(grep -o 'certadns_[0-9a-f_]*' out); export CI
for runner in one two; do
  mkdir -p "$NS_WORK/$runner"; cp -r zones "$NS_WORK/$runner/"
  sed -e '/^serve:/d' -e "s|^state: .*|state: {url: \"https://certadns.example.test\", token: \"env:CI\", trust: [$P/pebble/issuing-root.pem]}|" certadns.yaml >"$NS_WORK/$runner/certadns.yaml"
done
at() { local r=$1; shift; cd "$NS_WORK/$r" || fail "no $r"; run "$@"; cd "$P" || exit 1; }

# Held: exit status 0, nobody asks before, and the next run gets the lease at once.
ca reset >/dev/null; ca "fault?kind=newOrder&do=answer&status=429&form=seconds&wait=5400&times=9" >/dev/null
at one 0 apply --auto-approve; shows "example.test: held"; shows "it asks to wait 5400 s"; shows "nothing is ordered before"
[[ -z $(challenge) ]] || fail "put off, and left $(challenge)"
run 0 unlock example.test; shows "nobody holds it"
at two 0 apply --auto-approve; shows "example.test: held"; lacks "certificate for"
[[ $(count newOrder) == 1 ]] || fail "ordered while it waits: $(ca log)"
ca forgive >/dev/null; at two 0 retry example.test; shows "its wait until"; shows "is over"
at two 0 apply --auto-approve; shows "done: issue certificate for mta-sts.example.test"; shows "example.test: applied"
[[ $(ca issued) == "mta-sts.example.test 1" ]] || fail "issued: $(ca issued)"
for runner in one two; do at $runner 0 plan --detailed-exitcode; done
[[ -z $(challenge) ]] || fail "left $(challenge)"
openssl s_client -connect 127.0.0.80:443 -servername mta-sts.example.test -CAfile pebble/issuing-root.pem -verify_return_error -verify_hostname mta-sts.example.test </dev/null >tls.out 2>&1 ||
  { cat tls.out >&2; fail "no valid certificate is served"; }
! grep -rl "PRIVATE KEY" "$NS_WORK/one" "$NS_WORK/two" || fail "a key travelled"
[[ $(ls state/keys | grep -c '^account-') == 1 ]] || fail "accounts: $(ls state/keys)"
[[ $(ca violations) == none ]] || fail "forbidden: $(ca violations)"
echo "all held"
