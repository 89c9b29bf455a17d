#!/usr/bin/env bash
# Format, lints of both halves of the program, and the design's invariants.
source "$(dirname "$0")/lib.sh"

steps lint 4
# A minimal toolchain comes without these two.
cargo fmt --version >/dev/null 2>&1 || rustup component add rustfmt
cargo clippy --version >/dev/null 2>&1 || rustup component add clippy
step "format"
cargo fmt --check || fail "'make fmt' puts the format right"
step "the design's invariants"
scripts/invariants.sh
step "clippy, server half"
cargo clippy --locked --all-targets -- -D warnings
# The browser's half is linted for this machine, which needs no WebAssembly target and finds the same.
step "clippy, browser half"
cargo clippy --locked --lib --no-default-features --features hydrate -- -D warnings
