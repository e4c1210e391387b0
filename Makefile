# Bonafide. `make run` and `make test` install what is missing, then do what
# they say; `make help` lists the rest. Set-up is quick where nothing is missing.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help

# gocv is built against Debian's OpenCV 4.6 with the modules that it has; SQLite
# with its full-text search, without which notes cannot be searched.
TAGS := gocv_specific_modules,gocv_calib3d,sqlite_fts5
export GOFLAGS := $(strip $(GOFLAGS) -tags=$(TAGS))
export PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD := 1
# Evaluation data for `make eval`, which alone runs the tests that measure accuracy.
DATA ?= $(BONAFIDE_EVAL)

BIN := bin/bonafide
DEBS_BUILD := g++ pkg-config libopencv-dev libvpx-dev
DEBS_RUN := ffmpeg tzdata tesseract-ocr tesseract-ocr-eng
DEBS_TEST := chromium libopus-dev sqlite3
GO_FILES := $(shell find server vision models web -name '*.go' -not -path '*/node_modules/*' 2>/dev/null) go.mod go.sum
SQL_FILES := $(shell find server -name '*.sql' -o -name '*.html')
WEB_FILES := $(shell find web/src web/public -type f 2>/dev/null) web/index.html web/package-lock.json web/vite.config.ts

##@ Everyday

.PHONY: help
help: ## Show this list
	@awk 'BEGIN {FS = ":.*## "} /^##@/ {printf "\n%s\n", substr($$0, 5)} /^[a-z0-9-]+:.*## / {printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

.PHONY: run
run: debs-run build models ## Set up, build and serve on http://localhost:8080 (ARGS="--help" shows the options)
	@exec ./$(BIN) serve $(ARGS)

.PHONY: test
test: debs-test build models samples lint ## Set up, then run every test but the long ones (under 10 minutes on 2 cores)
	@echo "==> Go tests"
	@go test -timeout 8m -skip '^TestEval' ./server/analysis # in real time, so with the machine to itself
	@go test -timeout 8m -skip '^TestEval' ./...
	@echo "==> front-end tests"
	@cd web && npx --no-install vitest run
	@$(MAKE) --no-print-directory e2e

.PHONY: test-long
test-long: debs-test build models samples ## Kills, outages, soaks and a whole run-sheet in browsers (under 40 minutes)
	@echo "==> long tests"
	@BONAFIDE_LONG=1 go test -count=1 -timeout 12m -run 'TestLongReader' ./server/app # in real time, so with the machine to itself
	@BONAFIDE_LONG=1 go test -count=1 -timeout 38m -run 'TestLong' -skip 'TestLongReader' ./server/...
	@echo "==> long browser tests"
	@cd web && BONAFIDE_LONG=1 npx --no-install playwright test -c e2e long/

##@ Parts

.PHONY: build
build: $(BIN) ## Build bin/bonafide with the pages in it

$(BIN): $(GO_FILES) $(SQL_FILES) web/dist/verify.html | debs-build
	@echo "==> building $@ (the first build compiles OpenCV and SQLite bindings: about a minute)"
	@mkdir -p bin
	@go build -o $@ ./server

.PHONY: verify-tools
verify-tools: ## Build bin/verify-*, the auditor's program for Linux, macOS and Windows, and bin/verify.html for browsers
	@mkdir -p bin
	@for target in linux/amd64 linux/arm64 darwin/amd64 darwin/arm64 windows/amd64; do \
	  os=$${target%/*}; arch=$${target#*/}; out=bin/verify-$$os-$$arch; [ $$os = windows ] && out=$$out.exe; \
	  echo "==> building $$out"; \
	  CGO_ENABLED=0 GOOS=$$os GOARCH=$$arch go build -trimpath -ldflags="-s -w" -o $$out ./server/verify; \
	done
	@echo "==> building bin/verify.html"
	@go run ./server/verifypage bin/verify.html

.PHONY: web
web: web/dist/verify.html ## Build the pages

web/dist/index.html: $(WEB_FILES) web/node_modules/.package-lock.json
	@echo "==> building the pages"
	@cd web && npm run --silent build
	@touch $@

# Building the pages empties their folder, so this comes after it.
web/dist/verify.html: web/dist/index.html $(wildcard server/verifypage/* server/audit/*.go server/audit/*.html server/evidence/*.go) go.mod
	@echo "==> building the page that verifies in a browser"
	@go run ./server/verifypage $@

web/node_modules/.package-lock.json: web/package.json web/package-lock.json
	@echo "==> installing npm packages"
	@cd web && npm ci --no-audit --no-fund --ignore-scripts --loglevel=error
	@touch $@

.PHONY: models
models: $(BIN) ## Fetch, convert and check the model files
	@./$(BIN) models fetch

.PHONY: samples
samples: $(BIN) ## Fetch the sample pictures that tests make their videos from
	@./$(BIN) models samples

.PHONY: generate
generate: ## Write web/src/gen from the Go types
	@go run ./server/tsgen

##@ Checks

.PHONY: lint
lint: web/node_modules/.package-lock.json | debs-test ## Formatting, vet, generated files, TypeScript
	@echo "==> lint"
	@unformatted=$$(gofmt -l server vision models web/*.go); if [ -n "$$unformatted" ]; then echo "not gofmt-ed: $$unformatted"; exit 1; fi
	@go vet ./...
	@go run ./server/tsgen -check
	@cd web && npx --no-install tsc --noEmit && npx --no-install tsc --noEmit -p e2e

# Known holes in what the project is built from. It asks databases on the
# network, so it is no part of the tests.
GOVULNCHECK := golang.org/x/vuln/cmd/govulncheck@v1.9.0

.PHONY: audit
audit: web/node_modules/.package-lock.json ## Known vulnerabilities of Go modules and npm packages (needs the network)
	@echo "==> govulncheck"
	@go run $(GOVULNCHECK) ./...
	@echo "==> npm audit"
	@cd web && npm audit

.PHONY: e2e
e2e: debs-test build models samples ## The browser tests (Playwright on Debian's Chromium)
	@echo "==> browser tests"
	@cd web && npx --no-install playwright test -c e2e

.PHONY: bench
bench: build models samples ## Measure the cost of the relay and of analysis; prints tables
	@go run ./server/bench

.PHONY: eval
eval: build models ## Measure accuracy on real data: make eval DATA=<folder>
	@if [ -z "$(DATA)" ]; then echo "make eval wants the folder of evaluation data: make eval DATA=<folder>"; exit 2; fi
	@BONAFIDE_EVAL="$(abspath $(DATA))" go test -count=1 -v -timeout 180m -run 'TestEval' ./vision/... ./server/speech ./server/analysis

.PHONY: clean
clean: ## Remove what was built and fetched (never recordings)
	@rm -rf bin web/node_modules models/data models/cache web/test-results web/e2e/.fixtures
	@find web/dist -mindepth 1 -not -name .gitkeep -delete

##@ Set-up (done by the others where needed)

.PHONY: debs-build debs-run debs-test
debs-build: ; @$(call install,$(DEBS_BUILD))
debs-run: ; @$(call install,$(DEBS_BUILD) $(DEBS_RUN))
debs-test: ; @$(call install,$(DEBS_BUILD) $(DEBS_RUN) $(DEBS_TEST))

# install makes sure that Debian packages are there, and says what it does.
define install
missing=""; for p in $(1); do \
  dpkg-query -W -f='$${Status}' $$p 2>/dev/null | grep -q 'install ok installed' || missing="$$missing $$p"; done; \
if [ -n "$$missing" ]; then \
  command -v apt-get >/dev/null || { echo "These Debian packages are missing, and this machine has no apt-get:$$missing"; exit 1; }; \
  as=""; if [ "$$(id -u)" != 0 ]; then as=sudo; command -v sudo >/dev/null || { echo "Install these as root first: apt-get install$$missing"; exit 1; }; fi; \
  echo "==> installing Debian packages:$$missing"; \
  $$as apt-get update -qq; \
  DEBIAN_FRONTEND=noninteractive $$as apt-get install -y -qq --no-install-recommends $$missing >/dev/null; \
fi
endef
