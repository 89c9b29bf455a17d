#!/usr/bin/env bash
# Prints the path of a wasm-bindgen program of exactly the version in Cargo.lock (its two halves must match), and
# builds it into the user's cache when it is not there. The debug build takes a quarter of the time, and is fast enough.
source "$(dirname "$0")/lib.sh"

version=$(locked_version wasm-bindgen)
[ -n "$version" ] || fail "Cargo.lock names no wasm-bindgen"
root="$CACHE/wasm-bindgen-$version"
program="$root/bin/wasm-bindgen"

if ! "$program" --version >/dev/null 2>&1; then
    {
        note "building wasm-bindgen $version (three minutes, once per version)"
        mkdir -p "$root"
        work=$(mktemp -d)
        trap 'rm -rf "$work"' EXIT
        install() { cargo install wasm-bindgen-cli --version "=$version" --debug --root "$root" --target-dir "$work" "$@"; }
        # Its lock file can name versions that a mirror of the registry does not have yet.
        (cd "$work" && install --locked) >"$root/build.log" 2>&1 || (cd "$work" && install) >>"$root/build.log" 2>&1 || {
            tail -n 30 "$root/build.log"
            fail "wasm-bindgen-cli $version did not build; the whole log is $root/build.log"
        }
    } >&2
fi
echo "$program"
