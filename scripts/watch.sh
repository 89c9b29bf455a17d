#!/usr/bin/env bash
# Builds, serves http://127.0.0.1:3000, and on every change builds again, restarts the server and reloads the browser.
# Ctrl-C ends it.
source "$(dirname "$0")/lib.sh"

npm_install scripts/front
exec node scripts/front/watch.mjs
