#!/bin/bash
# A dry run with every kind of step due at once: nothing changes, and the writes that it prints are those that the apply then makes.
. "$(dirname -- "$0")/common.sh"
edit $'zone example.test\nupdate delete mta-sts.example.test A' || fail "the lab's own record can't be removed"
printf 'zone: leaving.example.test\nadd_ons: [email-authentication]\ntls_rpt: {rua: [managed]}\n' >zones/leaving.example.test.yaml
serve
run 0 apply --auto-approve
run 0 plan --detailed-exitcode

# Due: a record to create, one to change, a policy, a renewal, and in another zone a record to delete.
edit $'zone example.test\nupdate delete _smtp._tls.example.test TXT\nupdate delete _mta-sts.example.test TXT\nupdate add _mta-sts.example.test 60 TXT "v=STSv1; id=elsewhere;"'
sed -i 's/7d/14d/' zones/example.test.yaml
sqlite3 state/certadns.sqlite "UPDATE issuance SET state = json_set(state, '\$.renewal.at', '$(date -u -d '1 minute ago' +%Y-%m-%dT%H:%M:%SZ)')"
rm zones/leaving.example.test.yaml

# Everything that certadns sends to the name server passes a tap, which writes down the updates that were taken.
"$LAB/update-tap.py" 127.0.0.54 "$DNS_ADDR" "$DNS_PORT" "$P/wire.txt" >tap.log 2>&1 & eventually 20 grep -q listening tap.log
sed -i 's/server: "[^"]*"/server: "127.0.0.54:53"/' certadns.yaml

records() { dig "@$DNS_ADDR" -p "$DNS_PORT" -y "hmac-sha256:$TSIG_NAME:$TSIG_SECRET" +onesoa +noall +answer example.test AXFR | grep -vE '^;|[[:space:]](SOA|TSIG)[[:space:]]' | sort; }
# The store's rows, also those in its log; and every other file of the state, by name and hash.
rows() { sqlite3 state/certadns.sqlite .dump; }
files() { find state -type f ! -name 'certadns.sqlite*' -exec sha256sum {} + | sort -k2; }
served() { curl -sS --cacert state/ca.pem --resolve mta-sts.example.test:443:127.0.0.80 https://mta-sts.example.test/.well-known/mta-sts.txt; }
shown() { openssl s_client -connect 127.0.0.80:443 -servername mta-sts.example.test </dev/null 2>/dev/null | openssl x509 -noout -serial; }

at=$(serial example.test); records >records.0; rows >rows.0; files >files.0; served >served.0; first=$(shown)
[[ -s records.0 && -s rows.0 && -s served.0 && -n $first ]] || fail "the state before can't be read"
grep -q 'state/keys/' files.0 || fail "there is no key to look after"; grep -q 'ca' files.0 || fail "there is no CA to look after"

unmoved() {
  [[ $(serial example.test) == "$at" ]] || fail "the dry run changed the zone"
  diff records.0 <(records) >moved || fail "the dry run changed records: $(head -5 moved)"
  diff rows.0 <(rows) >moved || fail "the dry run changed the store: $(head -5 moved)"
  diff files.0 <(files) >moved || fail "the dry run changed files: $(head -5 moved)"
  diff served.0 <(served) >moved || fail "the dry run changed what is served: $(head -5 moved)"
}
run 0 apply --dry-run; cp out dry.txt; unmoved
for kind in "create _smtp._tls.example.test TXT" "change _mta-sts.example.test TXT" "change policy at" \
  "renew certificate for mta-sts.example.test" "delete _smtp._tls.leaving.example.test TXT"; do shows "$kind"; done
"$CERTADNS" apply --dry-run --format json >dry.json 2>out </dev/null || fail "the dry run as JSON"
unmoved
[[ ! -e wire.txt ]] || fail "the dry run sent updates: $(<wire.txt)"

run 0 apply --auto-approve
records >records.1; served >served.1; files >files.1
renewed() { [[ $(shown) != "$first" ]]; }
eventually 20 renewed
python3 - <<'Y' >out 2>&1 || fail "the writes that were printed are not those that were made"
import json, re

def lines(path): return open(path).read().splitlines()

def record(text):
    "Owner, TTL, type and value, however they were spaced."
    owner, ttl, kind, kind_of, value = re.split(r"\s+", text.strip(), maxsplit=4)
    assert kind == "IN", text
    return owner.lower(), int(ttl), kind_of, value

before, after = ({record(l) for l in lines(p) if l.strip()} for p in ("records.0", "records.1"))
report = json.load(open("dry.json"))
assert report["counts"]["writing"] == 2 and report["counts"]["skipped"] == 0, report["counts"]
writes = [w for zone in report["zones"] for w in zone["writes"]]
# What was sent is what was printed, prerequisites, deletes and all: each update whole, in its zone's order.
sent = re.findall(r"^zone .*?^send$", open("wire.txt").read(), re.S | re.M)
for zone in report["zones"]:
    printed = ["\n".join(w["lines"]) for w in zone["writes"] if w["resource"].endswith("record")]
    assert [u for u in sent if u in printed] == printed, (printed, sent)
    sent = [u for u in sent if u not in printed]
assert not sent, sent
assert sorted(w["resource"] for w in writes) == sorted(
    ["tls-rpt-record", "tls-rpt-record", "certificate", "policy", "mta-sts-record"]), writes
# What people are shown is the same.
text = "\n".join(lines("dry.txt"))
for write in writes:
    assert "\n" + "\n".join("  " + line for line in write["lines"]) + "\n" in text + "\n", write
assert len([l for l in lines("dry.txt") if re.match(r"  (prereq|update|certificate request|policy file)", l)]) == sum(
    1 for w in writes for l in w["lines"] if re.match(r"(prereq|update|certificate request|policy file)", l))

# Records, both ways: carried out on the zone as it was, the printed updates give the zone as it is, and none says what was so already.
zone, added, deleted, present, absent = set(before), set(), set(), set(), set()
for write in writes:
    if not write["resource"].endswith("record"): continue
    assert any(l.startswith("update ") for l in write["lines"]) and any(l.startswith("prereq ") for l in write["lines"]), write
    for line in write["lines"]:
        if line == "zone example.test." or line == "send": continue
        rest = line.split(" ", 2)[-1]
        if line.startswith("prereq yxrrset "):
            owner, _, kind, value = rest.split(" ", 3)
            present.add((owner.lower(), kind, value))
        elif line.startswith("prereq nxrrset "):
            owner, _, kind = rest.split(" ")
            absent.add((owner.lower(), kind))
        elif line.startswith("update add "):
            zone.add(record(rest)); added.add(record(rest))
        elif line.startswith("update delete "):
            owner, _, kind, *value = rest.split(" ", 3)
            gone = {r for r in zone if (r[0], r[2]) == (owner.lower(), kind) and (not value or r[3] == value[0])}
            assert gone, "deletes what is not there: " + line
            zone -= gone; deleted |= gone
        else:
            raise AssertionError("neither prerequisite nor update: " + line)
assert zone == after, {"printed, not made": zone - after, "made, not printed": after - zone}
assert added == after - before, {"printed": added, "made": after - before}
assert deleted == before - after, {"printed": deleted, "made": before - after}
# Prerequisites: what must be there was there, all of its set; what must not was not.
assert present == {(o, k, v) for o, _, k, v in before if (o, k) in {(p[0], p[1]) for p in present}}, present
assert {(o, k) for o, k, _ in present} == {("_mta-sts.example.test.", "TXT"), ("_smtp._tls.leaving.example.test.", "TXT")}, present
assert ("_smtp._tls.example.test.", "TXT") in absent and not absent & {(o, k) for o, _, k, _ in before}, absent

# The policy that was printed is the one that is served, under the id that was printed.
policy, = [w["lines"] for w in writes if w["resource"] == "policy"]
body = open("served.1", newline="").read()
assert body != open("served.0", newline="").read() and "max_age: 1209600\r\n" in body, body
assert [l.strip() for l in policy[1:]] == body.split("\r\n")[:-1], (policy, body)
name, = re.findall(r"^policy file, id (\S+):$", policy[0])
assert ("_mta-sts.example.test.", "TXT", f'"v=STSv1; id={name};"') in {(o, k, v) for o, _, k, v in after}, (name, after)

# One certificate was asked for, and one came: a key more at most, and the CA as it was.
request, = [w["lines"] for w in writes if w["resource"] == "certificate"]
assert request == ["certificate request to 'local' for mta-sts.example.test"], request
old, new = ({l.split("  ", 1)[1]: l.split("  ", 1)[0] for l in lines(p)} for p in ("files.0", "files.1"))
fresh = {p for p in new if p not in old}
assert len(fresh) == 1 and all(p.startswith("state/keys/") for p in fresh), fresh
assert all(p.startswith("state/keys/") for p in old if p not in new), set(old) - set(new)
assert all(new[p] == old[p] for p in old if p in new), "a file changed"
print(f"{len(added)} added, {len(deleted)} deleted, {len(present)} present and {len(absent)} absent as printed")
Y
cat out
[[ $(sqlite3 state/certadns.sqlite "SELECT COUNT(*) FROM certificate") == 1 ]] || fail "not one certificate"
[[ $(rows | grep -c 'done: renew') == 1 ]] || fail "not one renewal"
names=$(openssl s_client -connect 127.0.0.80:443 -servername mta-sts.example.test </dev/null 2>/dev/null | openssl x509 -noout -ext subjectAltName | grep -o 'DNS:.*')
[[ $names == "DNS:mta-sts.example.test" ]] || fail "the new certificate names $names"
run 0 plan --detailed-exitcode
echo "all held"
