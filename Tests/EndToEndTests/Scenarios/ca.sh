# Common part of the scenarios with a real CA: Pebble behind the strict proxy of Tests/Support/Lab. Source it after common.sh.
HELPERS=$LAB/../Support/Lab
edit $'zone example.test\nupdate delete mta-sts.example.test A' || fail "the lab's own record can't be removed"

# pebble [NAME=VALUE...]: a CA with these knobs; sets ACME_DIR, ACME_API_CA, ACME_ROOT
pebble() {
  rm -rf pebble; env DNS_SERVER="$DNS_ADDR:$DNS_PORT" ADDR=127.0.0.1 PORT=14000 HTTP01_PORT=80 "$@" "$LAB/pebble.sh" "$P/pebble" >pebble.out 2>&1 & PEBBLE=$!
  eventually 30 test -s pebble/env; . pebble/env
}
# Outright: what a test runner starts may have been told to ignore TERM.
unpebble() { kill -KILL "$PEBBLE_PID"; wait "$PEBBLE"; } 2>/dev/null
# The proxy keeps running while Pebble is another one behind it; it is asked and told through its control port.
proxy() {
  python3 "$HELPERS/acme-proxy.py" 127.0.0.1:14443 127.0.0.1:14444 127.0.0.1:14000 pebble/api.pem pebble/api.key pebble/ca.pem >proxy.log 2>&1 & PROXY=$!
  eventually 20 ca counts
}
unproxy() { kill -KILL "$PROXY"; wait "$PROXY"; } 2>/dev/null
relay() {
  python3 "$HELPERS/dns-relay.py" 127.0.0.54:53 127.0.0.1:14445 "$DNS_ADDR:$DNS_PORT" >relay.log 2>&1 &
  eventually 20 dns count
}
# A resolver that follows aliases from zone to zone, as CAs have one, and remembers nothing: on 127.0.0.54:5354.
resolver() {
  mkdir -p "$P/resolver"
  {
    printf 'options { directory "%s"; pid-file "named.pid"; lock-file none; session-keyfile "session.key"; listen-on port 5354 { 127.0.0.54; }; listen-on-v6 { none; }; allow-query { any; }; recursion yes; dnssec-validation no; empty-zones-enable no; max-cache-ttl 0; max-ncache-ttl 0; };\ncontrols { };\n' "$P/resolver"
    for z in "$@"; do printf 'zone "%s" { type static-stub; server-addresses { %s; }; };\n' "$z" "$DNS_ADDR"; done
  } >resolver/named.conf
  named -g -4 -n 1 -c "$P/resolver/named.conf" >resolver.log 2>&1 &
  eventually 20 dig @127.0.0.54 -p 5354 +tries=1 +time=1 "$1" SOA
}
ca() { curl -fsS --noproxy '*' "http://127.0.0.1:14444/$1"; }
dns() { curl -fsS --noproxy '*' "http://127.0.0.1:14445/$1"; }
# count KIND: requests of this kind since the last reset
count() { ca counts | sed -n "s/^$1 //p" | grep . || echo 0; }

# issuer [KEY: VALUE, ...]: the issuer of certadns.yaml, through the proxy
issuer() {
  sed -i "s|^issuer:.*|issuer: {type: acme, directory: \"https://127.0.0.1:14443/dir\", trust: [$P/pebble/ca.pem]${1:+, $1}}|; /^observe/s|trust: \[[^]]*\]|trust: [$P/pebble/issuing-root.pem]|" certadns.yaml
}
challenge() { txt _acme-challenge.mta-sts.example.test; }
shown() { openssl s_client -connect 127.0.0.80:443 -servername mta-sts.example.test </dev/null 2>/dev/null | openssl x509 -noout -serial; }
unserve() { kill -KILL "$SERVE"; wait "$SERVE"; } 2>/dev/null
# An account for which the CA has confirmed nothing: Pebble takes one of a hundred authorisations again even where it is told none.
stranger() { run 0 acme account --new; }
# From nothing again: no state, and nothing of ours in DNS.
afresh() {
  [[ -z ${SERVE:-} ]] || unserve
  rm -rf state
  edit $'zone example.test\nupdate delete _mta-sts.example.test\nupdate delete mta-sts.example.test\nupdate delete _smtp._tls.example.test' || fail "the zone can't be emptied"
  : >serve.log; serve; ca reset >/dev/null
}
# A certificate of 90 days that has just fallen due, by its age and by the moment that was drawn for it; no failure holds it.
due() {
  sqlite3 state/certadns.sqlite "UPDATE certificate SET facts = json_set(facts, '\$.notBefore', '$(date -u -d '181 days ago' +%Y-%m-%dT%H:%M:%SZ)');
    UPDATE issuance SET state = json_set(json_remove(state, '\$.hold'), '\$.renewal.at', '$(date -u -d '1 minute ago' +%Y-%m-%dT%H:%M:%SZ)')"
}
# Nobody has to wait for the lease of a run that was killed.
lapse() { sqlite3 state/certadns.sqlite "UPDATE lease SET until = until - 1000" 2>/dev/null; }
