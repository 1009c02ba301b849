#!/bin/bash
# name-server.sh FAULT: the name server fails an apply in one way. What happened, where and what to do is told; ledger, DNS, policy and
# certificate are what they were; and the next apply makes what this one could not.
. "$(dirname -- "$0")/common.sh"
CONF=$(dirname -- "$TSIG_FILE")/named.conf ZONE=$(dirname -- "$TSIG_FILE")/example.test.zone
edit $'zone example.test\nupdate delete mta-sts.example.test A' || fail "the lab's own record can't be removed"
"$LAB/dns-faults.py" 127.0.0.54 "$DNS_ADDR" "$DNS_PORT" "$P/faults" >relay.log 2>&1 & eventually 10 grep -q listening relay.log

answers() { dig "@$DNS_ADDR" -p "$DNS_PORT" +tries=1 +time=1 +noall +comments example.test SOA | grep -q "status: ${1:-NOERROR}"; }
# Outright: what a test runner starts may have been told to ignore TERM. Its journal has what it answered to.
down() { kill -KILL "$(<"$(dirname -- "$CONF")/named.pid")"; eventually 10 bash -c "! dig @$DNS_ADDR -p $DNS_PORT +tries=1 +time=1 example.test SOA"; }
# up [COMMAND...]: named again, run by COMMAND
up() { "$@" named -g -4 -n 2 -c "$CONF" >>named.log 2>&1 & eventually 20 answers "${STATUS:-}"; }
known() { # known FILE: all that a fault may not take, as text
  { sqlite3 state/certadns.sqlite "SELECT applied, desired, digest, withdrawn_at FROM zone; SELECT * FROM published; SELECT * FROM policy; SELECT * FROM certificate; SELECT * FROM former_host"
    sha256sum state/keys/*; zone_lines example.test
    curl -fsS --noproxy '*' --cacert state/ca.pem --resolve mta-sts.example.test:443:127.0.0.80 https://mta-sts.example.test/.well-known/mta-sts.txt; } >"$1"
  grep -q '^_mta-sts.example.test. .*id=' "$1" && grep -q '^version: STSv1' "$1" || fail "what is known was not seen"
}
# Through the relay, which does nothing yet.
through() { sed -i "s|server: \"$DNS_ADDR:$DNS_PORT\"|server: \"127.0.0.54:53\"|" certadns.yaml; }
# commit: reports go elsewhere, by one record, and the policy lasts longer, by a policy and a record
commit() { sed -i 's/tls@/reports@/; s/7d/14d/' zones/example.test.yaml; }
ends() { # ends: nothing was lost, and with the fault gone all is made
  known after; diff before after || fail "something was lost"
  run 0 apply --auto-approve; shows "done: change _smtp._tls.example.test TXT"; shows "done: change _mta-sts.example.test TXT"
  quiet
}
quiet() {
  run 0 plan --detailed-exitcode; shows "Nothing to do: 1 zone as desired"; run 0 status; shows "ready (lab)"
  [[ $(txt _mta-sts.example.test) == *"id=2x"* ]] || fail "the id is $(txt _mta-sts.example.test)"
}
serve
run 0 apply --auto-approve
known before; commit

told() { run 1 apply --auto-approve; for words in "$@"; do shows "$words"; done; }

case $1 in
  stopped)
    down
    told "what stands at _mta-sts.example.test TXT could not be read: the name server $DNS_ADDR:$DNS_PORT: it did not answer in time; look whether it runs"
    up; ends ;;
  restarted)
    # It dies while an update is on its way to it, and is back before the last try.
    through; echo hold >faults
    : >first.out; "$CERTADNS" apply --auto-approve >first.out 2>&1 </dev/null & FIRST=$!
    eventually 20 test -e faults.held; down; rm faults; up
    wait "$FIRST" || { cp first.out out; fail "the apply ended with $?"; }
    cp first.out out; shows "tls-rpt-record: again in"; shows "the update at 127.0.0.54:53: it closed the connection without an answer"; shows "example.test: applied"
    quiet
    # An answer that was lost is looked for in the zone, and the update not made again.
    sed -i 's/reports@/other@/' zones/example.test.yaml; echo update-lost >faults; before=$(serial example.test)
    run 0 apply --auto-approve; shows "done: change _smtp._tls.example.test TXT"; lacks "again in"
    [[ ! -e faults && $(($(serial example.test) - before)) == 1 ]] || fail "from $before to $(serial example.test)"
    # What it answered to outlives it.
    zone_lines example.test >lines; down; up; zone_lines example.test | diff lines - || fail "the name server forgot something"
    quiet ;;
  key)
    TSIG_SECRET=$(head -c 32 /dev/urandom | base64 -w0) \
      told "the update at $DNS_ADDR:$DNS_PORT: the TSIG signature does not fit (BADSIG): compare the secrets on both sides [TSIG key $TSIG_NAME (hmac-sha256)]"
    name() { sed -i "s/name: [a-z-]*-key/name: $1/" certadns.yaml; }
    name nobody-key; told "the server does not know the TSIG key (BADKEY): compare name and algorithm on both sides [TSIG key nobody-key (hmac-sha256)]"
    name reader-key; told "refuses the update of _smtp._tls.example.test (REFUSED): allow it for TSIG key reader-key (hmac-sha256) in 'allow-update' or 'update-policy'"
    name "$TSIG_NAME"; ends ;;
  clock)
    clang -shared -fPIC -O1 -o skew.so "$LAB/skew.c" || fail "no shifted clock"
    down; up env SKEW=600 LD_PRELOAD="$P/skew.so"
    told "the update at $DNS_ADDR:$DNS_PORT: the clocks differ by 600 seconds (BADTIME): set one of them [TSIG key $TSIG_NAME (hmac-sha256)]"
    down; up; ends
    # Our own clock, before what the ledger says was done: an error before the first step.
    sed -i 's/reports@/other@/' zones/example.test.yaml; export SKEW=-3600 LD_PRELOAD=$P/skew.so
    for what in plan "apply --auto-approve" "retry example.test"; do
      run 1 $what; shows "this machine's clock says"; shows "and the ledger's last entry is of"; shows "set the clock by NTP, and run again"
    done
    run 0 history; shows "done: change TLS-RPT record"
    unset SKEW LD_PRELOAD; run 0 apply --auto-approve; shows "done: change _smtp._tls.example.test TXT" ;;
  servfail)
    down; cp "$ZONE" good.zone; mv "$ZONE.jnl" good.jnl; echo 'mta-sts CNAME' >>"$ZONE"; STATUS=SERVFAIL up
    told "the name server $DNS_ADDR:$DNS_PORT answered SERVFAIL for _mta-sts.example.test TXT: it could not load the zone, or it expired there; look at its log"
    run 1 plan; shows "example.test: unreadable"; lacks "create"; lacks "delete"
    down; cp good.zone "$ZONE"; mv good.jnl "$ZONE.jnl"; up; ends ;;
  truncated)
    through; printf 'truncated\nno-tcp\n' >faults
    told "the name server 127.0.0.54:53: its answer over UDP was truncated, and over TCP it closed the connection without an answer; let TCP through to it"
    echo truncated >faults; ends ;;
  slow)
    through; echo "udp-late 6" >faults
    told "the name server 127.0.0.54:53: it did not answer in time; look whether it runs"
    # Later than an update is waited for: it was done, and is found to be.
    echo "update-late 11" >faults; ends; [[ ! -e faults ]] || fail "no update was late" ;;
  frozen)
    sed -n '/^key/,/^}/{p;/^}/q}' "$TSIG_FILE" >rndc.key
    sed -i "s/^controls .*/controls { inet $DNS_ADDR port 953 allow { any; } keys { \"$TSIG_NAME\"; }; };/" "$CONF"; down; up
    control() { rndc -s "$DNS_ADDR" -p 953 -k rndc.key -y "$TSIG_NAME" "$@" >rndc.log 2>&1 || { cat rndc.log >&2; fail "rndc $*"; }; }
    control freeze example.test
    told "the name server $DNS_ADDR:$DNS_PORT refuses the update of _smtp._tls.example.test (REFUSED)" "or thaw the zone where it is frozen ('rndc thaw')"
    control thaw example.test; ends ;;
  *) fail "no such fault: $1" ;;
esac
echo "all held"
