#!/bin/bash
# Secrets from a variable and from a file, and private keys: none is in a plan file, an output, a log, or the state beside its keys.
. "$(dirname -- "$0")/common.sh"
edit $'zone example.test\nupdate delete mta-sts.example.test A' || fail "the lab's own record can't be removed"
mkdir outputs "$NS_WORK/secret"; (umask 077; printf '%s\n' "$TSIG_SECRET" >"$NS_WORK/secret/tsig")

# kept STATUS NAME ARGUMENTS...: runs certadns with all that it can say, both outputs kept
kept() {
  local want=$1 name=$2 got=0; shift 2
  "$CERTADNS" "$@" >"outputs/$name.out" 2>"outputs/$name.err" </dev/null || got=$?
  echo "--- certadns $* -> $got"
  [[ $got == "$want" ]] || { cat "outputs/$name".* >out; fail "certadns $* ended with $got, not $want"; }
}
# lap NAME: every command, with changes due
lap() {
  kept 0 "$1-validate" validate --format json
  kept 0 "$1-plan-out" plan --out "outputs/$1-plan.json"
  kept 0 "$1-plan-json" plan --format json
  kept 0 "$1-plan-markdown" plan --format markdown
  kept 0 "$1-dry" apply --dry-run
  kept 0 "$1-dry-json" apply --dry-run --format json
  kept 0 "$1-apply" apply --auto-approve "outputs/$1-plan.json"
  kept 0 "$1-status" status
  kept 0 "$1-status-json" status --format json
  kept 0 "$1-history" history
  kept 0 "$1-history-json" history --format json
  kept 0 "$1-ca" ca
  # What goes wrong is told without it, too: a server that refuses, and one that does not answer.
  edit $'zone example.test\nupdate delete _smtp._tls.example.test TXT'
  kept 2 "$1-drift" drift
  cp certadns.yaml whole.yaml; sed -i "s/name: $TSIG_NAME/name: no-such-key/" certadns.yaml
  kept 1 "$1-refused" apply --auto-approve
  sed "s/server: \"$DNS_ADDR:$DNS_PORT\"/server: \"127.0.0.53:1\"/" whole.yaml >certadns.yaml
  kept 1 "$1-silent" plan --format json
  cp whole.yaml certadns.yaml
  kept 0 "$1-again" apply --auto-approve --format json
}

serve
lap variable
kill "$SERVE"; wait "$SERVE"; cp serve.log outputs/serve.1
sed -i "s|env:TSIG_SECRET|file:$NS_WORK/secret/tsig|; s/7d/14d/" certadns.yaml zones/example.test.yaml
export -n TSIG_SECRET; serve
lap file
kill "$SERVE"; wait "$SERVE"; cp serve.log outputs/serve.2
sed -i 's/14d/21d/' zones/example.test.yaml
kept 0 "up" up --once

# A secret that is written where it must not be is refused, and not repeated.
cp certadns.yaml whole.yaml; sed -i "s|file:$NS_WORK/secret/tsig|$TSIG_SECRET|" certadns.yaml
grep -qF "$TSIG_SECRET" certadns.yaml || fail "the literal secret is not there to be refused"
kept 1 literal validate; kept 1 literal-json validate --format json; kept 1 literal-github validate --format github
kept 1 literal-plan plan
cp whole.yaml certadns.yaml

# As text, as octets, in hexadecimal; of keys every line of their PEM text and the octets between them. The control: the scan
# finds each secret where it belongs.
TSIG_SECRET=$TSIG_SECRET python3 - "$NS_WORK/secret/tsig" >out 2>&1 <<'Y' || fail "a secret where none belongs"
import base64, glob, os, sys
tsig = os.environ["TSIG_SECRET"]
raw = base64.b64decode(tsig)
needles = {"the TSIG secret": [tsig.rstrip("=").encode(), raw, raw.hex().encode(), raw.hex().upper().encode()]}
keys = [p for p in glob.glob("state/**", recursive=True) if os.path.isfile(p) and b"PRIVATE KEY-----" in open(p, "rb").read()]
# The CA's own key lies beside its certificate; all others under keys/, and nothing else holds one.
assert [p for p in keys if not p.startswith("state/keys/")] == ["state/ca.key"] and len(keys) > 1, keys
for path in keys:
    assert os.stat(path).st_mode & 0o077 == 0, path + " is readable by others"
    body = open(path).read().split("PRIVATE KEY-----\n", 1)[1].split("-----END")[0].split()
    needles["the key of " + path] = [l.encode() for l in body if len(l) > 20] + [base64.b64decode("".join(body))]
needles["any private key"] = [b"PRIVATE KEY-----"]

def found(path):
    data = open(path, "rb").read()
    return [what for what, forms in needles.items() if any(f in data for f in forms)]

assert found(sys.argv[1]) == ["the TSIG secret"], "the scan is blind"
for path in keys: assert "the key of " + path in found(path), "the scan is blind"
looked = [os.path.join(at, name) for top in ("state", "outputs") for at, _, names in os.walk(top) for name in names]
looked = [p for p in looked if p not in keys] + ["serve.log"]
assert {"outputs/variable-plan.json", "outputs/file-plan.json", "outputs/serve.1", "outputs/serve.2", "state/certadns.sqlite"} <= set(looked), looked
assert len(looked) > 60, looked
bad = {p: found(p) for p in looked if found(p)}
assert not bad, bad
print(f"{len(looked)} files hold none of {len(needles)} kinds of secrets")
Y
cat out
echo "all held"
