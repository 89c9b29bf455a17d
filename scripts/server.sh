#!/usr/bin/env bash
# Builds the release server with the front end inside it; target/site has to be there (front.sh).
source "$(dirname "$0")/lib.sh"

steps server 1
step "release build with the front end embedded"
[ -f "$SITE.sha256" ] || fail "there is no front end in $SITE: run scripts/front.sh first"
# The server's source mentions this variable, so that cargo builds it again when the front end changed, and only then.
OCELLUS_SITE_SHA256=$(cat "$SITE.sha256") cargo build --locked --release --bin ocellus
note "$CARGO_TARGET_DIR/release/ocellus"
