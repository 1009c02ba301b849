#!/bin/bash
# simulate.sh SCHEDULES [FIRST-SEED]: the simulator in a release build; fails where a rule broke or a mistake went uncaught.
set -euo pipefail
cd "$(dirname "$0")/../.."
swift build -c release --product certadns-simulate --scratch-path .build-release
start=$(date +%s)
.build-release/release/certadns-simulate "$@"
echo "simulated in $(($(date +%s) - start)) s"
