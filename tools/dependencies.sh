# What tend is built and tested with, and how it gets there. Sourced by ./quickstart and ./check.
# Idempotent: looks first, installs only what is missing. Needs apt (Debian 12 or newer) and root or sudo for that; elsewhere it says
# plainly what it would need.

build_packages="gcc libc6-dev cmake ninja-build pkg-config libfyaml-dev libsqlite3-dev libzstd-dev zlib1g-dev libssl-dev libxgboost-dev ca-certificates"
test_packages="libcmocka-dev g++ clang-format-14 clang-tidy-14 binutils python3 git"
# What the tests with real clients need besides; they are skipped where it cannot be had.
client_packages="curl python3-venv chromium chromium-driver"

# DuckDB's library and C header, from its packages on npm; both pinned, both checked against these digests.
duckdb_library_x86_64="@duckdb/node-bindings-linux-x64@1.5.6-r.1"
duckdb_library_x86_64_sha512="IXcrZJE6kEqM0Z4wwdVnGBHX/frOS33VPNAwDXQ/Q+Fs84b058Qe94chrCCIcNJlG8Y3UHIUU4eBeCQxW5mN1Q=="
duckdb_library_aarch64="@duckdb/node-bindings-linux-arm64@1.5.6-r.1"
duckdb_library_aarch64_sha512="3jnUaDil1BrF/6vAZwVaInJ1xoBaWGHB4PDiUnzJWKCo8a8TLx9j7/gPyPl/UGRBftrYIuTihRZSfF4mWMgtWA=="
duckdb_header="duckdb@1.4.4"
duckdb_header_sha512="hEJJ5hyVF0VLj3dmOLpsWrQR0b3d4Ykqtygm6iUXjHJDDnSqg/USKxcb5qvNrOhFYPgktayU6dXCtgPqcmmpog=="

say() { printf '%s\n' "$*"; }
fail() { printf 'error: %s\n' "$*" >&2; exit 1; }

# as_root COMMAND…: through sudo when we are not root; can_be_root asks first, so that the reason is not lost in a log.
as_root() {
    if [ "$(id -u)" = 0 ]; then "$@"; else sudo "$@"; fi
}
can_be_root() { [ "$(id -u)" = 0 ] || command -v sudo >/dev/null 2>&1; }

# Installs those of the named Debian packages that are not there.
need_packages() {
    missing=""
    for package in "$@"; do
        [ "$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null)" = installed ] || missing="$missing $package"
    done
    [ -n "$missing" ] || return 0
    command -v apt-get >/dev/null 2>&1 ||
        fail "this system has no apt-get; install what corresponds to these Debian packages, then run this again:$missing"
    can_be_root || fail "these packages are missing, and installing them needs root or sudo; have them installed, then run this again:
  apt-get install --no-install-recommends$missing"
    say "installing:$missing"
    log=$(mktemp)
    # shellcheck disable=SC2086  # a list of names
    as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $missing >"$log" 2>&1 ||
        { as_root apt-get update -qq >"$log" 2>&1 &&
          as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $missing >"$log" 2>&1; } ||
        { tail -n 20 "$log" >&2; fail "apt-get could not install:$missing"; }
    rm -f "$log"
}

# The same, when it can be done; says so when not.
want_packages() {
    (need_packages "$@") || say "going on without: $*"
}

# fetch_npm PACKAGE SHA512 FOLDER: the package's archive, checked, as FOLDER/package.tgz
fetch_npm() {
    (cd "$3" && npm pack --loglevel=error "$1" >name 2>log) || { cat "$3/log" >&2; fail "npm could not fetch $1"; }
    mv "$3/$(tail -n 1 "$3/name")" "$3/package.tgz"
    found=$(openssl dgst -sha512 -binary "$3/package.tgz" | openssl base64 -A)
    [ "$found" = "$2" ] || fail "$1 is not what was pinned: sha512 $found, expected $2"
}

# third_party/duckdb: libduckdb.so and duckdb.h, unless TEND_DUCKDB or the system has them.
need_duckdb() {
    root=$1
    [ -z "${TEND_DUCKDB:-}" ] || return 0
    [ -e "$root/third_party/duckdb/libduckdb.so" ] && [ -e "$root/third_party/duckdb/duckdb.h" ] && return 0
    case "$(uname -s) $(uname -m)" in
    "Linux x86_64") library=$duckdb_library_x86_64 sha512=$duckdb_library_x86_64_sha512 ;;
    "Linux aarch64") library=$duckdb_library_aarch64 sha512=$duckdb_library_aarch64_sha512 ;;
    *) fail "DuckDB is fetched for Linux on x86-64 and 64-bit ARM only; put libduckdb and duckdb.h (1.4 or newer) into a folder and set TEND_DUCKDB to it" ;;
    esac
    command -v npm >/dev/null 2>&1 || need_packages npm
    command -v openssl >/dev/null 2>&1 || need_packages openssl
    say "fetching DuckDB"
    work=$(mktemp -d)
    mkdir "$work/library" "$work/header"
    fetch_npm "$library" "$sha512" "$work/library"
    fetch_npm "$duckdb_header" "$duckdb_header_sha512" "$work/header"
    mkdir -p "$root/third_party/duckdb.new"
    tar -xzf "$work/library/package.tgz" -C "$work/library"
    mv "$work/library/package/libduckdb.so" "$root/third_party/duckdb.new/"
    tar -xzf "$work/header/package.tgz" -O package/src/duckdb/src/include/duckdb.h >"$root/third_party/duckdb.new/duckdb.h"
    rm -rf "$root/third_party/duckdb" "$work"
    mv "$root/third_party/duckdb.new" "$root/third_party/duckdb"
}
