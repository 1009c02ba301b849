#!/bin/bash
# What serve will fail at later is told when it starts, and it serves; what keeps it from listening is told alone.
. "$(dirname -- "$0")/common.sh"
edit $'zone example.test\nupdate delete mta-sts.example.test A' || fail "the lab's own record can't be removed"
export SEAL_1 SEAL_2; SEAL_1=$(openssl rand -base64 32); SEAL_2=$(openssl rand -base64 32)
PLAIN=$(cat certadns.yaml)
seal() { { echo "$PLAIN"; echo "keys: {seal: {secret: \"env:$1\"}}"; } >certadns.yaml; }
# begun: serve as it is configured; its log is complete once it listens
begun() { serve; kill -0 "$SERVE" || fail "serve ended"; }
ended() { kill "$SERVE"; wait "$SERVE" || fail "serve ended with $?"; }
says() { [[ $(grep -cF -- "$1" serve.log) == 1 ]] || fail "not once: $1: $(cat serve.log)"; }
silent() { ! grep -qE ' (error|warning) ' serve.log || fail "it complains: $(cat serve.log)"; }

seal SEAL_1; begun; silent
run 0 apply --auto-approve; ended
begun; silent; ended
seal SEAL_2; begun; says "is sealed under another key (id "; says "previous_secrets"; ended
echo "$PLAIN" >certadns.yaml; begun; says "is sealed (key id "; ended

# Renewals by dns-01 need the provider's key; by http-01, and by the local CA, they do not.
acme() { sed "s|^issuer:.*|issuer: {type: acme, directory: \"https://127.0.0.1:14000/dir\", contact: [\"mailto:ops@example.test\"], challenge: $1}|" <<<"$PLAIN" >certadns.yaml; seal_1; }
seal_1() { echo 'keys: {seal: {secret: "env:SEAL_1"}}' >>certadns.yaml; }
SECRET=$TSIG_SECRET; unset TSIG_SECRET
acme dns-01; begun
says "renewals through the provider 'primary' will fail: the secret of the TSIG key"; says "set env:TSIG_SECRET"
curl -fsS --max-time 10 --cacert state/ca.pem --resolve mta-sts.example.test:443:127.0.0.80 https://mta-sts.example.test/.well-known/mta-sts.txt >policy || fail "it does not serve"
ended
sed -i 's|env:TSIG_SECRET|file:no-such-secret|' certadns.yaml; begun; says "will fail: the secret of the TSIG key"; says "no-such-secret"; ended
echo "$SECRET" >no-such-secret; begun; silent; ended
acme http-01; sed -i 's|listen: "127.0.0.80:443"|&, listen_http: "127.0.0.80:80"|' certadns.yaml; begun; silent; ended
grep -qF -e "$SECRET" -e "$SEAL_1" -e "$SEAL_2" serve.log && fail "a secret lies in the log"

# A certificate is due and its CA is away, and another program has the port: that alone is said.
acme dns-01; export TSIG_SECRET=$SECRET
sqlite3 state/certadns.sqlite "UPDATE issuance SET state = json_set(state, '$.renewal.at', '2026-01-01T00:00:00Z'); UPDATE due SET at = 0"
[[ $(sqlite3 state/certadns.sqlite "SELECT COUNT(*) FROM issuance WHERE json_extract(state, '$.renewal.fingerprint') <> ''") == 1 ]] || fail "no moment was drawn"
python3 -c 'import socket, time
s = socket.socket(); s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1); s.bind(("127.0.0.80", 443)); s.listen()
print("taken", flush=True); time.sleep(600)' >taken & OTHER=$!
eventually 20 test -s taken
for _ in 1 2 3; do
  run 1 serve; shows "can't listen at 127.0.0.80:443"; lacks "renewal failed"
  [[ $(grep -c "can't listen" out) == 1 ]] || fail "not once"
done
{ kill -KILL "$OTHER"; wait "$OTHER"; } 2>/dev/null
begun; failed() { grep -q "renewal failed" serve.log; }; eventually 20 failed

# What serve rests for is ended by hand, without a restart.
rests() { [[ $(sqlite3 state/certadns.sqlite "SELECT json_extract(state, '$.rest.until') FROM issuance") == 20* ]]; }
eventually 30 rests
run 0 retry example.test; shows "example.test: its wait until"
run 1 retry example.test; shows "example.test: it does not wait for a CA"
ended
echo "all held"
