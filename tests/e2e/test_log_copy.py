"""`teamflow log copy`: a history moves to another log, or to another number of partitions."""

import json
import signal
import uuid
from typing import Any

import pytest

from support import raw_log
from support.client import Client
from support.command_line import teamflow
from support.kafka import Kafka
from support.teamflow import Teamflow
from support.waiting import until
from support.work import events_of, make_project, make_task, work_a_while


def assert_dense(records: dict[int, list[tuple[raw_log.Record, int]]], partitions: int) -> None:
    """Each partition is there, without a gap, and says of each record what the fold says of it."""
    assert sorted(records) == list(range(partitions))
    for found in records.values():
        assert [record.offset for record, _ in found] == list(range(len(found)))
        assert [kind for _, kind in found] == raw_log.kinds(record for record, _ in found)


def test_a_history_moves_to_kafka_and_back(launch: Any, kafka: Kafka) -> None:
    server = launch("postgres")
    topic = f"teamflow.copy-{uuid.uuid4().hex[:12]}"
    target = ["--data", str(server.data), "--brokers", kafka.bootstrap, "--topic", topic]
    with Client(server.url) as client:
        client.register()
        work_a_while(client)
        before = events_of(client)
        done = teamflow("log", "copy", "--to", "kafka", *target, expect=1)
        assert "in use by another teamflow" in done.stderr
        server.stop()
        done = teamflow("log", "copy", "--to", "postgres", *target, expect=1)
        assert "the log is on postgres" in done.stderr
        done = teamflow("log", "copy", "--from", "postgres", "--to", "kafka", *target)
        assert "copied" in done.stdout

        moved = launch(
            "kafka", data=server.data, topic=topic
        )
        client.move_to(moved.url)
        assert events_of(client) == before
        work_a_while(client)
        after = events_of(client)
        assert after[: len(before)] == before and len(after) > len(before)
        until(lambda: client.get("/timers")["timers"] == [], 10, "the read model")
        moved.stop()

        teamflow("log", "copy", "--to", "postgres", *target)
        back = launch("postgres", data=server.data)
        client.move_to(back.url)
        assert events_of(client) == after
        work_a_while(client)
        assert events_of(client)[: len(after)] == after
    with back.database() as database:
        assert_dense(raw_log.archived(database), 12)


def test_a_copy_wants_an_empty_topic(launch: Any, kafka: Kafka) -> None:
    first = launch("kafka")
    topic = first.log_options[first.log_options.index("--topic") + 1]
    server = launch("postgres")
    server.stop()
    done = teamflow(
        "log", "copy", "--to", "kafka", "--data", str(server.data), "--brokers", kafka.bootstrap,
        "--topic", topic, expect=1,
    )
    assert "holds records already" in done.stderr
    server.start()
    with Client(server.url) as client:
        client.register()


@pytest.fixture(params=["postgres", "kafka", "postgres to kafka", "kafka to postgres"])
def way(request: pytest.FixtureRequest) -> tuple[str, str]:
    """From which log to which."""
    source, _, target = request.param.partition(" to ")
    return source, target or source


def without_place(events: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [{k: v for k, v in e.items() if k not in ("partition", "offset")} for e in events]


def timers_of(client: Client) -> list[dict[str, Any]]:
    """All that does not change while they run."""
    running = client.get("/timers")["timers"]
    return [{k: v for k, v in each.items() if k != "elapsed_seconds"} for each in running]


def live_in(client: Client) -> dict[str, Any]:
    """A new organization with some history; its running timer."""
    client.register()
    work_a_while(client)
    task = make_task(client, make_project(client))
    client.post(f"/tasks/{task['id']}/time/start")
    until(lambda: len(timers_of(client)) == 1, 20, "the read model")
    return timers_of(client)[0]


def topic_of(server: Teamflow) -> str:
    return server.log_options[server.log_options.index("--topic") + 1]


def repartition(server: Teamflow, to: str, partitions: int, kafka: Kafka | None) -> list[str]:
    """The arguments of a copy, and what its topic is called."""
    arguments = ["log", "copy", "--data", str(server.data), "--partitions", str(partitions)]
    if server.log != to:
        arguments += ["--to", to]
    if kafka:
        arguments += server.log_options or ["--brokers", kafka.bootstrap]
    if to == "kafka":
        arguments += ["--to-topic", f"teamflow.copy-{uuid.uuid4().hex[:12]}"]
    return arguments


def test_a_log_gets_another_number_of_partitions(
    launch: Any, way: tuple[str, str], request: pytest.FixtureRequest
) -> None:
    source, to = way
    kafka = request.getfixturevalue("kafka") if "kafka" in way else None
    server = launch(source)
    owners = [Client(server.url) for _ in range(4)]
    before = [live_in(owner) for owner in owners]
    body = {"project_id": make_project(owners[0])["id"], "title": "Once"}
    once = owners[0].post("/tasks", body, key="only-once", expect=201)
    histories = [events_of(owner) for owner in owners]
    server.stop()
    arguments = repartition(server, to, 5, kafka)

    # Killed in the middle, the old log is as it was.
    teamflow(*arguments, expect=-signal.SIGKILL, FAILPOINT="log_copy.repartitioned:1")
    server.start()
    for owner, history in zip(owners, histories):
        owner.move_to(server.url)
        assert events_of(owner) == history
    server.stop()
    arguments = repartition(server, to, 5, kafka)
    done = teamflow(*arguments)
    assert "to 5 partitions" in done.stdout

    options = {"topic": arguments[-1]} if to == "kafka" else {}
    moved = launch(to, data=server.data, arguments=["--partitions", "5"], **options)
    for owner, history, timer in zip(owners, histories, before):
        owner.move_to(moved.url)
        # Of the old log; whoever keeps it would be told so, or wait for nothing.
        owner.position = ""
        assert without_place(events_of(owner)) == without_place(history)
        until(lambda: timers_of(owner) == [timer], 20, "the read model")
        owner.post(f"/tasks/{timer['task_id']}/time/stop")
        work_a_while(owner)
        assert without_place(events_of(owner))[: len(history)] == without_place(history)
    again = owners[0].post("/tasks", body, key="only-once", expect=201)
    assert again == once
    with moved.database() as database:
        if kafka:
            until(lambda: archive_is_whole(moved), 20, "the archive")
        records = raw_log.archived(database)
    assert_dense(records, 5)
    if to == "kafka":
        assert raw_log.topic(kafka.bootstrap, topic_of(moved), 5) == {
            partition: [record for record, _ in found] for partition, found in records.items()
        }
    info = json.loads(teamflow("log", "info", "--json", "--data", str(moved.data)).stdout)
    assert info["backend"] == to and info["partitions"] == 5
    for owner in owners:
        owner.close()


def archive_is_whole(server: Teamflow) -> bool:
    place = ["--data", str(server.data), *server.log_options]
    info = json.loads(teamflow("log", "info", *place, "--json").stdout)
    return all(each["archived"] == each["end"] for each in info["places"])


def test_a_copy_says_what_it_cannot_do(launch: Any, kafka: Kafka) -> None:
    server = launch("kafka")
    server.stop()
    place = ["--data", str(server.data), *server.log_options]
    done = teamflow("log", "copy", *place, "--partitions", "12", expect=1)
    assert "12 partitions: nothing is to be copied" in done.stderr
    done = teamflow("log", "copy", *place, "--partitions", "5", expect=1)
    assert "--to-topic" in done.stderr
    done = teamflow("log", "copy", "--data", str(server.data), "--partitions", "5", expect=2)
    assert "--brokers" in done.stderr
    assert not done.stdout
    server.start()
