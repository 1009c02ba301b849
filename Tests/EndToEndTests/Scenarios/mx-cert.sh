#!/bin/bash
# A mail host comes to the MX records of an enforced policy: it is listed by itself once it was there for an hour and a real Postfix shows a
# certificate that names it; by no certificate that a sender refuses, and not while it can't be asked. serve remembers who came and who left.
. "$(dirname -- "$0")/common.sh"
POSTFIX=$NS_WORK/postfix
shown() { "$LAB/mkca.sh" "$POSTFIX" smtp "$@" || fail "no certificate"; }
shown DNS:other.test
"$LAB/postfix.sh" "$POSTFIX" >postfix.log 2>&1 &
eventually 20 grep -q READY postfix.log
sed -i "s|trust: \[state/ca.pem\]|trust: [state/ca.pem, $POSTFIX/ca.pem]|" certadns.yaml
body() { curl -sS --noproxy '*' --cacert state/ca.pem --resolve mta-sts.example.test:443:127.0.0.80 https://mta-sts.example.test/.well-known/mta-sts.txt | tr -d '\r'; }
lists() { [[ $(body | sed -n 's/^mx: //p' | paste -sd' ') == "$*" ]] || fail "the policy lists $(body), not $*"; }
mx() { local lines=(); for host; do lines+=("update add example.test 60 MX 10 $host"); done
  edit "zone example.test"$'\n'"update delete example.test MX"$'\n'"$(printf '%s\n' "${lines[@]}")" || fail "no MX"; }
at() { edit "zone example.test"$'\n'"update delete $1 A"$'\n'"update add $1 60 A $2" || fail "no address"; }
seen() { sqlite3 state/certadns.sqlite "SELECT count(*) FROM mx_seen WHERE host = '$1' AND $2" | grep -qx 1; }
# pass SECONDS: what was seen is that much longer ago
pass() { for at in first last left; do sqlite3 state/certadns.sqlite "UPDATE mx_seen SET \"$at\" = strftime('%Y-%m-%dT%H:%M:%SZ', \"$at\", '-$1 seconds')"; done; }
edit $'zone example.test\nupdate delete mta-sts.example.test A' || fail "the lab's own record can't be removed"

# Before the policy is enforced for the first time.
at mx.example.test 127.0.0.26
serve
run 0 plan; shows "mx-unchecked"; shows "127.0.0.26:25 takes no connection from here"; lacks "mx-cert"
at mx.example.test 127.0.0.25
run 0 plan; shows "mx-cert"; shows "its certificate names other.test, not mx.example.test"; lacks "mx-unchecked"
shown DNS:mx.example.test
run 0 plan; lacks "mx-cert"; lacks "mx-unchecked"
run 0 apply --auto-approve; shows "1 applied"; lists mx.example.test

# The same Postfix is the new host, too; its certificate does not say so, and no time makes up for that.
at new.example.test 127.0.0.25
mx mx.example.test new.example.test
run 0 apply --auto-approve; shows "its certificate names mx.example.test, not new.example.test"; shows "or by 'apply --only mx'"; lacks "done:"
run 0 plan; shows "mx-moved"; shows "senders would refuse it"
pass 86400
run 0 apply --auto-approve; lacks "done:"; lists mx.example.test
NOT_AFTER=20250101000000Z shown DNS:mx.example.test DNS:new.example.test
run 0 apply --auto-approve; shows "its certificate expired at 2025-01-01T00:00:00Z"; lacks "done:"
"$LAB/mkca.sh" "$NS_WORK/stranger" smtp DNS:new.example.test && cp "$NS_WORK"/stranger/smtp.{key,pem} "$POSTFIX/" || fail "no other CA"
run 0 apply --auto-approve; shows "leads to no CA that is trusted here"; lacks "done:"
sed -i 's/^smtpd_tls_security_level = .*/smtpd_tls_security_level = none/' "$POSTFIX/postfix/main.cf"
run 0 apply --auto-approve; shows "it offers no STARTTLS"; lacks "done:"
sed -i 's/^smtpd_tls_security_level = .*/smtpd_tls_security_level = may/' "$POSTFIX/postfix/main.cf"
shown DNS:mx.example.test DNS:new.example.test

# Out of reach is no verdict, and no consent either; nor is a machine that may not ask.
at new.example.test 127.0.0.26
run 0 apply --auto-approve; shows "can't be told: 127.0.0.26:25 takes no connection from here"; shows "apply --only mx"; lacks "done:"
python3 -c 'import socket; s = socket.create_server(("127.0.0.26", 25)); held = []
while True: held.append(s.accept())' & MUTE=$!
eventually 10 bash -c 'exec 3<>/dev/tcp/127.0.0.26/25'
run 0 plan; shows "can't be told: 127.0.0.26:25 said nothing of use within 15 s"
kill "$MUTE"
at new.example.test 127.0.0.25
sed -i 's/^observe: {/observe: {probe_mail_hosts: false, /' certadns.yaml
run 0 apply --auto-approve; shows "mail hosts are not asked from this machine"; lacks "done:"
sed -i 's/probe_mail_hosts: false, //' certadns.yaml
lists mx.example.test
run 0 apply --auto-approve; shows "done: change policy"; lists mx.example.test new.example.test
grep -q 'TLS connection established' "$POSTFIX/postfix.log" || fail "Postfix saw nobody"
! grep -q 'lost connection after MAIL' "$POSTFIX/postfix.log" || fail "mail was begun"

# serve looks at the MX records by itself, at its start and then every hour.
kill "$SERVE"; wait "$SERVE" || fail "serve ended with $?"
pass 7200
at next.example.test 127.0.0.25
mx new.example.test next.example.test
serve
eventually 20 seen next.example.test '"left" IS NULL AND ttl = 60'
eventually 20 seen mx.example.test '"left" IS NOT NULL'
kill "$SERVE"; wait "$SERVE" || fail "serve ended with $?"
echo "all held"
