"""./dev kafka is what the Kafka tests stand on: it keeps its word."""

import subprocess
from pathlib import Path

import pytest
from confluent_kafka import Consumer, Producer, TopicPartition
from confluent_kafka.admin import AdminClient, NewTopic

from support.kafka import Kafka
from support.places import DEV, free_port
from support.waiting import until


def dev(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [str(DEV), *arguments]
    return subprocess.run(
        command, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=120
    )


def make_topic(bootstrap: str, name: str, replicas: int) -> None:
    admin = AdminClient({"bootstrap.servers": bootstrap})
    for made in admin.create_topics([NewTopic(name, 1, replicas)]).values():
        made.result(timeout=20)


def produce(bootstrap: str, topic: str, values: list[bytes]) -> None:
    failed = []
    settings = {"bootstrap.servers": bootstrap, "acks": "all", "message.timeout.ms": 20000}
    producer = Producer(settings)
    for value in values:
        producer.produce(topic, value, on_delivery=lambda e, _: failed.append(e) if e else None)
    assert producer.flush(30) == 0
    assert not failed


def consume(bootstrap: str, topic: str, count: int) -> list[bytes]:
    reader = Consumer({"bootstrap.servers": bootstrap, "group.id": "reader"})
    reader.assign([TopicPartition(topic, 0, 0)])
    found: list[bytes] = []

    def enough() -> bool:
        message = reader.poll(0.2)
        if message is not None and message.error() is None:
            found.append(message.value())
        return len(found) >= count

    until(enough, 30, f"{count} records")
    reader.close()
    return found


def test_data_and_port_outlive_a_kill(tmp_path: Path) -> None:
    with Kafka(tmp_path / "cluster") as kafka:
        before = kafka.bootstrap
        values = [str(number).encode() for number in range(200)]
        make_topic(before, "numbers", 1)
        produce(before, "numbers", values)
        kafka.kill9()
        assert kafka.running() == set()
        assert kafka.start().bootstrap == before
        assert kafka.running() == {1}
        assert consume(before, "numbers", len(values)) == values


def test_two_of_three_brokers_keep_what_was_acknowledged(tmp_path: Path) -> None:
    with Kafka(tmp_path / "cluster", nodes=3) as kafka:
        assert len(kafka.bootstrap.split(",")) == 3
        make_topic(kafka.bootstrap, "numbers", 3)
        produce(kafka.bootstrap, "numbers", [b"first"])
        kafka.kill9(2)
        assert kafka.running() == {1, 3}
        produce(kafka.bootstrap, "numbers", [b"second"])
        kafka.start(node=2)
        assert kafka.running() == {1, 2, 3}
        assert consume(kafka.bootstrap, "numbers", 2) == [b"first", b"second"]


def test_a_second_start_changes_nothing(tmp_path: Path) -> None:
    with Kafka(tmp_path / "cluster") as kafka:
        before = kafka.pid()
        kafka.start()
        assert kafka.pid() == before


def test_a_chosen_port_is_taken_or_refused(tmp_path: Path) -> None:
    port = free_port()
    first, second = str(tmp_path / "first"), str(tmp_path / "second")
    try:
        started = dev("kafka", "start", "--dir", first, "--port", str(port))
        assert started.stdout == f"bootstrap=127.0.0.1:{port}\n", started.stderr
        refused = dev("kafka", "start", "--dir", second, "--port", str(port))
        assert refused.returncode == 1
        assert f"port {port} is taken" in refused.stderr
    finally:
        dev("kafka", "stop", "--dir", first, "--force")


@pytest.mark.parametrize(
    "arguments",
    [
        ["kafka"],
        ["kafka", "fly"],
        ["kafka", "start", "--port"],
        ["kafka", "start", "--port", "many"],
        ["kafka", "start", "--nodes", "0"],
        ["kafka", "start", "--colour", "red"],
        ["fly"],
        ["build", "no_such_preset"],
        ["test", "no_such_suite"],
        [],
    ],
)
def test_wrong_use_ends_with_2(arguments: list[str], tmp_path: Path) -> None:
    if "--nodes" in arguments:
        arguments = [*arguments, "--dir", str(tmp_path / "cluster")]
    assert dev(*arguments).returncode == 2


def test_every_verb_has_help() -> None:
    listed = dev("--help")
    verbs = [line.split()[0] for line in listed.stdout.splitlines() if line.startswith("  ")]
    assert {"run", "build", "test", "kafka", "lint", "bench", "fuzz"} <= set(verbs)
    for verb in verbs:
        told = dev(verb, "--help")
        assert told.returncode == 0 and told.stdout.startswith(f"{verb}: "), verb
