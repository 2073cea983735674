# What the cases share: small data, a project that runs in a fraction of a second, and transcripts. Sourced by a case's script.

# t COMMAND…: a transcript: the command, what it said on both streams, and its exit status unless it is 0.
# Figures that depend on the fit (0.8132, 106.4 kB, digests) are replaced: a case is about what is said, the unit tests are about the numbers.
t() {
    echo "\$ $*"
    "$@" >"$here/.out" 2>&1 </dev/null
    local status=$?
    steady_figures <"$here/.out"
    rm -f "$here/.out"
    [ "$status" = 0 ] || echo "[exit $status]"
}
here=${PWD%/work}

steady_figures() {
    sed -E -e 's/("(value|low|high|p|distance|change|a|b)": )-?[0-9][0-9.e+-]*/\1#/g' -e 's/\bv?[0-9]+\.[0-9]+\.[0-9]+\b/<version>/g' \
        -e 's/-?\b[0-9]+\.[0-9]{2,}(e-?[0-9]+)?\b/#/g' -e 's/-?\b[0-9]+(\.[0-9]+)? [kM]?B\b/# kB/g' \
        -e 's/\b([0-9a-f]{64}|[0-9a-f]{16}|[0-9a-f]{12})(…|\b)/<digest>\2/g' -e 's/([^ ]) {3,}/\1  /g'
}

# people N [SEED]: N rows of a table with something to learn, the same every time.
people() {
    awk -v n="$1" -v seed="${2:-1}" 'BEGIN {
        split("primary,secondary,bachelor,master", level, ","); split("Oslo,Bergen,Tromso", city, ",")
        print "age,hours,education,city,salary"
        x = 7919 * seed
        for (i = 0; i < n; i++) {
            x = x * 16807 % 2147483647; age = 18 + int(x / 2147483647 * 50)
            x = x * 16807 % 2147483647; hours = 10 + int(x / 2147483647 * 50)
            x = x * 16807 % 2147483647; e = 1 + int(x / 2147483647 * 4)
            x = x * 16807 % 2147483647; c = 1 + int(x / 2147483647 * 3)
            x = x * 16807 % 2147483647; noise = x / 2147483647 * 40
            print age "," hours "," level[e] "," city[c] "," (age + hours + 12 * e + noise > 125 ? "high" : "low")
        }
    }'
}

# project: tend.yaml for people.csv, quick to run. What it is given is appended.
project() {
    cat >tend.yaml <<'YAML'
name: salaries
problem:
  target: salary
  positive: high
data:
  sources:
    people: people.csv
train:
  learners: [logistic]
evaluate:
  replicates: 50
YAML
    [ $# = 0 ] || printf '%s\n' "$@" >>tend.yaml
}

# Which files there are, with the folders of objects summed up: shows that nothing half-written is left behind.
files() {
    find . -path '*/.tend/objects' -prune -o -type f -print | grep -v -e '-shm$' -e '-wal$' | LC_ALL=C sort
    find . -path '*/.tend/objects/*' -type f ! -regex '.*/objects/[0-9a-f][0-9a-f]/[0-9a-f]*' | LC_ALL=C sort
}

# as_nobody COMMAND…: without root's right to read and write everything. Prepares the case's folder once; skips the case where that cannot be.
as_nobody() {
    if [ "$(id -u)" = 0 ]; then
        chmod 755 "$here" && chown -R 65534:65534 .
        setpriv --reuid=65534 --regid=65534 --clear-groups "$@"
    else
        "$@"
    fi
}
