# Building and running the program.

help_build() {
    cat <<'TEXT'
build: install what is missing and build

usage: ./dev build [PRESET] [TARGET...]

PRESET is one of CMakePresets.json: release (default; build/release/teamflow), test, asan, tsan,
fuzz, bench. Objects are cached by ccache in .cache/ccache unless CCACHE_DIR says otherwise.
JOBS=N limits the parallel jobs (default: cores, fewer if memory is short).
TEXT
}

verb_build() {
    local preset=${1:-release}
    [ $# -eq 0 ] || shift
    ensure_packages
    build_preset "$preset" "$@"
    say "done: build/$preset"
}

use_ccache() {
    export CCACHE_DIR=${CCACHE_DIR:-$cache/ccache}
    export CCACHE_BASEDIR=${CCACHE_BASEDIR:-$root}
    export CCACHE_SLOPPINESS=${CCACHE_SLOPPINESS:-pch_defines,time_macros}
    export CCACHE_COMPILERCHECK=${CCACHE_COMPILERCHECK:-content}
}

# configure_preset PRESET: Ninja runs CMake again when a CMakeLists.txt changes; new presets and
# a first time are ours to notice.
configure_preset() {
    local dir=$root/build/$1
    grep -q "\"name\": \"$1\"" "$root/CMakePresets.json" ||
        wrong_use "no preset '$1' in CMakePresets.json"
    if [ ! -f "$dir/build.ninja" ] || [ "$root/CMakePresets.json" -nt "$dir/build.ninja" ]; then
        say "configuring build/$1"
        (cd "$root" && quietly "$dir/configure.log" cmake --preset "$1")
    fi
}

# build_preset PRESET [TARGET...]
build_preset() {
    local preset=$1 jobs
    shift
    use_ccache
    configure_preset "$preset"
    jobs=$(cpu_jobs)
    say "building build/$preset${*:+ ($*)} with $jobs jobs"
    NINJA_STATUS='[%f/%t %es] ' ninja -C "$root/build/$preset" -j "$jobs" "$@" >&2
}

help_run() {
    cat <<'TEXT'
run: build and start TeamFlow with everything in one process

usage: ./dev run [OPTION of teamflow dev...]

Installs what is missing, builds build/release and starts `teamflow dev`: one process with the
embedded log and a private PostgreSQL under --data (default ./.teamflow). It prints the URL, a demo
login and curl lines to paste. Ctrl-C stops it. `build/release/teamflow dev --help` lists options.
TEXT
}

verb_run() {
    ensure_packages
    build_preset release teamflow
    say "starting teamflow dev ${*:-}"
    exec "$root/build/release/teamflow" dev "$@"
}

help_clean() {
    cat <<'TEXT'
clean: remove what was built and fetched

usage: ./dev clean [--all]

Removes build/. With --all also .cache/ (ccache, Kafka, lint results) and .venv/. Data under
.teamflow/ stays.
TEXT
}

verb_clean() {
    local doomed=("$root/build")
    case "${1:-}" in
    '') ;;
    --all) doomed+=("$cache" "$root/.venv") ;;
    *) wrong_use "clean: unknown argument $1" ;;
    esac
    say "removing ${doomed[*]}"
    rm -rf "${doomed[@]}"
}
