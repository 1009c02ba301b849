#!/bin/bash
# A zone whose DNS belongs to someone else, on real BIND and a real ACME server: its owner adds four records, we write in our own zone.
. "$(dirname -- "$0")/common.sh"
edit $'zone example.test\nupdate delete mta-sts.example.test A' || fail "the lab's own record can't be removed"
edit $'zone hosting.test\nupdate add policy.hosting.test 60 A 127.0.0.80' || fail "the policy host has no name"
# An authoritative BIND does not follow an alias from zone to zone; the resolver that senders and the CA ask does, and keeps next to nothing.
mkdir resolver && cat >resolver/named.conf <<C
options { directory "$P/resolver"; pid-file none; lock-file none; session-keyfile "$P/resolver/session.key"; listen-on port 53 { 127.0.0.54; }; listen-on-v6 { none; };
  recursion yes; dnssec-validation no; empty-zones-enable no; max-cache-ttl 0; max-ncache-ttl 0; forward only; forwarders { $DNS_ADDR port $DNS_PORT; }; };
controls { };
C
named -g -4 -n 1 -c resolver/named.conf >resolver/log 2>&1 &
eventually 20 dig @127.0.0.54 +tries=1 +time=1 example.test SOA
printf 'nameserver 127.0.0.54\n' >"$NS_WORK/resolv.conf"
sed -i 's|resolvers: \[[^]]*\]|resolvers: ["127.0.0.54:53"]|' certadns.yaml
env DNS_SERVER="127.0.0.54:53" ADDR=127.0.0.1 PORT=14000 HTTP01_PORT=80 "$LAB/pebble.sh" "$P/pebble" >pebble.out 2>&1 & PEBBLE=$!
eventually 30 test -s pebble/env; . pebble/env
sed -i "s|^policy_host:.*|policy_host: {addresses: [127.0.0.80], listen: \"127.0.0.80:443\", delegation: {zone: hosting.test, host: policy.hosting.test}}|
  s|^issuer:.*|issuer: {type: acme, directory: \"https://127.0.0.1:14000/dir\", trust: [$P/pebble/ca.pem]}|; s|trust: \[state/ca.pem\]|trust: [$P/pebble/issuing-root.pem]|" certadns.yaml
echo 'dns: delegated' >>zones/example.test.yaml
owned() { dig "@$DNS_ADDR" -p "$DNS_PORT" +short +norec "example.test.$1.hosting.test" TXT; }

serve
before=$(serial example.test)
run 0 plan; grep -o 'has yet to add: .* IN CNAME [^ ]*' out | sed 's/has yet to add: //' | sort -u >records
[[ $(wc -l <records) == 4 ]] || fail "the plan lacks records: $(<records)"
run 0 apply --auto-approve; shows "it waits for records that the domain's owner adds"
run 2 status; shows "example.test: pending"
[[ $(serial example.test) == "$before" ]] || fail "the owner's zone was written"
[[ $(owned _smtp._tls) == *TLSRPTv1* ]] || fail "no report record in our zone"
[[ -z $(owned _mta-sts) ]] || fail "announced before the owner's records were there"

# The owner adds exactly what was printed.
{ echo "zone example.test"; sed 's/^/update add /' records; } >adds; edit "$(<adds)" || fail "the printed records can't be added: $(<adds)"
before=$(serial example.test)
# The resolver keeps an answer for the second in which it got it.
answers() { [[ -n $(dig @127.0.0.54 +short "$1" "$2") ]]; }
while read -r name _; do eventually 20 answers "$name" CNAME; done <records
eventually 20 answers mta-sts.example.test A
run 0 apply --auto-approve; shows "example.test: applied"
order=$(grep -o 'done: .*' out | sed 's/done: [a-z]* //; s/ .*//' | paste -sd' ')
[[ $order == "certificate policy example.test._mta-sts.hosting.test" ]] || fail "the order was: $order"
[[ -z $(owned _acme-challenge) ]] || fail "a proof stayed behind"
eventually 20 answers _mta-sts.example.test TXT
run 0 status; shows "example.test: ready (lab)"
run 0 plan --detailed-exitcode
"$LAB/trust.sh" pebble/issuing-root.pem
mta-sts-query example.test >tuple; grep -q "STSFetchResult.VALID" tuple || fail "the client sees $(<tuple)"

# A new id needs no owner.
sed -i 's/7d/14d/' zones/example.test.yaml
run 0 apply --auto-approve; shows "done: change example.test._mta-sts.hosting.test TXT"
renewed() { dig @127.0.0.54 +short _mta-sts.example.test TXT | grep -q 'id=2x'; }
eventually 20 renewed
mta-sts-query example.test >tuple; grep -q "'max_age': 1209600" tuple || fail "the client sees $(<tuple)"
[[ $(serial example.test) == "$before" ]] || fail "the owner's zone was written"

# A record that the owner takes away is an error with that record.
edit $'zone example.test\nupdate delete mta-sts.example.test CNAME' || fail "the owner can't take it away"
gone() { ! answers mta-sts.example.test CNAME; }
eventually 20 gone
run 3 plan; shows "has yet to add: mta-sts.example.test. 3600 IN CNAME policy.hosting.test."; lacks "_mta-sts.example.test. 3600"
run 3 status; shows "degraded"
echo "all held"
