# Two commands do everything on a fresh Debian machine with Swift: `make demo` and `make test`.
.PHONY: demo test test-all build release setup lint format simulate mistakes fuzz kills cluster-test sanitize bench clean \
	dist deb package-test install uninstall

setup:
	@scripts/setup

build: setup
	swift build --product mendflow

# One configuration for all release builds, or each would compile everything again.
RELEASE = swift build -c release --static-swift-stdlib

release: setup
	$(RELEASE) --product mendflow

# Release, because the demo also shows how little the agent needs.
demo: release
	.build/release/mendflow demo

# What is handed out: a tarball, a Debian package, a bill of materials and checksums, in dist/.
dist deb: export MENDFLOW_BUILD = $(shell git log -1 --format='%h %cs' 2>/dev/null)
dist: release
	scripts/dist
deb: release
	scripts/dist deb

# Installs both on a bare Debian in a temporary folder, runs the program there and removes it; needs root and Debian's packages.
package-test: dist
	scripts/package-test

# The program and what belongs beside it, below PREFIX; DESTDIR= for those who make packages. As root, after `make release` as who you are.
PREFIX = /usr/local
install:
	scripts/stage "$(DESTDIR)" "$(PREFIX)"
uninstall:
	rm -rf "$(DESTDIR)$(PREFIX)/bin/mendflow" "$(DESTDIR)$(PREFIX)/share/mendflow" "$(DESTDIR)$(PREFIX)/share/doc/mendflow" \
		"$(DESTDIR)$(PREFIX)/share/man/man1/mendflow.1.gz" "$(DESTDIR)$(PREFIX)/lib/systemd/system/mendflow.service" \
		"$(DESTDIR)$(PREFIX)/share/bash-completion/completions/mendflow" \
		"$(DESTDIR)$(PREFIX)/share/zsh/vendor-completions/_mendflow" \
		"$(DESTDIR)$(PREFIX)/share/fish/vendor_completions.d/mendflow.fish"

# What a change needs; `make test ALL=1` runs every cell of the long tables and all seeds, as CI does.
test: setup
	MENDFLOW_TEST_ALL=$(ALL) scripts/test

test-all:
	$(MAKE) test ALL=1

lint:
	swift format lint --strict --recursive --parallel Sources Tests Package.swift

format:
	swift format --in-place --recursive --parallel Sources Tests Package.swift

# Lives simulated worlds in release mode on all cores and judges them; SEED= lives one and tells its story,
# SHARED=1 lives those in which three hosts share a database.
SEEDS = 10000
FIRST_SEED = 1
simulate: setup
	$(RELEASE) --product mendflow-worlds
	.build/release/mendflow-worlds $(if $(SHARED),--shared) \
		$(if $(SEED),--seed $(SEED),--seeds $(SEEDS) --first $(FIRST_SEED))

bench: setup
	scripts/bench

# libFuzzer on every reader, MINUTES= in total, SEED= and TARGET= as wished.
fuzz: setup
	scripts/fuzz $(TARGET)

# The tests by themselves, which say everything that they do.
TESTS = .build/debug/mendflowPackageTests.xctest --testing-library swift-testing

# The program as it is released, killed KILLS= times.
KILLS ?= 1000
kills: release
	scripts/test --build
	MENDFLOW_KILLS=$(KILLS) MENDFLOW_PROGRAM=.build/release/mendflow $(TESTS) --filter '^IntegrationTests.KillTests/kills'

# Three agents on one PostgreSQL, whose leader is killed, frozen and cut off FAULTS= times; as root, for the networks.
FAULTS ?= 1000
cluster-test: release
	scripts/test --build
	MENDFLOW_CLUSTER_FAULTS=$(FAULTS) MENDFLOW_PROGRAM=.build/release/mendflow \
		$(TESTS) --filter '^IntegrationTests.ClusterTests/faults'

# Which judge of simulated worlds catches which planted mistake, in at most SEEDS worlds; takes an hour or two.
mistakes: setup
	scripts/mistakes

# The readers and whatever wraps a C library, under a sanitizer: address or thread; SANITIZED= names the tests of others. Swift's own
# runtime is taken to leak.
SANITIZER = address
SANITIZED = Fuzz|YAML|Text|Zones|HTTP|HTTPClient|HTTPServer|Ledger|LedgerSQLite
sanitize: setup
	ASAN_OPTIONS=detect_leaks=0 swift test --disable-xctest --sanitize=$(SANITIZER) --scratch-path .build/$(SANITIZER) \
		--filter '^Mendflow($(SANITIZED))Tests\.'

clean:
	rm -rf .build
