# Proofs of generated applications. They need PyPI, a PostgreSQL and minutes, so ./dev test leaves
# them out.

help_test_generator() {
    cat <<'TEXT'
test-generator: generate the built-in domains and prove each of them

usage: ./dev test-generator [MODEL...]

Builds the program of build/test, generates each MODEL (a file, a built-in domain, or `hostile` for
all texts of the corpus of hostile ones that are accepted; simple_task_api unless given) and lets
`teamflow prove` install, check, migrate, test, start and fuzz it. The virtual environment is kept
in .cache/generator; reports as JSON are left in build/reports/generator.
TEXT
}

verb_test_generator() {
    local models=("$@") model
    [ $# -gt 0 ] || models=(simple_task_api)
    ensure_packages
    build_preset test teamflow
    results_open generator
    for model in "${models[@]}"; do
        one_test "proof of $model" prove_model "$model"
    done
    results_close
}

# The environment follows the versions that the application names.
prove_model() {
    local name scratch environment code=0
    name=$(basename "$1" | sed 's/\.[a-z]*$//')
    scratch=$(mktemp -d)
    if [ "$1" = hostile ]; then
        python3 "$root/tests/e2e/support/hostile.py" >"$scratch/hostile.json"
        set -- "$scratch/hostile.json"
    fi
    "$root/build/test/teamflow" generate "$1" --out "$scratch/$name" || return 1
    environment=$cache/generator/$(cat "$scratch/$name"/requirements*.lock | sha256sum | cut -c1-12)
    mkdir -p "$cache/generator"
    "$root/build/test/teamflow" prove "$scratch/$name" --environment "$environment" \
        --json "$reports/$name.json" >&2 || code=1
    rm -rf "$scratch"
    return "$code"
}
