#!/bin/bash
# run.sh SECONDS: fuzzes the DNS decoders and TSIG with libFuzzer; ends with 0 when nothing was found. Needs a debug build ('make build').
set -euo pipefail
cd "$(dirname "$0")/../.."
out=.build/fuzz; mkdir -p "$out/corpus"
# TSIG's MAC comes from swift-crypto: as the package's build made it.
built=.build/debug sources=.build/checkouts/swift-crypto/Sources
[[ -d $built/Crypto.build ]] || { echo "run.sh: $built has no swift-crypto; build first" >&2; exit 1; }
mapfile -t maps < <(find "$sources" -name module.modulemap -printf '-Xcc\n-fmodule-map-file=%p\n')
mapfile -t objects < <(find -L "$built"/{Crypto,CryptoBoringWrapper,CCryptoBoringSSL,CCryptoBoringSSLShims,CXKCP,CXKCPShims}.build -name '*.o')
swiftc -O -swift-version 6 -parse-as-library -sanitize=fuzzer -package-name certadns -module-name Fuzz -I "$built/Modules" "${maps[@]}" \
  Sources/DNS/Names/*.swift Sources/DNS/Records/*.swift Sources/DNS/Wire/*.swift Sources/DNS/MasterFile/*.swift Sources/DNS/Update/TSIG*.swift \
  Tests/Fuzz/Fuzz.swift "${objects[@]}" -lstdc++ -o "$out/fuzz"
message='\x12\x34\x84\0\0\1\0\1\0\0\0\0\7example\3com\0\0\x10\0\1\xc0\x0c\0\x10\0\1\0\0\1\x2c\0\6\5hello'
[[ -s $out/corpus/message ]] || printf '\0'"$message" >"$out/corpus/message"
[[ -s $out/corpus/master ]] || printf '\1@ 300 SOA a b ( 1 2 3 4 5 )\n\tTXT "x" ; y\n\tMX 1 m\n' >"$out/corpus/master"
# An answer signed under the key 'k' by nobody who knows it, and a message that we sign ourselves.
tsig='\1k\0\0\xfa\0\xff\0\0\0\0\0\x3d\x0bhmac-sha256\0\0\0\x67\x74\x85\x80\1\x2c\0\x20'$(printf 'm%.0s' {1..32})'\x12\x34\0\0\0\0'
[[ -s $out/corpus/signature ]] || printf '\2\0\x64\x12\x34\x84\0\0\0\0\0\0\0\0\1'"$tsig" >"$out/corpus/signature"
[[ -s $out/corpus/signed ]] || printf '\3\0\x64'"$message" >"$out/corpus/signed"
# Swift's own handler of traps would end the run before libFuzzer keeps what led to it.
status=0
SWIFT_BACKTRACE=enable=no "$out/fuzz" -max_total_time="${1:-60}" -timeout=5 -rss_limit_mb=1024 -max_len=4096 -print_final_stats=1 "$out/corpus" \
  >"$out/log" 2>&1 || status=$?
grep -E 'ERROR|SUMMARY|stat::|Test unit|DONE' "$out/log" || true
[[ $status = 0 && -z $(find . -maxdepth 1 \( -name 'crash-*' -o -name 'timeout-*' -o -name 'oom-*' \)) ]]
