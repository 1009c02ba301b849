#!/bin/bash
# Private keys under a seal, all the way: apply, serve and the CA work with it, a killed rotation is run again while senders fetch.
. "$(dirname -- "$0")/common.sh"
edit $'zone example.test\nupdate delete mta-sts.example.test A' || fail "the lab's own record can't be removed"
export SEAL_1 SEAL_2; SEAL_1=$(openssl rand -base64 32); SEAL_2=$(openssl rand -base64 32)
PLAIN=$(cat certadns.yaml)
seal() { { echo "$PLAIN"; echo "keys: {seal: $1}"; } >certadns.yaml; }
open_keys() { grep -rl "PRIVATE KEY" state || true; }
fetch() {
  curl -fsS --max-time 10 --cacert state/ca.pem --resolve mta-sts.example.test:443:127.0.0.80 \
    https://mta-sts.example.test/.well-known/mta-sts.txt
}
served() { fetch | grep -q '^mode: enforce'; }
quiet() { for secret in "$SEAL_1" "$SEAL_2"; do lacks "$secret"; done; lacks "PRIVATE KEY"; }

# Begun without a seal, then sealed: what lies there is read, told, and sealed when told to.
serve; run 0 apply --auto-approve; served || fail "not served"
[[ $(open_keys | wc -l) == 2 ]] || fail "the CA's and the certificate's key lie in the open"
seal '{secret: "env:SEAL_1"}'
run 0 keys; shows "2 keys not sealed"; quiet
run 0 status; run 0 apply --auto-approve
kill "$SERVE"; wait "$SERVE"; serve; served || fail "a plain key is not served"
run 0 keys rotate; shows "2 keys sealed with chacha20-poly1305 under key "; quiet
[[ -z $(open_keys) ]] || fail "a key lies in the open: $(open_keys)"
run 0 keys --format json; shows '"files" : 2'; shows '"use" : "current"'; quiet
kill "$SERVE"; wait "$SERVE"; serve; served || fail "a sealed key is not served"

# Another zone's certificate is sealed from its first moment, and the CA signs with its sealed key.
sed 's/example.test/sub.example.test/g' zones/example.test.yaml >zones/sub.example.test.yaml
edit $'zone example.test\nupdate add sub.example.test 60 MX 10 mx.example.test' || fail "no MX"
run 0 plan sub.example.test; quiet
run 0 apply --auto-approve sub.example.test; quiet
[[ -z $(open_keys) ]] || fail "a key lies in the open: $(open_keys)"
rm state/ca.pem; run 0 ca; shows "BEGIN CERTIFICATE"; quiet

# Without the secret, with a weak one, and with another one: each told as what it is.
(unset SEAL_1; run 1 apply --auto-approve; shows "set env:SEAL_1") || exit 1
(export SEAL_1=hunter2hunter2hunter2; run 1 keys; shows "openssl rand -base64 32"; lacks hunter2) || exit 1
seal '{secret: "env:SEAL_2"}'
run 1 keys; shows "sealed under another key (id "; quiet
run 1 ca; shows "sealed under another key (id "
echo "$PLAIN" >certadns.yaml
run 1 ca; shows "state/ca.key' is sealed (key id "; shows "keys: {seal: {secret:"
seal "\"$SEAL_1\""; run 1 validate; lacks "$SEAL_1"
{ echo "$PLAIN"; echo "keys: $SEAL_1"; } >certadns.yaml; run 1 validate; lacks "$SEAL_1"
seal "{secret: \"$SEAL_1\"}"; run 1 validate; shows "secret-literal"; lacks "$SEAL_1"
seal "{secret: \"env:SEAL_1\", previous_secrets: [\"$SEAL_2\"]}"; run 1 validate; shows "secret-literal"; lacks "$SEAL_2"

# To the next secret, killed at every moment, while senders fetch from a server that has both.
seal '{secret: "env:SEAL_2", previous_secrets: ["env:SEAL_1"], cipher: aes-256-gcm}'
kill "$SERVE"; wait "$SERVE"; serve; served || fail "not served under the previous key"
for ms in 5 20 40 60 80 120 200; do
  timeout -s KILL "$(printf '0.%03d' "$ms")" "$CERTADNS" keys rotate >/dev/null 2>&1
  served || fail "not served after a rotation killed at $ms ms"
done
run 0 keys rotate; shows "can be dropped"; quiet
run 0 keys; shows "3 keys sealed with aes-256-gcm under key "; lacks "previous"
kill "$SERVE"; wait "$SERVE"; seal '{secret: "env:SEAL_2"}'; serve; served || fail "not served under the new key"

# Swapped files are never served.
mapfile -t files < <(ls state/keys/*.pem); [[ ${#files[@]} == 2 ]] || fail "two keys are wanted"
mv "${files[0]}" hold; mv "${files[1]}" "${files[0]}"; mv hold "${files[1]}"
run 1 keys; shows "another file was put in its place"
mv "${files[0]}" hold; mv "${files[1]}" "${files[0]}"; mv hold "${files[1]}"

# The seal is taken off with a plain statement.
seal '{previous_secrets: ["env:SEAL_2"]}'
run 0 keys rotate; shows "3 keys unsealed"; shows "the keys lie in the open"
[[ $(open_keys | wc -l) == 3 ]] || fail "not all are unsealed"
echo "$PLAIN" >certadns.yaml; kill "$SERVE"; wait "$SERVE"; serve; served || fail "not served without a seal"
kill "$SERVE"; wait "$SERVE"
for secret in "$SEAL_1" "$SEAL_2"; do grep -rqF "$secret" state serve.log && fail "a secret lies in the state or the log"; done
echo "all held"
