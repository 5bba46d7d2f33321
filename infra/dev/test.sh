# The test suites and their count. A suite appends `name passed failed skipped` to a results file;
# the last line of every test verb is the sum.

help_test() {
    cat <<'TEXT'
test: build and run every test

usage: ./dev test [SUITE...] [-- ARGUMENT...]

Installs what is missing, builds build/test (RelWithDebInfo, assertions and failpoints on) and runs
the suites, in this order unless some are named:
  lint         what ./dev lint does; clang-tidy goes on beside the others, as nice as it can
  unit         build/test/unit_tests
  sim          build/test/simulator: 2,000 seeds of the cluster in virtual time, and its controls
  conformance  build/test/conformance_tests: both logs, with a real PostgreSQL and a real Kafka
  e2e          tests/e2e with pytest against the real program, in .venv
  generator    a generated application, simple_task_api, passes its own proof, from PyPI
Arguments after -- go to the test program of a single suite, as in `./dev test unit -- '[fold]'` or
`./dev test e2e -- -k timer`. Reports in JUnit's format are left in build/reports/test. The last
line is `N passed, N failed`; the exit code is 1 if a test failed.
TEXT
}

verb_test() {
    run_suites test lint unit sim conformance e2e generator -- "$@"
}

help_test_asan() {
    cat <<'TEXT'
test-asan: the tests under AddressSanitizer and UndefinedBehaviorSanitizer

usage: ./dev test-asan [SUITE...] [-- ARGUMENT...]

As ./dev test, in build/asan, without lint.
TEXT
}

verb_test_asan() {
    local strict=detect_stack_use_after_return=1:check_initialization_order=1
    export ASAN_OPTIONS=${ASAN_OPTIONS:-$strict}
    export UBSAN_OPTIONS=${UBSAN_OPTIONS:-print_stacktrace=1}
    use_symbolizer
    run_suites asan unit sim conformance e2e -- "$@"
}

help_test_tsan() {
    cat <<'TEXT'
test-tsan: the tests under ThreadSanitizer

usage: ./dev test-tsan [SUITE...] [-- ARGUMENT...]

As ./dev test, in build/tsan, without lint and sim (it has one thread).
TEXT
}

verb_test_tsan() {
    export TSAN_OPTIONS=${TSAN_OPTIONS:-halt_on_error=1:second_deadlock_stack=1}
    TSAN_OPTIONS+=:suppressions=$root/tests/tsan.supp
    use_symbolizer
    run_suites tsan unit conformance e2e -- "$@"
}

use_symbolizer() {
    export ASAN_SYMBOLIZER_PATH=/usr/lib/llvm-19/bin/llvm-symbolizer
    export TSAN_OPTIONS="${TSAN_OPTIONS:-}:external_symbolizer_path=$ASAN_SYMBOLIZER_PATH"
}

# run_suites PRESET KNOWN_SUITE... -- [SUITE...] [-- ARGUMENT...]
run_suites() {
    local preset=$1 known=() chosen=() suite
    shift
    while [ "$1" != -- ]; do
        known+=("$1") && shift
    done
    shift
    while [ $# -gt 0 ] && [ "$1" != -- ]; do
        [[ " ${known[*]} " == *" $1 "* ]] || wrong_use "no suite '$1' (${known[*]})"
        chosen+=("$1") && shift
    done
    [ $# -eq 0 ] || shift
    [ $# -eq 0 ] || [ ${#chosen[@]} -eq 1 ] || wrong_use "arguments go to one named suite"
    [ ${#chosen[@]} -gt 0 ] || chosen=("${known[@]}")
    ensure_packages
    build_preset "$preset"
    build=$root/build/$preset
    results_open "$preset"
    for suite in "${chosen[@]}"; do
        say "suite: $suite"
        if [ "$suite" = lint ]; then suite_lint; else "suite_$suite" "$@"; fi
    done
    [[ " ${chosen[*]} " != *" lint "* ]] || tidy_end
    results_close
}

suite_unit() { catch_run unit "$build/unit_tests" "$@"; }

# One thread, virtual time: what a seed shows once it shows always.
suite_sim() {
    local rule
    one_test "simulator" simulator "$build/simulator" 1..2000 "$@"
    one_test "simulator: a seed repeats itself" simulator_repeats "$build/simulator" 1..100
    for rule in sequence read_back density feed_join; do
        one_test "simulator: finds a broken rule: $rule" simulator_finds "$build/simulator" "$rule"
    done
}

# simulator PROGRAM SEEDS [ARGUMENT...]
simulator() {
    local program=$1 seeds=$2
    shift 2
    "$program" --seeds "$seeds" --processes "$(cpu_jobs)" "$@" >&2
}

simulator_repeats() {
    local first again
    first=$("$1" --seeds "$2" --list) && again=$("$1" --seeds "$2" --list) &&
        [ "$first" = "$again" ]
}

# The control: a checker that was never seen red is none.
simulator_finds() {
    local said
    said=$("$1" --seeds 1..2000 --without "$2" --until-found) && return 1
    grep -q 'FAILED: ' <<<"$said" || return 1
    sed -n '/FAILED: /p' <<<"$said" >&2
}

# These tests start PostgreSQL and Kafka themselves; what they need is fetched before.
suite_conformance() {
    kafka_fetch
    short_lived_brokers
    catch_run conformance "$build/conformance_tests" "$@"
}

# They never win back what the second compiler of their JVM costs: a quarter of a start.
short_lived_brokers() { export JAVA_TOOL_OPTIONS=-XX:TieredStopAtLevel=1; }

suite_e2e() {
    python_environment
    kafka_fetch
    short_lived_brokers
    prometheus_fetch
    export PATH=$PATH:$cache/prometheus/usr/bin
    export TEAMFLOW_BINARY=$build/teamflow TEAMFLOW_DEV=$root/dev
    # Several at a time: most of a test is waiting for processes that start, stop and die. Not by
    # file: that runs one of the tests that share an id, as all operations of Schemathesis do.
    pytest_run e2e "$root/tests/e2e" -n 4 --dist worksteal "$@"
}

# The virtual environment follows .ci/requirements.txt.
python_environment() {
    local wanted=$root/.ci/requirements.txt stamp=$root/.venv/requirements.txt
    cmp -s "$wanted" "$stamp" || with_lock "$cache/venv.lock" python_install "$wanted" "$stamp"
}

python_install() {
    ! cmp -s "$1" "$2" || return 0
    say "installing .ci/requirements.txt into .venv"
    rm -rf "$root/.venv"
    python3 -m venv "$root/.venv"
    quietly "$root/.venv/install.log" "$root/.venv/bin/pip" install --disable-pip-version-check \
        --retries 5 -r "$1" || die "pip could not install $1"
    cp "$1" "$2"
}

# Unpacked and not installed: the package would start a server of its own on a developer's machine.
prometheus_fetch() {
    [ -x "$cache/prometheus/usr/bin/promtool" ] ||
        with_lock "$cache/prometheus.lock" prometheus_unpack
}

prometheus_unpack() {
    local made=$cache/prometheus.new
    [ ! -x "$cache/prometheus/usr/bin/promtool" ] || return 0
    say "fetching Prometheus from Debian"
    rm -rf "$made" && mkdir -p "$made"
    (cd "$made" && quietly "$cache/prometheus.log" apt-get download prometheus) ||
        die "apt-get download prometheus failed; see $cache/prometheus.log"
    dpkg -x "$made"/prometheus_*.deb "$made"
    rm -rf "$cache/prometheus" && mv "$made" "$cache/prometheus"
}

help_test_crash() {
    cat <<'TEXT'
test-crash: kill -9 at random moments under load, 50 times on each log

usage: ./dev test-crash [ARGUMENT of pytest...]

The long form of the tests in tests/e2e whose name has `crash` in it: they take their number of
rounds from TEAMFLOW_CRASH_ROUNDS (here 50 unless set, in ./dev test 5).
TEXT
}

verb_test_crash() {
    ensure_packages
    build_preset test
    build=$root/build/test
    export TEAMFLOW_CRASH_ROUNDS=${TEAMFLOW_CRASH_ROUNDS:-50}
    results_open crash
    suite_e2e -k crash "$@"
    results_close
}

help_test_sim() {
    cat <<'TEXT'
test-sim: the cluster in virtual time, 100,000 seeds

usage: ./dev test-sim [FIRST..LAST] [ARGUMENT of build/test/simulator...]

Builds build/test and runs the simulator of tests/sim over the seeds (1..100000 unless given) on all
cores. A seed that fails says how to see it again; --commands N makes longer runs (60 unless given).
TEXT
}

verb_test_sim() {
    local seeds=1..100000
    if [[ ${1:-} =~ ^[0-9]+(\.\.[0-9]+)?$ ]]; then
        seeds=$1
        shift
    fi
    ensure_packages
    build_preset test simulator
    results_open sim
    one_test "simulator $seeds" simulator "$root/build/test/simulator" "$seeds" "$@"
    results_close
}

help_fuzz() {
    cat <<'TEXT'
fuzz: run the libFuzzer targets for a bounded time

usage: ./dev fuzz [SECONDS] [TARGET...]

Builds build/fuzz (AddressSanitizer, UndefinedBehaviorSanitizer, libFuzzer) and runs each target of
tests/fuzz for SECONDS (default 60), from the inputs in tests/fuzz/corpus/TARGET. What a run learns
stays in .cache/fuzz/TARGET; an input that breaks something is left in build/fuzz/found.
TEXT
}

verb_fuzz() {
    local seconds=60 targets=() target
    if [[ ${1:-} =~ ^[0-9]+$ ]]; then
        seconds=$1
        shift
    fi
    ensure_packages
    build_preset fuzz
    if [ $# -gt 0 ]; then
        targets=("$@")
    else
        for target in "$root"/tests/fuzz/*.cpp; do
            targets+=("$(basename "$target" .cpp)")
        done
    fi
    use_symbolizer
    mkdir -p "$root/build/fuzz/found"
    results_open fuzz
    for target in "${targets[@]}"; do
        one_test "$target" fuzz_target "$target" "$seconds"
    done
    results_close
}

fuzz_target() {
    local program=$root/build/fuzz/fuzz_$1 learned=$cache/fuzz/$1 seeds=$root/tests/fuzz/corpus/$1
    [ -x "$program" ] || {
        echo "no target tests/fuzz/$1.cpp"
        return 1
    }
    mkdir -p "$learned"
    [ -d "$seeds" ] || seeds=''
    "$program" -max_total_time="$2" -timeout=2 -rss_limit_mb=1024 -max_len=65536 \
        -artifact_prefix="$root/build/fuzz/found/$1-" "$learned" ${seeds:+"$seeds"} >&2
}

help_bench() {
    cat <<'TEXT'
bench: measure, and write docs/performance.md

usage: ./dev bench [--quick] [--only PART,...] [--results FILE] [--print]

Builds build/bench (release) and runs tests/bench/run, which starts what it measures and names the
parts there are. --quick measures for seconds only.
TEXT
}

verb_bench() {
    ensure_packages
    build_preset bench teamflow benchmarks
    kafka_fetch
    export TEAMFLOW_BUILD=$root/build/bench TEAMFLOW_BINARY=$root/build/bench/teamflow
    TEAMFLOW_DEV=$root/dev exec "$root/tests/bench/run" "$@"
}
