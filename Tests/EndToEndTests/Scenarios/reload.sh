#!/bin/bash
# A zone file was written, and its server was not brought to read it: that is never taken for done, and the next apply mends it.
set -uo pipefail
: "${CERTADNS:?}" "${NS_WORK:?}"
P=$NS_WORK/reload; mkdir -p "$P/zones" "$P/files"; cd "$P" || exit 1
fail() { echo "FAILED: $*" >&2; cat out >&2; exit 1; }
cat >certadns.yaml <<E
providers: {files: {type: zonefile, folder: files, reload: [sh, -c, "test -e $P/gate && cp files/example.com.zone $P/served"]}}
policy_host: {addresses: [127.0.0.1], listen: "127.0.0.1:443"}
observe: {resolvers: ["127.0.0.1:53"], trust: [state/ca.pem]}
E
for zone in a.example.com b.example.com; do
  printf 'zone: %s\nadd_ons: [email-authentication]\ntls_rpt: {rua: ["mailto:r@example.com"]}\n' $zone >zones/$zone.yaml
done
printf '@ 600 IN SOA ns1 hostmaster 1 7200 3600 1209600 300\n@ 600 IN NS ns1\n' >files/example.com.zone
run() { local want=$1 got=0; shift; "$CERTADNS" "$@" >out 2>&1 </dev/null || got=$?; echo "--- certadns $* -> $got"; [[ $got == "$want" ]] || fail "certadns $* ended with $got, not $want"; }
shows() { grep -qF -- "$1" out || fail "the output lacks: $1"; }
sum() { find . -type f ! -name out -exec sha256sum {} + | sort | sha256sum; }

run 1 apply --auto-approve a.example.com; shows "was written, but not reloaded: 'sh -c"; shows "ended with 1"
grep -q '_smtp._tls.a.example.com.*v=TLSRPTv1' files/example.com.zone || fail "the file was not written"
before=$(sum)
run 1 plan a.example.com; shows "has not succeeded since"
run 2 plan b.example.com --detailed-exitcode; shows "create _smtp._tls.b.example.com TXT"
[[ $(sum) == "$before" ]] || fail "a plan changed a byte, or reloaded"
touch gate
[[ ! -e served ]] || fail "a plan reloaded"
run 0 apply --auto-approve; shows "a.example.com: nothing to do"; shows "b.example.com: applied"
cmp files/example.com.zone served || fail "the server did not read what stands there"
run 0 plan --detailed-exitcode
[[ ! -e files/example.com.zone.reload-owed ]] || fail "the reload is owed on"
echo "all held"
