#!/usr/bin/env bash
# Finds a compiler that can build for the browser (wasm32-unknown-unknown), and installs what it lacks.
#
# The first way is rustup's. Where rustup cannot fetch the target, the distribution's compiler does the same: Debian has no
# package with the standard library for this target, but it has its source, which this script compiles once (one minute) into a
# folder of the user's cache. Neither way changes rustup's default toolchain.
#
# Writes the environment in which `"$WASM_CARGO" build --target wasm32-unknown-unknown` works to the file that it is given.
source "$(dirname "$0")/lib.sh"

target=wasm32-unknown-unknown
environment=${1:?the file to write the environment to}
mkdir -p "$(dirname "$environment")"

has_std() { compgen -G "$1/lib/rustlib/$target/lib/libstd-*.rlib" >/dev/null; }

use_rustup() {
    echo 'WASM_CARGO=cargo' >"$environment"
    note "using $(rustc --version), which has the target $target"
    exit 0
}

have rustc || fail "Rust is needed: install it with https://rustup.rs"
has_std "$(rustc --print sysroot)" && use_rustup

# The fallback of an earlier run is as good, and asks no network.
distribution_std() {
    echo "$CACHE/wasm-std-$(/usr/bin/rustc --version | awk '{ print $2 "-" substr($3, 2) }')"
}
use_distribution() {
    cat >"$environment" <<END
WASM_CARGO=/usr/bin/cargo
export RUSTC=/usr/bin/rustc
export CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER=wasm-ld-19
export CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUSTFLAGS='--sysroot=$1'
unset RUSTUP_TOOLCHAIN
END
    note "using the distribution's $(/usr/bin/rustc --version) with the standard library in $1"
    exit 0
}
distribution_ready() { [ -x /usr/bin/rustc ] && [ -x /usr/bin/cargo ] && have wasm-ld-19 && [ -d /usr/lib/rustlib/src/rust/library/std ]; }
if distribution_ready && has_std "$(distribution_std)"; then use_distribution "$(distribution_std)"; fi

if have rustup; then
    note "asking rustup for the target $target"
    # Without a network rustup would retry for minutes; the distribution's way is waiting.
    if RUSTUP_MAX_RETRIES=1 timeout 180 rustup target add "$target" >"$environment.log" 2>&1 &&
        has_std "$(rustc --print sysroot)"; then
        use_rustup
    fi
    note "rustup could not fetch it ($(grep -m 1 -i error "$environment.log" || tail -n 1 "$environment.log"))"
fi

note "falling back to the distribution's compiler"
distribution_ready || install_packages rustc-web cargo-web rust-web-src lld-19
distribution_ready || fail "the packages rustc-web cargo-web rust-web-src lld-19 did not bring a compiler with its sources"
std=$(distribution_std)
if ! has_std "$std"; then
    note "compiling the standard library for $target (about a minute)"
    work=$(mktemp -d)
    trap 'rm -rf "$work"' EXIT
    mkdir -p "$work/src"
    printf '[package]\nname = "nothing"\nversion = "0.0.0"\nedition = "2024"\n[workspace]\n' >"$work/Cargo.toml"
    : >"$work/src/lib.rs"
    # RUSTC_BOOTSTRAP lets the stable compiler take -Zbuild-std, which is how the standard library is built by itself.
    if ! (cd "$work" && env -u RUSTUP_TOOLCHAIN -u RUSTFLAGS RUSTC=/usr/bin/rustc RUSTC_BOOTSTRAP=1 CARGO_TARGET_DIR="$work/target" \
            /usr/bin/cargo build -Zbuild-std=std,panic_abort --target "$target" --release) >"$environment.log" 2>&1; then
        tail -n 30 "$environment.log" >&2
        fail "the standard library for $target did not compile"
    fi
    rm -rf "$std" "$std.partial"
    mkdir -p "$std.partial/lib/rustlib/$target/lib"
    cp "$work/target/$target"/release/deps/lib*.rlib "$std.partial/lib/rustlib/$target/lib/"
    rm -f "$std.partial/lib/rustlib/$target/lib"/libnothing-*.rlib
    # Renaming last means that an interrupted run leaves nothing that looks finished.
    mv "$std.partial" "$std"
fi
use_distribution "$std"
