#!/usr/bin/env bash
# Runs every test: unit and property tests, the store on both databases, the API over HTTP, and the stories in a real
# browser. Installs what they need first. The last line is the total, alone on its line: `N passed, M failed`.
source "$(dirname "$0")/lib.sh"
source scripts/postgres.sh
source scripts/dvc.sh
source scripts/loaders.sh

logs="$CARGO_TARGET_DIR/test-logs"
mkdir -p "$logs"
passed=0 failed=0
# Whatever stops the tests, the last line is a total.
finish() {
    local status=$?
    postgres_stop
    if [ -n "${front:-}" ]; then kill -- -"$front" 2>/dev/null || true; fi
    [ -n "${reported:-}" ] || echo "$passed passed, $((failed + 1)) failed"
    exit "$status"
}
trap finish EXIT
trap 'exit 130' INT TERM

steps tests 5
step "what the tests need"
have cc || install_packages build-essential
chromium=${E2E_CHROMIUM:-$(command -v chromium || command -v chromium-browser || command -v google-chrome || true)}
if [ -z "$chromium" ]; then
    install_packages chromium chromium-driver
    chromium=$(command -v chromium) || fail "the package chromium brought no 'chromium'"
fi
postgres_find || install_packages postgresql
dvc_find
loaders_find
npm_install end2end
note "Chromium: $chromium; PostgreSQL: $POSTGRES_BIN; DVC: $DVC"

status=0
step "unit, property, store and API tests are built"
cargo test --locked --no-run || status=$?
front=''
if [ "$status" = 0 ]; then
    # Its longest parts keep one processor busy, and tests wait for disks and databases: together they take less time. It is packed
    # elsewhere, since servers under test look into the usual folder.
    OCELLUS_SITE="$logs/site" setsid scripts/front.sh release >"$logs/front.log" 2>&1 &
    front=$!
fi
step "unit, property, store and API tests (cargo test)"
postgres_start
OCELLUS_TEST_POSTGRES_URL=$POSTGRES_URL OCELLUS_TEST_DVC=$DVC OCELLUS_TEST_LOADERS=$LOADERS \
    timeout --kill-after=30 2400 cargo test --locked --no-fail-fast 2>&1 | tee "$logs/cargo.log" || status=$?
postgres_stop
read -r p f < <(awk '/^test result:/ { p += $4; f += $6 } END { print p + 0, f + 0 }' "$logs/cargo.log")
# What does not compile has no result line, and must not count as nothing.
if [ "$status" != 0 ] && [ "$f" = 0 ]; then f=1; fi
passed=$((passed + p)) failed=$((failed + f))

browser() {
    step "front end for the browser tests"
    if [ -n "$front" ]; then
        # What went wrong beside the tests is told by the next line's second try.
        wait "$front" || true
        front=''
    fi
    scripts/front.sh release || return 1
    # The server of the development profile, which the tests have built, serves what is there.
    step "stories in the browser (Playwright)"
    rm -f "$logs/playwright.json"
    (cd end2end && E2E_OCELLUS="$CARGO_TARGET_DIR/debug/ocellus" E2E_CHROMIUM="$chromium" \
        PLAYWRIGHT_JSON_OUTPUT_NAME="$logs/playwright.json" npx --no-install playwright test --reporter=list,json \
        --output "$logs/browser")
}
status=0
browser || status=$?
p=0 f=0
if [ -f "$logs/playwright.json" ]; then
    read -r p f < <(node -e '
        const { expected, unexpected, flaky } = JSON.parse(require("fs").readFileSync(process.argv[1])).stats
        console.log(expected, unexpected + flaky)' "$logs/playwright.json")
fi
if [ "$status" != 0 ] && [ "$f" = 0 ]; then f=1; fi
passed=$((passed + p)) failed=$((failed + f))

[ "$failed" = 0 ] || note "logs: $logs"
reported=1
echo "$passed passed, $failed failed"
[ "$failed" = 0 ]
