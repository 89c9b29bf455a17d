# Shared by the scripts in this folder: they source it first. It changes to the project's folder, stops the script at the
# first error, and gives words for saying what happens and for installing what is missing.
# shellcheck shell=bash

set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

# These flags replace those of .cargo/config.toml, one of which the program needs.
if [ -n "${RUSTFLAGS:-}" ]; then export RUSTFLAGS="$RUSTFLAGS --cfg erase_components"; fi

# Everything that is built goes here. `make CARGO_TARGET_DIR=… build` puts it elsewhere.
export CARGO_TARGET_DIR="${CARGO_TARGET_DIR:-$PWD/target}"
# The front end has a target folder of its own, so that its build and the server's never invalidate each other.
FRONT_TARGET="$CARGO_TARGET_DIR/front"
# The packed front end, which the server embeds. rust-embed names this folder; whoever only wants everything built packs it elsewhere.
SITE="${OCELLUS_SITE:-$PWD/target/site}"
# Tools that take minutes to build outlive this checkout.
CACHE="${XDG_CACHE_HOME:-$HOME/.cache}/ocellus"

# say TEXT — one line about what happens now.
say() { printf '\033[1m==>\033[0m %s\n' "$*" | plain_unless_terminal; }
# note TEXT — a detail below it.
note() { printf '    %s\n' "$*"; }
# fail TEXT — the reason, and the end.
fail() { printf 'error: %s\n' "$*" >&2; exit 1; }

plain_unless_terminal() { if [ -t 1 ]; then cat; else sed 's/\x1b\[[0-9;]*m//g'; fi; }

# steps NAME N — what the script makes and in how many steps; step TEXT — the next one begins, so long after the script did.
STEP=0 STEPS=0 MAKING=''
steps() { MAKING=$1 STEP=0 STEPS=$2; }
step() { STEP=$((STEP + 1)); say "$MAKING $STEP/$STEPS ($((SECONDS / 60)) min $((SECONDS % 60)) s): $*"; }

have() { command -v "$1" >/dev/null 2>&1; }

as_root() {
    if [ "$(id -u)" = 0 ]; then "$@"
    elif have sudo; then sudo "$@"
    else fail "this needs root and there is no sudo; run as root: $*"; fi
}

# install_packages NAME… — with apt, which prints only when it goes wrong. Callers check first whether that is needed, so
# that a machine that has everything is never asked for a password.
install_packages() {
    have apt-get || fail "please install these yourself, since this machine has no apt-get: $*"
    local log; log=$(mktemp)
    note "installing the packages $*"
    if ! { as_root apt-get -o DPkg::Lock::Timeout=300 update &&
           as_root env DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=300 install -y --no-install-recommends "$@"; } >"$log" 2>&1; then
        tail -n 30 "$log" >&2; rm -f "$log"
        fail "apt-get could not install $*"
    fi
    rm -f "$log"
}

# npm_install FOLDER — the exact versions of its lock file, and nothing when they are there.
npm_install() {
    local folder=$1 stamp="$1/node_modules/.ocellus-stamp"
    [ "$(node -p 'process.versions.node.split(".")[0] >= 20' 2>/dev/null)" = true ] ||
        fail "Node.js 20 or newer is needed; 'node --version' says: $(node --version 2>&1 || true)"
    if ! cmp -s "$folder/package-lock.json" "$stamp"; then
        note "installing the npm packages of $folder"
        (cd "$folder" && npm ci --no-audit --no-fund --loglevel=error)
        cp "$folder/package-lock.json" "$stamp"
    fi
}

# locked_version CRATE — the version of a crate in Cargo.lock.
locked_version() {
    awk -v name="\"$1\"" '$1 == "name" { found = ($3 == name) } found && $1 == "version" { gsub(/"/, "", $3); print $3; exit }' Cargo.lock
}

# free_port — a TCP port on the loopback that nobody uses now.
free_port() {
    node -e 'const s = require("net").createServer().listen(0, "127.0.0.1", () => { console.log(s.address().port); s.close() })'
}
