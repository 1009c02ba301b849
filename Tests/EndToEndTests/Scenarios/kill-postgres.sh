#!/bin/bash
# An apply over PostgreSQL is killed outright at many of its writes to the database, every other time the database server as well; then one
# quiet run, and ledger, DNS and policy are those of an apply that nobody killed, each written once. CERTADNS_MOMENTS=long: every third write.
. "$(dirname -- "$0")/common.sh"
. "$(dirname -- "$0")/ca.sh"
FORM=${CERTADNS_MOMENTS:-short}
pebble; proxy; issuer
clang -shared -fPIC -O1 -o moments.so "$LAB/moments.c" -ldl || fail "no moments"
DB_SECRET=$(openssl rand -hex 16); SEAL=$(openssl rand -base64 32); export DB_SECRET SEAL
# What was committed must outlive the server's death, so that it flushes.
database() { DB=certadns PORT=5433 PGPASSWORD=$DB_SECRET FSYNC=on "$LAB/postgres.sh" "$P/pg" >pg.log 2>&1 & POSTGRES=$!; eventually 30 test -s pg/env; . pg/env; }
undatabase() { rm pg/env; kill -KILL "$POSTGRES_PID"; wait "$POSTGRES"; } 2>/dev/null
sql() { "$PG_BIN/psql" -qAtX -h "$PG_SOCKET_DIR" -p 5433 -U lab -d certadns -c "$1"; }
database
sed -i "s|^state:.*|state: {postgres: {host: 127.0.0.1, port: 5433, database: certadns, user: lab, password: \"env:DB_SECRET\", trust: $P/pg/tls/ca.pem}}|" certadns.yaml
echo 'keys: {seal: {secret: "env:SEAL"}}' >>certadns.yaml
serve; run 0 apply --auto-approve

served() { curl -fsS --noproxy '*' --cacert pebble/issuing-root.pem --resolve mta-sts.example.test:443:127.0.0.80 https://mta-sts.example.test/.well-known/mta-sts.txt | grep -q "^max_age: $1"; }
# What serve shows is what is kept: it looks for what others wrote every few seconds, and a run that comes earlier tells so.
shows_kept() { served "$(sql "SELECT substring(body FROM 'max_age: ([0-9]+)') FROM policy")"; }
# is WHAT SQL VALUE
is() { local got; got=$(sql "$2") || fail "$1 can't be read"; [[ $got == "$3" ]] || fail "$1: $got, not $3"; }
client() { (exec env "$@" "$CERTADNS" apply --auto-approve) >first.out 2>&1 </dev/null; } 2>/dev/null
days=7
# round NTH: a change whose apply is killed at its NTH write to the database; fails where it has no so many
round() {
  local at killed="the apply"
  days=$((days + 1)); sed -i "s/max_age: [0-9]*d/max_age: ${days}d/; s/tls[0-9]*@/tls$days@/" zones/example.test.yaml
  at=$(serial example.test); rm -f moment
  client "MOMENT=$1" "MOMENT_LOG=$P/moment" MOMENT_PORT=5433 "LD_PRELOAD=$P/moments.so" && return 1
  [[ $(awk '{print $1}' moment) == "$1" ]] || { cp first.out out; fail "it ended by itself before write $1"; }
  if ((kills % 2)); then undatabase; database; killed="the apply and its database"; fi
  eventually 30 shows_kept; eventually 20 sql "UPDATE lease SET until = until - 1000 WHERE NOT released"
  run 0 apply --auto-approve >>runs.log; lacks "FAILED"
  run 0 plan --detailed-exitcode >>runs.log
  eventually 30 served $((days * 86400))
  is "steps in hand" "SELECT count(*) FROM intent" 0
  is "leases held" "SELECT count(*) FROM lease WHERE NOT released" 0
  # An id that was begun is gone on with: no body has two.
  is "ids of one body" "SELECT count(*) - count(DISTINCT body_digest) FROM published" 0
  is "certificates and keys" "SELECT (SELECT count(*) FROM certificate) || ' ' || (SELECT count(*) FROM private_key WHERE role = 'certificate')" "1 1"
  is "the policy" "SELECT count(*) FROM policy WHERE body LIKE '%max_age: $((days * 86400))%'" 1
  [[ $(txt _mta-sts.example.test) == "\"v=STSv1; id=$(sql 'SELECT id FROM policy');\"" ]] || fail "DNS shows $(txt _mta-sts.example.test)"
  [[ $(($(serial example.test) - at)) == 2 ]] || fail "$(($(serial example.test) - at)) updates, not 2"
  kills=$((kills + 1)); echo "held: write $1, $killed"
}
kills=0
stride=$([[ $FORM == long ]] && echo 3 || echo 61)
for ((n = 2; ; n += stride)); do round "$n" || break; done
((kills >= 6)) || fail "only $kills kills"
{ echo "state: postgres"; echo "$kills kills, each other one with the database server"; } | tee -a "${CERTADNS_MOMENTS_REPORT:-/dev/null}"
echo "all held"
