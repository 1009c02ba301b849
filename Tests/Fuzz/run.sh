#!/bin/bash
# run.sh SECONDS: fuzzes the DNS decoders with libFuzzer; ends with 0 when nothing was found.
set -euo pipefail
cd "$(dirname "$0")/../.."
out=.build/fuzz; mkdir -p "$out/corpus"
# TSIG stays out: its MAC comes from swift-crypto, which a lone swiftc does not link.
swiftc -O -swift-version 6 -parse-as-library -sanitize=fuzzer -package-name certadns -module-name Fuzz \
  Sources/DNS/Names/*.swift Sources/DNS/Records/*.swift Sources/DNS/Wire/*.swift Sources/DNS/MasterFile/*.swift Tests/Fuzz/Fuzz.swift -o "$out/fuzz"
[[ -s $out/corpus/message ]] || printf '\0\x12\x34\x84\0\0\1\0\1\0\0\0\0\7example\3com\0\0\x10\0\1\xc0\x0c\0\x10\0\1\0\0\1\x2c\0\6\5hello' >"$out/corpus/message"
[[ -s $out/corpus/master ]] || printf '\1@ 300 SOA a b ( 1 2 3 4 5 )\n\tTXT "x" ; y\n\tMX 1 m\n' >"$out/corpus/master"
"$out/fuzz" -max_total_time="${1:-60}" -timeout=5 -rss_limit_mb=1024 -max_len=4096 -print_final_stats=1 "$out/corpus" 2>&1 | grep -E 'ERROR|SUMMARY|stat::|Test unit|DONE' || true
[[ -z $(find . -maxdepth 1 \( -name 'crash-*' -o -name 'timeout-*' -o -name 'oom-*' \)) ]]
