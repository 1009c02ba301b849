#!/bin/bash
# A state moves from a folder to PostgreSQL and back, each place with a seal of its own: the same records, keys that open, nothing to do after.
. "$(dirname -- "$0")/common.sh"
. "$(dirname -- "$0")/ca.sh"
pebble; proxy; issuer
SEAL_1=$(openssl rand -base64 32); SEAL_2=$(openssl rand -base64 32); DB_SECRET=$(openssl rand -hex 16); export SEAL_1 SEAL_2 DB_SECRET
DB=certadns PORT=5433 PGPASSWORD=$DB_SECRET "$LAB/postgres.sh" "$P/pg" >pg.log 2>&1 & eventually 30 test -s pg/env; . pg/env
sql() { "$PG_BIN/psql" -qAtX -h "$PG_SOCKET_DIR" -p 5433 -U lab -d certadns -c "$1"; }
cp certadns.yaml plain.yaml
echo 'keys: {seal: {secret: "env:SEAL_1"}}' >>certadns.yaml
database="state: {postgres: {host: 127.0.0.1, port: 5433, database: certadns, user: lab, password: \"env:DB_SECRET\", trust: $P/pg/tls/ca.pem}}"
{ sed "s|^state:.*|$database|" plain.yaml; echo 'keys: {seal: {secret: "env:SEAL_2"}}'; } >database.yaml
sed 's|^state:.*|state: back|' plain.yaml >back.yaml

# kept NAME [ARGUMENTS]: all records but the leases' numbers, which only grow
kept() { run 0 state backup --no-keys "$1.jsonl" "${@:2}"; sed '1d;$d' "$1.jsonl" | grep -v '^{"lease":' | sort >"$1.kept"; rm "$1.jsonl"; [[ -s $1.kept ]] || fail "nothing is kept"; }
serve; run 0 apply --auto-approve; run 0 token create ci --scope plan
first=$(shown); [[ -n $first ]] || fail "no certificate"
unserve; kept folder

# Who holds a zone would go on writing to the old place.
sqlite3 state/certadns.sqlite "UPDATE lease SET released = 0, until = $(date +%s) + 600"
run 1 state migrate --to database.yaml; shows "is held by"; shows "nothing was changed"
sqlite3 state/certadns.sqlite "UPDATE lease SET released = 1"
[[ -z $(sql "SELECT table_name FROM information_schema.tables WHERE table_schema = 'public'") ]] || fail "a refused move made tables"

run 0 state migrate --to database.yaml; shows "moved: 1 zone, 1 policy, 1 certificate"; shows "all of it was read back"; quiet() { for s in "$SEAL_1" "$SEAL_2" "$DB_SECRET"; do lacks "$s"; done; }; quiet
run 1 state migrate --to database.yaml; shows "is not empty"
[[ -z $(find "${TMPDIR:-/tmp}" -maxdepth 1 -name 'certadns-move-*' 2>/dev/null) ]] || fail "the move left its file"
kept database --config database.yaml; diff folder.kept database.kept >out || fail "not the same in the database"
run 0 keys --config database.yaml; shows "sealed with chacha20-poly1305"; lacks "previous"; lacks "not sealed"; quiet
serving() { : >serve.log; "$CERTADNS" serve --config "$1" >serve.log 2>&1 & SERVE=$!; eventually 20 grep -q listening serve.log; }
same() { [[ $(shown) == "$first" ]]; }
serving database.yaml; eventually 20 same
run 0 plan --detailed-exitcode --config database.yaml; unserve
run 0 acme account --config database.yaml; shows "status: valid"

run 0 state migrate --config database.yaml --to back.yaml; shows "moved: 1 zone"
kept back --config back.yaml; diff folder.kept back.kept >out || fail "not the same in the folder"
run 0 keys --config back.yaml; shows "not sealed"; lacks "sealed with"
run 0 state check --config back.yaml; shows "all of it can be read"
serving back.yaml; eventually 20 same
run 0 plan --detailed-exitcode --config back.yaml
echo "all held"
