#!/usr/bin/env bash
# The design's invariants, each said as something that must not be found in the source.
source "$(dirname "$0")/lib.sh"
# A grep that finds nothing is what we hope for; and the last part of a pipe counts, so it runs in this shell.
set +eo pipefail
shopt -s lastpipe

broken=0
[ -n "$(git ls-files src)" ] || fail "git lists no sources here: is this a checkout that git trusts?"
# forbid MESSAGE — fails with the message and the lines on standard input, if there are any.
forbid() {
    local lines; lines=$(cat)
    [ -z "$lines" ] && return 0
    broken=$((broken + 1))
    printf 'broken: %s\n%s\n\n' "$1" "$(sed 's/^/    /' <<<"$lines")"
}
# search PATTERN PATH… — like grep over tracked files, but finding nothing is no error.
search() { local pattern=$1; shift; git grep -nIE "$pattern" -- "$@" || true; }
# shipped — the tracked Rust sources without their test modules, which stand last in their files, as FILE:LINE:TEXT.
shipped() {
    git ls-files -z 'src/*.rs' | grep -zvE '(^|/)tests?(_[a-z_]+)?\.rs$|/tests/' | xargs -0 awk '
        FNR == 1 { testing = 0 }
        /^#\[cfg\(test\)\]/ { held = 1; next }
        held { held = 0; if (/\{[[:space:]]*$/) testing = 1 }
        !testing && !/^[[:space:]]*\/\// { print FILENAME ":" FNR ":" $0 }'
}

search '(^|[^a-z_])(leptos|leptos_[a-z]+|web_sys|js_sys|wasm_bindgen|gloo_[a-z]+|axum|tower|sqlx|sea_query|tokio)::' \
    src/model src/geometry src/editor src/query |
    forbid "model, geometry, editor and query are pure: no browser, no server, no database"

search 'crate::(server|api|pages|ui|app|query|editor|geometry)\b' src/model | forbid "model depends on no other module"
search 'crate::(server|api|pages|ui|app|query|editor)\b' src/geometry | forbid "geometry depends on model only"
search 'crate::(server|api|pages|ui|app|query)\b' src/editor | forbid "editor depends on geometry and model only"
search 'crate::(server|api|pages|ui|app|geometry|editor)\b' src/query | forbid "query depends on model only"
search 'crate::(pages|ui)\b' src/server src/api | forbid "server and api know nothing of pages and components"

search 'cfg(_attr)?\(.*feature' 'src/*.rs' ':!src/lib.rs' ':!src/main.rs' ':!src/api' |
    forbid "features are asked for at the mod lines of lib.rs, in api and in main.rs, nowhere else"

search 'sea_query|sqlx::query|(^|[^A-Za-z_])(Query::(select|insert|update|delete)\(\))' src ':!src/server/store' ':!src/server/search' |
    forbid "statements are built in server/store and server/search only"
shipped | grep -E '"(SELECT .* FROM|INSERT INTO|UPDATE .* SET|DELETE FROM) ' | grep -vE '^src/server/(store|search)/' |
    forbid "SQL text stands in server/store and server/search only"

search 'get_context|CanvasRenderingContext2d' src ':!src/ui/canvas.rs' ':!src/ui/canvas/*' |
    forbid "only ui/canvas.rs talks to a canvas"

search '(todo|unimplemented|dbg)!\(|#\[ignore' src tests benches | forbid "nothing unfinished, no ignored test"
search '\.(only|skip|fixme)\(' end2end/tests | forbid "no browser test is narrowed or skipped"
shipped | grep -E '\.unwrap\(\)' | forbid "no unwrap outside tests: say with expect why it cannot fail, or handle it"
shipped | grep -E 'eprintln!|println!' | grep -vE '^src/(main|server/(cli|serve))\.rs|^src/server/(cli|demo)/' |
    forbid "logs go through tracing; only the command line prints"

# Server functions that answer GET may not call anything of the store that writes.
for file in $(git ls-files 'src/api/*.rs'); do
    awk -v file="$file" '
        /#\[server/ { attribute = ""; reading = 1 }
        reading { attribute = attribute $0 }
        /^(pub )?async fn|^ *pub async fn/ { get = (attribute ~ /GetUrl/); reading = 0; name = $0 }
        get && /::(insert|insert_if_absent|update|delete|save|set|set_[a-z_]+|create|take|add_[a-z_]+|remove_[a-z_]+)\(/ {
            print file ":" FNR ":" $0
        }' "$file"
done | forbid "nothing changes state through GET"

if [ "$broken" != 0 ]; then fail "$broken of the design's invariants are broken"; fi
note "the design's invariants hold"
