#!/bin/bash
# Two applies from folders of their own and two serve on one PostgreSQL, over TLS: one applies while the other waits its turn, both end on
# the same empty plan, every serve shows what either stored, and the server may be killed in the middle. No secret is left anywhere.
. "$(dirname -- "$0")/common.sh"
. "$(dirname -- "$0")/ca.sh"
pebble; proxy; issuer
database() { DB=certadns PORT=5433 PGPASSWORD=$LAB_SECRET "$LAB/postgres.sh" "$P/pg" >pg.log 2>&1 & POSTGRES=$!; eventually 30 test -s pg/env; . pg/env; }
sql() { "$PG_BIN/psql" -qAtX -h "$PG_SOCKET_DIR" -p 5433 -U lab -d certadns -c "$1"; }
undatabase() { rm pg/env; kill -KILL "$POSTGRES_PID"; wait "$POSTGRES"; } 2>/dev/null
LAB_SECRET=$(openssl rand -hex 16); DB_SECRET=$(openssl rand -hex 16); SEAL=$(openssl rand -base64 32); export DB_SECRET SEAL
database
sql "CREATE ROLE certadns LOGIN PASSWORD '$DB_SECRET'; ALTER DATABASE certadns OWNER TO certadns"

state() { sed -i "s|^state:.*|state: {postgres: {host: 127.0.0.1, port: 5433, database: certadns, user: certadns, password: \"env:$1\", trust: $P/pg/tls/ca.pem}}|" certadns.yaml; }
state DB_SECRET
run 1 plan; shows "never kept unsealed in PostgreSQL"
echo 'keys: {seal: {secret: "env:SEAL"}}' >>certadns.yaml
sed 's|^issuer:.*|issuer: {type: local}|' certadns.yaml >local.yaml; run 1 plan --config local.yaml; shows "the local CA keeps its key in a folder"
state LAB_SECRET; LAB_SECRET=wrong run 1 plan; state DB_SECRET
WRONG=hunter2 DB_SECRET=hunter2 run 1 plan; shows "did not let us in"; shows "password authentication failed"; lacks hunter2
run 0 plan; shows "there is no ledger in the database 'certadns'"
[[ -z $(sql "SELECT table_name FROM information_schema.tables WHERE table_schema = 'public'") ]] || fail "a plan made tables"

"$LAB/update-hold.py" 127.0.0.54 "$DNS_ADDR" "$DNS_PORT" "$P/hold" >hold.log 2>&1 & eventually 10 grep -q listening hold.log
for runner in one two; do
  mkdir -p "$NS_WORK/$runner"; cp -r zones "$NS_WORK/$runner/"
  sed -e "s|server: \"$DNS_ADDR:$DNS_PORT\"|server: \"127.0.0.54:53\"|" -e 's|127.0.0.80:443|127.0.0.81:443|' certadns.yaml >"$NS_WORK/$runner/certadns.yaml"
done
# at RUNNER STATUS ARGUMENTS...
at() { local r=$1; shift; cd "$NS_WORK/$r" || fail "no $r"; run "$@"; cd "$P" || exit 1; }
# another: a second serve, from a folder of its own
another() { (cd "$NS_WORK/two" && exec "$CERTADNS" serve) >serve2.log 2>&1 </dev/null & SECOND=$!; eventually 20 grep -q listening serve2.log; }
serve; another
served() { curl -sS --noproxy '*' --cacert pebble/issuing-root.pem --resolve "mta-sts.example.test:443:$1" https://mta-sts.example.test/.well-known/mta-sts.txt | grep -q "max_age: $2"; }

touch hold
(cd "$NS_WORK/one" && USER=first exec "$CERTADNS" apply --auto-approve) >first.out 2>&1 </dev/null & FIRST=$!
eventually 20 test -e hold.held
at two 5 apply --auto-approve; shows "is being changed by first on"
at two 5 unlock example.test; shows "held by first on"
! tr '\0' ' ' <"/proc/$FIRST/cmdline" | grep -qF "$DB_SECRET" || fail "the password stands in the process list"
(cd "$NS_WORK/two" && USER=second exec "$CERTADNS" apply --auto-approve --lock-timeout 60s) >second.out 2>&1 </dev/null & SECOND_APPLY=$!
rm hold; wait "$FIRST" || { cp first.out out; fail "the first apply failed"; }
wait "$SECOND_APPLY" || { cp second.out out; fail "the second apply failed"; }
for runner in one two; do
  at $runner 0 plan --detailed-exitcode; shows "Nothing to do: 1 zone as desired"; [[ ! -e $NS_WORK/$runner/state ]] || fail "$runner kept a state"
done
[[ ! -e state ]] || fail "serve kept a state"
eventually 20 served 127.0.0.80 604800; eventually 20 served 127.0.0.81 604800
at one 0 status; shows "example.test: ready (lab)"; at two 0 drift; shows "No drift"; at two 0 history; shows "done: issue certificate"
run 0 keys; shows "sealed with chacha20-poly1305"; lacks "not sealed"
run 0 token create ci --scope plan; at two 0 token list; shows "ci ("; at two 0 token revoke ci; at one 1 retry example.test; shows "does not wait for a CA"; at one 0 acme account; shows "status: valid"

# The database server dies in the middle of an apply: told, nothing half written; both serve show nothing rather than what others may have
# replaced, and go on by themselves once it is back; the next apply ends what the first began.
sed -i 's/7d/14d/' "$NS_WORK/two/zones/example.test.yaml" "$NS_WORK/one/zones/example.test.yaml"
touch hold; rm -f hold.held
(cd "$NS_WORK/one" && exec "$CERTADNS" apply --auto-approve) >first.out 2>&1 </dev/null & FIRST=$!
eventually 20 test -e hold.held
undatabase
rm hold; wait "$FIRST" && fail "an apply without its ledger ended well"
cp first.out out; shows "PostgreSQL at 127.0.0.1:5433"; lacks "$DB_SECRET"
at two 1 plan; shows "can't be reached"; shows "Connection refused"
served 127.0.0.80 '' 2>/dev/null && fail "serve shows a policy that others may have replaced meanwhile"
database
sql "UPDATE lease SET until = until - 1000 WHERE NOT released" # nobody has to wait for a run that is gone
at two 0 apply --auto-approve; at one 0 plan --detailed-exitcode
[[ $(txt _mta-sts.example.test | wc -l) == 1 ]] || fail "not one record: $(txt _mta-sts.example.test)"
for address in 127.0.0.80 127.0.0.81; do eventually 30 served $address 1209600; done
kill -0 "$SERVE" && kill -0 "$SECOND" || fail "a serve did not outlive its database"

# A database of a later program, a role that may only read, and what was written down.
sql "INSERT INTO certadns_step VALUES ('99 later')"; at one 1 apply --auto-approve; shows "made by a newer CertaDNS"; sql "DELETE FROM certadns_step WHERE name = '99 later'"
sql "CREATE ROLE reader LOGIN PASSWORD '$DB_SECRET'; GRANT SELECT ON ALL TABLES IN SCHEMA public TO reader"
sed -i 's/user: certadns/user: reader/' "$NS_WORK/one/certadns.yaml"
at one 0 plan --detailed-exitcode; sed -i 's/14d/21d/' "$NS_WORK/one/zones/example.test.yaml"
at one 1 apply --auto-approve; shows "may not do this"
"$PG_BIN/pg_dump" -h "$PG_SOCKET_DIR" -p 5433 -U lab certadns >dump.sql || fail "no dump"
grep -q CERTADNS-SEALED dump.sql || "$PG_BIN/psql" -qAtX -h "$PG_SOCKET_DIR" -p 5433 -U lab -d certadns -c "SELECT convert_from(sealed, 'UTF8') FROM private_key" | grep -q CERTADNS-SEALED || fail "no key is there"
sql "SELECT convert_from(sealed, 'UTF8') FROM private_key" >>dump.sql
! grep -q "PRIVATE KEY" dump.sql || fail "a key lies in the open"
for secret in "$DB_SECRET" "$SEAL"; do ! grep -qF "$secret" dump.sql serve.log serve2.log first.out second.out out || fail "a secret was written down"; done
echo "all held"
