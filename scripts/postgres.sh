# A PostgreSQL of our own for the tests: source this, then postgres_start and, whatever happens, postgres_stop.
# It lives in a temporary folder, listens on the loopback only, on a free port and with a password made up for the run.
# shellcheck shell=bash

POSTGRES_FOLDER='' POSTGRES_BIN=''

# The server's programs are not on the PATH on Debian.
postgres_find() {
    local folder
    for folder in $(compgen -G '/usr/lib/postgresql/*/bin' | sort -rV) "$(dirname "$(command -v initdb 2>/dev/null || echo /none/initdb)")"; do
        if [ -x "$folder/initdb" ] && [ -x "$folder/pg_ctl" ]; then POSTGRES_BIN=$folder; return 0; fi
    done
    return 1
}

# PostgreSQL refuses to run as root.
postgres_run() {
    if [ "$(id -u)" = 0 ]; then
        local user=postgres
        id "$user" >/dev/null 2>&1 || user=nobody
        (cd / && setpriv --reuid="$user" --regid="$(id -g "$user")" --clear-groups -- "$@")
    else
        (cd / && "$@")
    fi
}

# Sets POSTGRES_URL. More settings are arguments: `postgres_start -c shared_buffers=1GB`.
postgres_start() {
    postgres_find || install_packages postgresql
    postgres_find || fail "the package postgresql brought no initdb"
    local password port attempt
    POSTGRES_FOLDER=$(mktemp -d "${TMPDIR:-/tmp}/ocellus-postgres.XXXXXX")
    password=$(od -An -N16 -tx1 /dev/urandom | tr -d ' \n')
    echo "$password" >"$POSTGRES_FOLDER/password"
    if [ "$(id -u)" = 0 ]; then
        chown -R "$(id -u postgres 2>/dev/null || id -u nobody)" "$POSTGRES_FOLDER"
    fi
    postgres_run "$POSTGRES_BIN/initdb" --pgdata="$POSTGRES_FOLDER/data" --username=ocellus --pwfile="$POSTGRES_FOLDER/password" \
        --auth=scram-sha-256 --encoding=UTF8 --locale=C --no-sync >"$POSTGRES_FOLDER/initdb.log" 2>&1 ||
        { cat "$POSTGRES_FOLDER/initdb.log" >&2; fail "initdb failed"; }
    # Between finding a free port and listening on it somebody else may take it.
    for attempt in 1 2 3; do
        port=$(free_port)
        if postgres_run "$POSTGRES_BIN/pg_ctl" start --wait --timeout=60 --silent --pgdata="$POSTGRES_FOLDER/data" \
            --log="$POSTGRES_FOLDER/data/server.log" --options="-p $port -k '$POSTGRES_FOLDER' -c listen_addresses=127.0.0.1 \
            -c fsync=off -c synchronous_commit=off -c full_page_writes=off -c max_connections=200 $*" >/dev/null 2>&1; then
            POSTGRES_URL="postgres://ocellus:$password@127.0.0.1:$port/postgres"
            return 0
        fi
        note "PostgreSQL did not start on port $port (attempt $attempt)"
    done
    tail -n 20 "$POSTGRES_FOLDER/data/server.log" >&2
    fail "PostgreSQL does not start"
}

postgres_stop() {
    [ -n "$POSTGRES_FOLDER" ] || return 0
    postgres_run "$POSTGRES_BIN/pg_ctl" stop --mode=immediate --timeout=20 --silent --pgdata="$POSTGRES_FOLDER/data" >/dev/null 2>&1 || true
    rm -rf "$POSTGRES_FOLDER"
    POSTGRES_FOLDER=''
}
