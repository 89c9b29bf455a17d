#!/usr/bin/env bash
# Builds the front end into target/site, skipping what is current: Rust → WebAssembly → JavaScript bindings → optimised and
# compressed files, with the style sheets and the public files beside them.
#
#   front.sh release   what is shipped: small (minutes)
#   front.sh dev       what `make watch` uses: quick, large
source "$(dirname "$0")/lib.sh"

mode=${1:-release}
case $mode in
    release) profile=wasm-release folder=wasm-release ;;
    dev) profile=dev folder=debug ;;
    *) fail "front.sh takes 'release' or 'dev', not '$mode'" ;;
esac

# optimise MODULE OPTION… — in its place. The program is JavaScript, and Node now and then hangs when it ends: so its time is bounded and
# it gets another try.
optimise() {
    local try module=$1
    shift
    for try in 1 2 3; do
        if timeout 600 scripts/front/node_modules/.bin/wasm-opt \
            --enable-bulk-memory --enable-bulk-memory-opt --enable-nontrapping-float-to-int --enable-reference-types \
            --enable-sign-ext --enable-mutable-globals --enable-multivalue "$@" -o "$module.optimised" "$module"; then
            mv "$module.optimised" "$module"
            return 0
        fi
        note "wasm-opt did not end well (try $try)"
    done
    rm -f "$module.optimised"
    fail "wasm-opt cannot optimise $module"
}

steps 'front end' 5
step "a compiler for the browser"
environment="$FRONT_TARGET/environment"
scripts/wasm-toolchain.sh "$environment"

step "the tools that cut and bind the module"
wasm_split=$(scripts/cargo-tool.sh wasm_split_cli_support 0.2.4 wasm-split-cli build-binary)
wasm_bindgen=$(scripts/cargo-tool.sh wasm-bindgen-cli "$(locked_version wasm-bindgen)" wasm-bindgen)

step "tools that pack the front end"
npm_install scripts/front

step "Rust to WebAssembly ($profile)"
(
    source "$environment"
    # Panics name their place in the sources. Where those lie on this machine does not belong into the module.
    "$WASM_CARGO" fetch --locked --quiet
    flags=${CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUSTFLAGS:-}
    for folder in "${CARGO_HOME:-$HOME/.cargo}"/registry/src/*/; do flags+=" --remap-path-prefix=$folder="; done
    export CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUSTFLAGS=$flags
    CARGO_TARGET_DIR=$FRONT_TARGET "$WASM_CARGO" build --locked --lib --no-default-features --features hydrate \
        --target wasm32-unknown-unknown --profile "$profile"
)
wasm="$FRONT_TARGET/wasm32-unknown-unknown/$folder/ocellus.wasm"

step "packing into target/site"
# The bindings and the optimised pieces wait in a folder of their own per mode; `made-from` says from which module.
pkg="$FRONT_TARGET/pkg-$mode"
key="$(sha256sum <"$wasm") $(cat scripts/front.sh scripts/front/shorten.mjs | sha256sum)"
if [ "$(cat "$pkg.made-from" 2>/dev/null)" != "$key" ]; then
    pieces="$FRONT_TARGET/pieces-$mode"
    rm -rf "$pkg" "$pkg.made-from" "$pieces"
    mkdir -p "$pieces"
    "$wasm_split" "$wasm" "$pieces" --out-name ocellus
    # The pieces use what the linker exported under the names that it gave.
    "$wasm_bindgen" --target web --no-typescript --keep-lld-exports --no-demangle --out-name ocellus --out-dir "$pkg" "$pieces/ocellus.wasm"
    rm "$pieces/ocellus.wasm"
    mv "$pieces"/* "$pkg/"
    if [ "$mode" = release ]; then
        node scripts/front/shorten.mjs "$pkg"
        note "wasm-opt, two modules at a time"
        # The first one, which takes longest, is waited for by everybody. What makes functions unlike each other, as to put them into
        # others does, makes the module smaller and its brotli larger. In the other modules run loops that should be quick.
        optimise "$pkg/ocellus_bg.wasm" -O3 --skip-pass=inlining --skip-pass=inlining-optimizing --skip-pass=local-cse &
        running=1
        for module in "$pkg"/*.wasm; do
            if [ "$module" = "$pkg/ocellus_bg.wasm" ]; then continue; fi
            if [ "$running" = 2 ]; then wait -n; running=1; fi
            optimise "$module" -Oz &
            running=2
        done
        while [ "$running" -gt 0 ]; do wait -n; running=$((running - 1)); done
    fi
    echo "$key" >"$pkg.made-from"
fi
node scripts/front/pack.mjs --pkg "$pkg" --style style/main.css --public public --site "$SITE" --mode "$mode"
