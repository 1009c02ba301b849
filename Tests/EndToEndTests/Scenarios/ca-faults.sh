#!/bin/bash
# What a CA may answer besides a certificate: waits in both forms of Retry-After, refusals, answers cut, late or lost, failing
# authorisations; and what it offers besides: other chains, profiles, the proof in another zone.
. "$(dirname -- "$0")/common.sh"
. "$(dirname -- "$0")/ca.sh"
resolver example.test acme.test
pebble PEBBLE_ALTERNATE_ROOTS=1 DNS_SERVER=127.0.0.54:5354; proxy; relay
issuer
serve
run 0 apply --auto-approve; shows "example.test: applied"

renewed() { # renewed WHAT: one apply, one certificate, nothing left
  run 0 apply --auto-approve; shows "done: renew certificate"
  [[ $(ca issued) == "mta-sts.example.test 1" ]] || fail "$1: issued: $(ca issued)"
  [[ -z $(challenge) ]] || fail "$1 left $(challenge)"
  ! ls state/keys | grep -q '^pending-' || fail "$1: a pending key is left"
}
unhold() { sqlite3 state/certadns.sqlite "UPDATE issuance SET state = json_remove(state, '\$.hold'); DELETE FROM issuer_hold"; }
until_of() { date -u -d "$(grep -oE 'nothing is ordered before [0-9TZ:-]+' out | head -1 | sed 's/.* //')" +%s; }

# A wait that the CA asks for is a hold until then, and nobody asks again before; afterwards the order goes on.
i=0
for kind in newNonce newOrder authorization challenge finalize order certificate; do
  status=(429 503) form=(seconds date) more=("" "&bare=1")
  [[ $kind != challenge ]] || stranger
  due; ca reset >/dev/null
  ca "fault?kind=$kind&do=answer&status=${status[i % 2]}&form=${form[i / 2 % 2]}&wait=5400&times=9${more[i % 3 / 2]}" >/dev/null
  run 0 apply --auto-approve; shows "example.test: held"; shows "it asks to wait 5"
  left=$(($(until_of) - $(date +%s)))
  ((left > 5300 && left <= 5400)) || fail "$kind: the hold ends in $left s"
  [[ -z $(challenge) ]] || fail "$kind put off left $(challenge)"
  asked=$(count "$kind"); ((asked == 1)) || fail "$kind was asked $asked times"
  all=$(ca log | grep -c .); run 0 plan; shows "holds certificate until"; run 0 apply --auto-approve; lacks "done:"
  [[ $(ca log | grep -vc directory) == $(ca log | head -n "$all" | grep -vc directory) ]] || fail "$kind: asked while it waits: $(ca log)"
  orders=$(ca log | grep -c ' newOrder .* 201'); unhold
  ca forgive >/dev/null; renewed "$kind"
  ((orders == 0)) || [[ $(ca log | grep -c ' newOrder .* 201') == 1 ]] || { ca log >&2; fail "$kind: ordered twice"; }
  i=$((i + 1))
done

# An answer that is lost, cut or late costs nothing but time: the same apply goes on, and nothing is issued twice.
met() { # met KIND ACTION
  [[ $1 != challenge ]] || stranger
  due; ca reset >/dev/null; ca "fault?kind=$1&do=$2" >/dev/null
  renewed "$2 at $1"
  ca log | grep -q " $1 .*${2%&*}" || fail "$2 at $1: never met"
  # No proof is taken away while the CA may be looking for it: that would cost the order.
  [[ $1 == newOrder || $(ca log | grep -c ' newOrder .* 201') == 1 ]] || { ca log >&2; fail "$2 at $1: ordered again"; }
}
for kind in newOrder authorization challenge order finalize certificate; do met "$kind" lose; done
for kind in newOrder finalize certificate; do met "$kind" cut; done
met challenge refuse; met finalize "delay&seconds=2"
afresh; ca "fault?kind=newAccount&do=lose" >/dev/null
run 0 apply --auto-approve; [[ $(ls state/keys | grep -c '^account-') == 1 ]] || fail "accounts: $(ls state/keys)"

# A refusal is told whole: type, detail, every name's own.
due; ca reset >/dev/null
problem='{"type":"urn:ietf:params:acme:error:rejectedIdentifier","detail":"Some names are no good","subproblems":[{"type":"urn:ietf:params:acme:error:caa","detail":"CAA says no","identifier":{"type":"dns","value":"mta-sts.example.test"}},{"type":"urn:ca.example:policy","detail":"never on Sundays"}]}'
curl -fsS --noproxy '*' -G "http://127.0.0.1:14444/fault?kind=newOrder&do=answer&status=403" --data-urlencode "problem=$problem" >/dev/null
run 1 apply --auto-approve
shows "rejectedIdentifier: Some names are no good (mta-sts.example.test: caa: CAA says no; urn:ca.example:policy: never on Sundays)"
shows "choose another issuer"; shows "nothing is ordered before"
unhold; run 0 apply --auto-approve

# Profiles: the one that is wanted is asked for; one that the CA does not have is never asked for.
issuer 'profile: short'; due; ca reset >/dev/null
run 0 apply --auto-approve; ca log | grep -q 'newOrder .*profile=short' || fail "no profile was asked for: $(ca log)"
ca log | grep -q 'newOrder .*replaces=' || fail "no predecessor was named: $(ca log)"
issuer 'profile: shorter'; due; ca reset >/dev/null
run 1 apply --auto-approve; shows "the profile 'shorter'; it has classic, short"
[[ $(count newOrder) == 0 ]] || fail "an unknown profile was asked for"
issuer 'profile: classic'; ca reset >/dev/null
curl -fsS --noproxy '*' -G "http://127.0.0.1:14444/fault?kind=newOrder&do=answer&status=400" --data-urlencode 'problem={"type":"urn:ietf:params:acme:error:invalidProfile","detail":"no longer"}' >/dev/null
run 1 apply --auto-approve; shows "invalidProfile: no longer"; shows "certadns acme account"

# Another chain: the root that is wanted, by its name.
other=$(curl -fsS --noproxy '*' --cacert pebble/ca.pem "$ACME_MGMT/roots/1" | tee other-root.pem | openssl x509 -noout -subject -nameopt multiline | sed -n 's/.*commonName *= //p')
cn() { sqlite3 state/certadns.sqlite "SELECT chain FROM certificate" >chain.pem; openssl verify -CAfile "$1" -untrusted chain.pem chain.pem >/dev/null 2>&1; }
issuer; due; run 0 apply --auto-approve; cn pebble/issuing-root.pem || fail "the first chain does not lead to the first root"
issuer "preferred_chain: \"$other\""; sed -i "/^observe/s|trust: \[[^]]*\]|trust: [$P/other-root.pem]|" certadns.yaml
due; run 0 apply --auto-approve; cn other-root.pem || fail "the chain does not lead to '$other'"
! cn pebble/issuing-root.pem || fail "the chain leads to both roots"

# A provider for proofs is for zones with an alias: without one the proof stays with the zone's own.
sed -i "s|^providers:|providers:\n  nowhere: {type: rfc2136, server: \"127.0.0.99:53\", key: {name: $TSIG_NAME, algorithm: hmac-sha256, secret: \"env:TSIG_SECRET\"}}|" certadns.yaml
echo 'dns: primary' >>zones/example.test.yaml
issuer 'challenge_provider: nowhere'; due
run 0 apply --auto-approve; shows "done: renew certificate"

# The proof lies in another zone, with a provider of its own; what stands there of others stays.
edit $'zone example.test\nupdate add _acme-challenge.mta-sts.example.test 60 CNAME proof.acme.test' || fail "no alias"
edit $'zone acme.test\nupdate add proof.acme.test 60 TXT "somebody else"' || fail "no neighbour"
sed -i "s|^providers:|providers:\n  proofs: {type: rfc2136, server: \"127.0.0.54:53\", key: {name: $TSIG_NAME, algorithm: hmac-sha256, secret: \"env:TSIG_SECRET\"}}|" certadns.yaml
issuer 'challenge_provider: proofs'; stranger; due; ca reset >/dev/null; dns reset >/dev/null
run 0 apply --auto-approve; shows "done: renew certificate"
[[ $(dns count) == 2 ]] || fail "the other zone was written $(dns count) times"
[[ $(txt proof.acme.test) == '"somebody else"' ]] || fail "at the alias's target stands $(txt proof.acme.test)"
# Killed while the proof is there: it is taken away where it was put.
stranger; due; dns reset >/dev/null; dns "kill?nth=1&when=after&pidfile=$P/client.pid" >/dev/null
bash -c 'echo $$ >client.pid; exec "$0" apply --auto-approve' "$CERTADNS" >first.out 2>&1 && fail "nobody was killed"
[[ $(txt proof.acme.test | wc -l) == 2 ]] || fail "no proof was left: $(txt proof.acme.test)"
lapse; run 0 apply --auto-approve
[[ $(txt proof.acme.test) == '"somebody else"' ]] || fail "after a kill stands $(txt proof.acme.test)"
[[ $(ca violations) == none ]] || fail "forbidden: $(ca violations)"

# An authorisation that fails: the CA's words, no proof left, no key, and no second try before its time.
edit $'zone example.test\nupdate delete _acme-challenge.mta-sts.example.test CNAME' || fail "the alias stays"
sed -i '/^  proofs:/d' certadns.yaml
cp other-root.pem former-root.pem; cat pebble/issuing-root.pem >>former-root.pem
unpebble; pebble DNS_SERVER=127.0.0.99:53; unproxy; proxy; issuer; rm -rf state/keys/account-*
due
run 1 apply --auto-approve; shows "could not confirm control of mta-sts.example.test"; shows "nothing is ordered before"
grep -qE 'could not confirm control of mta-sts.example.test: [a-z]+: .*(TXT|DNS)' out || fail "not in the CA's words"
[[ -z $(challenge) ]] || fail "a failure left $(challenge)"
! ls state/keys | grep -q '^pending-' || fail "a pending key is left"
# Held is no reason for an exit status of 3; that the old CA's certificate is not trusted any more is one, and it is told.
run 3 apply --auto-approve; lacks "done:"; shows "example.test: held"; shows "; and senders get no policy from 127.0.0.80:443: its certificate, by"
sed -i "/^observe/s|trust: \[|trust: [$P/former-root.pem, |" certadns.yaml
run 0 apply --auto-approve; lacks "done:"; shows "example.test: held"; lacks "; and "
[[ $(ca log | grep -c ' newOrder .* 201') == 1 ]] || { ca log >&2; fail "ordered again"; }

# A CA that takes seconds to look, and whose answers to "look!" and to the first question are lost: the proof stays until it looked.
unpebble; pebble PEBBLE_VA_NOSLEEP= PEBBLE_VA_SLEEPTIME=4; unproxy; proxy; issuer; rm -rf state/keys/account-*; unhold
for kind in challenge authorization; do
  stranger; due; ca reset >/dev/null; ca "fault?kind=$kind&do=lose&nth=2" >/dev/null; ca "fault?kind=challenge&do=lose" >/dev/null
  renewed "a slow CA that loses $kind"
  [[ $(ca log | grep -c ' newOrder .* 201') == 1 ]] || { ca log >&2; fail "a proof was taken away too early"; }
done
echo "all held"
