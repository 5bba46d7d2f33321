# Proofs of generated applications. They need PyPI, a PostgreSQL and minutes, so ./dev test makes
# one alone.

help_prove() {
    cat <<'TEXT'
prove: generate an application and prove it

usage: ./dev prove MODEL...

Builds the program of build/test, generates each MODEL and lets `teamflow prove` install, check,
migrate, test, start and fuzz it. A MODEL is a file, a built-in domain, random:SEED for a model that
infra/dev/random_model.py makes up, or hostile for all texts of the corpus of hostile ones that are
accepted. The virtual environments are kept in .cache/generator; reports as JSON are left in
build/reports/generator, for `teamflow patterns --runs build/reports/generator`.
TEXT
}

verb_prove() {
    [ $# -gt 0 ] || wrong_use "no MODEL"
    prove_models "$@"
}

help_test_generator() {
    cat <<'TEXT'
test-generator: prove all built-in domains, the hostile texts and 20 random models

usage: ./dev test-generator

As ./dev prove, with each of them; some 80 minutes on one core and a half.
TEXT
}

verb_test_generator() {
    local models=() model
    [ $# -eq 0 ] || wrong_use "no arguments are expected: ./dev prove MODEL"
    for model in "$root"/generation/domains/*.yaml; do
        models+=("$(basename "$model" .yaml)")
    done
    models+=(hostile)
    for model in {0..19}; do
        models+=("random:$model")
    done
    prove_models "${models[@]}"
}

prove_models() {
    local model
    ensure_packages
    prometheus_fetch
    export PATH=$PATH:$cache/prometheus/usr/bin
    build_preset test teamflow
    build=$root/build/test
    results_open generator
    for model in "$@"; do
        one_test "proof of $model" prove_model "$model"
    done
    results_close
}

# One application, the smallest, and nothing that depends on the machine's speed: the others are for
# ./dev test-generator.
suite_generator() {
    prometheus_fetch
    export PATH=$PATH:$cache/prometheus/usr/bin
    one_test "proof of simple_task_api" prove_model simple_task_api --quick
}

# prove_model MODEL [ARGUMENT of teamflow prove...]
# The environment follows the versions that the application names.
prove_model() {
    local model=$1 name scratch environment code=0
    shift
    name=$(basename "$model" | sed 's/\.[a-z]*$//; s/:/_/')
    scratch=$(mktemp -d)
    case $model in
    random:*)
        python3 "$root/infra/dev/random_model.py" "${model#random:}" >"$scratch/$name.json" ||
            return 1
        model=$scratch/$name.json
        ;;
    hostile)
        python3 "$root/tests/e2e/support/hostile.py" >"$scratch/$name.json" || return 1
        model=$scratch/$name.json
        ;;
    esac
    "$build/teamflow" generate "$model" --out "$scratch/$name" || return 1
    environment=$cache/generator/$(cat "$scratch/$name"/requirements*.lock | sha256sum | cut -c1-12)
    mkdir -p "$cache/generator"
    "$build/teamflow" prove "$scratch/$name" --environment "$environment" \
        --json "$reports/$name.json" "$@" >&2 || code=1
    rm -rf "$scratch"
    return "$code"
}
