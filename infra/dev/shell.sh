# What every verb of ./dev stands on: words to the reader, locks, paths. Talk goes to stderr, so
# that stdout stays for data.

cache=${TEAMFLOW_CACHE:-$root/.cache}

say() { printf '==> %s\n' "$*" >&2; }

die() {
    printf 'dev: %s\n' "$*" >&2
    exit 1
}

wrong_use() {
    printf 'dev: %s (try --help)\n' "$*" >&2
    exit 2
}

as_root() {
    if [ "$(id -u)" = 0 ]; then
        "$@"
    elif command -v sudo >/dev/null; then
        sudo "$@"
    else
        die "this needs root: run it as root or install sudo ($*)"
    fi
}

# with_lock FILE COMMAND...: at most one process a time, waiting up to ten minutes.
with_lock() {
    local file=$1
    shift
    mkdir -p "$(dirname "$file")"
    (
        flock -w 600 9 || die "waited ten minutes for $file"
        "$@"
    ) 9>"$file"
}

# quietly LOG COMMAND...: output goes to LOG and is shown only if the command fails.
quietly() {
    local log=$1
    shift
    mkdir -p "$(dirname "$log")"
    "$@" >"$log" 2>&1 || {
        local code=$?
        cat "$log" >&2
        return "$code"
    }
}

cpu_jobs() {
    if [ -n "${JOBS:-}" ]; then
        echo "$JOBS"
        return
    fi
    # A translation unit of Beast takes about 1 GB in clang.
    awk -v cores="$(nproc)" '/MemAvailable/ {
        jobs = int($2 / 1200000); if (jobs > cores) jobs = cores; print (jobs < 1 ? 1 : jobs)
    }' /proc/meminfo
}
