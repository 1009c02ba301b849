#!/bin/bash
# Killed outright before and after every request to the CA and every write to DNS, answers lost: the next apply ends with one
# certificate, one key, no proof in DNS or on port 80, no order open. Every STRIDE-th point is tried, of
# requests from the FIRST on, of writes from the very first: a renewal makes two.
. "$(dirname -- "$0")/common.sh"
. "$(dirname -- "$0")/ca.sh"
STRIDE=${CERTADNS_KILL_STRIDE:-1} FIRST=${CERTADNS_KILL_FIRST:-1}
pebble; proxy; relay
issuer 'contact: ["mailto:ops@example.test"]'
sed -i "s|server: \"$DNS_ADDR:$DNS_PORT\"|server: \"127.0.0.54:53\"|" certadns.yaml
client() { bash -c 'echo $$ >client.pid; exec "$CERTADNS" apply --auto-approve' >first.out 2>&1 </dev/null; }
export CERTADNS

# held WHERE: what must hold in the end
held() {
  [[ -z $(challenge) ]] || fail "$1: at the challenge's name stands $(challenge)"
  [[ $(sqlite3 state/certadns.sqlite "SELECT COUNT(*) FROM http_token") == 0 ]] || fail "$1: an answer is left on port 80"
  [[ $(ls state/keys | grep -c '^account-') == 1 ]] || fail "$1: accounts: $(ls state/keys)"
  [[ $(ls state/keys | grep -vc '^account-') == 1 ]] || fail "$1: keys: $(ls state/keys)"
  ! ls state/keys | grep -q '^pending-' || fail "$1: a pending key is left"
  [[ $(sqlite3 state/certadns.sqlite "SELECT json_extract(state, '\$.order') IS NULL AND json_array_length(state, '\$.challenges') = 0 FROM issuance") == 1 ]] ||
    fail "$1: left in the ledger: $(sqlite3 state/certadns.sqlite 'SELECT state FROM issuance')"
  [[ $(ca issued) == "mta-sts.example.test $ISSUED" ]] || fail "$1: issued: $(ca issued), of $ISSUED"
  [[ $(ca violations) == none ]] || fail "$1: forbidden: $(ca violations)"
  openssl s_client -connect 127.0.0.80:443 -servername mta-sts.example.test -CAfile pebble/issuing-root.pem -verify_return_error -verify_hostname mta-sts.example.test </dev/null >tls.out 2>&1 ||
    { cat tls.out >&2; fail "$1: no valid certificate is served"; }
}

# killed WHERE: a run that dies there, then the one that mends it
killed() {
  client && return 1
  grep -q . client.pid && ! kill -0 "$(<client.pid)" 2>/dev/null || fail "$1: the client lives"
  lapse
  run 0 apply --auto-approve; lacks "FAILED"
  held "$1"
  echo "held: $1 ($(ca log | awk -v n="$2" '$1 == n {print $3}'))"
  POINTS=$((POINTS + 1))
}
POINTS=0

# every WHAT PREPARE: kills around the requests of what follows PREPARE
every() {
  local what=$1 prepare=$2 n when
  for when in before after; do
    for ((n = FIRST; ; n += STRIDE)); do
      $prepare; rm -f client.pid
      ca "fault?kind=any&do=kill-$when&nth=$n&pidfile=$P/client.pid" >/dev/null || fail "no fault"
      killed "$what, killed $when request $n" "$n" || break
    done
    ((n > FIRST)) || { cat first.out >&2; fail "$what: nothing was killed"; }
  done
}
# writes WHAT PREPARE: the same around its writes to DNS
writes() {
  local what=$1 prepare=$2 n when
  for when in before after; do
    for ((n = 1; ; n += STRIDE)); do
      $prepare; rm -f client.pid; dns reset >/dev/null
      dns "kill?nth=$n&when=$when&pidfile=$P/client.pid" >/dev/null || fail "no kill"
      killed "$what, killed $when write $n" 0 || break
    done
    ((n > 1)) || { cat first.out >&2; fail "$what: no write was killed"; }
  done
  dns reset >/dev/null
}
first() { afresh; ISSUED=1; }
every "the first certificate" first; writes "the first certificate" first

# A certificate that is held already and due.
first; client || { cp first.out out; fail "no certificate"; }
again() {
  run 0 apply --auto-approve; [[ $(ca issued) == "mta-sts.example.test $ISSUED" ]] || fail "issued: $(ca issued), of $ISSUED"
  # The fault that the last run did not reach waits for nobody.
  ca forgive >/dev/null; stranger; due; ca reset >/dev/null; ISSUED=1
  # As a kill between an earlier certificate's row and its predecessor's key leaves it: `held` finds one key alone.
  install -m 600 state/keys/[0-9a-f]*.pem "state/keys/$(head -c 32 /dev/urandom | sha256sum | cut -c1-64).pem" || fail "not one key: $(ls state/keys)"
}
every "a renewal" again; writes "a renewal" again

# The same by http-01, which writes nothing to DNS: the answer lies in the store, and goes as a proof in DNS does.
issuer 'contact: ["mailto:ops@example.test"], challenge: http-01'
sed -i 's/listen: "127.0.0.80:443"/&, listen_http: "127.0.0.80:80"/' certadns.yaml
unserve; serve; eventually 20 grep -q "listener for http-01 is listening" serve.log
by_http() { again; dns reset >/dev/null; }
every "a renewal by http-01" by_http
[[ $(dns count) == 0 ]] || fail "http-01 wrote to DNS"
echo "$POINTS kills" | tee -a "${CERTADNS_KILL_REPORT:-/dev/null}"
echo "all held"
