#!/bin/bash
# namespace.sh WORKDIR -- COMMAND...: runs COMMAND as root of its own user, network, mount and pid namespace, so that fixed ports
# (53, 443) are free, nothing leaves the machine, and every process started inside ends with COMMAND. No privilege is needed.
# After CERTADNS_SCENARIO_SECONDS, if given, all that runs inside is shown and killed. /etc/resolv.conf asks 127.0.0.53; /etc/ssl/certs is WORKDIR/trust, which trust.sh fills.
set -euo pipefail
LAB=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd)
mkdir -p -- "$1"; W=$(cd -- "$1" && pwd); shift; [[ ${1:-} != -- ]] || shift
if ! why=$(unshare -Urnm true 2>&1); then
  echo "namespace.sh: this kernel forbids user namespaces ($why); allow them (sysctl kernel.unprivileged_userns_clone=1) or run as root" >&2
  exit 70
fi
mkdir -p "$W/trust"
# Never empty: Python's ssl refuses a bundle without any certificate, so it starts with a CA that signs nothing.
[[ -s $W/nobody/ca.pem ]] || "$LAB/mkca.sh" "$W/nobody"
[[ -s $W/trust/ca-certificates.crt ]] || cat "$W/nobody/ca.pem" >"$W/trust/ca-certificates.crt"
printf 'nameserver 127.0.0.53\noptions timeout:1 attempts:2\n' >"$W/resolv.conf"
printf '127.0.0.1 localhost\n' >"$W/hosts"
printf 'passwd: files\ngroup: files\nshadow: files\nhosts: files dns\nservices: files\nprotocols: files\n' >"$W/nsswitch.conf"
export NS_WORK=$W LAB
C=/etc/ssl/certs/ca-certificates.crt
export SSL_CERT_FILE=$C SSL_CERT_DIR=/etc/ssl/certs REQUESTS_CA_BUNDLE=$C CURL_CA_BUNDLE=$C
unset http_proxy https_proxy HTTP_PROXY HTTPS_PROXY ALL_PROXY all_proxy
PATH=$PATH:/usr/sbin:/sbin
exec unshare -Urnm --pid --fork --kill-child=KILL --mount-proc --propagation private bash -c '
  set -e
  ip link set lo up
  # named listens only on addresses that an interface has, and 127.0.0.53 is none by itself
  for a in 127.0.0.53 127.0.0.54; do ip addr add "$a/32" dev lo; done
  for f in resolv.conf hosts nsswitch.conf; do mount --bind "$NS_WORK/$f" "/etc/$f"; done
  mount --bind "$NS_WORK/trust" /etc/ssl/certs
  set +e
  "$@" <&0 & c=$!
  trap "kill -TERM $c" TERM INT
  if [[ -n ${CERTADNS_SCENARIO_SECONDS:-} ]]; then
    ( sleep "$CERTADNS_SCENARIO_SECONDS" </dev/null >/dev/null
      echo "namespace.sh: longer than $CERTADNS_SCENARIO_SECONDS s; killed. Running now:"; ps axf -o pid,stat,etimes,args | cut -c1-160
      kill -KILL -1 ) &
  fi
  wait $c; rc=$?
  while kill -0 $c 2>/dev/null; do wait $c; rc=$?; done
  exit $rc' ns "$@"
