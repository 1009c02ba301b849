# Two commands: `make run` and `make test`. Each sets up what it needs on a fresh Debian machine that has Swift.
SHELL := /bin/bash
BUILD_PACKAGES := libyaml-dev libssl-dev libsqlite3-dev libpq-dev pkg-config
TEST_PACKAGES := $(BUILD_PACKAGES) bind9 bind9-utils bind9-dnsutils knot postfix postfix-mta-sts-resolver iproute2 util-linux openssl curl git sqlite3 cmark-gfm procps python3 pebble python3-dnspython python3-jsonschema nginx caddy postgresql
SWIFT_BUILD := swift build --explicit-target-dependency-import-check error

.PHONY: build run test setup setup-test lint format proof bench bench-issue bench-host golden clean

build: setup
	$(SWIFT_BUILD)

setup:
	@Tests/Lab/packages.sh $(BUILD_PACKAGES)

setup-test:
	@Tests/Lab/packages.sh $(TEST_PACKAGES)

lint:
	swift format lint --strict --recursive Sources Tests Package.swift

format:
	swift format -i --recursive Sources Tests Package.swift

run: build
	.build/debug/certadns up --once

# The simulator after the tests: beside them, it would take the time that their deadlines count on.
test: setup-test lint
	$(SWIFT_BUILD) --build-tests
	@Tests/Lab/swift-test.sh; tests=$$?; \
	Tests/Lab/simulate.sh 20000 >.build/simulate.log 2>&1; simulated=$$?; tail -80 .build/simulate.log; exit $$((tests | simulated))

proof: setup-test
	$(SWIFT_BUILD) --build-tests
	Tests/Lab/proof.sh

# Beside octodns-sync from PyPI, in a folder of its own; prints the table of docs/benchmarks.md.
bench: setup-test
	@Tests/Lab/packages.sh dnsperf time python3-venv
	swift build -c release --product certadns --scratch-path .build-release
	@test -x .build-release/peers/bin/octodns-sync || { python3 -m venv .build-release/peers && .build-release/peers/bin/pip install -q octodns==1.22.0 octodns-bind==1.1.0; }
	python3 Benchmarks/plan/run.py .build-release/release/certadns .build-release/peers/bin/octodns-sync 1000

# Beside lego, Debian's package: certificates from one Pebble.
bench-issue: setup-test
	@Tests/Lab/packages.sh lego
	swift build -c release --product certadns --scratch-path .build-release
	python3 Benchmarks/issue/run.py .build-release/release/certadns 50

# Beside nginx and Caddy from Debian; prints the table and puts it into docs/benchmarks.md.
bench-host: setup
	@Tests/Lab/packages.sh nginx caddy wrk gcc libc6-dev iproute2 util-linux python3 git
	swift build -c release --product certadns --scratch-path .build-release
	@mkdir -p .build-release/tools
	cc -O2 -o .build-release/tools/certificates Benchmarks/host/certificates.c -lcrypto
	cc -O2 -pthread -o .build-release/tools/handshakes Benchmarks/host/handshakes.c -lssl -lcrypto
	@Tests/Lab/namespace.sh .build-release/bench-host -- python3 Benchmarks/host/run.py .build-release/release/certadns .build-release/tools docs/benchmarks.md

golden: build
	$(SWIFT_BUILD) --build-tests
	CERTADNS_RECORD_GOLDEN=1 swift test --skip-build --filter 'RenderingTests|ManifestsTests'
	git status --short Tests docs plans

clean:
	rm -rf .build
