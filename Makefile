# The front door. `make run`, `make test` and the checks do all their set-up on Debian 12; `make build` alone supposes it.
SHELL := /bin/bash
.DELETE_ON_ERROR:
.DEFAULT_GOAL := build
.NOTPARALLEL:
.PHONY: run build test soak bench fuzz format tidy package clean page setup

JOBS ?= $(shell nproc)
PROGRAM := build/release/digue
FUZZ_SECONDS ?= 60
SOAK_SECONDS ?= 120
SOAK_CUTS ?= 10000
SOAK_KILLS ?= 20
SOURCES = $(shell find src tests fuzz bench -name '*.cpp' -o -name '*.hpp' 2>/dev/null)

run: setup build
	@echo
	@echo "Vos propres fichiers : déposez-les dans un dossier d'incident de la page, ou : $(PROGRAM) analyze FICHIER..."
	@echo "Your own files: drop them into an incident of the page, or: $(PROGRAM) analyze FILE..."
	@echo
	@$(PROGRAM) serve --demo

setup:
	@packaging/setup.sh build

build: page build/release/build.ninja
	cmake --build --preset release --parallel $(JOBS) --target digue

build/%/build.ninja: CMakeLists.txt CMakePresets.json $(wildcard cmake/*.cmake)
	cmake --preset $*
	@touch $@

# The page is built again when one of its sources is newer than what was built.
ifneq ($(wildcard web/package.json),)
PAGE_SOURCES := $(shell find web content/messages -name node_modules -prune -o -path web/dist -prune -o -type f -print)
page: web/dist/index.html
web/dist/index.html: $(PAGE_SOURCES)
	packaging/page.sh
endif

test:
	@packaging/setup.sh build test
	@tests/run --jobs $(JOBS)

soak: build
	cmake --build --preset release --parallel $(JOBS) --target digue_disk_tests
	DIGUE_CUTS=$(SOAK_CUTS) build/release/digue_disk_tests
	PATH="$$(packaging/node.sh):$$PATH" DIGUE_KILLS=$(SOAK_KILLS) node tests/integration/live_test.mjs $(PROGRAM)
	PATH="$$(packaging/node.sh):$$PATH" node tests/soak/run.mjs $(PROGRAM) $(SOAK_SECONDS)
	PATH="$$(packaging/node.sh):$$PATH" node tests/soak/evidence.mjs $(PROGRAM)
	PATH="$$(packaging/node.sh):$$PATH" DIGUE_EVIDENCE_MIB=2048 node tests/web/team_test.mjs $(PROGRAM)

bench: build
	bench/run.sh $(PROGRAM)

fuzz:
	@packaging/setup.sh build fuzz
	$(MAKE) --no-print-directory build/fuzz/build.ninja
	cmake --build --preset fuzz --parallel $(JOBS)
	fuzz/run.sh $(FUZZ_SECONDS)

format:
	@packaging/setup.sh test
	clang-format-19 -i $(SOURCES)

tidy: build
	@packaging/setup.sh fuzz
	run-clang-tidy-19 -quiet -p build/release -j $(JOBS) '$(CURDIR)/src/.*(?<!_test)\.cpp$$'

package: build
	packaging/package.sh

clean:
	rm -rf build web/dist
