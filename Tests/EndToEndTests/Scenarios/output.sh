#!/bin/bash
# Output that nobody takes: a reader who left changes neither what is done nor how it ends; a disk that is full is told.
set -uo pipefail
: "${CERTADNS:?}" "${NS_WORK:?}"
P=$NS_WORK/output; mkdir -p "$P/zones" "$P/files"; cd "$P" || exit 1
fail() { echo "FAILED: $*" >&2; cat err >&2; exit 1; }
cat >certadns.yaml <<E
providers: {files: {type: zonefile, folder: files}}
policy_host: {addresses: [127.0.0.1], listen: "127.0.0.1:443"}
observe: {resolvers: ["127.0.0.1:53"], trust: [state/ca.pem]}
E
printf 'zone: example.com\nadd_ons: [email-authentication]\ntls_rpt: {rua: ["mailto:r@example.com"]}\n' >zones/example.com.yaml
printf '@ 600 IN SOA ns1 hostmaster 1 7200 3600 1209600 300\n@ 600 IN NS ns1\n' >files/example.com.zone

# closed ARGUMENTS...: runs certadns with a pipe as output whose reader has left, as after `| true`
closed() {
  python3 -c 'import os, subprocess, sys
r, w = os.pipe(); os.close(r)
sys.exit(subprocess.run(sys.argv[1:], stdin=subprocess.DEVNULL, stdout=w, timeout=60).returncode & 255)' "$CERTADNS" "$@" 2>err
}
ends() { local want=$1 got=0; shift; "$@" || got=$?; echo "--- $* -> $got"; [[ $got == "$want" ]] || fail "$* ended with $got, not $want"; }
quiet() { [[ ! -s err ]] || fail "words about a reader who left"; }

# A format that a command does not have is wrong use, told with those that it has, never another one's text.
for pair in "validate markdown 'text', 'json' or 'github'" "status markdown 'text' and 'json'" "status github 'text' and 'json'" \
  "apply markdown 'text' and 'json'" "history github 'text' and 'json'" "keys markdown 'text' and 'json'"; do
  read -r command format known <<<"$pair"
  ends 1 "$CERTADNS" "$command" --format "$format" >out 2>err; grep -qF -- "$known" err || fail "not told: $known"
done
for command in plan drift; do for format in markdown github; do ends 0 "$CERTADNS" $command --format $format >out 2>err; done; done

ends 0 closed validate; quiet
ends 0 closed plan; quiet
ends 0 closed plan --format json; quiet
ends 2 closed plan --detailed-exitcode; quiet
ends 0 closed --help; quiet
full() { "$CERTADNS" "$@" >/dev/full 2>err </dev/null; }
ends 1 full plan; grep -q "the output can't be written: No space left on device" err || fail "a full disk is not told"
ends 1 full plan --detailed-exitcode
ends 0 closed apply --auto-approve; quiet
grep -q '_smtp._tls.example.com.*v=TLSRPTv1' files/example.com.zone || fail "apply did not finish its step"
"$CERTADNS" plan --detailed-exitcode >out 2>err || fail "the plan is not empty after an apply without a reader"
"$CERTADNS" plan --detailed-exitcode 2>&- >out || fail "standard error is closed"
echo "all held"
