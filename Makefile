# Two commands do everything on a fresh Debian machine with Swift: `make demo` and `make test`.
.PHONY: demo test build release setup lint format bench clean

setup:
	@scripts/setup

build: setup
	swift build --product mendflow

release: setup
	swift build -c release --static-swift-stdlib --product mendflow

# Release, because the demo also shows how little the agent needs.
demo: setup
	swift build -c release --product mendflow
	.build/release/mendflow demo

test: setup
	swift build --build-tests
	swift test --skip-build --skip IntegrationTests
	# Apart: they serve a simulated n8n from the test process, which the others keep busy.
	swift test --skip-build --filter IntegrationTests

lint:
	swift format lint --strict --recursive --parallel Sources Tests Package.swift

format:
	swift format --in-place --recursive --parallel Sources Tests Package.swift

bench: setup
	scripts/bench

clean:
	rm -rf .build
