#!/bin/bash
# An older clone that applies late undoes nothing; a shallow one is told how deep to fetch, and heals what others edit all the same.
. "$(dirname -- "$0")/common.sh"
edit $'zone example.test\nupdate delete mta-sts.example.test A' || fail "the lab's own record can't be removed"
export GIT_CONFIG_GLOBAL=/dev/null GIT_CONFIG_SYSTEM=/dev/null
repo=$NS_WORK/repo
mkdir -p "$repo"; mv zones "$repo/zones"
in_repo() { git -C "$repo" -c user.name=t -c user.email=t@example.test "$@" || fail "git $*"; }
save() { in_repo add -A; in_repo commit -q -m "$1"; }
# at CLONE STATUS ARGUMENTS...: certadns with that clone's manifests
at() { local clone=$1 want=$2; shift 2; run "$want" "$@" --zones "$NS_WORK/$clone/zones"; }
in_repo init -q; save one
git clone -q "file://$repo" "$NS_WORK/old"
sed -i 's/max_age: 7d/max_age: 8d/' "$repo/zones/example.test.yaml"; save two
git clone -q "file://$repo" "$NS_WORK/between"
sed -i 's/max_age: 8d/max_age: 9d/' "$repo/zones/example.test.yaml"; save three
git clone -q --depth 1 "file://$repo" "$NS_WORK/shallow"
body() { curl -sS --noproxy '*' --cacert state/ca.pem --resolve "mta-sts.example.test:443:127.0.0.80" https://mta-sts.example.test/.well-known/mta-sts.txt; }
short() { git -C "$NS_WORK/$1" rev-parse HEAD | cut -c1-12; }
serve
at old 0 apply --auto-approve; at repo 0 apply --auto-approve; shows "1 applied"
body | grep -q '^max_age: 777600' || fail "$(body)"

# Both commits are named, and nothing changes: not by a manifest that was applied before, nor by one that never was.
before=$(zone_lines example.test)
at old 3 plan; shows "commit-unknown"; shows "does not know that commit"; shows "fetch the branch"
for clone in old between; do git -C "$NS_WORK/$clone" fetch -q || fail "no fetch"; done
for clone in old between; do
  at $clone 3 plan; shows "commit-older"; shows "$(short $clone)"; shows "$(short repo)"; shows "git revert"
  at $clone 3 apply --auto-approve; shows "1 blocked"
done
[[ $(zone_lines example.test) == "$before" ]] || fail "an older clone changed DNS"
# What others edit is healed towards what was last applied.
edit $'zone example.test\nupdate delete _smtp._tls.example.test TXT\nupdate add _smtp._tls.example.test 60 TXT "v=TLSRPTv1; rua=mailto:them@example.test"'
at old 3 apply --auto-approve; shows "done: change _smtp._tls.example.test TXT"
[[ $(zone_lines example.test) == "$before" ]] || fail "the edit was not healed"
# A clone without the zone withdraws nothing, named or not.
git -C "$NS_WORK/old" rm -q zones/example.test.yaml; mkdir -p "$NS_WORK/old/zones"; printf 'zone: other.test\nmail: none\n' >"$NS_WORK/old/zones/other.test.yaml"
at old 3 plan example.test; shows "commit-older"; lacks "mode: none"

# In a shallow clone what was applied last counts, what never was does, and what was applied before does not.
in_repo commit -q --allow-empty -m four; git -C "$NS_WORK/shallow" fetch -q --depth 1; git -C "$NS_WORK/shallow" reset -q --hard origin/HEAD
at shallow 0 apply --auto-approve; shows "nothing to do"
sed -i 's/max_age: 9d/max_age: 7d/' "$NS_WORK/shallow/zones/example.test.yaml"
at shallow 3 plan; shows "commit-unknown"; shows "this clone is shallow"; shows "fetch-depth: 0"
sed -i 's/max_age: 7d/max_age: 10d/' "$NS_WORK/shallow/zones/example.test.yaml"
at shallow 0 apply --auto-approve; shows "1 applied"
in_repo commit -q --allow-empty -m five; git -C "$NS_WORK/shallow" fetch -q --depth 1; git -C "$NS_WORK/shallow" reset -q --hard origin/HEAD
git -C "$NS_WORK/shallow" rm -qf zones/example.test.yaml; mkdir -p "$NS_WORK/shallow/zones"; printf 'zone: other.test\nmail: none\n' >"$NS_WORK/shallow/zones/other.test.yaml"
at shallow 3 plan example.test; shows "commit-unknown"; lacks "mode: none"

# Without git it is refused as well; and a person's word does it, in a saved plan too.
mkdir -p "$NS_WORK/plain/zones"; cp "$NS_WORK/between/zones/example.test.yaml" "$NS_WORK/plain/zones"
sed -i 's/max_age: 8d/max_age: 7d/' "$NS_WORK/plain/zones/example.test.yaml"
at plain 3 plan; shows "no checkout of git"
git -C "$NS_WORK/between" fetch -q
at between 0 plan --allow-older --out saved.json; shows "applied all the same"
at between 0 apply --auto-approve --allow-older saved.json; shows "1 applied"
body | grep -q '^max_age: 691200' || fail "$(body)"
# Who goes back by a new commit needs no word.
sed -i 's/max_age: 9d/max_age: 7d/' "$repo/zones/example.test.yaml"; save back
at repo 0 apply --auto-approve; shows "1 applied"
body | grep -q '^max_age: 604800' || fail "$(body)"
echo "all held"
