#!/bin/bash
# CERTADNS_FLEET names due at one moment, two serve processes on one store. One is killed; the store takes nothing for longer than
# anybody waits for it, and its file is rebuilt under those who use it; then both are killed, and the store stays behind with its log.
# In the end there is exactly one new certificate a name, and nothing is left over. An order whose answer was lost stays pending at the
# CA: it is counted. With CERTADNS_FLEET_REPORT=FILE the numbers go there, and the leases of who was killed are waited for.
. "$(dirname -- "$0")/common.sh"
. "$(dirname -- "$0")/ca.sh"
NAMES=${CERTADNS_FLEET:-150} REPORT=${CERTADNS_FLEET_REPORT:-}
AWAY=11; [[ -z $REPORT ]] || AWAY=30 # seconds for which the store takes nothing; a writer waits ten
BATCH=20                             # zones that a process has in hand
MEMORY=${CERTADNS_FLEET_MEMORY:-160} # MiB that a process may have resident, however many names there are
PATIENCE=$((120 + NAMES / 5))        # seconds for a third of the names
sql() { sqlite3 -cmd '.timeout 30000' state/certadns.sqlite "$1"; }
FACTS="json_extract(facts, '\$.fingerprint')"

# Before Pebble stands a queue for what it can't bear two of at a time (pebble-queue.py says why).
queue() {
  python3 "$HELPERS/pebble-queue.py" 127.0.0.1:14446 127.0.0.1:14000 pebble/ca.pem >queue.log 2>&1 &
  mkdir -p nginx; cat >nginx.conf <<N
user root root;
worker_processes 1;
error_log $P/nginx/error.log;
pid $P/nginx/pid;
events { worker_connections 1000; }
http {
  access_log off;
  client_body_temp_path $P/nginx/t1; proxy_temp_path $P/nginx/t2; fastcgi_temp_path $P/nginx/t3; uwsgi_temp_path $P/nginx/t4; scgi_temp_path $P/nginx/t5;
  upstream pebble { server 127.0.0.1:14000; keepalive 64; keepalive_requests 1000000; }
  proxy_http_version 1.1; proxy_set_header Host \$http_host; proxy_set_header Connection "";
  server {
    listen 127.0.0.1:14443 ssl;
    ssl_certificate $P/pebble/api.pem; ssl_certificate_key $P/pebble/api.key;
    keepalive_requests 1000000;
    location / { proxy_pass https://pebble; }
    location ~ ^/(order-plz|authZ|chalZ) { proxy_pass http://127.0.0.1:14446; }
  }
}
N
  nginx -e "$P/nginx/error.log" -c "$P/nginx.conf" -g 'daemon off;' >nginx.log 2>&1 &
  eventually 20 curl -fsS --noproxy '*' --cacert pebble/ca.pem https://127.0.0.1:14443/dir
}

# One zone the long way. All others are its likeness in DNS and in the store, each with a certificate of its own to be replaced.
pebble; queue
sed -i "s|^issuer:.*|issuer: {type: acme, directory: \"https://127.0.0.1:14443/dir\", trust: [$P/pebble/ca.pem], concurrency: $BATCH}|; /^observe/s|trust: \[[^]]*\]|trust: [$P/pebble/issuing-root.pem]|" certadns.yaml
sed 's/listen: "127.0.0.80:443"/listen: "127.0.0.81:443"/' certadns.yaml >other.yaml
first=z00001.example.test
sed "s/example.test/$first/g; s/derived/[mx.example.test]/" zones/example.test.yaml >"zones/$first.yaml"; rm zones/example.test.yaml
edit $'zone example.test\nupdate add '"$first"' 60 MX 10 mx.example.test' || fail "no MX"
serve; run 0 apply --auto-approve; shows "$first: applied"; unserve
lines=$(zone_lines example.test | grep "$first" | sed 's/ IN / /')
[[ $(grep -c . <<<"$lines") == 4 ]] || fail "the zone's records: $lines"
name() { printf -v z 'z%05d.example.test' "$1"; }
likeness() { # likeness FROM TO: the records of these names
  local i
  { printf 'server %s %s\nzone example.test\n' "$DNS_ADDR" "$DNS_PORT"
    for ((i = $1; i <= $2; i++)); do name "$i"; printf '%s\n' "${lines//$first/$z}"; done | sed 's/^/update add /'
    echo send; } | nsupdate -v -y "hmac-sha256:$TSIG_NAME:$TSIG_SECRET"
}
for ((n = 2; n <= NAMES; n += 200)); do likeness "$n" $((n + 199 < NAMES ? n + 199 : NAMES)) || fail "no records"; done
sql "CREATE TEMP TABLE likeness AS WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < $NAMES)
    SELECT printf('z%05d.example.test', i) AS name, lower(hex(randomblob(32))) AS print FROM n WHERE i > 1;
  CREATE TEMP TABLE model AS SELECT $FACTS AS print FROM certificate;
  INSERT INTO zone (zone, applied, desired, digest, commit_id, applied_at) SELECT name, replace(replace(applied, zone, name), m.print, l.print), replace(desired, zone, name), digest, commit_id, applied_at FROM likeness l, model m, zone;
  INSERT INTO published (zone, id, n, body_digest, mode, patterns, max_age, largest_ttl, intent_at, announced_at, superseded_at, replaced_at) SELECT name, id, n, body_digest, mode, patterns, max_age, largest_ttl, intent_at, announced_at, superseded_at, replaced_at FROM likeness, published;
  INSERT INTO mx_seen (zone, host, first, last) SELECT name, host, first, last FROM likeness, mx_seen;
  INSERT INTO policy SELECT name, id, body FROM likeness, policy;
  INSERT INTO certificate SELECT 'mta-sts.' || name, replace(replace(facts, m.print, l.print), '$first', name), chain FROM likeness l, model m, certificate;
  INSERT INTO issuance SELECT name, replace(state, m.print, l.print) FROM likeness l, model m, issuance;
  INSERT INTO due SELECT name, at, expires FROM likeness, due" || fail "no likeness"
prints() { sql "SELECT $FACTS FROM certificate" | sort; }
keys() { ls state/keys | grep -v '^account-' | sed 's/\.pem$//' | sort; }
key=$(cat state/keys/[0-9a-f]*.pem | grep .)
prints >before.prints
(umask 077; while read -r print; do printf '%s\n' "$key" >"state/keys/$print.pem"; done <before.prints)
[[ $(sort -u before.prints | wc -l) == "$NAMES" && $(keys) == "$(<before.prints)" ]] || fail "no likeness"
since=$(sql "SELECT max(n) FROM audit") logged=$(wc -l <pebble/pebble.log)
DUE=$(($(date +%s) + 3))
sql "UPDATE issuance SET state = json_set(state, '\$.renewal.at', strftime('%Y-%m-%dT%H:%M:%SZ', $DUE, 'unixepoch'), '\$.renewal.askAgain', strftime('%Y-%m-%dT%H:%M:%SZ', $DUE, 'unixepoch', '1 day'));
  UPDATE due SET at = $DUE"

# start N, listening N, kill_hard N: the first or the second process
PIDS=() DEAD=() PEAK=0 KILLS=0
start() {
  local file=certadns.yaml; (($1 == 1)) || file=other.yaml
  : >"serve$1.log"; "$CERTADNS" serve --config "$file" >"serve$1.log" 2>&1 & PIDS[$1]=$!
}
listening() { eventually 30 grep -q listening "serve$1.log"; }
lives() { kill -0 "${PIDS[$1]}" 2>/dev/null || { cp "serve$1.log" out; fail "serve $1 ended by itself"; }; }
note_memory() {
  local mib; mib=$(awk '/^VmHWM/ {print int($2 / 1024)}' "/proc/${PIDS[$1]}/status")
  ((mib <= PEAK)) || PEAK=$mib
}
kill_hard() {
  lives "$1"; note_memory "$1"; cat "serve$1.log" >>killed.log
  { kill -KILL "${PIDS[$1]}"; wait "${PIDS[$1]}"; } 2>/dev/null
  KILLS=$((KILLS + 1)); DEAD+=("${PIDS[$1]}")
}
# In short nobody waits until the leases of the dead lapse. The store's log stays as it is: serve shall find it.
lapsed() {
  local pid
  [[ -n $REPORT ]] || for pid in "${DEAD[@]}"; do
    sqlite3 -cmd '.timeout 30000' -cmd '.dbconfig no_ckpt_on_close on' state/certadns.sqlite "UPDATE lease SET until = until - 1000 WHERE runner LIKE '%:$pid'" >/dev/null
  done
  DEAD=()
}
left() { sql "SELECT count(*) FROM due WHERE at <= $DUE"; }
until_left() { # until_left COUNT: waits until so many are still due
  local end=$((SECONDS + PATIENCE))
  until (($(left) <= $1)); do
    lives 1; lives 2
    ((SECONDS < end)) || { tail -n 9 serve1.log serve2.log >out; fail "$(left) of $NAMES are still due"; }
    sleep 0.2
  done
}

start 1; start 2; listening 1; listening 2
until (($(date +%s) >= DUE)); do sleep 0.1; done
begun=$SECONDS
until_left $((NAMES * 3 / 4)); kill_hard 1; lapsed
python3 - "$AWAY" <<'Y' & LOCK=$!
import sqlite3, sys, time
store = sqlite3.connect('state/certadns.sqlite', timeout=30, isolation_level=None)
store.execute('BEGIN IMMEDIATE'); open('locked', 'w'); time.sleep(int(sys.argv[1])); store.execute('ROLLBACK')
Y
# Who starts meanwhile serves all the same.
eventually 40 test -e locked; start 1; listening 1
wait "$LOCK" || fail "the store was not locked"
sql VACUUM || fail "the store's file was not rebuilt"
until_left $((NAMES / 3)); kill_hard 1; kill_hard 2; lapsed
[[ -s state/certadns.sqlite-wal ]] || fail "the store has no log"
start 1; start 2; listening 1; listening 2
until_left 0
# The last ones are written down; their leases are about to be given back.
given_back() { [[ $(sql "SELECT count(*) FROM lease WHERE NOT released AND (runner LIKE '%:${PIDS[1]}' OR runner LIKE '%:${PIDS[2]}')") == 0 ]]; }
eventually 20 given_back
took=$((SECONDS - begun))

# Exactly one new certificate a name: the CA issued as many, each name shows another one, and none was ordered for twice.
tail -n +$((logged + 1)) pebble/pebble.log >ca.log
orders=$(grep -c 'Added order' ca.log) issued=$(grep -c 'Issued certificate serial' ca.log)
prints >after.prints
[[ $(sort -u after.prints | wc -l) == "$NAMES" && -z $(comm -12 before.prints after.prints) ]] || fail "a name has its former certificate, or another name's"
[[ $issued == "$NAMES" ]] || fail "$issued certificates for $NAMES names"
audited() { sql "SELECT count(DISTINCT zone) || ' ' || count(*) FROM audit WHERE n > $since AND $1"; }
[[ $(audited "kind = 'ordered'") == "$NAMES $NAMES" ]] || fail "orders in the audit trail, by zones: $(audited "kind = 'ordered'")"
[[ $(audited "kind = 'outcome' AND what LIKE '%: %certificate'") == "$NAMES $NAMES" ]] || fail "outcomes in the audit trail, by zones: $(audited "kind = 'outcome'")"
[[ $(audited "kind IN ('order-abandoned', 'issuance-held', 'authorization-failed')") == "0 0" ]] || fail "an order failed"
lost=$((orders - NAMES))
((lost >= 0 && lost <= KILLS * BATCH)) || fail "$lost orders beside one a name, with $KILLS kills in $BATCH orders each"

# Nothing is left over, nothing is gone.
swept() { [[ $(keys) == "$(<after.prints)" ]]; } # what a killed process left goes when another one starts, or after its round
eventually 70 swept || fail "keys and certificates: $(diff <(keys) after.prints | head -5)"
zone_lines example.test >zone.lines
! grep '_acme-challenge' zone.lines || fail "proofs stand in DNS"
[[ $(grep -c '[^.]*z[0-9]*\.example\.test' zone.lines) == $((NAMES * 4)) ]] || fail "a record is gone"
[[ $(sql "SELECT count(*) FROM issuance WHERE json_extract(state, '\$.order') IS NOT NULL OR json_extract(state, '\$.hold') IS NOT NULL OR json_array_length(state, '\$.challenges') > 0") == 0 ]] || fail "an order is open"
[[ $(sql "SELECT count(*) FROM intent") == 0 ]] || fail "an intent is open"
[[ $(sql "PRAGMA integrity_check") == ok ]] || fail "the store is damaged"

# Each name is served by both within seconds; a sample of them.
shown() { openssl s_client -connect "$1:443" -servername "mta-sts.$z" </dev/null 2>/dev/null | openssl x509 -noout -fingerprint; }
for ((i = 1; i <= NAMES; i += (NAMES + 14) / 15)); do
  name "$i"; sql "SELECT chain FROM certificate WHERE host = 'mta-sts.$z'" >chain.pem
  openssl verify -CAfile pebble/issuing-root.pem -untrusted chain.pem -verify_hostname "mta-sts.$z" chain.pem >/dev/null || fail "the certificate of $z"
  want=$(openssl x509 -in chain.pem -noout -fingerprint)
  for host in 127.0.0.80 127.0.0.81; do eventually 6 eval '[[ $(shown $host) == "$want" ]]'; done
done

# They live on, and rest.
used() { awk '{t += $14 + $15} END {print t}' "/proc/${PIDS[1]}/stat" "/proc/${PIDS[2]}/stat"; }
ticks=$(used); sleep 2; ticks=$(($(used) - ticks))
((ticks < 40)) || fail "they used $ticks ticks in two seconds when all was done"
for i in 1 2; do lives "$i"; note_memory "$i"; kill "${PIDS[i]}"; wait "${PIDS[i]}" || fail "serve $i ended with $?"; done
((PEAK <= MEMORY)) || fail "$PEAK MiB of resident memory, over $MEMORY"
told="$NAMES names due at once, two serves, $KILLS of them killed in the middle, the store away for $AWAY s: after $took s $issued certificates, one a name, $lost orders left pending at the CA; at most $PEAK MiB resident each"
echo "--- $told"
[[ -z $REPORT ]] || echo "$told" >"$REPORT"
echo "all held"
