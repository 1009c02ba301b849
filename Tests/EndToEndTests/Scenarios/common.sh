# Common part of the end-to-end scenarios: they run inside Tests/Lab/namespace.sh with a name server's variables set.
set -uo pipefail
: "${CERTADNS:?path of the certadns program}" "${DNS_ADDR:?}" "${DNS_PORT:?}" "${TSIG_SECRET:?}" "${NS_WORK:?}"
export TSIG_SECRET
P=$NS_WORK/project
mkdir -p "$P/zones"
cd "$P" || exit 1

fail() { echo "FAILED: $*" >&2; [[ -s $P/out ]] && sed 's/^/  | /' "$P/out" >&2; exit 1; }

# run STATUS ARGUMENTS...: runs certadns; its output goes to $P/out; fails unless it ends with STATUS
run() {
  local want=$1 got=0; shift
  "$CERTADNS" "$@" >"$P/out" 2>&1 </dev/null || got=$?
  echo "--- certadns $* -> $got"
  [[ $got == "$want" ]] || fail "certadns $* ended with $got, not $want"
}
shows() { grep -qF -- "$1" "$P/out" || fail "the output lacks: $1"; }
lacks() { ! grep -qF -- "$1" "$P/out" || fail "the output has: $1"; }

# eventually SECONDS COMMAND...: until COMMAND succeeds
eventually() {
  local end=$((SECONDS + $1)); shift
  until "$@" >/dev/null 2>&1; do ((SECONDS < end)) || fail "in vain: $*"; sleep 0.1; done
}
txt() { dig "@$DNS_ADDR" -p "$DNS_PORT" +short +norec "$1" TXT; }
edit() { printf 'server %s %s\n%s\nsend\n' "$DNS_ADDR" "$DNS_PORT" "$1" | nsupdate -y "hmac-sha256:$TSIG_NAME:$TSIG_SECRET"; }
serial() { dig "@$DNS_ADDR" -p "$DNS_PORT" +short "$1" SOA | cut -d' ' -f3; }

zone_lines() { dig "@$DNS_ADDR" -p "$DNS_PORT" -y "hmac-sha256:$TSIG_NAME:$TSIG_SECRET" +noall +answer "$1" AXFR | tr -s '\t ' ' ' | grep -v ' SOA ' | sort; }
# world FILE: all that a reader may not change, as text: files but SQLite's lock table, what the database says with its log, the zone
world() {
  local copy=$NS_WORK/copy; mkdir -p "$copy" && cp state/certadns.sqlite state/certadns.sqlite-wal "$copy/" || fail "no database with a log"
  { find . -type f ! -name '*.sqlite-shm' ! -name '*.log' ! -name out ! -name 'world.*' -exec sha256sum {} + | sort
    find . ! -name '*.sqlite-shm' ! -name '*.log' ! -name out ! -name 'world.*' -printf '%p %y %m %U\n' | sort
    sqlite3 "$copy/certadns.sqlite" .dump; zone_lines example.test; serial example.test; } >"$1"
  rm -r "$copy"; grep -q '^INSERT INTO' "$1" && grep -q '^example.test\..* MX ' "$1" || fail "the world was not seen"
}

cat >certadns.yaml <<E
state: state
providers:
  primary: {type: rfc2136, server: "$DNS_ADDR:$DNS_PORT", key: {name: $TSIG_NAME, algorithm: hmac-sha256, secret: "env:TSIG_SECRET"}}
issuer: {type: local}
policy_host: {addresses: [127.0.0.80], listen: "127.0.0.80:443"}
managed_reports: ["mailto:tls-reports@example.net"]
observe: {resolvers: ["$DNS_ADDR:$DNS_PORT"], trust: [state/ca.pem]}
add_ons: {email-authentication: {price: 10 USD}}
E
cat >zones/example.test.yaml <<E
zone: example.test
add_ons: [email-authentication]
mta_sts: {mode: enforce, mx: derived, max_age: 7d}
tls_rpt: {rua: [managed, "mailto:tls@example.test"]}
waivers: [{code: enforce-unproven, reason: "a lab"}]
E
serve() { : >"$P/serve.log"; "$CERTADNS" serve >"$P/serve.log" 2>&1 & SERVE=$!; eventually 20 grep -q listening "$P/serve.log"; }
