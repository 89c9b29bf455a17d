# What can be done here, each in one command; `make` alone lists it. The work is in scripts/, one script per thing.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory
# Building is cargo's business, and cargo builds in parallel by itself.
.NOTPARALLEL:
.PHONY: help serve build demo watch test lint fmt bench clean

export CARGO_TARGET_DIR ?= $(CURDIR)/target
ocellus := $(CARGO_TARGET_DIR)/release/ocellus

help: ## list the commands
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-8s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

serve: build ## build what changed and serve http://127.0.0.1:3000 (SQLite, local files)
	@exec "$(ocellus)" serve

build: ## build target/release/ocellus: one program, with the front end inside
	@scripts/front.sh release
	@scripts/server.sh

demo: build ## fill an empty site with pictures that the program draws, so that it looks alive
	@exec "$(ocellus)" demo

watch: ## rebuild on every change, restart the server and reload the browser
	@scripts/watch.sh

test: ## run every test, in a real browser too; the last line is the total
	@scripts/test.sh

lint: ## format check, clippy, the design's invariants
	@scripts/lint.sh

fmt: ## format the Rust sources
	@cargo fmt

bench: build ## measure the budgets, each with the command that reproduces it
	@scripts/bench.sh

clean: ## remove what was built (not your data, and not the tools in the user's cache)
	@cargo clean
	@rm -rf target scripts/front/node_modules end2end/node_modules
