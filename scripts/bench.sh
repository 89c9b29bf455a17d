#!/usr/bin/env bash
# Measures the budgets and prints each with the command that measures it alone:
#
#   scripts/bench.sh payload      everything that the query page loads first, as brotli: at most 350 KB
#   scripts/bench.sh query-page   the query page with 60 results, rendered by the server at 10,000 pictures: p50 at most 15 ms
#   scripts/bench.sh thumbnails   pictures per second of the thumbnail pipeline on one core: aim 9 at 12 MP, 230 at 640x480
#   scripts/bench.sh editor       the annotation editor in Chromium: main-thread time per frame with 10,000 shapes, at most 16 ms for
#                                 95 % of the frames; moving one of 10,000 corners, at most 8 ms; first paint at most 500 ms
#   scripts/bench.sh editor all   the same, and ten times as many, for which there is no budget
#   scripts/bench.sh scene        what the editor does without a browser, with 100,000 regions
#   scripts/bench.sh queries [PICTURES…]
#                                 200 mixed queries on generated sites of 100,000 and of 1,000,000 pictures (or of each of these sizes),
#                                 on SQLite and on PostgreSQL: making the site (SQLite: at least 50,000 regions a second), pages, totals,
#                                 facets, what each rule removes, and what is left for others
#                                 under the worst queries. Pages: p95 at most 20 ms. BENCH_SLOWEST=N shows the slowest queries
#   scripts/bench.sh              all of them
#
# Where the editor's time goes says BENCH_PARTS=1. It measures target/release/ocellus, which `make build` makes.
source "$(dirname "$0")/lib.sh"
source scripts/postgres.sh

program="$CARGO_TARGET_DIR/release/ocellus"
folder='' server=''
# The site is made in memory where the machine allows that: how fast its disk is, is not the question here.
start_server() {
    [ -x "$program" ] || fail "there is no $program: run 'make build' first"
    folder=$(mktemp -d "$([ -w /dev/shm ] && echo /dev/shm || echo "${TMPDIR:-/tmp}")/ocellus-bench.XXXXXX")
    local port; port=$(free_port)
    url="http://127.0.0.1:$port"
    export OCELLUS_ADDRESS="127.0.0.1:$port" OCELLUS_DATA_DIR="$folder/data" OCELLUS_LOG_LEVEL=warn
    (cd "$folder" && exec "$program" serve) >"$folder/server.log" 2>&1 &
    server=$!
    node -e '
        const deadline = Date.now() + 20000
        const ask = () => fetch(process.argv[1]).then((a) => process.exit(a.ok ? 0 : 1), () => Date.now() < deadline ? setTimeout(ask, 100) : process.exit(1))
        ask()' "$url/api/health" || { cat "$folder/server.log" >&2; fail "the server does not start"; }
}
stop_server() {
    if [ -n "$server" ]; then kill "$server" 2>/dev/null || true; wait "$server" 2>/dev/null || true; fi
    if [ -n "$folder" ]; then rm -rf "$folder"; fi
    server='' folder=''
}
clean_up() { stop_server; postgres_stop; }
trap clean_up EXIT
trap 'exit 130' INT TERM

over=0
payload() {
    say "what the query page loads first (scripts/bench.sh payload)"
    start_server
    node scripts/front/payload.mjs "$url/query" 350 || over=1
    stop_server
}
query_page() {
    say "the query page with 60 results at 10,000 pictures (scripts/bench.sh query-page)"
    start_server
    local password; password=$(od -An -N12 -tx1 /dev/urandom | tr -d ' \n')
    echo "$password" | (cd "$folder" && "$program" user add bench --admin --password-stdin >/dev/null)
    BENCH_PASSWORD=$password node scripts/front/fill.mjs "$url" bench 10000
    node scripts/front/load.mjs "$url/query" 15 || over=1
    node scripts/front/load.mjs "$url/query?query=$(node -p 'encodeURIComponent(`want: [{has_object: ["Bench cat"]}]`)')" 15 || over=1
    stop_server
}
thumbnails() {
    say "thumbnails on one core (scripts/bench.sh thumbnails)"
    cargo bench --locked --bench thumbnails
}
editor() {
    say "the annotation editor in Chromium (scripts/bench.sh editor)"
    npm_install end2end
    local password; password=$(od -An -N12 -tx1 /dev/urandom | tr -d ' \n')
    start_server
    echo "$password" | (cd "$folder" && "$program" user add bench --admin --password-stdin >/dev/null)
    BENCH_PASSWORD=$password node end2end/bench/editor.mjs "$url" bench "$@" || over=1
    stop_server
}
scene() {
    say "the editor without a browser (scripts/bench.sh scene)"
    cargo bench --locked --no-default-features --bench scene
}
queries() {
    local pictures megabytes
    megabytes=$(($(getconf _PHYS_PAGES) * ($(getconf PAGE_SIZE) / 1024) / 1024))
    [ $# -gt 0 ] || set -- 100000 1000000
    for pictures in "$@"; do
        say "200 queries on $pictures pictures (scripts/bench.sh queries $pictures)"
        folder=$(mktemp -d "${TMPDIR:-/tmp}/ocellus-bench.XXXXXX")
        # As the README says for sites of this size.
        postgres_start -c "shared_buffers=$((megabytes / 4))MB" -c "effective_cache_size=$((megabytes / 2))MB" -c random_page_cost=1.1
        BENCH_DATABASES="sqlite:$folder/site.db $POSTGRES_URL" cargo bench --locked --bench queries -- "$pictures" "${BENCH_SLOWEST:-0}" || over=1
        clean_up
    done
}

case ${1:-all} in
    payload) payload ;;
    query-page) query_page ;;
    thumbnails) thumbnails ;;
    editor) editor "${@:2}" ;;
    scene) scene ;;
    queries) queries "${@:2}" ;;
    all) payload; query_page; thumbnails; editor; scene; queries ;;
    *) fail "bench.sh measures 'payload', 'query-page', 'thumbnails', 'editor', 'scene' or 'queries', not '$1'" ;;
esac
[ "$over" = 0 ] || fail "a budget is exceeded"
