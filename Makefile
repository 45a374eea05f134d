# `make` alone lists the targets. Each target builds what it needs and only what changed: packages from npm hang on the
# lock file, the assets on their sources, the binary on the Go files and the assets.
#
# Needed beforehand: Go, Node with npm, git, and for `test`, `check` and `image` root or sudo (they install missing
# Debian packages through scripts/packages).
#
# The assets in views/assets/dist are built, not committed. A committed, empty dist/.keep makes the folder embeddable in
# a fresh clone, so plain `go build` and `go vet` work without npm; such a binary serves pages without style. Every
# target below builds the assets first.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DELETE_ON_ERROR:
.DEFAULT_GOAL := help

VERSION := $(shell git describe --tags --always --dirty 2>/dev/null || echo unknown)
TOOL := go tool -modfile=tools/go.mod

# Everything a build may depend on, without the folders that hold no source of ours.
FIND := find . \( -name node_modules -o -name dist -o -name .git -o -name .bin -o -name .causeway -o -name tools \) -prune -o
GO_SOURCES := $(shell $(FIND) -type f \( -name '*.go' -o -name '*.sql' \) ! -name '*_test.go' -print) go.mod go.sum
STYLED_SOURCES := $(shell $(FIND) -type f -name '*.templ' -print) $(wildcard views/*.go views/components/*.go)
ASSET_SOURCES := $(shell find views/assets -path views/assets/dist -prune -o -type f ! -name '*.go' -print)

ASSETS := views/assets/dist/app.css
NPM := node_modules/.causeway-installed

# Tests and benchmarks start Temporal's dev server from here.
export CAUSEWAY_TEMPORAL_CLI := $(CURDIR)/.bin/temporal

##@ Use

.PHONY: dev
dev: bin/causeway .bin/temporal ## Run everything on this machine; ARGS="--tenants 50 --ports auto" passes flags
	bin/causeway dev $(ARGS)

.PHONY: build
build: bin/causeway ## Build bin/causeway: static, with assets and version

.PHONY: image
image: bin/causeway ## Build a container image from bin/causeway with buildah and try it
	scripts/packages image
	scripts/image causeway:$(VERSION)

##@ Work on it

.PHONY: test
test: bin/causeway .bin/temporal ## Run all tests with the race detector, on SQLite and Postgres; PKG=./internal/store/... for some
	scripts/packages test
	scripts/with-postgres $(TOOL) gotestsum --format pkgname-and-test-fails --format-hide-empty-pkg -- \
		-race -tags e2e -timeout 20m $(TESTFLAGS) $(or $(PKG),./...)

.PHONY: check
check: $(ASSETS) ## Lint and verify: style, determinism, generated files, modules, scripts, compose file
	scripts/packages check
	scripts/check

.PHONY: bench
bench: bin/causeway .bin/temporal ## Measure runs and the client against the simulators; prints counts and ratios
	go test -tags bench -run '^TestBench' -count=1 -v -timeout 60m $(or $(PKG),./internal/bench/...)

.PHONY: pictures
pictures: bin/causeway .bin/temporal ## Take the pictures in docs/pictures anew, from a real `causeway dev`
	scripts/packages test
	go test -tags pictures -run '^TestPictures$$' -count=1 ./internal/e2e

.PHONY: generate
generate: ## Generate Go from the templ files
	$(TOOL) templ generate

.PHONY: histories
histories: .bin/temporal ## Record a release's workflow histories beside the earlier ones; never to make a replay pass
	go test ./workflows -run TestRecordHistories -count=1 -v -timeout 30m -record

.PHONY: assets
assets: $(ASSETS) ## Build style sheet, scripts and icons

.PHONY: clean
clean: ## Remove what was built here, but not .causeway (data) and .bin (Temporal)
	rm -rf bin node_modules
	find views/assets/dist -mindepth 1 ! -name .keep -delete

.PHONY: help
help:
	@awk 'BEGIN { FS = ":.*## " } \
		/^##@ / { printf "\n%s\n", substr($$0, 5) } \
		/^[a-z-]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

$(NPM): package.json package-lock.json .npmrc
	@echo "npm: installing the packages of package-lock.json"
	npm ci --no-progress
	@touch $@

$(ASSETS): $(NPM) $(ASSET_SOURCES) $(STYLED_SOURCES)
	@echo "assets: building views/assets/dist"
	npm run --silent build

# Holds the version that the last build was given; rewritten only when it differs, so a commit alone relinks once.
bin/.version: FORCE
	@mkdir -p bin
	@[[ -f $@ && "$$(<$@)" == "$(VERSION)" ]] || echo "$(VERSION)" >$@

bin/causeway: $(GO_SOURCES) $(ASSETS) bin/.version
	@echo "causeway: building $@ $(VERSION) (the first time compiles every library: a few minutes)"
	CGO_ENABLED=0 go build -trimpath -ldflags "-s -w -X main.version=$(VERSION)" -o $@ ./cmd/causeway

# The script itself looks whether the right version is there.
.PHONY: .bin/temporal
.bin/temporal:
	@scripts/temporal

.PHONY: FORCE
FORCE:
