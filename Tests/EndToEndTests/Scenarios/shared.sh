#!/bin/bash
# Forty mail domains in one DNS zone: a plan transfers it once and an apply sees its own writes.
. "$(dirname -- "$0")/common.sh"
LOG=$(dirname "$TSIG_FILE")/named.log
printf '%s' "$TSIG_SECRET" >secret
sed -i 's/type: rfc2136, /&read: transfer, /; s/env:TSIG_SECRET/file:secret/' certadns.yaml
rm zones/*
for n in $(seq 40); do
  printf 'zone: z%s.example.test\nadd_ons: [email-authentication]\ntls_rpt: {rua: [managed]}\n' "$n" >"zones/z$n.example.test.yaml"
done
transfers() { grep -c 'AXFR started' "$LOG" || true; }

before=$(transfers)
run 2 plan --detailed-exitcode; shows "40 zones"
[[ $(($(transfers) - before)) == 1 ]] || fail "a plan of 40 domains took $(($(transfers) - before)) transfers"

run 0 apply --auto-approve; shows "40 applied"
run 0 plan --detailed-exitcode; shows "40 zones as desired"
edit $'zone example.test\nupdate delete _smtp._tls.z7.example.test TXT'
run 2 drift; shows "_smtp._tls.z7.example.test"
run 0 apply --auto-approve; shows "1 applied"
run 0 plan --detailed-exitcode
echo "all held"
