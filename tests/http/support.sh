# What the HTTP cases share: a small project with two registered versions, a server on a free port, transcripts. Sourced by a case's script.
. "$ROOT/tests/cli/support.sh"

# The project that all cases start from: salaries/1 (logistic, the champion) and salaries/2 (a forest, the challenger). Built once for a tend
# program, beside it; a case gets a copy in its own folder.
salaries() {
    local made=$BUILD/http-cases/salaries
    mkdir -p "$BUILD/http-cases"
    (
        flock 9
        [ "$made/.tend/tend.db" -nt "$TEND" ] && [ "$made/.tend/tend.db" -nt "$ROOT/tests/http/support.sh" ] && exit 0
        rm -rf "$made" && mkdir "$made" && cd "$made" && make_salaries >"$made/log" 2>&1
    ) 9>"$BUILD/http-cases/lock" || { echo "the project could not be made:"; cat "$made/log"; exit 1; }
    cp -r "$made/." .
    rm -f log
}

make_salaries() {
    people 600 >people.csv
    people 200 7 >more.csv
    project
    sed -i 's/^    people: people.csv/&\n  expect:\n    age: {type: integer, range: [0, 120], required: true}\n    hours: {type: integer, range: [1, 99], severity: warning}\n    city: {values: [Oslo, Bergen, Tromso], severity: quarantine}\n    salary: {values: [low, high], required: true, severity: error}/' tend.yaml
    "$TEND" --quiet run && "$TEND" --quiet --set train.learners='[random_forest]' run && "$TEND" models promote salaries/2 challenger
}

# serve ARGUMENT…: starts the server in this folder, on a free port, and waits until it answers. Sets $at ("127.0.0.1:PORT") and $server.
serve() {
    : >>"$here/serve.log"
    "$SERVE" --port 0 --workers 2 "$@" </dev/null 2>>"$here/serve.log" >&2 &
    server=$!
    for _ in $(seq 600); do
        at=$(tail -n 1 "$here/serve.log" | sed -n -E 's|.* on https?://(.*)$|\1|p')
        [ -z "$at" ] || return 0
        kill -0 $server 2>/dev/null || break
        sleep 0.05
    done
    echo "the server did not start:"
    cat "$here/serve.log"
    server=
    exit 1
}

# stop: tells it to finish, and shows how it ended unless that was well. A case that leaves it running is stopped at its end.
stop() {
    [ -n "${server:-}" ] || return 0
    kill -TERM $server 2>/dev/null
    wait $server
    local status=$?
    server=
    if [ $status != 0 ]; then
        echo "[the server ended with $status]"
        tail -n 60 "$here/serve.log"
    fi
    : >"$here/serve.log"
}
trap stop EXIT

# req METHOD PATH [CURL-ARGUMENT…]: a request and its answer as a transcript: status, the headers that say something, body.
req() {
    local method=$1 path=$2
    shift 2
    echo "> $method $path"
    curl -sS --path-as-is --max-time 60 -D "$here/.head" -o "$here/.body" -X "$method" "$@" "http://$at$path" 2>"$here/.error"
    local status=$?
    if [ $status = 0 ]; then
        tr -d '\r' <"$here/.head" | grep -v -E '^HTTP/1.1 100' | grep -i -E '^(HTTP/|content-type:|allow:|retry-after:|www-authenticate:|location:|etag:|cache-control:)'
        steady_answer <"$here/.body"
        [ ! -s "$here/.body" ] || [ -z "$(tail -c 1 "$here/.body")" ] || echo
    else
        echo "[curl: $status]"
    fi
    rm -f "$here/.head" "$here/.body" "$here/.error"
}
json() { local path=$1; shift; req POST "$path" -H 'Content-Type: application/json' --data-binary "$@"; }

# answer METHOD PATH [CURL-ARGUMENT…]: only the body, as it is.
answer() {
    local method=$1 path=$2
    shift 2
    curl -sS --path-as-is --max-time 60 -X "$method" "$@" "http://$at$path"
}
# status METHOD PATH [CURL-ARGUMENT…]: only the number.
status() {
    local method=$1 path=$2
    shift 2
    curl -sS --path-as-is --max-time 60 -o /dev/null -w '%{http_code}\n' -X "$method" "$@" "http://$at$path"
}

# The whole prediction log of a model, oldest first.
predictions() {
    for file in .tend/predictions/"$1"/*.ndjson*; do
        case $file in *.zst) zstdcat "$file" ;; *.tmp) ;; *) cat "$file" ;; esac
    done
}

# Ids, times, digests and what depends on the fit are not what a case is about.
steady_answer() {
    sed -E -e 's/[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:]{8}(\.[0-9]+)?Z/<time>/g' -e 's/-?\b[0-9]+\.[0-9]{3,}(e-?[0-9]+)?\b/#/g' \
        -e 's/\b0[0-7][0-9A-HJKMNP-TV-Z]{24}\b/<id>/g' -e 's/"latency_us":[0-9]+/"latency_us":#/g' \
        -e 's/\b([0-9a-f]{64}|[0-9a-f]{16}|[0-9a-f]{12})\b/<digest>/g' -e "s/127\.0\.0\.1:${at##*:}/<at>/g"
}

row='{"age": 39, "hours": 40, "education": "bachelor", "city": "Oslo"}'
