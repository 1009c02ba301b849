#!/bin/bash
# packages.sh NAME...: installs the Debian packages that are missing; asks the network only if one is.
set -euo pipefail
missing=()
for p in "$@"; do [[ $(dpkg-query -W -f '${db:Status-Status}' "$p" 2>/dev/null) == installed ]] || missing+=("$p"); done
((${#missing[@]})) || exit 0
root=(); [[ $(id -u) == 0 ]] || root=(sudo)
# Servers are started by the tests themselves, so a package must not start its service while it is installed.
policy=/usr/sbin/policy-rc.d
if [[ ! -e $policy ]]; then
  printf '#!/bin/sh\nexit 101\n' | "${root[@]}" tee "$policy" >/dev/null
  "${root[@]}" chmod 755 "$policy"
  trap '"${root[@]}" rm -f "$policy"' EXIT
fi
echo "installing: ${missing[*]}"
export DEBIAN_FRONTEND=noninteractive
"${root[@]}" apt-get update -qq
"${root[@]}" apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
