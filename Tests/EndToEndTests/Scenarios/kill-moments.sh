#!/bin/bash
# kill-moments.sh folder|remote: an apply, or the serve beside a remote store, is killed outright at many moments of a first apply and of a
# change; then one quiet run, and ledger, DNS, policy and certificates are those of an apply that nobody killed, written once.
# In a folder at its writes, flushes and renames; over a remote at its requests, and serve at its writes; with both, around the updates of
# the name server, whose answer is held back. CERTADNS_MOMENTS=long tries every STRIDE-th moment and wants each kind of step to be hit
# before, in and after its write five times.
. "$(dirname -- "$0")/common.sh"
STORE=$1 FORM=${CERTADNS_MOMENTS:-short}
edit $'zone example.test\nupdate delete mta-sts.example.test A' || fail "the lab's own record can't be removed"
clang -shared -fPIC -O1 -o moments.so "$LAB/moments.c" -ldl || fail "no moments"
python3 "$LAB/../Support/Lab/dns-relay.py" 127.0.0.54:53 127.0.0.1:14445 "$DNS_ADDR:$DNS_PORT" >relay.log 2>&1 &
dns() { curl -fsS --noproxy '*' "http://127.0.0.1:14445/$1"; }
eventually 20 dns count
sed -i "s|server: \"$DNS_ADDR:$DNS_PORT\"|server: \"127.0.0.54:53\"|" certadns.yaml
RUNNER=$P
DB=state/certadns.sqlite
unserve() { kill -KILL "$SERVE"; wait "$SERVE"; } 2>/dev/null
name_is_up() { curl -sS -o /dev/null --noproxy '*' --cacert state/ca.pem https://certadns.example.test/; }
again() { serve; [[ $STORE == folder ]] || eventually 20 name_is_up; }
if [[ $STORE == remote ]]; then
  RUNNER=$NS_WORK/runner; mkdir -p "$RUNNER"
  echo "127.0.0.80 certadns.example.test" >>"$NS_WORK/hosts"
  sed -e 's|^state: .*|state: {url: "https://certadns.example.test", token: "env:CI", trust: [serve-ca.pem]}|' -e 's|state/ca.pem|serve-ca.pem|' certadns.yaml >"$RUNNER/certadns.yaml"
  echo "serve: {names: [certadns.example.test]}" >>certadns.yaml
fi
again
if [[ $STORE == remote ]]; then
  run 0 token create ci --scope apply; CI=$(grep -o 'certadns_[0-9a-f_]*' out); export CI; cp state/ca.pem "$RUNNER/serve-ca.pem"
fi
cp -r zones "$RUNNER/" 2>/dev/null
at() { cd "$RUNNER" || fail "no runner"; run "$@" >>"$P/runs.log"; cd "$P" || exit 1; }

OURS="_smtp._tls.example.test mta-sts.example.test _mta-sts.example.test"
ours() { local name; for name in $OURS; do dig "@$DNS_ADDR" -p "$DNS_PORT" +noall +answer +norec "$name" "$([[ $name == mta* ]] && echo A || echo TXT)"; done | tr -s '\t ' ' '; }
ask() { sqlite3 "$1" "$2" || fail "the database can't be read: $2"; }
# keep PHASE: what this phase begins with; serve is down
keep() { cp -a state "snap.$1"; ours >"snap.$1.dns"; cp "$RUNNER/zones/example.test.yaml" "snap.$1.yaml"; }
restore() { # restore PHASE [VARIABLE=VALUE...]: everything as it was, and serve runs, with these variables
  unserve; rm -rf state; cp -a "snap.$1" state; cp "snap.$1.yaml" "$RUNNER/zones/example.test.yaml"
  [[ $RUNNER == "$P" ]] || cp "snap.$1.yaml" zones/example.test.yaml
  { echo "zone example.test"; for name in $OURS; do echo "update delete $name"; done; sed 's/^/update add /' "snap.$1.dns"; } >names
  edit "$(<names)" || fail "the zone can't be put back"
  again
  dns reset >/dev/null; SERIAL=$(serial example.test)
}
# result: what must be the same in the end, without what differs by nature: moments, fingerprints
result() {
  ask "$DB" "SELECT json_remove(applied, '\$.certificate'), desired, digest FROM zone WHERE zone = 'example.test';
    SELECT id, n, body_digest, mode, patterns, max_age, largest_ttl, announced_at IS NULL, superseded_at IS NULL, replaced_at IS NULL FROM published;
    SELECT * FROM intent; SELECT zone, id, body FROM policy; SELECT host, json_extract(facts, '\$.names') FROM certificate ORDER BY host;
    SELECT json_extract(state, '\$.order'), json_extract(state, '\$.hold') FROM issuance; SELECT COUNT(*) FROM former_host; SELECT released FROM lease WHERE zone = 'example.test'"
  find state/keys -type f -printf '%f\n' | sed 's/[0-9a-f]\{64\}/KEY/' | sort
  zone_lines example.test
  echo "updates: $(($(serial example.test) - SERIAL))"
  policy
  [[ $PHASE == first ]] || ask "$DB" "SELECT facts FROM certificate WHERE host = 'mta-sts.example.test'"
}
# client [VARIABLE=VALUE...]: an apply
client() { (cd "$RUNNER" && exec env "$@" bash -c 'echo $$ >"$0"; exec "$CERTADNS" apply --auto-approve' "$P/client.pid") >first.out 2>&1 </dev/null; } 2>/dev/null
export CERTADNS
PRELOAD="LD_PRELOAD=$P/moments.so"

# place WHERE: the kind of step that was in hand, and whether before, in or after its write; WHERE is what is known already
place() {
  local kind where=$1 old=snap.$PHASE/certadns.sqlite
  mkdir -p copy; rm -f copy/*; cp "$DB" "$DB"-wal copy/ 2>/dev/null
  kind=$(ask copy/certadns.sqlite "SELECT resource FROM intent WHERE zone = 'example.test' LIMIT 1")
  if [[ -n $kind && -z $where ]]; then
    case $kind in
      policy) [[ $(ask copy/certadns.sqlite "SELECT id FROM policy") == $(ask "$old" "SELECT id FROM policy") ]] || where=after ;;
      certificate) [[ $(ask copy/certadns.sqlite "SELECT COUNT(*) FROM certificate") == $(ask "$old" "SELECT COUNT(*) FROM certificate") ]] || where=after
        [[ -n $where || $(find state/keys -type f | wc -l) == $(find "snap.$PHASE/keys" -type f | wc -l) ]] || where=in ;;
      *) [[ $(ours) == "$BEFORE" ]] || where=after ;;
    esac
    [[ -n $where ]] || { [[ $(awk '{print $3}' moment) == in ]] && where=in || where=before; }
  fi
  echo "${kind:-between} ${where:--}"
}

# What serve shows is what is kept: it looks for what others wrote every few seconds, and a run that comes earlier tells so.
shows_kept() {
  [[ $(ask "$DB" "SELECT COUNT(*) FROM policy JOIN certificate ON host = 'mta-sts.' || zone") == 0 ]] ||
    [[ $(policy) == "$(ask "$DB" "SELECT body FROM policy" | tr -d '\r')" ]]
}
policy() { curl -fsS --noproxy '*' --cacert state/ca.pem --resolve mta-sts.example.test:443:127.0.0.80 https://mta-sts.example.test/.well-known/mta-sts.txt | tr -d '\r'; }

: >table
# mended WHAT KIND-AND-WHERE COMMAND: the quiet run
mended() {
  eventually 20 shows_kept; sqlite3 "$DB" "UPDATE lease SET until = until - 1000"
  at 0 apply --auto-approve; lacks "FAILED"
  at 0 plan --detailed-exitcode
  result >got; diff "want.$PHASE" got || { cat first.out moment >&2; fail "$1: not as without a kill"; }
  echo "$2 $PHASE $3" >>table; echo "held: $PHASE, $1 ($2)"
}
# update NTH WHEN: around an update of the name server
update() {
  restore "$PHASE"; BEFORE=$(ours); rm -f client.pid
  dns "kill?nth=$1&when=$2&pidfile=$P/client.pid" >/dev/null || fail "no kill"
  client && fail "update $1 was never made"
  local place; case $2 in before) place=before ;; after) place=in ;; heard) place=after ;; esac
  mended "update $1, $2" "$(place "$place")" "update $1"
}
# own NTH: at a moment of the client's own; fails where it has no so many
own() {
  restore "$PHASE"; BEFORE=$(ours); rm -f moment client.pid
  if [[ $STORE == folder ]]; then
    client "MOMENT=$1" "MOMENT_LOG=$P/moment" "MOMENT_FOLDER=$P/state" "$PRELOAD" && return 1
    mended "moment $1: $(awk '{print $2, $4}' moment | sed "s|$P/||")" "$(place "")" "own $1"
  else
    client "MOMENT=$1" "MOMENT_LOG=$P/moment" MOMENT_PORT=443 "$PRELOAD" && return 1
    local place; place=$(place "")
    # What was sent may have been taken or not: the request tells which step that was.
    if [[ $(awk '{print $2}' moment) == sent ]]; then
      case $(ask "$DB" "SELECT what FROM token_use WHERE runner LIKE '%$(<client.pid)%' AND who IS NOT NULL ORDER BY n DESC LIMIT 1") in
        "put policy"*) place="policy in" ;;
        "issue certificate"*) place="certificate in" ;;
      esac
    fi
    mended "moment $1: $(awk '{print $2}' moment)" "$place" "own $1"
  fi
}
# served NTH: at a moment of serve; fails where it has no so many
served() {
  restore "$PHASE"; BEFORE=$(ours); unserve; : >moment
  : >serve.log; env "MOMENT=$((TO_START[$([[ $PHASE == first ]] && echo 0 || echo 1)] + $1))" "MOMENT_LOG=$P/moment" "MOMENT_FOLDER=$P/state" "$PRELOAD" "$CERTADNS" serve >serve.log 2>&1 & SERVE=$!
  eventually 20 name_is_up
  client & local first=$!
  wait -n "$SERVE" "$first" 2>/dev/null
  if kill -0 "$SERVE" 2>/dev/null; then wait "$first"; return 1; fi
  local place; place=$(place ""); again; wait "$first"
  mended "moment $1 of serve: $(awk '{print $2, $4}' moment | sed "s|$P/||")" "$place" "served $1"
}

# What an apply that nobody kills makes.
unserve; keep first
PHASE=first; restore first; client "MOMENT_LOG=$P/moment" "MOMENT_FOLDER=$P/state" "$PRELOAD" || { cp first.out out; fail "the apply that nobody kills"; }
# What is in the log and not on the disk a power cut takes back: each transaction is flushed before its call returns.
[[ $STORE == remote ]] || awk '{exit !($5 > 10 && $6 >= $5)}' moment || fail "transactions that were not flushed: $(<moment)"
result >want.first; grep -q "^updates: 3" want.first || fail "$(<want.first)"
sed -i 's/tls@/reports@/; s/7d/14d/' "$RUNNER/zones/example.test.yaml"; unserve; keep change
PHASE=change; restore change; at 0 apply --auto-approve; result >want.change; grep -q "^updates: 2" want.change || fail "$(<want.change)"

every() { # every COMMAND STRIDE FIRST: until there are no more moments
  local n; for ((n = $3; ; n += $2)); do "$1" "$n" || break; done
  ((n > $3)) || fail "$PHASE: nothing was killed by $1"
}
rounds=1 stride=(31 37) requests=(53 47); [[ $FORM == short ]] || { rounds=5 stride=(3 3) requests=(3 3); }
for PHASE in first change; do
  i=$([[ $PHASE == first ]] && echo 0 || echo 1)
  for ((round = 0; round < rounds; round++)); do
    for ((n = 1; n <= 3 - i; n++)); do
      for when in before after heard; do [[ $FORM == short && $i == 1 && $when != after ]] || update "$n" "$when"; done
    done
  done
  if [[ $STORE == folder ]]; then every own "${stride[i]}" 2; else
    every own "${requests[i]}" 2
    # How many of serve's moments are its own start's.
    restore "$PHASE"; unserve; rm -f moment; : >moment; : >serve.log
    env "MOMENT_LOG=$P/moment" "MOMENT_FOLDER=$P/state" "$PRELOAD" "$CERTADNS" serve >serve.log 2>&1 & SERVE=$!
    eventually 20 name_is_up; TO_START[$i]=$(awk '{print $1}' moment); TO_START[$i]=${TO_START[$i]:-0}
    every served "$([[ $FORM == short ]] && echo 83 || echo 3)" 5
  fi
done

# fill KIND WHERE: a moment that hit this is tried again until it was hit five times; where none is known, those beside the kind's known ones
# are.
fill() {
  local tries command n phase
  for ((tries = 0; tries < 20; tries++)); do
    (($(grep -c "^$1 $2 " table) < 5)) || return
    read -r phase command n < <(awk -v kind="$1" -v where="$2" '$1 == kind && $2 == where && $4 != "update" {print $3, $4, $5}' table | shuf -n 1) ||
      { read -r phase command n < <(awk -v kind="$1" '$1 == kind && $4 == "own" {print $3, $4, $5}' table | sort -k3n | if [[ $2 == after ]]; then tail -1; else head -1; fi)
        n=$([[ $2 == after ]] && echo $((n + 1 + tries % 6)) || echo $((n - 1 - tries % 6))); }
    PHASE=$phase; "$command" "$n"
  done
}
if [[ $FORM == long ]]; then
  for kind in certificate policy; do for where in before in after; do fill "$kind" "$where"; done; done
fi
python3 - "$FORM" >shown <<'Y' || { cat shown; fail "the table"; }
import collections, sys
cells = collections.Counter(tuple(line.split()[:2]) for line in open('table'))
kinds = ['tls-rpt-record', 'policy-host', 'certificate', 'policy', 'mta-sts-record']
print(f'{sum(cells.values())} kills')
print(f'{"step":16} {"before":>7} {"in":>7} {"after":>7}')
for kind in kinds:
    print(f'{kind:16}' + ''.join(f' {cells[kind, where]:7}' for where in ('before', 'in', 'after')))
print(f'{"between steps":16} {sum(n for (kind, _), n in cells.items() if kind not in kinds):7}')
least = 5 if sys.argv[1] == 'long' else 1
records = [kind for kind in kinds if kind not in ('certificate', 'policy')]
missed = [(kind, where) for kind in (kinds if least > 1 else records) for where in ('before', 'in', 'after') if cells[kind, where] < least]
assert not missed, f'hit fewer than {least} times: {missed}'
assert least == 1 or sum(cells.values()) >= 200, f'{sum(cells.values())} moments'
Y
{ echo "state: $STORE"; cat shown; } | tee -a "${CERTADNS_MOMENTS_REPORT:-/dev/null}"
echo "all held"
