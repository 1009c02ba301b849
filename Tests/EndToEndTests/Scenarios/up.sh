#!/bin/bash
# certadns up: rounds leak nothing, a first signal finishes the step in hand, a port that is taken is told.
set -uo pipefail
: "${CERTADNS:?}" "${NS_WORK:?}"
P=$NS_WORK/up; mkdir -p "$P/zones" "$P/files"; cd "$P" || exit 1
fail() { echo "FAILED: $*" >&2; cat up.log >&2; exit 1; }
eventually() { local end=$((SECONDS + $1)); shift; until "$@" >/dev/null 2>&1; do ((SECONDS < end)) || fail "in vain: $*"; sleep 0.1; done; }
cat >certadns.yaml <<'E'
providers: {files: {type: zonefile, folder: files, reload: [bash, -c, "test ! -e hold || { touch holding; while test -e hold; do sleep 0.1; done; }"]}}
policy_host: {addresses: [127.0.0.1], listen: "127.0.0.1:443"}
managed_reports: ["mailto:tls-reports@example.net"]
observe: {resolvers: ["127.0.0.1:53"], trust: [state/ca.pem]}
E
printf 'zone: example.test\nadd_ons: [email-authentication]\nmta_sts: {mode: testing}\ntls_rpt: {rua: [managed]}\n' >zones/example.test.yaml
printf '$ORIGIN example.test.\n$TTL 60\n@ SOA ns1 hostmaster 1 3600 600 86400 5\n@ NS ns1\n@ MX 10 mx\nns1 A 127.0.0.1\nmx A 127.0.0.1\n' >files/example.test.zone
up() { : >up.log; "$CERTADNS" up --interval 1 >up.log 2>&1 </dev/null & UP=$!; }
is_ready() { (($(grep -c "^${2:-example.test}: ready" up.log) >= $1)); }
# break_it [NAME]: its record for reports is taken away
break_it() { sed -i -E "/^_smtp\._tls${1:+\\.$1}(\.example\.test\.)?[[:space:]]/d" files/example.test.zone; }

cp -r . ../alone # a world of the one zone, for what comes after
# A record set that is put back again and again is contested: each repair is of one of its own.
REPAIRED=$(seq 12)
for n in $REPAIRED; do printf 'zone: n%s.example.test\nadd_ons: [email-authentication]\ntls_rpt: {rua: [managed]}\n' "$n" >"zones/n$n.example.test.yaml"; done
up; eventually 60 is_ready 1; for n in $REPAIRED; do eventually 60 is_ready 1 "n$n.example.test"; done
READY=$(grep -c '^example.test: ready' up.log)
# Each removed record costs at least one round with steps: looked at, planned, applied, looked at again.
repair() { break_it "n$1"; eventually 30 grep -qE "^_smtp\._tls\.n$1[. ]" files/example.test.zone; eventually 30 is_ready $((READY + $1 - 1)); }
descriptors() { ls "/proc/$UP/fd" | wc -l; }
# Sockets and the store's readers are opened as they are first needed, so a few more may come; a leak is one a round at least.
for n in 1 2 3; do repair "$n"; done; before=$(descriptors)
for n in $(seq 4 12); do repair "$n"; done; until=$((SECONDS + 5))
few() { (($(descriptors) < before + 8)); }
((before > 5)) || fail "descriptors can't be counted"
until few; do ((SECONDS < until)) || { ls -l "/proc/$UP/fd" >&2; fail "$(descriptors) descriptors after 12 repairs, $before after 3"; }; sleep 0.1; done
echo "descriptors: $before after 3 repairs, $(descriptors) after 12"
kill "$UP"; got=0; wait "$UP" || got=$?; [[ $got == 0 ]] || fail "it ended with $got"
cd ../alone || exit 1
up; eventually 60 is_ready 1; kill "$UP"; wait "$UP" || fail "the one zone did not converge"

# Told to stop within a step, it finishes that step, begins no other, and the servers end after it.
touch hold; break_it; sed -i 's/mode: testing/mode: testing, max_age: 14d/' zones/example.test.yaml
up; eventually 30 test -e holding
kill "$UP"; eventually 10 grep -q "stopping after the step in hand" up.log
[[ $(dig @127.0.0.1 +short +norec +tries=1 example.test MX) == "10 mx.example.test." ]] || fail "the name server ended before the step"
rm hold; got=0; wait "$UP" || got=$?
grep -q "done: create _smtp._tls.example.test TXT" up.log || fail "the step in hand was not finished"
grep -q "example.test: failed at policy: the run was told to stop before the policy" up.log || fail "the zone has no such outcome"
! grep -q "done: change policy" up.log || fail "another step was begun"
[[ $got == 1 ]] || fail "a stopped round ended with $got"
up; eventually 30 is_ready 1; kill "$UP"; wait "$UP" || fail "the next run did not converge"

# What it prints as served was fetched from the host: where nobody answers, it does not say what the store holds.
cp certadns.yaml good.yaml; sed -i 's/listen: .*}/listen: "127.0.0.1:443", connect: "127.0.0.1:9"}/' certadns.yaml
got=0; "$CERTADNS" up --once >up.log 2>&1 || got=$?
[[ $got == 3 ]] || fail "up --once ended with $got, though nobody sees the policy"
grep -q '^https://mta-sts.example.test/.well-known/mta-sts.txt at 127.0.0.1:9 is not served: ' up.log || fail "the policy's section"
! grep -q '^  version: STSv1' up.log || fail "it prints what the store holds"
cp good.yaml certadns.yaml

# A second signal does not wait.
touch hold; rm -f holding; break_it
up; eventually 30 test -e holding
kill "$UP"; eventually 10 grep -q "stopping after the step in hand" up.log
begun=$SECONDS; kill "$UP"; got=0; wait "$UP" || got=$?
((SECONDS - begun <= 6)) || fail "a second signal took $((SECONDS - begun)) s"
[[ $(grep -c '^Apply: 1 failed\.$' up.log) == 1 ]] || fail "no outcome after a second signal"
[[ $got == 1 ]] || fail "a second signal ended with $got"
rm hold

# A port that is taken ends it with words, not with silence.
python3 -c 'import socket, time; s = socket.socket(); s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1); s.bind(("127.0.0.1", 443)); s.listen(); time.sleep(600)' & TAKEN=$!
taken() { (exec 3<>/dev/tcp/127.0.0.1/443); }
eventually 10 taken
got=0; timeout 30 "$CERTADNS" up >up.log 2>&1 || got=$?
[[ $got == 1 ]] && grep -q "another program does already" up.log || fail "a taken port ended with $got"
kill "$TAKEN"
echo "all held"
