#!/bin/bash
# A backup, a lost disk and a restore: what was published in between counts as the worst, and nothing of it is put back as an edit.
. "$(dirname -- "$0")/common.sh"
edit $'zone example.test\nupdate delete mta-sts.example.test A' || fail "the lab's own record can't be removed"
body() { curl -sS --noproxy '*' --cacert state/ca.pem --resolve "mta-sts.example.test:443:127.0.0.80" https://mta-sts.example.test/.well-known/mta-sts.txt; }
run 1 state check; shows "there is no ledger"
serve
run 0 apply --auto-approve
run 0 state check; shows "1 zone, 1 policy, 1 certificate"; shows "all of it can be read"
# Keys in the open take a word, and the file is the owner's alone.
run 1 state backup backup.jsonl; shows "in the open"; shows "--open-keys"
[[ ! -e backup.jsonl ]] || fail "a refused backup left a file"
run 0 state backup --open-keys backup.jsonl; shows "PRIVATE KEYS LIE IN THIS FILE IN THE OPEN"
[[ $(stat -c %a backup.jsonl) == 600 ]] || fail "the backup is open to others"
run 1 state backup --open-keys backup.jsonl; shows "is there already"
run 0 state backup --no-keys nokeys.jsonl
! grep -q "PRIVATE" nokeys.jsonl || fail "keys in a backup without"
ls ./*.new-* 2>/dev/null && fail "something half made is left"

# After the backup another policy is published; then the disk is lost.
sed -i 's/max_age: 7d/max_age: 9d/' zones/example.test.yaml
run 0 apply --auto-approve
between=$(txt _mta-sts.example.test)
kill "$SERVE"; wait "$SERVE" 2>/dev/null; mv state lost
# What is cut off, or was changed, is no backup.
head -c -20 backup.jsonl >cut.jsonl; run 1 state restore cut.jsonl; shows "nothing was changed"
sed 's/"mode":"enforce"/"mode":"testing"/' backup.jsonl >changed.jsonl; run 1 state restore changed.jsonl; shows "its sum is wrong"
[[ ! -e state/certadns.sqlite ]] || fail "a backup that is none made a state"
run 0 state restore backup.jsonl; shows "restored: 1 zone, 1 policy, 1 certificate"
run 1 state restore backup.jsonl; shows "--force"
run 0 state check; shows "all of it can be read"
serve

# A policy of the very same manifest is known by its id, and is given to the host again.
run 0 plan; lacks "outside git"; lacks "change _mta-sts.example.test TXT"; shows "change policy at"; shows "policy-diverged"
sed -i 's/max_age: 9d/max_age: 10d/' zones/example.test.yaml
# The id in DNS is one that the ledger does not know: a new one takes its place, and the old one never comes back.
run 0 plan; lacks "outside git"; shows "change _mta-sts.example.test TXT"
run 0 apply --auto-approve; shows "1 applied"
[[ $(txt _mta-sts.example.test) == *id=3x* ]] || fail "the id is $(txt _mta-sts.example.test) after $between"
body | grep -q '^max_age: 864000' || fail "$(body)"
run 0 history; shows "unknown to a ledger that was restored"
run 0 plan --detailed-exitcode
# A withdrawal counts with a year for what nobody knows.
mkdir hidden; mv zones/example.test.yaml hidden; printf 'zone: other.test\nmail: none\n' >zones/other.test.yaml
run 0 plan example.test; shows "$(date -u -d '+366 days' +%Y-)"
mv hidden/example.test.yaml zones; rm zones/other.test.yaml

# Without the keys all else is there, and a certificate is issued anew.
kill "$SERVE"; wait "$SERVE" 2>/dev/null
run 0 state restore --force nokeys.jsonl; shows "1 zone, 1 policy, 0 certificates"
serve
run 0 apply --auto-approve; shows "1 applied"
echo "all held"
