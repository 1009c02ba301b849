#!/bin/bash
# Every command that README.md shows, in its order, on the sample and the embedded default.
set -uo pipefail
: "${CERTADNS:?}" "${REPOSITORY:?}" "${NS_WORK:?}"
P=$NS_WORK/sample; mkdir -p "$P"
cp -r "$REPOSITORY"/{certadns.yaml,zones,plans,docs} "$P/" && rm -rf "$P/state" && cd "$P" || exit 1
mkdir bin && ln -s "$CERTADNS" bin/certadns && PATH=$P/bin:$PATH
fail() { echo "FAILED: $*" >&2; sed 's/^/  | /' out >&2; exit 1; }

# The transcript: the very text that README.md shows (the ledger's absence included).
certadns up --once >out 2>&1 || fail "the sample did not come up"; rm -rf state/certadns.sqlite*; sed -i '/mta-sts\|_smtp/d' state/zonefiles/*.zone
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
