#!/bin/bash
# A server that can't listen ends `up` and `serve` at once, with words that say which, why and what to do.
set -uo pipefail
: "${CERTADNS:?}" "${NS_WORK:?}"
P=$NS_WORK/port; mkdir -p "$P/zones" "$P/files"; cd "$P" || exit 1
fail() { echo "FAILED: $*" >&2; cat out >&2; exit 1; }
cat >certadns.yaml <<E
providers: {files: {type: zonefile, folder: files}}
policy_host: {addresses: [127.0.0.1], listen: "127.0.0.1:8443"}
observe: {resolvers: ["127.0.0.1:5353"], trust: [state/ca.pem]}
E
printf 'zone: example.com\nmail: none\n' >zones/example.com.yaml
printf '@ 600 IN SOA ns1 hostmaster 1 7200 3600 1209600 300\n@ 600 IN NS ns1\n' >files/example.com.zone
# run STATUS ARGUMENTS...: as given, within 20 s
run() { local want=$1 got=0; shift; timeout -s KILL 20 "$@" >out 2>&1 </dev/null || got=$?; echo "--- $* -> $got"; [[ $got == "$want" ]] || fail "$* ended with $got, not $want"; }
shows() { grep -qF -- "$1" out || fail "the output lacks: $1"; }
once() { [[ $(grep -oF -- "$1" out | wc -l) == 1 ]] || fail "not once: $1"; }
occupy() { python3 -c 'import socket, sys, time
s = socket.socket(socket.AF_INET, socket.SOCK_STREAM); s.bind(("127.0.0.1", int(sys.argv[1]))); s.listen()
print("taken", flush=True); time.sleep(600)' "$1" >taken & OTHER=$!
  for _ in $(seq 100); do [[ -s taken ]] && return; sleep 0.1; done; fail "port $1 could not be taken"; }
vacate() { kill -KILL "$OTHER"; wait "$OTHER"; rm -f taken; } 2>/dev/null

occupy 8443
for command in "up --once" up serve; do
  run 1 "$CERTADNS" $command; once "can't listen at 127.0.0.1:8443"; shows "another program does already"
done
vacate; occupy 5353
for command in "up --once" up; do run 1 "$CERTADNS" $command; shows "127.0.0.1:5353"; shows "another program does already"; done
vacate
sed -i 's/127.0.0.1:8443/192.0.2.9:8443/' certadns.yaml
run 1 "$CERTADNS" serve; once "can't listen at 192.0.2.9:8443"; shows "no interface of this machine has that address"
sed -i 's/192.0.2.9:8443/127.0.0.1:443/' certadns.yaml
run 1 setpriv --bounding-set -net_bind_service --inh-caps -net_bind_service "$CERTADNS" serve
once "can't listen at 127.0.0.1:443"; shows "CAP_NET_BIND_SERVICE"
! grep -q "free the port" out || fail "a missing right is told as a taken port"
echo "all held"
