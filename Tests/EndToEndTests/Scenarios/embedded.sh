#!/bin/bash
# The embedded name server, asked by dig: answers as RFC 1034, 2308 and 4592 want them.
set -uo pipefail
: "${CERTADNS:?}" "${NS_WORK:?}"
P=$NS_WORK/embedded; mkdir -p "$P/zones" "$P/files"; cd "$P" || exit 1
fail() { echo "FAILED: $*" >&2; cat out up.log >&2; exit 1; }
cat >certadns.yaml <<E
providers: {files: {type: zonefile, folder: files}}
policy_host: {addresses: [127.0.0.1], listen: "127.0.0.1:443"}
observe: {resolvers: ["127.0.0.1:53"], trust: [state/ca.pem]}
E
printf 'zone: example.com\nmail: none\n' >zones/example.com.yaml
cat >files/example.com.zone <<'E'
$ORIGIN example.com.
$TTL 600
@ SOA ns1 hostmaster 1 7200 3600 1209600 300
@ NS ns1
@ MX 0 .
ns1 A 192.0.2.1
alias CNAME deep.a
deep.a A 192.0.2.2
*.wild TXT "any"
here.wild A 192.0.2.3
child NS ns.child
ns.child A 192.0.2.4
E
for i in $(seq 60); do echo "many TXT \"number $i, long enough to fill a datagram by themselves\""; done >>files/example.com.zone
"$CERTADNS" up --interval 86400 >up.log 2>&1 & UP=$!
q() { dig @127.0.0.1 +norec +tries=1 +time=2 "$@" >out 2>&1; }
for _ in $(seq 100); do q example.com SOA && break; sleep 0.1; done
has() { grep -qE -- "$1" out || fail "no '$1' in the answer"; }
q example.com SOA; has 'status: NOERROR'; has 'flags: qr aa'; has 'hostmaster.example.com. 1 7200'
q alias.example.com A; has 'alias.example.com.*CNAME.*deep.a.example.com'; has 'deep.a.example.com.*192.0.2.2'
q a.example.com A; has 'status: NOERROR'; has 'ANSWER: 0'; has 'example.com.[[:space:]]+300[[:space:]]+IN[[:space:]]+SOA'
q nothing.example.com A; has 'status: NXDOMAIN'; has 'AUTHORITY: 1'
q x.wild.example.com TXT; has 'x.wild.example.com.*"any"'
q x.here.wild.example.com TXT; has 'status: NXDOMAIN'
q here.wild.example.com TXT; has 'status: NOERROR'; has 'ANSWER: 0'
q host.child.example.com A; has 'AUTHORITY: 1'; has 'ns.child.example.com.*192.0.2.4'; ! grep -q 'flags: qr aa' out || fail "a referral is not authoritative"
q other.example A; has 'status: REFUSED'
q many.example.com TXT +ignore; has 'flags: qr aa tc'
q many.example.com TXT; has 'ANSWER: 60'
q example.com SOA +opcode=NOTIFY; has 'status: NOTIMP'
sed -i 's/192.0.2.2/192.0.2.22/; s/hostmaster 1 /hostmaster 2 /' files/example.com.zone
q deep.a.example.com A; has '192.0.2.22'
echo 'broken (' >>files/example.com.zone
q deep.a.example.com A; has '192.0.2.22'
grep -q 'last good copy' up.log || fail "a broken file is not told"
head -c 2000 /dev/urandom >/dev/udp/127.0.0.1/53; q example.com SOA; has 'status: NOERROR'
kill "$UP"; wait "$UP" || fail "it did not stop cleanly"
echo "all held"
