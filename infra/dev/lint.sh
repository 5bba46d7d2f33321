# Checks of the source itself: format, house rules, coroutine shapes, clang-tidy, shell scripts.

help_lint() {
    cat <<'TEXT'
lint: check format, house rules and clang-tidy

usage: ./dev lint [--fast]

Runs, each as one test: the checks' own tests (tests/lint), the shapes of co_await
(.ci/lint_coroutines.py), house rules (.ci/tidy.py), clang-format-19, shellcheck, the generated
documents against the program, and clang-tidy over every translation unit, each alone (in ./dev
test several together, which takes a third of the time). The last two need the build that `./dev
test` makes; what clang-tidy found clean is remembered in .cache/tidy. --fast leaves these two out.
TEXT
}

verb_lint() {
    local fast=''
    case "${1:-}" in
    '') ;;
    --fast) fast=yes ;;
    *) wrong_use "lint: unknown argument $1" ;;
    esac
    ensure_packages
    [ -n "$fast" ] || build_preset test
    results_open lint
    suite_lint "$fast" 1
    [ -n "$fast" ] || tidy_end
    results_close
}

# suite_lint [FAST [UNITS]]: ends with clang-tidy under way in the background, over UNITS at once;
# tidy_end waits for it.
suite_lint() {
    local fast=${1:-} units=${2:-8}
    python_environment
    unittest_run lint-checks python3 -m unittest discover -s "$root/tests/lint"
    one_test "co_await shapes" python3 "$root/.ci/lint_coroutines.py"
    one_test "house rules" python3 "$root/.ci/tidy.py"
    one_test "clang-format" format_check
    one_test "shell scripts" shell_check
    [ -z "$fast" ] || return 0
    one_test "generated documents" generated_check
    tidy_begin "$units"
}

# It takes long and only computes; most other tests wait.
tidy_begin() {
    tidy_log=$reports/clang-tidy.log
    nice -n 19 python3 "$root/.ci/clang_tidy.py" "$root/build/test" --cache "$cache/tidy" \
        --jobs "$(cpu_jobs)" --together "$1" >"$tidy_log" 2>&1 &
    tidy_pid=$!
    trap 'kill "$tidy_pid" 2>/dev/null || true' EXIT
}

tidy_end() { one_test "clang-tidy" tidy_result; }

tidy_result() {
    local code=0
    wait "$tidy_pid" || code=$?
    trap - EXIT
    cat "$tidy_log" >&2
    return "$code"
}

cpp_files() {
    git -C "$root" ls-files -z --cached --others --exclude-standard -- '*.cpp' '*.hpp' |
        (cd "$root" && xargs -0 -r ls -d 2>/dev/null) || true
}

format_check() {
    local files
    files=$(cpp_files | (cd "$root" && xargs -r -P "$(cpu_jobs)" -n 16 \
        clang-format-19 --dry-run -Werror --style=file) 2>&1 |
        sed -nE 's/^([^ ]+):[0-9]+:[0-9]+: (error|warning):.*/\1/p' | sort -u)
    [ -z "$files" ] || {
        printf 'not formatted (./dev format does it):\n%s\n' "$files"
        return 1
    }
}

shell_check() {
    local scripts=("$root/dev" "$root/.ci/run" "$root"/infra/dev/*.sh) script
    for script in "${scripts[@]}"; do
        bash -n "$script"
    done
    # SC2034, SC2154: the pieces of ./dev share variables that a look at one file cannot see.
    shellcheck --shell=bash --severity=warning --exclude=SC2034,SC2154 "${scripts[@]}"
}

help_format() {
    cat <<'TEXT'
format: rewrite all C++ files with clang-format-19

usage: ./dev format
TEXT
}

verb_format() {
    ensure_packages
    cpp_files | (cd "$root" && xargs -r -P "$(cpu_jobs)" -n 16 clang-format-19 -i --style=file)
    say "formatted"
}

help_generate() {
    cat <<'TEXT'
generate: write the documents that come from the code

usage: ./dev generate [--check]

Builds the program and lets `teamflow docs` write docs/generated: OpenAPI, AsyncAPI, the catalogue
of events, TypeScript types. They are checked in; --check only compares, and so does ./dev test.
TEXT
}

verb_generate() {
    ensure_packages
    build_preset test teamflow
    case "${1:-}" in
    '') generate_into "$root/docs/generated" && say "written: docs/generated" ;;
    --check) generated_check && say "docs/generated is up to date" ;;
    *) wrong_use "generate: unknown argument $1" ;;
    esac
}

generate_into() { "$root/build/test/teamflow" docs --out "$1"; }

generated_check() {
    local fresh=$root/build/test/generated
    rm -rf "$fresh"
    generate_into "$fresh" || return 1
    diff -ru "$root/docs/generated" "$fresh" || {
        echo "docs/generated is not what the code says: run ./dev generate and commit"
        return 1
    }
}
