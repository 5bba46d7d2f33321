# Several processes on loopback: a cluster to work with, and the same under faults.

help_cluster() {
    cat <<'TEXT'
cluster: gateways, projectors, brokers and a PostgreSQL as processes on loopback

usage: ./dev cluster [--gateways N] [--projectors N] [--brokers N] [--log kafka|postgres]
                     [--partitions N] [--postgres-url URL] [--port PORT] [--dir DIR]

Builds build/release and starts, with data in DIR (default .teamflow/cluster), N brokers (default 3,
none with --log postgres), a PostgreSQL unless --postgres-url names one, N projectors and N gateways
(default 2 each) as processes of `teamflow projector` and `teamflow gateway` that share their
secrets. The gateways listen on PORT and the ports behind it (default: free ones). Prints where each
is, with its process id and the file of its output, and stops all of it on Ctrl-C. A later start on
the same DIR finds what was there.
TEXT
}

verb_cluster() {
    ensure_packages
    kafka_fetch
    build_preset release teamflow
    export TEAMFLOW_BINARY=$root/build/release/teamflow TEAMFLOW_DEV=$root/dev
    PYTHONPATH=$root/tests:$root/tests/e2e exec python3 -m chaos.run_cluster "$@"
}

help_test_chaos() {
    cat <<'TEXT'
test-chaos: faults on a cluster of real processes at work, and a judge of all that happened

usage: ./dev test-chaos [--seed N] [--minutes M] [--faults K] [--log kafka|postgres]
                        [--gateways N] [--projectors N] [--brokers 1|3] [--no-kafka-flush]
                        [--only KIND,...] [--dir DIR] [--broken RULE,...]
       ./dev test-chaos --controls [--seed N] [--rule RULE]

Builds build/test and starts 3 gateways (2 with --log postgres), 2 projectors, 3 brokers and a
PostgreSQL on loopback, every connection through a proxy. Users work at all gateways while K faults
(default 300) drawn from the seed strike, for M minutes at most (default 30): processes killed,
stopped and paused, brokers killed, paused and cut off from each other, leaders moved, links cut,
delayed, slowed and reset, PostgreSQL crashed, its disk full and its power cut, its tables locked,
its connections taken, files used up, slow clients; with --only those of some kinds
(tests/chaos/schedule.py). After each round every gateway must be ready and find all well. Then the
judge goes over the users' history, the log and the read models.
Prints the figures, with the seed, and what must not be, if anything; the exit code tells. All that
happened stays in DIR (default build/chaos/...) and can be judged again by
`PYTHONPATH=tests:tests/e2e .venv/bin/python -m chaos.check DIR`. docs/reliability.md says more.

--broken names rules of ownership that the program is not to keep (events/broken_rule.hpp: sequence,
read_back, density, idempotence). --controls breaks them in turn, each under the faults that it is
there for: the judge must find the first three, and nothing else. About 3 minutes for each; --rule
names one alone (or `nothing`, for none broken). Only a build with failpoints can break rules:
build/test, which is made here as for all runs; no other is needed, and releases cannot.

Full disks and power cuts need root and loop devices; elsewhere they are left out.
TEXT
}

verb_test_chaos() {
    ensure_packages
    kafka_fetch
    python_environment
    build_preset test teamflow
    export TEAMFLOW_BINARY=$root/build/test/teamflow TEAMFLOW_DEV=$root/dev
    local module=chaos.run
    [[ " $* " != *" --controls "* ]] || module=chaos.controls
    PYTHONPATH=$root/tests:$root/tests/e2e exec "$root/.venv/bin/python" -m "$module" "$@"
}
