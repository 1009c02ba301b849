#!/bin/bash
# A plan made without the provider's secret reads what everybody can. It equals the plan made with the secret wherever both see
# the same records, and differs in exactly the zones that it names. One primary, two secondaries, one resolver, all BIND.
export DNS_ADDR=127.0.0.10 DNS_PORT=53 TSIG_NAME=lab-key TSIG_SECRET=$(head -c 32 /dev/urandom | base64 -w0)
. "$(dirname -- "$0")/common.sh"
OPEN="drift.test wild.test" HIDDEN="hidden.test hiddenwild.test lag.test dark.test"

# named NAME ADDRESS: starts a name server over $NS_WORK/NAME/named.conf
named_at() {
  local d=$NS_WORK/$1
  named -g -4 -n 1 -c "$d/named.conf" >"$d/log" 2>&1 &
  eventually 20 grep -q ' running$' "$d/log"
}
# conf NAME ADDRESS RECURSION: the head of its configuration
conf() {

  cat <<E
key "$TSIG_NAME" { algorithm hmac-sha256; secret "$TSIG_SECRET"; };
options { directory "$NS_WORK/$1"; pid-file none; lock-file none; session-keyfile "$NS_WORK/$1/session.key"; listen-on { $2; };
  listen-on-v6 { none; }; query-source address $2; transfer-source $2; notify-source $2; recursion $3; dnssec-validation no;
  empty-zones-enable no; allow-query { any; }; max-ncache-ttl 0; max-cache-ttl 0; notify explicit; };
controls { };
E
}
zone_file() { # zone_file ZONE NS-ADDRESS...
  local zone=$1 n=0 a; shift
  printf '$ORIGIN %s.\n$TTL 60\n@ SOA ns0 hostmaster 1 2 1 86400 1\n@ MX 10 mx\nmx A 127.0.0.80\n' "$zone"
  for a; do printf '@ NS ns%s\nns%s A %s\n' $n $n "$a"; n=$((n + 1)); done
  case $zone in *wild.test) printf '*._tls TXT "v=TLSRPTv1; rua=mailto:wildcard@%s"\n' "$zone" ;; esac
}

mkdir -p "$NS_WORK"/{primary,secondary,lagging,resolver}
for z in $OPEN; do zone_file "$z" 127.0.0.10 >"$NS_WORK/$z"; done
for z in hidden.test hiddenwild.test; do zone_file "$z" 127.0.0.11 >"$NS_WORK/$z"; done
zone_file lag.test 127.0.0.11 127.0.0.12 >"$NS_WORK/lag.test"
zone_file dark.test 127.0.0.10 >"$NS_WORK/dark.test"

{ conf primary 127.0.0.10 no
  for z in $OPEN $HIDDEN; do
    cp "$NS_WORK/$z" "$NS_WORK/primary/$z"
    who=any; [[ " $HIDDEN " == *" $z "* ]] && who="key $TSIG_NAME"
    echo "zone \"$z\" { type primary; file \"$z\"; allow-query { $who; }; allow-update { key $TSIG_NAME; }; allow-transfer { key $TSIG_NAME; }; also-notify { 127.0.0.11; }; };"
  done; } >"$NS_WORK/primary/named.conf"
{ conf secondary 127.0.0.11 no
  for z in hidden.test hiddenwild.test lag.test; do
    echo "zone \"$z\" { type secondary; primaries { 127.0.0.10 key $TSIG_NAME; }; masterfile-format text; file \"$z\"; };"
  done; } >"$NS_WORK/secondary/named.conf"
# A secondary that heard nothing since the first day.
{ conf lagging 127.0.0.12 no; cp "$NS_WORK/lag.test" "$NS_WORK/lagging/"
  echo 'zone "lag.test" { type primary; file "lag.test"; };'; } >"$NS_WORK/lagging/named.conf"
{ conf resolver 127.0.0.53 yes
  for z in $OPEN dark.test; do echo "zone \"$z\" { type static-stub; server-addresses { 127.0.0.10; }; };"; done
  for z in hidden.test hiddenwild.test lag.test; do echo "zone \"$z\" { type static-stub; server-addresses { 127.0.0.11; }; };"; done; } >"$NS_WORK/resolver/named.conf"
# named listens only on addresses that an interface has.
for a in 10 11 12; do ip addr add 127.0.0.$a/32 dev lo; done
for s in primary secondary lagging resolver; do named_at $s; done

sed -i 's/resolvers: .*trust/resolvers: ["127.0.0.53:53"], trust/' certadns.yaml
rm zones/*
for z in $OPEN $HIDDEN; do
  printf 'zone: %s\nadd_ons: [email-authentication]\ntls_rpt: {rua: [managed]}\n' "$z" >"zones/$z.yaml"
done
run 0 apply --auto-approve
run 0 plan --detailed-exitcode
# What one sees from the secondary is what the primary has.
same() { for z in hidden.test hiddenwild.test lag.test; do [[ $(dig @127.0.0.11 +short "$z" SOA) == "$(dig @127.0.0.10 -y "hmac-sha256:$TSIG_NAME:$TSIG_SECRET" +short "$z" SOA)" ]] || return 1; done; }
eventually 30 same

edit $'zone drift.test\nupdate delete _smtp._tls.drift.test TXT\nupdate add _smtp._tls.drift.test 60 TXT "v=TLSRPTv1; rua=mailto:evil@x.test"'
edit $'zone hidden.test\nupdate delete _smtp._tls.hidden.test TXT\nupdate add _smtp._tls.hidden.test 60 TXT "v=TLSRPTv1; rua=mailto:evil@x.test"'
for z in wild.test hiddenwild.test; do edit "zone $z"$'\n'"update delete _smtp._tls.$z TXT"; done
eventually 30 same
for z in drift.test hidden.test lag.test; do # with a policy, too: it needs MX, host and certificate
  printf 'mta_sts: {mode: testing}\n' >>"zones/$z.yaml"
done

"$CERTADNS" plan --format json >with.json 2>out || fail "the plan with the secret"
(unset TSIG_SECRET; "$CERTADNS" plan --format json) >without.json 2>out; [[ $? == 4 ]] || fail "the plan without the secret did not end with 4"
python3 - with.json without.json >out 2>&1 <<'P' || fail "with and without the secret"
import json, sys
one, two = (json.load(open(p)) for p in sys.argv[1:])
zones = lambda plan: {z['zone']: z for z in plan['zones']}
a, b = zones(one), zones(two)
assert a.keys() == b.keys() and len(a) == 6, a.keys()
differ = {z for z in a if a[z] != b[z]}
unknown = {z for z in b if any(f['code'] == 'dns-unknown' for f in b[z]['findings'])}
print('differ', sorted(differ), 'unknown', sorted(unknown))
assert differ == unknown == {'dark.test', 'lag.test'}, (differ, unknown)
assert not any(f['code'] == 'dns-unknown' for z in a.values() for f in z['findings'])
drift = lambda z: [s['causes'] for s in b[z]['steps']][:1]
assert drift('drift.test') == drift('hidden.test') == [['drift']], (drift('drift.test'), drift('hidden.test'))
for z in ('wild.test', 'hiddenwild.test'):
    assert any(f['code'] == 'wildcard-hidden' for f in b[z]['findings']), b[z]
note, = [f for f in two['findings'] if f['code'] == 'primary-unseen']
for z in ('hidden.test', 'hiddenwild.test', 'lag.test', 'dark.test'):
    assert z in note['message'], note
assert 'drift.test' not in note['message'] and ' wild.test' not in note['message']
why = {z: next(f['message'] for f in b[z]['findings'] if f['code'] == 'dns-unknown') for z in unknown}
assert "don't agree" in why['lag.test'] and '127.0.0.12' in why['lag.test'], why
assert 'REFUSED' in why['dark.test'], why
assert not [f for f in one['findings'] if f['code'] == 'primary-unseen']
P
cat out
grep -qF 'is not there: set env:TSIG_SECRET' without.json || fail "what is missing is not named"
# A secret that is there and no good is told as that.
TSIG_SECRET='no base64!' "$CERTADNS" plan --format json >garbled.json 2>out
grep -qF 'is not base64; copy it as tsig-keygen printed it' garbled.json || fail "a secret that is no base64 is told otherwise"
! grep -qF 'no base64!' garbled.json out || fail "the secret is shown"
# Reading by transfer sees the same as reading by queries.
sed -i 's/type: rfc2136, /&read: transfer, /' certadns.yaml
"$CERTADNS" plan --format json >transfer.json 2>out || fail "the plan by transfer"
strip() { grep -v '_at"' "$1"; }
diff <(strip with.json) <(strip transfer.json) >out || fail "the plan by transfer differs"
(unset TSIG_SECRET; "$CERTADNS" plan --format json) >without2.json 2>out
diff <(strip without.json) <(strip without2.json) >out || fail "the plan by transfer without the secret differs"
echo "all held"
