#!/bin/bash
# PostgreSQL on $ADDR:$PORT (of several addresses with commas between them the certificate has 127.0.0.1), with TLS, and on the socket PG_SOCKET_DIR/.s.PGSQL.$PORT. Role lab (superuser, no password on the socket),
# password $PGPASSWORD over TCP. Run again over the same WORKDIR it goes on with the same data. FSYNC=on where a crash of the machine counts.
. "$(dirname -- "$0")/lib.sh"
work_dir "${1:-}"; shift
ADDR=${ADDR:-127.0.0.1} PORT=${PORT:-5433} DB=${DB:-lab} PGPASSWORD=${PGPASSWORD:-lab-password}
export PGPASSWORD
B=$(ls -d /usr/lib/postgresql/*/bin 2>/dev/null | sort -V | tail -1)
[[ -n $B ]] || { echo "postgres.sh: there is no PostgreSQL; install Debian's package 'postgresql'" >&2; exit 69; }
S=$(mktemp -d /tmp/pg.XXXXXX) # short: a socket's path has at most 107 bytes
STOPPERS+=("rm -rf '$S'")
# The processes of one that was killed outright are gone a moment after it; until then its data are taken.
taken() { local p; for p in /proc/[0-9]*/cwd; do [[ $(readlink "$p" 2>/dev/null) != "$W/pgdata" ]] || return 0; done; return 1; }
for ((n = 0; n < 200; n++)); do taken || break; sleep 0.05; done
# PostgreSQL refuses root: as a user of its own in a namespace where that is who we are.
as=(); [[ $(id -u) != 0 ]] || as=(unshare --user --map-user=1000 --map-group=1000 --)
if [[ ! -s $W/pgdata/PG_VERSION ]]; then
  "${as[@]}" "$B/initdb" -D "$W/pgdata" -U lab --pwfile=<(echo "$PGPASSWORD") --auth-local=trust --auth-host=scram-sha-256 \
    -E UTF8 --no-locale --no-sync >"$W/initdb.log" 2>&1 || { cat "$W/initdb.log" >&2; exit 1; }
  [[ -s $W/tls/ca.pem ]] || "$LAB/mkca.sh" "$W/tls" server DNS:localhost IP:127.0.0.1 >"$W/mkca.log" 2>&1
  [[ -s $W/other/ca.pem ]] || "$LAB/mkca.sh" "$W/other" server DNS:localhost IP:127.0.0.1 >>"$W/mkca.log" 2>&1
fi
: >"$W/postgres.log"
# The process itself becomes postgres, so the pid is the postmaster's; INT = fast shutdown, which waits for no client.
TLS=()
[[ ! -s $W/tls/server.key ]] || TLS=(-c ssl=on -c ssl_cert_file="$W/tls/server.pem" -c ssl_key_file="$W/tls/server.key")
"${as[@]}" setpriv --pdeathsig INT -- "$B/postgres" -D "$W/pgdata" -k "$S" -c listen_addresses="$ADDR" -p "$PORT" "${TLS[@]}" \
  -c fsync="${FSYNC:-off}" -c shared_buffers=16MB -c max_connections=300 -c autovacuum=off >"$W/postgres.log" 2>&1 </dev/null &
PIDS+=("$!"); LAST_PID=$!
STOPPERS+=("kill -INT $LAST_PID 2>/dev/null")
until_ok 30 postgres "$B/pg_isready" -q -h "$S" -p "$PORT"
"$B/psql" -qAt -h "$S" -p "$PORT" -U lab -d postgres -c "select 1 from pg_database where datname='$DB'" | grep -q 1 ||
  "$B/psql" -q -h "$S" -p "$PORT" -U lab -d postgres -c "create database $DB"
ready postgres "PGHOST=${ADDR%%,*}" "PGPORT=$PORT" PGUSER=lab "PGPASSWORD=$PGPASSWORD" "PGDATABASE=$DB" "PG_SOCKET_DIR=$S" "PG_BIN=$B" "PG_CA=$W/tls/ca.pem" "PG_OTHER_CA=$W/other/ca.pem" \
  "POSTGRES_PID=$LAST_PID"
hold "$@"
