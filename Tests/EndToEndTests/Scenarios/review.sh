#!/bin/bash
# What runs is what was shown: at a terminal, and from a saved plan; and a stray file or a lost zone stops no other.
. "$(dirname -- "$0")/common.sh"
edit $'zone example.test\nupdate delete mta-sts.example.test A'
serve
export TERM=dumb DNS_ADDR DNS_PORT TSIG_NAME TSIG_SECRET; export -f edit
# ask STATUS ANSWER HOOK ARGUMENTS...: certadns at a terminal, answered after HOOK ran
ask() {
  local want=$1 got=0; shift
  python3 "$(dirname -- "$0")/answer.py" "$1" "$2" "$CERTADNS" "${@:3}" >"$P/out" 2>&1 || got=$?
  echo "--- at a terminal, '$1': certadns ${*:3} -> $got"
  [[ $got == "$want" ]] || fail "certadns ${*:3} ended with $got, not $want"
}
change() { printf 'zone example.test\nupdate delete _mta-sts.example.test TXT\nupdate add _mta-sts.example.test 60 TXT "v=STSv1; id=%s;"' "$1"; }
now() { txt _mta-sts.example.test; }

ask 1 no true apply; shows "nothing was applied"; [[ -z $(now) ]] || fail "a 'no' was not heard"
ask 0 yes true apply; shows "create _mta-sts.example.test TXT"; shows "example.test: applied"

# The world moves while a person thinks: what was not shown is not done.
sed -i 's/7d/14d/' zones/example.test.yaml
ask 3 yes "edit '$(change while)'" apply
shows "+ max_age: 1209600"; lacks "id=while;"; shows "example.test: skipped"; shows "what is live moved since the plan"
[[ $(now) == '"v=STSv1; id=while;"' ]] || fail "what nobody was shown was overwritten: $(now)"

# A saved plan is shown as it was saved, and it is what runs.
run 0 plan --out plan.json; shows "id=while;"
edit "$(change after)"
ask 3 yes true apply plan.json; shows "id=while;"; lacks "id=after;"; shows "example.test: skipped"
[[ $(now) == '"v=STSv1; id=after;"' ]] || fail "what was not saved was done: $(now)"
run 0 plan --out plan.json
ask 0 yes true apply plan.json; shows "example.test: applied"; [[ $(now) == *'id=2x'* ]] || fail "the id is $(now)"

# A planned zone that nothing asks for any more is skipped, the others are applied.
sed -i 's/14d/21d/' zones/example.test.yaml
printf 'zone: lost.example.test\nadd_ons: [email-authentication]\ntls_rpt: {rua: [managed]}\n' >zones/lost.example.test.yaml
run 0 plan --out plan.json; shows "create _smtp._tls.lost.example.test TXT"
mv zones/lost.example.test.yaml .
run 3 apply --dry-run plan.json; shows "lost.example.test would be skipped: no manifest and no ledger knows it any more"
shows "example.test would write:"
run 3 apply --auto-approve plan.json
shows "lost.example.test: skipped: no manifest and no ledger knows it any more"; shows "Apply: 1 applied, 1 skipped."
[[ -z $(txt _smtp._tls.lost.example.test) ]] || fail "a lost zone was written"

# The dry run knows saved plans, zones without a manifest, and JSON.
mv lost.example.test.yaml zones; run 0 apply --auto-approve; mv zones/example.test.yaml .
edit "$(change gone)"
run 0 apply --dry-run example.test; shows "example.test would write:"; shows "update add _mta-sts.example.test. 300 IN TXT"
mv example.test.yaml zones; run 0 apply --auto-approve
sed -i 's/21d/28d/' zones/example.test.yaml
"$CERTADNS" apply --dry-run --format json example.test >dry.json 2>out || fail "a dry run as JSON"
run 0 plan --out plan.json example.test
edit "$(change later)"
run 3 apply --dry-run plan.json; shows "example.test would be skipped: what is live moved since the plan"
python3 - dry.json <<'Y' >out 2>&1 || fail "the dry run's JSON"
import json, sys
report = json.load(open(sys.argv[1]))
assert report["counts"] == {"zones": 1, "writing": 1, "skipped": 0, "writes": 2}, report
zone, = report["zones"]
assert [w["resource"] for w in zone["writes"]] == ["policy", "mta-sts-record"], zone
assert any(line.startswith("update add _mta-sts.example.test.") for line in zone["writes"][1]["lines"]), zone
Y
run 0 apply --auto-approve

# A stray file blocks nobody, is told by each command that reads manifests, and is never status 0.
touch zones/foo.yml; ln -s /etc/hostname zones/link
edit "$(change stray)"
run 1 validate; shows "zones/foo.yml"; shows "'zones/link' is a symbolic link"
run 3 plan; shows "zones/foo.yml"; shows "example.test: 1 step"
run 3 status; shows "zones/foo.yml"; shows "example.test: drifted"
run 3 drift; shows "example.test: 1 step"
run 3 apply --auto-approve; shows "zones/foo.yml"; shows "example.test: applied"
[[ $(now) != *stray* ]] || fail "a stray file stopped a zone"
for command in history ca; do run 0 $command; done
kill "$SERVE"; wait "$SERVE"; serve
rm zones/foo.yml zones/link; run 0 status
ln -s /etc/hostname zones/linked.example.test.yaml
run 4 plan; shows "was not opened"; run 4 status; shows "example.test: ready (lab)"
# Without any manifest, what serves and what looks back go on.
kill "$SERVE"; wait "$SERVE"; rm -r zones; serve
run 0 history; run 0 ca; run 1 plan; shows "can't be read"
echo "all held"
