#!/bin/bash
# Reading can't write (rule 11): on a read-only mount, with a TSIG key that update-policy refuses, no byte changes; apply fails there.
. "$(dirname -- "$0")/common.sh"
edit $'zone example.test\nupdate delete mta-sts.example.test A'
serve
run 0 apply --auto-approve
edit $'zone example.test\nupdate delete _mta-sts.example.test TXT\nupdate add _mta-sts.example.test 60 TXT "v=STSv1; id=evil;"'
kill "$SERVE"; wait "$SERVE"; serve

# The same zone as seen by somebody who may not write: a key that update-policy refuses, and a read-only project folder.
sed -i "s/name: $TSIG_NAME/name: reader-key/" certadns.yaml
mkdir "$NS_WORK/ro" && mount --bind "$P" "$NS_WORK/ro" && mount -o remount,bind,ro "$NS_WORK/ro" || fail "no read-only mount"
unchanged() { world world.after; diff world.before world.after >out || fail "$1 changed something"; }
world world.before
# Where only the key forbids it, and where the folder does, too.
for folder in "$P" "$NS_WORK/ro"; do
  for command in validate plan "plan --format json" drift status "status --format json" history "history example.test"; do
    (cd "$folder" && "$CERTADNS" $command </dev/null) >"$P/out" 2>&1; got=$?
    echo "--- ${folder##*/}: certadns $command -> $got"
    case $command in drift) want=2 ;; status*) want=2 ;; *) want=0 ;; esac
    [[ $got == "$want" ]] || fail "certadns $command ended with $got, not $want"
    unchanged "certadns $command"
  done
done
# The control: apply can't work here.
(cd "$NS_WORK/ro" && "$CERTADNS" apply --auto-approve) >"$P/out" 2>&1 && fail "apply worked on a read-only mount"
unchanged "a failed apply"
# Where the folder may be written, the name server refuses the key, in clear words; and a key with another secret.
zone=$(serial example.test)
run 1 apply --auto-approve; shows "REFUSED"; shows "reader-key"
[[ $(grep -c "again in" out) == 1 ]] || fail "a refused update was not tried exactly once more"
sed -i "s/name: reader-key/name: $TSIG_NAME/" certadns.yaml
(export TSIG_SECRET=$(head -c 32 /dev/urandom | base64 -w0); run 1 apply --auto-approve; shows "BADSIG") || exit 1
[[ $(serial example.test) == "$zone" ]] || fail "a refused apply changed the zone"
# Without the secret the plan is the same, step for step, as with it.
"$CERTADNS" plan --format json >with.json 2>/dev/null; (unset TSIG_SECRET; "$CERTADNS" plan --format json >without.json 2>/dev/null)
strip() { grep -v '_at"' "$1"; }
diff <(strip with.json) <(strip without.json) >out || fail "the plan differs without the secret"
echo "all held"
