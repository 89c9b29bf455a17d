#!/usr/bin/env bash
# Prints the path of a program of a crate in exactly the wanted version, and builds it into the user's cache when it is not
# there. The debug build takes a quarter of the time, and is fast enough.
#
#   cargo-tool.sh CRATE VERSION PROGRAM [FEATURES]
source "$(dirname "$0")/lib.sh"

crate=$1 version=$2 name=$3 features=${4:-}
[ -n "$version" ] || fail "Cargo.lock names no version for $crate"
root="$CACHE/$crate-$version"
program="$root/bin/$name"

if [ ! -x "$program" ]; then
    {
        note "building $crate $version (minutes, once per version)"
        mkdir -p "$root"
        work=$(mktemp -d)
        trap 'rm -rf "$work"' EXIT
        install() {
            cargo install "$crate" --version "=$version" ${features:+--features "$features"} --debug --root "$root" --target-dir "$work" "$@"
        }
        # Debug information would only fill the disk.
        export CARGO_PROFILE_DEV_DEBUG=false
        # Its lock file can name versions that have been withdrawn since.
        (cd "$work" && install --locked) >"$root/build.log" 2>&1 || (cd "$work" && install) >>"$root/build.log" 2>&1 || {
            tail -n 30 "$root/build.log"
            fail "$crate $version did not build; the whole log is $root/build.log"
        }
    } >&2
fi
echo "$program"
