#!/bin/bash
# The policy host moves to another address: the new place serves first, by address and name, then the record leads there, and the old
# one serves on for the record's time to live and a day, since resolvers lead senders there so long.
. "$(dirname -- "$0")/common.sh"
edit $'zone example.test\nupdate delete mta-sts.example.test A' || fail "the lab's own record can't be removed"
address() { dig "@$DNS_ADDR" -p "$DNS_PORT" +short mta-sts.example.test A; }
sql() { sqlite3 state/certadns.sqlite "$1"; }
serve; run 0 apply --auto-approve; [[ $(address) == 127.0.0.80 ]] || fail "the host is at $(address)"

# Where nobody serves, and where somebody else does, no record leads.
sed -i 's/addresses: \[127.0.0.80\]/addresses: [127.0.0.81]/' certadns.yaml
run 2 plan --detailed-exitcode; shows "change mta-sts.example.test A"
run 1 apply --auto-approve; shows "127.0.0.81"; [[ $(address) == 127.0.0.80 ]] || fail "the record leads to nobody"
openssl req -x509 -newkey rsa:2048 -nodes -keyout stranger.key -out stranger.pem -subj /CN=stranger -days 2 >/dev/null 2>&1
openssl s_server -accept 127.0.0.81:443 -cert stranger.pem -key stranger.key -www >/dev/null 2>&1 & STRANGER=$!
eventually 10 bash -c ': >/dev/tcp/127.0.0.81/443'
run 1 apply --auto-approve; shows "127.0.0.81"; [[ $(address) == 127.0.0.80 ]] || fail "the record leads to a stranger"
kill -KILL "$STRANGER"; wait "$STRANGER" 2>/dev/null

# It serves there: the record follows, and both places serve.
sed 's/listen: "127.0.0.80:443"/listen: "127.0.0.81:443"/' certadns.yaml >other.yaml
"$CERTADNS" serve --config other.yaml >other.log 2>&1 & OTHER=$!; eventually 20 grep -q listening other.log
run 0 apply --auto-approve; [[ $(address) == 127.0.0.81 ]] || fail "the host is at $(address)"
run 0 plan --detailed-exitcode; shows "keep 127.0.0.80 serving until"
until=$(sql "SELECT until FROM former_host"); ttl=$(dig "@$DNS_ADDR" -p "$DNS_PORT" +noall +answer mta-sts.example.test A | awk '{print $2}')
left=$(($(date -d "$until" +%s) - $(date +%s)))
((left > 86400 + ttl - 120 && left <= 86400 + ttl)) || fail "it shall serve on for $left s, at a time to live of $ttl"

# A new policy in that time reaches both; an old place that falls silent too soon is told, and is no reason to stop.
sed -i 's/max_age: 7d/max_age: 8d/' zones/example.test.yaml
run 0 apply --auto-approve
for place in 80 81; do
  curl -fsS --noproxy '*' --cacert state/ca.pem --connect-to "::127.0.0.$place:443" https://mta-sts.example.test/.well-known/mta-sts.txt | grep -q 'max_age: 691200' || fail "127.0.0.$place serves the former policy"
done
kill "$SERVE"; wait "$SERVE" || fail "serve ended with $?"
run 0 plan; shows "127.0.0.80, where resolvers may lead senders until"; shows "bring the policy host there back"

# Its time is over: it may go, which is said once.
sql "UPDATE former_host SET until = '$(date -u -d '1 minute ago' +%Y-%m-%dT%H:%M:%SZ)'"
run 0 plan; shows "127.0.0.80 may go"
run 0 apply --auto-approve; shows "127.0.0.80 may go now"
run 0 plan; lacks "127.0.0.80"
kill "$OTHER"; wait "$OTHER" || fail "the other serve ended with $?"
echo "all held"
