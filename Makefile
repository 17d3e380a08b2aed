# The commands of this repository. `make` lists them.

GOLANGCI_LINT_VERSION := v2.15.0
GOVULNCHECK_VERSION   := v1.8.0

# Tools are built into bin, from source and at these versions, so that they are
# the same everywhere and touch no dependency of the product.
BIN  := $(CURDIR)/bin
LINT := $(BIN)/golangci-lint-$(GOLANGCI_LINT_VERSION)
VULN := $(BIN)/govulncheck-$(GOVULNCHECK_VERSION)

.DEFAULT_GOAL := help

.PHONY: help
help: ## List the commands
	@awk 'BEGIN {FS = ":.*## "} /^[a-z0-9-]+:.*## / {printf "  %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

.PHONY: build
build: ## Build bin/taskbridge
	go build -trimpath -o $(BIN)/taskbridge ./cmd/taskbridge

# SQLite is C made into Go. Its memory is none of Go's, so that the race detector and
# the checks of pointers see nothing in it, and they take most of its time (ADR 35).
RACE := -race '-gcflags=modernc.org/sqlite/lib=-race=false -d=checkptr=0'

# A program with the race detector sleeps a second before it ends, unless it is told.
export GORACE := atexit_sleep_ms=10

# Packages are tested in this order. The longest ones come first, so that nothing waits
# for them at the end.
PACKAGES := ./e2e/slack ./e2e/workspace ./bot ./storage/sql ./...

.PHONY: test
test: ## Run all tests but those in a browser and against Mattermost, with the race detector
	go test $(RACE) -timeout 20m $(TESTFLAGS) $(PACKAGES)

.PHONY: cover
cover: ## Write the tests' coverage to cover.html and print its total
	go test -coverpkg=./... -coverprofile=cover.out ./...
	go tool cover -html=cover.out -o cover.html
	@go tool cover -func=cover.out | tail -1

.PHONY: e2e e2e-web e2e-mattermost e2e-bridge
e2e: e2e-web e2e-mattermost e2e-bridge ## Drive the real program in Chromium and against Mattermost (takes minutes)

# Where the browser's tests leave pictures of the main pages, to be looked at.
PICTURES ?= $(CURDIR)/pictures

e2e-web:
	mkdir -p $(PICTURES)
	cd e2e/web && go vet ./... && PICTURES=$(PICTURES) go test -count=1 -timeout 15m ./...

e2e-mattermost:
	cd e2e/mattermost && go vet ./... && go test -count=1 -timeout 25m ./...

e2e-bridge:
	cd e2e/bridge && go vet ./... && go test -count=1 -timeout 15m ./...

REPLIES := 2400
ACTS    := 400
ROUNDS  := 12
SEED    := 0
OUTAGE  := 10s

.PHONY: soak
soak: ## Make everything go wrong for a long while (REPLIES, ACTS, ROUNDS, OUTAGE, SEED)
	go test $(RACE) -count=1 -timeout 60m -v -run '^TestTroubles$$' ./e2e/slack \
		-faults.replies=$(REPLIES) -faults.rounds=$(ROUNDS) -faults.outage=$(OUTAGE) -faults.seed=$(SEED)
	go test $(RACE) -count=1 -timeout 60m -v -run '^(TestTroubles|TestSpanKilled)$$' ./e2e/workspace \
		-faults.acts=$(ACTS) -faults.rounds=$(ROUNDS) -faults.seed=$(SEED)

.PHONY: bench
bench: ## Measure against the reference apps (see bench/README.md)
	go run ./bench

# The packages whose tests compare with files that they can write themselves.
GOLDEN := ./adapters/email ./adapters/email/reply ./adapters/mattermost ./adapters/rest ./adapters/slack \
	./adapters/status ./bot/present ./e2e/gallery ./workflow

.PHONY: generate
generate: ## Write golden files and generated documents anew
	go test $(GOLDEN) -update

.PHONY: fuzz
fuzz: ## Fuzz each target for a short while
	@set -e; for package in $$(go list ./...); do \
		for target in $$(go test -list '^Fuzz' $$package | grep '^Fuzz' || true); do \
			echo "$$package $$target"; go test -run '^$$' -fuzz "^$$target$$" -fuzztime 20s $$package; \
		done; \
	done

.PHONY: lint-tool
lint-tool: $(LINT)

.PHONY: lint
lint: $(LINT) ## Check style, mistakes and the import table
	go vet ./...
	$(LINT) config verify
	$(LINT) fmt --diff
	$(LINT) run ./...

.PHONY: fmt
fmt: $(LINT) ## Format all code
	$(LINT) fmt

.PHONY: vuln
vuln: $(VULN) ## Look for known vulnerabilities (asks vuln.go.dev)
	$(VULN) ./...

.PHONY: clean
clean: ## Remove what was built
	rm -rf $(BIN) cover.out cover.html

$(LINT):
	GOBIN=$(BIN) GOFLAGS= go install github.com/golangci/golangci-lint/v2/cmd/golangci-lint@$(GOLANGCI_LINT_VERSION)
	mv $(BIN)/golangci-lint $@

$(VULN):
	GOBIN=$(BIN) GOFLAGS= go install golang.org/x/vuln/cmd/govulncheck@$(GOVULNCHECK_VERSION)
	mv $(BIN)/govulncheck $@
