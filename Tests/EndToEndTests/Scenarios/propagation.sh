#!/bin/bash
# When a proof in DNS counts as visible: a hidden primary, a secondary that is dead, one that lags for good; with and without
# `propagation`. No order hangs on them, and what keeps one is named.
. "$(dirname -- "$0")/common.sh"
. "$(dirname -- "$0")/ca.sh"
for a in 127.0.0.55 127.0.0.56 127.0.0.57; do ip addr add "$a/32" dev lo; done

# secondary: a real one, of the hidden primary; it looks for news all the time. On 127.0.0.55.
secondary() {
  mkdir -p second/db
  cat >second/knot.conf <<K
server:
    rundir: "$P/second"
    pidfile: "$P/second/knot.pid"
    listen: "127.0.0.55@53"
    udp-workers: 1
    tcp-workers: 2
    background-workers: 1
    automatic-acl: off
control:
    listen: "$P/second/knot.sock"
database:
    storage: "$P/second/db"
    journal-db-max-size: 64M
    kasp-db-max-size: 16M
    timer-db-max-size: 16M
    catalog-db-max-size: 16M
key:
  - id: $TSIG_NAME
    algorithm: hmac-sha256
    secret: "$TSIG_SECRET"
remote:
  - id: hidden
    address: "$DNS_ADDR@$DNS_PORT"
    key: $TSIG_NAME
zone:
  - domain: example.test
    storage: "$P/second"
    master: hidden
    journal-max-usage: 16M
K
  knotd -c "$P/second/knot.conf" >second.log 2>&1 & SECOND=$!
  eventually 20 dig @127.0.0.55 +tries=1 +time=1 +noall example.test SOA
  follows() { [[ $(dig @127.0.0.55 +short +tries=1 +time=1 example.test SOA | cut -d' ' -f3) == $(serial example.test) ]]; }
  eventually 20 follows
  while sleep 0.2; do knotc -c "$P/second/knot.conf" zone-refresh; done >/dev/null 2>&1 &
}
# laggard: it has the zone as it is now, and never looks again. On 127.0.0.56.
laggard() {
  mkdir -p third
  dig "@$DNS_ADDR" -p "$DNS_PORT" -y "hmac-sha256:$TSIG_NAME:$TSIG_SECRET" +noall +answer +onesoa example.test AXFR >third/zone
  printf 'options { directory "%s"; pid-file "named.pid"; lock-file none; session-keyfile "session.key"; listen-on port 53 { 127.0.0.56; }; listen-on-v6 { none; }; allow-query { any; }; recursion no; dnssec-validation no; empty-zones-enable no; notify no; };\ncontrols { };\nzone "example.test" { type primary; file "zone"; };\n' "$P/third" >third/named.conf
  named -g -4 -n 1 -c "$P/third/named.conf" >third.log 2>&1 &
  eventually 20 dig @127.0.0.56 +tries=1 +time=1 +noall example.test SOA
}
# dead: takes every question and answers none. On 127.0.0.57.
dead() {
  python3 -c 'import socket, time
udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); udp.bind(("127.0.0.57", 53))
tcp = socket.create_server(("127.0.0.57", 53)); time.sleep(3600)' &
}
# servers NAME...: the zone's NS records
servers() {
  local lines="zone example.test" name
  for name in "$@"; do lines+=$'\n'"update add example.test 60 NS $name.example.test"; done
  for name in $(dig "@$DNS_ADDR" -p "$DNS_PORT" +short example.test NS | sed 's/\..*//'); do
    [[ " $* " == *" $name "* ]] || lines+=$'\n'"update delete example.test NS $name.example.test"
  done
  edit "$lines" || fail "no servers $*"
}
OPEN=0
# goes SECONDS WHAT: one apply, one certificate, nothing left, in time
goes() {
  local start=$SECONDS
  ((OPEN == 0)) || run 0 retry example.test
  due; ca reset >/dev/null
  run 0 apply --auto-approve; shows "done: renew certificate"
  ((SECONDS - start <= $1)) || fail "$2 took $((SECONDS - start)) s"
  echo "$2: $((SECONDS - start)) s"; [[ $(count newOrder) == $((1 - OPEN)) ]] || fail "$2: ordered $(count newOrder) times, $OPEN open before"
  [[ -z $(challenge) ]] || fail "$2 left $(challenge)"
  ! ls state/keys | grep -q '^pending-' || fail "$2: a pending key is left"
  OPEN=0
}
# stays SECONDS WHAT: the apply fails within the time; the CA is not told to look, and the order stays for whoever ends the wait
stays() {
  local start
  stranger; start=$SECONDS; due; ca reset >/dev/null
  run 1 apply --auto-approve; lacks "done: renew certificate"; shows "nothing is ordered before"
  ((SECONDS - start <= $1)) || fail "$2 took $((SECONDS - start)) s"
  echo "$2: $((SECONDS - start)) s"; [[ $(count finalize) == 0 && $(count challenge) == 0 ]] || fail "$2: the CA was told to look: $(ca log)"
  [[ -z $(challenge) ]] || fail "$2 left $(challenge)"
  OPEN=1
}

pebble; proxy
issuer; serve
run 0 apply --auto-approve; shows "example.test: applied"
edit $'zone example.test\nupdate add ns2.example.test 60 A 127.0.0.55\nupdate add ns3.example.test 60 A 127.0.0.56\nupdate add ns4.example.test 60 A 127.0.0.57' || fail "no addresses"
servers ns2
secondary; laggard; dead

# The primary is hidden: what counts is what the secondary shows. Asked by name, the primary will do.
issuer
goes 30 "a hidden primary"
kill -STOP "$SECOND"
issuer "propagation: {servers: [\"$DNS_ADDR:$DNS_PORT\"]}"
goes 30 "a hidden primary that is asked by name"
kill -CONT "$SECOND"

# A dead secondary keeps nobody.
servers ns2 ns4
issuer
goes 40 "a dead secondary"

# One that lags does, until its time is over; then it is named. A quorum goes on without it, and without the dead one.
servers ns2 ns3
issuer 'propagation: {wait: 1}'
stays 30 "a lagging secondary"; shows "after 1 s the proof at _acme-challenge.mta-sts.example.test is not on every name server: "
shows "without it: ns3.example.test (127.0.0.56:53); with it: ns2.example.test (127.0.0.55:53)."
servers ns2 ns3 ns4
issuer 'propagation: {quorum: 1}'
goes 30 "a quorum beside a dead and a lagging secondary"
issuer 'propagation: {wait: 1, quorum: 2}'
stays 40 "a quorum that is not met"; shows "is on 1 of the 2 name servers that 'quorum' asks for: without it: ns3"
shows "without an answer: ns4.example.test (127.0.0.57:53) (it did not answer in time); with it: ns2"
[[ $(ca violations) == none ]] || fail "forbidden: $(ca violations)"
echo "all held"
