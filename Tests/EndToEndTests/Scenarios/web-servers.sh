#!/bin/bash
# The configurations that docs/policy-host.md shows, on real nginx and real Caddy: apply, fetch, renew, edit, a reload that fails.
. "$(dirname -- "$0")/common.sh"
edit $'zone example.test\nupdate delete mta-sts.example.test A' || fail "the lab's own record can't be removed"
SERVER=$1 HOST=mta-sts.example.test
mkdir -p web hosts log
# block NAME: the block that follows <!-- NAME --> in the page, its paths in this lab
block() {
  sed -n "/^<!-- $1 -->\$/,/^\`\`\`\$/p" "$REPOSITORY/docs/policy-host.md" | sed '1,2d;$d' |
    sed "s|/srv/mta-sts|$P/web|g; s|/etc/caddy|$P|g; s|/var/log/nginx|$P/log|; s|/run/nginx.pid|$P/nginx.pid|"
}
case $SERVER in
  nginx)
    # Inside the namespace there is one user; what nginx would buffer lies in the lab.
    block nginx.conf | sed "s|^user .*|user root root;|; s|^http {|http { client_body_temp_path $P/t1; proxy_temp_path $P/t2; fastcgi_temp_path $P/t3; uwsgi_temp_path $P/t4; scgi_temp_path $P/t5;|" >nginx.conf
    grep -q 'ssl_certificate_key' nginx.conf || fail "the page shows no nginx configuration"
    reload="nginx, -c, $P/nginx.conf, -s, reload"
    up() { nginx -c "$P/nginx.conf" -g 'daemon off;' >server.log 2>&1 & WEB=$!; eventually 20 test -s nginx.pid; } ;;
  caddy)
    block Caddyfile >Caddyfile; block reload-caddy >reload-caddy; chmod 755 reload-caddy
    grep -q 'file_server' Caddyfile || fail "the page shows no Caddy configuration"
    reload="$P/reload-caddy"
    export HOME=$P XDG_DATA_HOME=$P/data XDG_CONFIG_HOME=$P/config
    up() { caddy run --config "$P/Caddyfile" --adapter caddyfile >server.log 2>&1 & WEB=$!; eventually 20 bash -c ': >/dev/tcp/127.0.0.1/2019'; } ;;
esac
sed -i "s|^policy_host:.*|policy_host: {type: directory, path: web, reload: [sh, -c, \"test ! -e $P/broken \&\& exec \\\\\"\$@\\\\\"\", sh, $reload], addresses: [127.0.0.80], listen: \"127.0.0.1:8443\"}|" certadns.yaml
fetch() { curl -sS --max-time 10 --cacert state/ca.pem --noproxy '*' --resolve "$1:443:127.0.0.80" -o body -w '%{http_code} %{content_type}' "https://$1/.well-known/mta-sts.txt" 2>fetch.err; }
shown() { openssl s_client -connect 127.0.0.80:443 -servername "$HOST" </dev/null 2>/dev/null | openssl x509 -noout -serial; }

up
run 2 plan --detailed-exitcode; shows "create certificate and key of $HOST in the web server's folder"
[[ -z $(ls -A web) ]] || fail "a plan wrote files"
run 0 apply --auto-approve; shows "example.test: applied"
order=$(grep -o 'done: .*' out | sed 's/done: [a-z]* //; s/ .*//' | paste -sd' ')
[[ $order == "_smtp._tls.example.test mta-sts.example.test certificate certificate policy _mta-sts.example.test" ]] || fail "the order was: $order"
[[ $(fetch $HOST) == "200 text/plain"* ]] || fail "curl got $(fetch $HOST): $(cat fetch.err server.log log/* 2>/dev/null)"
cmp body web/$HOST/.well-known/mta-sts.txt || fail "another policy is served"
[[ $(stat -c %a web/$HOST/privkey.pem) == 600 ]] || fail "the key is open to others"
run 0 status; shows "example.test: ready (lab)"
run 0 plan --detailed-exitcode

# Only the policy is served, and only by its own name.
for path in fullchain.pem privkey.pem policy.id ../certadns.reload-owed %2e%2e/example.test; do
  got=$(curl -s --path-as-is --max-time 10 --cacert state/ca.pem --noproxy '*' --resolve "$HOST:443:127.0.0.80" -o /dev/null -w '%{http_code}' "https://$HOST/$path")
  [[ $got == 40[04] || $got == 421 ]] || fail "/$path gives $got"
done
for name in mta-sts.other.test example.test ..; do
  got=$(openssl s_client -connect 127.0.0.80:443 -servername "$name" </dev/null 2>&1)
  [[ $got == *"no peer certificate available"* ]] || fail "a certificate is shown to '$name': $got"
done
if [[ $SERVER == nginx ]]; then
  got=$(curl -s --max-time 10 --cacert state/ca.pem --noproxy '*' --resolve "$HOST:443:127.0.0.80" -H 'Host: mta-sts.other.test' -o /dev/null -w '%{http_code}' "https://$HOST/.well-known/mta-sts.txt")
  [[ $got == 421 ]] || fail "another Host than the handshake's name gives $got"
fi

# A renewal is another certificate under another key, and the server shows it.
first=$(shown); key=$(sha256sum <web/$HOST/privkey.pem)
sqlite3 state/certadns.sqlite "UPDATE issuance SET state = json_set(state, '\$.renewal.at', '$(date -u -d '-1 minute' +%FT%TZ)')"
run 0 plan; shows "1. renew certificate for $HOST"; shows "2. change certificate and key of $HOST in the web server's folder"
run 0 apply --auto-approve; shows "done: renew certificate"
eventually 10 bash -c "[[ \$(openssl s_client -connect 127.0.0.80:443 -servername $HOST </dev/null 2>/dev/null | openssl x509 -noout -serial) == serial=* ]]"
[[ $(shown) != "$first" && $(sha256sum <web/$HOST/privkey.pem) != "$key" ]] || fail "the old certificate is shown"
[[ $(fetch $HOST) == "200 text/plain"* ]] || fail "after the renewal curl got $(fetch $HOST)"
run 0 plan --detailed-exitcode

# An edited policy is drift, a missing key too; both come back, and no certificate is ordered for it.
before=$(shown); sed -i 's/enforce/none/' web/$HOST/.well-known/mta-sts.txt; rm web/$HOST/privkey.pem
run 2 drift; shows "the host does not hold the body that was last applied"; shows "the web server's folder has no certificate with its key"
run 0 apply --auto-approve
grep -q enforce web/$HOST/.well-known/mta-sts.txt || fail "the edit stayed"
[[ $(shown) == "$before" ]] || fail "another certificate was issued"
run 0 plan --detailed-exitcode

# A reload that fails is told, owed, and made up for; a plan runs nothing.
touch broken; sed -i 's/7d/14d/' zones/example.test.yaml
run 1 apply --auto-approve; shows "not reloaded"; shows "ended with 1"
test -s web/certadns.reload-owed || fail "nothing is owed"
before=$(find web -type f -exec sha256sum {} + | sort | sha256sum)
run 1 plan; shows "has not succeeded since"
[[ $(find web -type f -exec sha256sum {} + | sort | sha256sum) == "$before" ]] || fail "a plan changed a byte"
rm broken
run 0 apply --auto-approve; shows "example.test: applied"
[[ ! -e web/certadns.reload-owed ]] || fail "the reload is owed on"
run 0 plan --detailed-exitcode

# Who has `serve` running beside it needs no timer: what it renews is given to the web server too.
first=$(shown)
sqlite3 state/certadns.sqlite "UPDATE issuance SET state = json_set(state, '\$.renewal.at', '$(date -u -d '-1 minute' +%FT%TZ)')"
sqlite3 state/certadns.sqlite "UPDATE due SET at = 0"
serve
anew() { [[ $(shown) == serial=* && $(shown) != "$first" ]]; }
eventually 60 anew
kill "$SERVE"; wait "$SERVE"
run 0 plan --detailed-exitcode
kill "$WEB"; wait "$WEB"
echo "all held"
