#!/bin/bash
# postfix.sh WORKDIR -- COMMAND...: a real Postfix that receives on $SMTP_ADDR:25 (default 127.0.0.25) with the chain and key of
# WORKDIR/smtp.pem and smtp.key, which mkca.sh makes. Each connection has a process of its own, which reads them and main.cf anew. It
# takes no mail. POSTFIX_CONF is its folder.
. "$(dirname -- "$0")/lib.sh"
work_dir "${1:-}"; shift
P=$W/postfix; mkdir -p "$P" "$W/data" "$W"/spool/{pid,private,public,incoming,active,maildrop}
clang -shared -fPIC -O1 -o "$W/one-user.so" "$LAB/one-user.c"
cat >"$P/main.cf" <<C
compatibility_level = 3.6
config_directory = $P
queue_directory = $W/spool
data_directory = $W/data
maillog_file = /dev/stdout
command_directory = /usr/sbin
daemon_directory = /usr/lib/postfix/sbin
myhostname = mx.example.test
mydestination =
alias_maps =
alias_database =
local_recipient_maps =
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
import_environment = LD_PRELOAD MAIL_CONFIG
export_environment = LD_PRELOAD MAIL_CONFIG
smtpd_tls_security_level = may
smtpd_tls_chain_files = $W/smtp.key $W/smtp.pem
smtpd_tls_loglevel = 1
smtpd_peername_lookup = no
max_use = 1
C
cat >"$P/master.cf" <<C
${SMTP_ADDR:-127.0.0.25}:smtp      inet  n       -       n       -       -       smtpd
cleanup   unix  n       -       n       -       0       cleanup
tlsmgr    unix  -       -       n       1000?   1       tlsmgr
rewrite   unix  -       -       n       -       -       trivial-rewrite
proxymap  unix  -       -       n       -       -       proxymap
anvil     unix  -       -       n       -       1       anvil
postlog   unix-dgram n  -       n       -       1       postlogd
C
export LD_PRELOAD=$W/one-user.so MAIL_CONFIG=$P
# master itself and not "postfix start-fg": that puts a shell between, and master outlives a shell that is killed
start "$W/postfix.log" /usr/lib/postfix/sbin/master -c "$P" -s
unset LD_PRELOAD MAIL_CONFIG
until_ok 20 postfix grep -q 'daemon started' "$W/postfix.log"
ready postfix "POSTFIX_CONF=$P" "POSTFIX_DIR=$W" "POSTFIX_LOG=$W/postfix.log" "POSTFIX_PID=$LAST_PID"
hold "$@"
