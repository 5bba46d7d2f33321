# Running test programs and counting what they say.

results_open() {
    reports=$root/build/reports/$1
    rm -rf "$reports"
    mkdir -p "$reports"
    : >"$reports/results.tsv"
}

# result NAME PASSED FAILED SKIPPED
result() {
    printf '%s\t%s\t%s\t%s\n' "$@" >>"$reports/results.tsv"
    say "$1: $2 passed, $3 failed$([ "$4" = 0 ] || echo ", $4 skipped")"
}

# Prints the sum as the last line of stdout; fails if a test failed or none ran.
results_close() {
    awk -F '\t' '
        { passed += $2; failed += $3; skipped += $4 }
        $3 > 0 { printf "failed: %s (%d)\n", $1, $3 }
        END {
            if (skipped) printf "%d skipped\n", skipped
            printf "%d passed, %d failed\n", passed, failed
            exit (failed > 0 || passed == 0)
        }' "$reports/results.tsv"
}

# one_test NAME COMMAND...: a check that passes or fails as a whole.
one_test() {
    local name=$1
    shift
    say "$name"
    if "$@"; then result "$name" 1 0 0; else result "$name" 0 1 0; fi
}

# junit_result NAME FILE EXIT_CODE: counts a JUnit report and prints what failed. A program that
# died without a report, or failed without a failed test, counts as one failure.
junit_result() {
    local counts
    counts=$(python3 "$root/.ci/count_tests.py" "$2" "$3") || die "count_tests.py failed"
    # shellcheck disable=SC2086
    result "$1" $counts
}

# catch_run NAME PROGRAM [ARGUMENT...]: a Catch2 program.
catch_run() {
    local name=$1 program=$2 code=0 began=$SECONDS
    shift 2
    [ -x "$program" ] || {
        say "$program was not built"
        result "$name" 0 1 0
        return
    }
    "$program" "$@" -r junit -o "$reports/$name.xml" >&2 || code=$?
    junit_result "$name" "$reports/$name.xml" "$code"
    say "$name took $((SECONDS - began)) s"
}

# pytest_run NAME FOLDER [ARGUMENT...]
pytest_run() {
    local name=$1 folder=$2 code=0
    shift 2
    (cd "$root" && "$root/.venv/bin/python" -m pytest "$folder" --junitxml="$reports/$name.xml" \
        "$@") >&2 || code=$?
    junit_result "$name" "$reports/$name.xml" "$code"
}

# unittest_run NAME COMMAND...: Python's unittest, counted from its last lines.
unittest_run() {
    local name=$1 log code=0 ran bad
    shift
    log=$reports/$name.log
    "$@" >"$log" 2>&1 || code=$?
    ran=$(sed -n 's/^Ran \([0-9]*\) tests\{0,1\} in .*/\1/p' "$log")
    bad=0
    if [ "$code" -ne 0 ]; then
        cat "$log" >&2
        bad=1
    fi
    result "$name" $((${ran:-0} > bad ? ${ran:-0} - bad : 0)) "$bad" 0
}
