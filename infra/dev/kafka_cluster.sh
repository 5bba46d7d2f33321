# The life of a Kafka cluster in one directory: DIR/nodes (a line `id port controller_port` for
# each broker; written last, so a half-made cluster is made anew), and in DIR/node-K a broker's
# server.properties, data, broker.log and pid, and `hosts` if it is to know other machines by names
# of its own (in the format of /etc/hosts, which it then does not read). Callers set kafka_dir,
# kafka_port, kafka_nodes, kafka_node, kafka_heap_mb and kafka_force (infra/dev/kafka.sh).

# free_ports N [FIRST]: N ports of loopback that nobody listens on, below the range that the kernel
# hands out to clients; FIRST is taken as the first if it is free.
free_ports() {
    python3 - "$@" <<'PYTHON'
import random, socket, sys

count, ports, held = int(sys.argv[1]), [], []
candidates = [int(p) for p in sys.argv[2:]] + random.sample(range(15000, 32000), 2000)
for port in candidates:
    if len(ports) == count:
        break
    probe = socket.socket()
    try:
        probe.bind(("127.0.0.1", port))
    except OSError:
        continue
    held.append(probe)
    ports.append(port)
if len(ports) < count:
    sys.exit("no free ports")
print(*ports)
PYTHON
}

kafka_ids() { awk '{print $1}' "$kafka_dir/nodes"; }

kafka_bootstrap() { awk '{printf "%s127.0.0.1:%s", (NR > 1 ? "," : ""), $2}' "$kafka_dir/nodes"; }

# kafka_pid K: prints the process id of broker K if that process is alive and is this broker.
kafka_pid() {
    local pid node=$kafka_dir/node-$1
    pid=$(cat "$node/pid" 2>/dev/null) && [ -r "/proc/$pid/cmdline" ] || return 1
    tr '\0' '\n' <"/proc/$pid/cmdline" 2>/dev/null | grep -Fqx "$node/server.properties" || return 1
    echo "$pid"
}

# kafka_properties ID PORT CONTROLLER_PORT VOTERS NODES
kafka_properties() {
    local replicas=$5 in_sync=1
    [ "$replicas" -le 3 ] || replicas=3
    [ "$replicas" -lt 3 ] || in_sync=2
    cat <<TEXT
process.roles=broker,controller
node.id=$1
controller.quorum.voters=$4
controller.listener.names=CONTROLLER
listeners=PLAINTEXT://127.0.0.1:$2,CONTROLLER://127.0.0.1:$3
advertised.listeners=PLAINTEXT://127.0.0.1:$2
log.dirs=$kafka_dir/node-$1/data

# History is for ever, and nothing appears or vanishes by itself.
auto.create.topics.enable=false
log.cleanup.policy=delete
log.retention.ms=-1
log.retention.bytes=-1
unclean.leader.election.enable=false

default.replication.factor=$replicas
min.insync.replicas=$in_sync
offsets.topic.replication.factor=$replicas
offsets.topic.num.partitions=1
transaction.state.log.replication.factor=$replicas
transaction.state.log.min.isr=$in_sync
share.coordinator.state.topic.replication.factor=$replicas
share.coordinator.state.topic.min.isr=$in_sync

# Failures are noticed quickly, groups form at once.
broker.session.timeout.ms=3000
broker.heartbeat.interval.ms=500
group.initial.rebalance.delay.ms=0
TEXT
}

kafka_create() {
    [ ! -f "$kafka_dir/nodes" ] || die "there is a cluster in $kafka_dir"
    local count=${kafka_nodes:-1} first=${kafka_port:-9092} ports voters='' id
    [ "$count" -ge 1 ] && [ "$count" -le 9 ] || wrong_use "kafka: --nodes is 1 to 9"
    [ "$first" -le 65535 ] || wrong_use "kafka: no port $first"
    [ "$first" != 0 ] || first=''
    # shellcheck disable=SC2086
    read -ra ports <<<"$(free_ports $((2 * count)) $first)"
    [ ${#ports[@]} -eq $((2 * count)) ] || die "no free ports"
    [ -z "$kafka_port" ] || [ "$kafka_port" = 0 ] || [ "${ports[0]}" = "$kafka_port" ] ||
        die "port $kafka_port is taken"
    for ((id = 1; id <= count; id++)); do
        voters+=${voters:+,}$id@127.0.0.1:${ports[count + id - 1]}
    done
    say "making a cluster of $count in $kafka_dir"
    rm -rf "$kafka_dir"/node-* "$kafka_dir/nodes.new"
    for ((id = 1; id <= count; id++)); do
        mkdir -p "$kafka_dir/node-$id"
        kafka_properties "$id" "${ports[id - 1]}" "${ports[count + id - 1]}" "$voters" "$count" \
            >"$kafka_dir/node-$id/server.properties"
        echo "$id ${ports[id - 1]} ${ports[count + id - 1]}" >>"$kafka_dir/nodes.new"
    done
    kafka_format "$count"
    # Kafka's format does not fsync: a power cut soon after leaves a broker that never starts.
    sync -f "$kafka_dir"
    mv "$kafka_dir/nodes.new" "$kafka_dir/nodes"
}

kafka_format() {
    local id jobs=() cluster
    cluster=$(head -c 16 /dev/urandom | base64 | tr '+/' 'ab' | cut -c1-22)
    for ((id = 1; id <= $1; id++)); do
        quietly "$kafka_dir/node-$id/format.log" kafka_java -Xmx128m kafka.tools.StorageTool \
            format -t "$cluster" -c "$kafka_dir/node-$id/server.properties" &
        jobs+=($!)
    done
    for id in "${jobs[@]}"; do
        wait "$id" || die "kafka format failed"
    done
}

kafka_launch() {
    local java node=$kafka_dir/node-$1
    kafka_jvm
    [ ! -f "$node/hosts" ] || java+=("-Djdk.net.hosts.file=$node/hosts")
    [ ! -f "$node/broker.log" ] || mv "$node/broker.log" "$node/broker.log.old"
    say "starting broker $1"
    # A session of its own: Ctrl-C in the terminal is not for the broker.
    setsid "${java[@]}" ${kafka_extra:+"$kafka_extra"} "-Xms${kafka_heap_mb}m" \
        "-Xmx${kafka_heap_mb}m" kafka.Kafka "$node/server.properties" \
        </dev/null >"$node/broker.log" 2>&1 9>&- &
    echo $! >"$node/pid"
}

# kafka_wait K: until broker K serves; 1 if it ended, or after 60 s.
kafka_wait() {
    local node=$kafka_dir/node-$1 turn
    for ((turn = 0; turn < 1200; turn++)); do
        grep -q 'Kafka Server started' "$node/broker.log" 2>/dev/null && return 0
        kill -0 "$(cat "$node/pid")" 2>/dev/null || return 1
        sleep 0.05
    done
    return 1
}

kafka_start() {
    local fresh='' attempt id ids started
    [ -f "$kafka_dir/nodes" ] || fresh=yes
    for attempt in 1 2 3; do
        [ -f "$kafka_dir/nodes" ] || kafka_create
        ids=${kafka_node:-$(kafka_ids)}
        kafka_same_cluster
        started=''
        for id in $ids; do
            kafka_pid "$id" >/dev/null && continue
            rm -f "$kafka_dir/node-$id/pid"
            kafka_launch "$id"
            started+=" $id"
        done
        local failed=''
        for id in $started; do
            kafka_wait "$id" || failed=$id
        done
        [ -n "$failed" ] || break
        # Between our choice of a port and the broker's bind somebody else may have taken it.
        if [ -n "$fresh" ] && [ "$attempt" -lt 3 ] &&
            grep -q 'Address already in use' "$kafka_dir/node-$failed/broker.log"; then
            say "a port was taken meanwhile: another try"
            kafka_stop
            rm -f "$kafka_dir/nodes"
        else
            tail -n 20 "$kafka_dir/node-$failed/broker.log" >&2
            die "broker $failed did not start: $kafka_dir/node-$failed/broker.log"
        fi
    done
    echo "bootstrap=$(kafka_bootstrap)"
}

# Refuses options that contradict the cluster that is there.
kafka_same_cluster() {
    local count first
    count=$(wc -l <"$kafka_dir/nodes")
    first=$(awk 'NR == 1 {print $2}' "$kafka_dir/nodes")
    [ -z "$kafka_nodes" ] || [ "$kafka_nodes" = "$count" ] ||
        die "$kafka_dir is a cluster of $count: use another --dir, or stop it and remove that one"
    [ -z "$kafka_port" ] || [ "$kafka_port" = 0 ] || [ "$kafka_port" = "$first" ] ||
        die "$kafka_dir is a cluster on port $first: use another --dir"
    [ -z "$kafka_node" ] || kafka_ids | grep -qx "$kafka_node" || wrong_use "no broker $kafka_node"
}

kafka_stop() {
    local id pid pids=() signal=TERM turn
    [ -f "$kafka_dir/nodes" ] || {
        say "no cluster in $kafka_dir"
        return 0
    }
    [ -z "$kafka_force" ] || signal=KILL
    for id in ${kafka_node:-$(kafka_ids)}; do
        pid=$(kafka_pid "$id") || continue
        say "stopping broker $id"
        # A stopped process hears SIGTERM only once it runs again.
        kill -s "$signal" "$pid" && kill -s CONT "$pid" 2>/dev/null || true
        pids+=("$id")
    done
    for ((turn = 0; turn < 300; turn++)); do
        local left=()
        for id in "${pids[@]}"; do
            ! kafka_pid "$id" >/dev/null || left+=("$id")
        done
        [ ${#left[@]} -gt 0 ] || return 0
        # Brokers of a cluster that go together wait for a quorum that is gone.
        [ "$turn" -ne 200 ] || for id in "${left[@]}"; do
            kill -s KILL "$(kafka_pid "$id")" 2>/dev/null || true
        done
        sleep 0.05
    done
    die "these brokers do not stop: ${left[*]}"
}

kafka_status() {
    local id pid code=0
    [ -f "$kafka_dir/nodes" ] || die "no cluster in $kafka_dir"
    echo "bootstrap=$(kafka_bootstrap)"
    for id in $(kafka_ids); do
        if pid=$(kafka_pid "$id"); then
            echo "broker $id: running, pid $pid"
        else
            echo "broker $id: down"
            code=1
        fi
    done
    return $code
}
