#!/bin/bash
# golden-unread.sh LOG: fails when a golden file is there that no test read.
set -uo pipefail
cd "$(dirname "$0")/../.."
unread=$(comm -23 <(find "$PWD"/Tests -path '*/Golden/*' -type f | grep -v '/Support/' | sort) <(sort -u "$1"))
[[ -z $unread ]] || { echo "golden files that no test reads:"; echo "$unread"; exit 1; }
