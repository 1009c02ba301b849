#!/bin/bash
# Mail moves to another host while a policy is enforced: nobody follows it unasked with 'follow: ask', a person's word is enough, the old
# host stays listed with its date, and a host that was announced first is moved to without anybody's word.
. "$(dirname -- "$0")/common.sh"
sed -i 's/mx: derived,/mx: {derived: true, follow: ask},/' zones/example.test.yaml
body() { curl -sS --noproxy '*' --cacert state/ca.pem --resolve mta-sts.example.test:443:127.0.0.80 https://mta-sts.example.test/.well-known/mta-sts.txt | tr -d '\r'; }
lists() { [[ $(body | sed -n 's/^mx: //p' | paste -sd' ') == "$*" ]] || fail "the policy lists $(body), not $*"; }
day() { date -u -d "$1" +%Y-%m-%d; }
# pass SECONDS: what was replaced, begun and seen is that much longer ago
pass() {
  for at in published.superseded_at published.replaced_at published.announced_at published.intent_at mx_seen.first mx_seen.last mx_seen.left; do
    sqlite3 state/certadns.sqlite "UPDATE ${at%.*} SET \"${at#*.}\" = strftime('%Y-%m-%dT%H:%M:%SZ', \"${at#*.}\", '-$1 seconds')"
  done
}
edit $'zone example.test\nupdate delete mta-sts.example.test A' || fail "the lab's own record can't be removed"
serve
run 0 plan; shows "mx-history-short"
run 0 apply --auto-approve; shows "1 applied"; lists mx.example.test
id=$(txt _mta-sts.example.test)

# The MX record is moved behind the team's back: whoever holds the policy refuses, which is told; and no apply follows it by itself.
edit $'zone example.test\nupdate add new.example.test 60 A 127.0.0.1\nupdate delete example.test MX\nupdate add example.test 60 MX 10 new.example.test' || fail "no MX"
run 3 plan; shows "new.example.test came to MX, and the enforced policy does not list it"; shows "apply --only mx"; shows "mx-moved"
shows "mx-not-cached"; shows "they refuse all of the domain's mail"; shows "whether its certificate names it can't be told: 127.0.0.1:25 takes no connection from here"
# The zone's own server was asked, and shows it.
lacks "not shown by"
run 3 apply --auto-approve; lacks "done:"
pass 864000
run 3 apply --auto-approve; lacks "done:"; lists mx.example.test
[[ $(txt _mta-sts.example.test) == "$id" ]] || fail "the id moved"

# A commit that is due meanwhile is not taken along by a person's word for the mail hosts, and is held while it would refuse all mail.
sed -i 's/max_age: 7d/max_age: 14d/' zones/example.test.yaml
run 3 apply --auto-approve; shows "example.test: blocked"; lists mx.example.test
run 1 apply --auto-approve --only cname
run 3 apply --auto-approve --only mx; shows "done: change policy"; lists mx.example.test new.example.test
body | grep -qx "max_age: 604800" || fail "a commit went along: $(body)"
run 3 plan; shows "max_age: 1209600"; shows "mx-not-cached"; lacks "mx-moved"
run 3 apply --auto-approve; shows "mx.example.test left MX, and stays listed until then"; shows "(until $(day '+8 days')"; lists mx.example.test new.example.test
pass $((604800 + 86400 + 3600))
run 0 apply --auto-approve; shows "done: change policy"; lists new.example.test

# Announced first, the next move needs nobody: the plan says from when, and nothing is refused by anyone.
sed -i 's/follow: ask/follow: ask, also: [next.example.test]/' zones/example.test.yaml
run 0 apply --auto-approve; lists new.example.test next.example.test
run 0 plan; shows "MX may be moved to next.example.test from $(day '+15 days')"
pass $((1209600 + 86400 + 3600))
run 0 plan; shows "MX may be moved to next.example.test at any time"
edit $'zone example.test\nupdate add next.example.test 60 A 127.0.0.1\nupdate delete example.test MX\nupdate add example.test 60 MX 10 next.example.test' || fail "no MX"
run 0 apply --auto-approve; lacks "mx-not-cached"; shows "(until $(day '+2 days')"; lists new.example.test next.example.test
pass 172800
run 0 apply --auto-approve; lists next.example.test
run 0 plan --detailed-exitcode
sqlite3 state/certadns.sqlite "SELECT count(*) FROM mx_seen WHERE \"left\" IS NOT NULL" | grep -qx 2 || fail "who left was not kept"
kill "$SERVE"; wait "$SERVE" || fail "serve ended with $?"
echo "all held"
