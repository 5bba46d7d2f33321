# A real Kafka broker (KRaft, no ZooKeeper) on loopback, for development and for tests. The cluster
# lives in one directory; its files are written by infra/dev/kafka_cluster.sh.

help_kafka() {
    cat <<'TEXT'
kafka: a real Kafka broker on loopback, or a cluster of them

usage: ./dev kafka start  [--dir DIR] [--port PORT] [--nodes N] [--node K] [--heap MB]
       ./dev kafka create [--dir DIR] [--port PORT] [--nodes N]
       ./dev kafka stop   [--dir DIR] [--node K] [--force]
       ./dev kafka status [--dir DIR]
       ./dev kafka tool CLASS [ARGUMENT...]
       ./dev kafka fetch

start   fetches Kafka from Maven Central once, makes DIR (default .teamflow/kafka) a cluster of N
        brokers (default 1), starts those that do not run, waits until they serve, and prints
        `bootstrap=127.0.0.1:PORT[,...]` on stdout. The cluster keeps its ports and data in DIR, so
        a later start comes back as it was. --port is the first broker's: default 9092 if it is
        free, 0 for any free one. --node K starts broker K alone. Several clusters may run at once.
create  only makes the cluster's files, which a start of the same DIR then uses: DIR/nodes with a
        line `broker port controller_port` each, and DIR/node-K/server.properties, to be changed. A
        file DIR/node-K/hosts is what broker K reads instead of /etc/hosts.
stop    ends the brokers of DIR, with --force by kill -9; --node K only broker K. Data stays.
status  prints the same bootstrap line and one line a broker; exit 1 if any is down.
tool    runs a class of Kafka, such as org.apache.kafka.tools.TopicCommand --bootstrap-server ...
fetch   only downloads.

The log of broker K is DIR/node-K/broker.log, its process id DIR/node-K/pid.
TEXT
}

verb_kafka() {
    local action=${1:-}
    [ $# -eq 0 ] || shift
    case "$action" in
    start | create | stop | status) ;;
    fetch)
        ensure_packages
        kafka_fetch
        return
        ;;
    tool)
        ensure_packages
        kafka_fetch
        kafka_java -Xmx256m "$@"
        return
        ;;
    *) wrong_use "kafka: start, create, stop, status, tool or fetch" ;;
    esac
    kafka_dir=$root/.teamflow/kafka
    kafka_port='' kafka_nodes='' kafka_node='' kafka_heap_mb=384 kafka_force=''
    while [ $# -gt 0 ]; do
        case "$1" in
        --force) kafka_force=yes && shift && continue ;;
        --dir | --port | --nodes | --node | --heap) ;;
        *) wrong_use "kafka $action: unknown argument $1" ;;
        esac
        [ $# -ge 2 ] || wrong_use "kafka $action: $1 needs a value"
        [ "$1" = --dir ] || [[ $2 =~ ^[0-9]{1,5}$ ]] ||
            wrong_use "kafka $action: $1 needs a number, not '$2'"
        case "$1" in
        --dir) kafka_dir=$(realpath -m -- "$2") ;;
        --port) kafka_port=$2 ;;
        --nodes) kafka_nodes=$2 ;;
        --node) kafka_node=$2 ;;
        --heap) kafka_heap_mb=$2 ;;
        esac
        shift 2
    done
    case "$action" in
    start | create)
        ensure_packages
        kafka_fetch
        mkdir -p "$kafka_dir"
        with_lock "$kafka_dir/lock" "kafka_$action"
        ;;
    stop) kafka_stop ;;
    status) kafka_status ;;
    esac
}

kafka_version() {
    sed -n 's|.*<kafka.version>\(.*\)</kafka.version>.*|\1|p' "$root/infra/dev/kafka/pom.xml"
}

kafka_home() { echo "$cache/kafka/$(kafka_version)"; }

kafka_fetched() {
    cmp -s "$root/infra/dev/kafka/jars.sha256" "$(kafka_home)/jars.sha256"
}

kafka_fetch() {
    kafka_fetched || with_lock "$cache/kafka/lock" kafka_download
}

kafka_download() {
    kafka_fetched && return
    local home attempt
    home=$(kafka_home)
    say "fetching Kafka $(kafka_version) from Maven Central"
    rm -rf "$home"
    mkdir -p "$home/libs"
    for attempt in 1 2 3; do
        quietly "$home/fetch.log" mvn -q -B -f "$root/infra/dev/kafka/pom.xml" \
            dependency:copy-dependencies -DincludeScope=runtime \
            -DoutputDirectory="$home/libs" </dev/null && break
        [ "$attempt" -lt 3 ] || die "Kafka could not be fetched"
        say "trying again"
    done
    (cd "$home/libs" && sha256sum --quiet --strict -c "$root/infra/dev/kafka/jars.sha256") >&2 ||
        die "what Maven Central sent is not what infra/dev/kafka/jars.sha256 names"
    kafka_train
    cp "$root/infra/dev/kafka/jars.sha256" "$home/jars.sha256"
}

# Starts a scratch broker once and keeps the classes it loaded as a JVM archive: every later start
# takes half the time. An archive that does not fit the JVM is ignored by the JVM.
kafka_train() {
    local kafka_dir kafka_port=0 kafka_nodes=1 kafka_node='' kafka_heap_mb=384 kafka_force=''
    kafka_dir=$(kafka_home)/training
    say "preparing a class archive for quick starts"
    rm -rf "$kafka_dir"
    mkdir -p "$kafka_dir"
    kafka_extra=-XX:ArchiveClassesAtExit=$(kafka_home)/broker.jsa kafka_start >/dev/null
    kafka_stop
    rm -rf "$kafka_dir"
}

# Fills the array `java` with the command line up to the class.
kafka_jvm() {
    local home jars IFS=:
    home=$(kafka_home)
    jars=("$home"/libs/*.jar)
    java=(java -XX:+UseSerialGC "-Dlog4j2.configurationFile=$root/infra/dev/kafka/log4j2.xml")
    [ ! -f "$home/broker.jsa" ] ||
        java+=("-XX:SharedArchiveFile=$home/broker.jsa" -Xlog:cds=off -Xlog:class+path=off)
    java+=(-cp "${jars[*]}")
}

kafka_java() {
    local java
    kafka_jvm
    "${java[@]}" "$@"
}
