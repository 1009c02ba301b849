#!/bin/bash
# Every command that README.md shows, in its order, on the sample and the embedded default.
set -uo pipefail
: "${CERTADNS:?}" "${REPOSITORY:?}" "${NS_WORK:?}"
P=$NS_WORK/sample; mkdir -p "$P"
cp -r "$REPOSITORY"/{certadns.yaml,zones,plans,docs} "$P/" && rm -rf "$P/state" && cd "$P" || exit 1
mkdir bin && ln -s "$CERTADNS" bin/certadns && PATH=$P/bin:$PATH
fail() { echo "FAILED: $*" >&2; sed 's/^/  | /' out >&2; exit 1; }

# The transcript: the very text that README.md shows, the ledger's absence included. Another folder serves the sample's DNS.
mkdir server && cp -r certadns.yaml docs server/ && mkdir server/zones && cp zones/parked.example.yaml server/zones/
(cd server && exec certadns up --interval 86400) >up.log 2>&1 & UP=$!
for _ in $(seq 200); do grep -q "name server is listening" up.log && break; sleep 0.1; done
mkdir -p state/zonefiles && cp docs/sample/*.zone state/zonefiles/
certadns plan example.com >out 2>&1
diff <(sed -n '/^\$ certadns plan example.com$/,/^```$/p' "$REPOSITORY/README.md" | sed '1d;$d') out || fail "README.md shows another plan"
kill "$UP"; wait "$UP"; rm -rf state
certadns up --once >out 2>&1 || fail "the sample did not come up"
# Its parts, in this order: the plan, the apply, the policies as served, the status.
[[ $(grep '^== ' out | paste -sd' ') == "== Plan == Apply == Policies == Status" ]] || fail "the parts of up --once"
part() { sed -n "/^== $1\$/,/^== /p" out | grep -F -- "$2" >/dev/null || fail "the part '$1' lacks: $2"; }
part Plan "example.com: 5 steps"; part Plan "example.org: 5 steps"; part Plan "Plan: 2 zones of 3 with changes, 8 to create, 2 certificates to issue."
part Apply "Apply: 2 applied, 1 nothing to do."
for z in com org; do
  part Apply "example.$z: done: create _mta-sts.example.$z TXT"
  part Policies "https://mta-sts.example.$z/.well-known/mta-sts.txt at 127.0.0.1:8443:"
  part Status "example.$z: ready (lab)"
done
part Policies "  mx: mx2.example.com"; part Policies "  mx: *.mail.example.org"; part Policies "  max_age: 2419200"
part Status "parked.example: not applicable (no mail)"
rm -rf state/certadns.sqlite*; sed -i '/mta-sts\|_smtp/d' state/zonefiles/*.zone
certadns up --interval 86400 >up.log 2>&1 & UP=$!
for _ in $(seq 200); do certadns status >out 2>&1 && break; sleep 0.1; done
certadns status >out 2>&1 || fail "the sample is not ready"

count=0
while IFS= read -r line; do
  command=${line%%#*}
  [[ $command == "certadns up"* ]] && { kill "$UP"; wait "$UP"; }
  bash -c "$command" >out 2>&1 </dev/null; got=$?
  echo "--- $command -> $got"
  [[ $got == 0 ]] || fail "$command ended with $got"
  [[ $command == "certadns up"* ]] && { certadns up --interval 86400 >up.log 2>&1 & UP=$!; for _ in $(seq 200); do certadns status >out 2>&1 && break; sleep 0.1; done; }
  count=$((count + 1))
done < <(sed -n '/^```sh$/,/^```$/p' "$REPOSITORY/README.md" | grep '^certadns ')
((count >= 15)) || { echo "README.md shows only $count commands" >&2; exit 1; }
kill "$UP"; wait "$UP"
echo "all held"
