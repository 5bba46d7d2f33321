"""The subcommands, and `teamflow log info|tail|restore-tail`."""

import json
import re
import signal
import subprocess
import uuid
from collections import Counter
from typing import Any

import pytest

from support import raw_log
from support.client import Client
from support.command_line import teamflow
from support.kafka import Kafka
from support.places import BINARY
from support.roles import Cluster
from support.teamflow import Teamflow
from support.waiting import until
from support.work import events_of, make_project, work_a_while


@pytest.mark.parametrize(
    "arguments",
    [
        [], ["dev"], ["gateway"], ["projector"], ["migrate"], ["doctor"], ["docs"], ["operator"],
        ["operator", "create"], ["log"], ["log", "info"], ["log", "tail"], ["log", "copy"],
        ["log", "restore-tail"], ["log", "causes"], ["log", "statistics"], ["log", "verify"],
        ["analyst"], ["analyst", "create"], ["analyst", "list"], ["analyst", "drop"],
        ["erase"], ["replay"], ["diff"], ["scratch"], ["scratch", "list"],
        ["scratch", "drop"], ["projections"], ["rebuild"], ["verify"],
        ["explain"], ["parked"], ["parked", "list"], ["parked", "retry"], ["parked", "skip"],
        ["generate"], ["prove"], ["check-log"],
    ],
)
def test_every_subcommand_has_help(arguments: list[str]) -> None:
    done = teamflow(*arguments, "--help")
    assert "Usage" in done.stdout and not done.stderr


@pytest.mark.parametrize(
    "arguments",
    [
        [], ["nonsense"], ["dev", "--nonsense"], ["log"], ["log", "copy"],
        ["log", "copy", "--to", "paper"], ["log", "copy", "--to", "kafka"],
        ["log", "copy", "--partitions", "0"],
        ["log", "restore-tail"], ["log", "restore-tail", "--wait", "-1"],
        ["log", "causes"], ["log", "causes", "this"],
        ["log", "statistics", "--from", "then"], ["log", "statistics", "--organization", "mine"],
        ["log", "statistics", "--from", "2026-02-02", "--to", "2026-02-01"],
        ["log", "statistics", "--limit", "0"],
        ["log", "tail", "--after", "here"], ["log", "tail", "--organization", "mine"],
        ["operator", "create", "--email", "a@example.org"], ["dev", "--listen", "nowhere"],
        ["analyst"], ["analyst", "create", "--name", "ada"], ["analyst", "drop"],
        ["dev", "--listen", ":8080"], ["dev", "--listen", "localhost:"],
        ["dev", "--listen", "localhost:99999999999"],
        ["dev", "--log", "kafka"], ["dev", "--partitions", "0"], ["erase"], ["erase", "somebody"],
    ],
)
def test_wrong_use_exits_with_2(arguments: list[str], tmp_path: Any) -> None:
    data = ["--data", str(tmp_path)] if len(arguments) > 1 else []
    done = teamflow(*arguments, *data, expect=2)
    assert done.stderr and not done.stdout


def test_commands_without_a_database_fail(tmp_path: Any) -> None:
    for command in (
        ["log", "info"], ["log", "tail"], ["log", "copy", "--to", "kafka"], ["log", "restore-tail"],
        ["replay"], ["log", "statistics"],
    ):
        done = teamflow(
            *command, "--data", str(tmp_path / "none"), "--brokers", "127.0.0.1:1", expect=1
        )
        assert "no database" in done.stderr and not done.stdout


def test_info_says_how_far_the_log_reaches(launch: Any, log: str) -> None:
    server = launch(log)
    with Client(server.url) as client:
        client.register()
        work_a_while(client)
        partition, at = map(int, client.position.split("@"))
    place = ["--data", str(server.data), *server.log_options]
    def info() -> dict[str, Any]:
        return json.loads(teamflow("log", "info", *place, "--json").stdout)
    assert info()["backend"] == log and info()["partitions"] == 12
    until(lambda: info()["places"][partition]["archived"] == at, 10, "the archive")
    assert info()["places"][partition]["end"] == at
    assert f"on {log}, 12 partitions" in teamflow("log", "info", *place).stdout


def test_tail_prints_events_and_follows(launch: Any, log: str) -> None:
    server = launch(log)
    place = ["--data", str(server.data)]
    with Client(server.url) as client:
        client.register()
        work_a_while(client)
        until(lambda: len(events_of(client)) >= 10, 10, "the archive")
        everything = events_of(client)
        own = ["--organization", client.organization["id"]]

        def tail(*arguments: str) -> list[dict[str, Any]]:
            text = teamflow("log", "tail", *place, *own, *arguments).stdout
            return [json.loads(line) for line in text.splitlines()]

        assert [event["id"] for event in tail("-n", "1000")] == [e["id"] for e in everything]
        assert [event["id"] for event in tail()] == [event["id"] for event in everything[-10:]]
        started = [e["id"] for e in everything if e["type"] == "time.timer_started"]
        found = tail("-n", "1000", "--type", "time.timer_started")
        assert [event["id"] for event in found] == started
        middle = f"{everything[4]['partition']}@{everything[4]['offset']}"
        assert [e["id"] for e in tail("--after", middle)] == [e["id"] for e in everything[5:]]

        end = f"{everything[-1]['partition']}@{everything[-1]['offset']}"
        following = subprocess.Popen(
            [str(BINARY), "log", "tail", *place, *own, "--after", end, "--follow"],
            stdout=subprocess.PIPE, text=True,
        )
        try:
            assert following.stdout is not None
            created = make_project(client)
            event = json.loads(following.stdout.readline())
            assert event["type"] == "project.project_created"
            assert event["data"]["project_id"] == created["id"]
        finally:
            following.terminate()
            following.wait(10)


def test_statistics_count_what_replay_writes(server: Teamflow, client: Client) -> None:
    work_a_while(client)
    first = make_project(client)["id"]
    until(lambda: any(e["data"].get("project_id") == first for e in events_of(client)), 10,
          "the archive")
    place = ["--data", str(server.data)]

    def statistics(*filters: str) -> dict[str, Any]:
        return json.loads(teamflow("log", "statistics", *place, *filters, "--json").stdout)

    def replayed(*filters: str) -> list[dict[str, Any]]:
        text = teamflow("replay", *place, *filters).stdout
        return [json.loads(line) for line in text.splitlines()]

    own = ["--organization", client.organization["id"]]
    history = replayed(*own)
    middle = history[len(history) // 2]["time"]
    for filters in (own, [*own, "--from", middle], [*own, "--to", middle]):
        events = replayed(*filters)
        found = statistics(*filters)
        assert found["events"] == len(events)
        assert found["bytes"] == sum(each["bytes"] for each in found["types"]) > 0
        of_type = {
            name: [event["time"] for event in events if event["type"] == name]
            for name in sorted({event["type"] for event in events})
        }
        assert [each["type"] for each in found["types"]] == list(of_type)
        for each in found["types"]:
            times = of_type[each["type"]]
            assert (each["events"], each["first"], each["last"]) == (
                len(times), min(times), max(times))
        lengths = Counter(event["stream"] for event in events)
        assert [each["events"] for each in found["streams"]] == sorted(
            lengths.values(), reverse=True)[:10]
        assert all(lengths[each["stream"]] == each["events"] for each in found["streams"])

    everything = statistics()
    assert everything["events"] > statistics(*own)["events"] and everything["from"] is None
    assert len(statistics("--limit", "1")["streams"]) == 1
    table = teamflow("log", "statistics", *place, *own).stdout
    assert "project.project_created " in table and client.organization["id"] in table
    nobody = statistics("--organization", str(uuid.uuid4()))
    assert (nobody["events"], nobody["types"], nobody["streams"]) == (0, [], [])


PARTITIONS = 12


def wait_archived(place: list[str]) -> None:
    """Until the archive has all that the topic has."""
    def places() -> list[dict[str, Any]]:
        return json.loads(teamflow("log", "info", *place, "--json").stdout)["places"]
    until(lambda: all(each["archived"] == each["end"] for each in places()), 20, "the archive")


def restored(text: str) -> dict[int, tuple[int, int]]:
    """First and last offset of each partition that restore-tail says it restored."""
    found = re.findall(r"partition (\d+): restored offsets (\d+) to (\d+)", text)
    return {int(partition): (int(first), int(last)) for partition, first, last in found}


def missing(whole: dict[int, list[Any]], part: dict[int, list[Any]]) -> dict[int, tuple[int, int]]:
    return {
        each: (len(part[each]), len(whole[each]) - 1)
        for each in whole if len(part[each]) < len(whole[each])
    }


def test_a_lost_tail_is_restored_from_the_archive(launch: Any, kafka: Kafka) -> None:
    server = launch("kafka")
    topic = server.log_options[server.log_options.index("--topic") + 1]
    place = ["--data", str(server.data), *server.log_options]
    with Client(server.url) as client:
        client.register()
        work_a_while(client)
        wait_archived(place)
        history = events_of(client)
        done = teamflow("log", "restore-tail", *place, expect=1)
        assert "in use by another teamflow" in done.stderr and not done.stdout
        server.stop()
        whole = raw_log.messages(kafka.bootstrap, topic, PARTITIONS)
        done = teamflow("log", "restore-tail", *place)
        assert "nothing to restore" in done.stdout
        half = {each: found[: len(found) // 2] for each, found in whole.items()}
        lost = missing(whole, half)
        raw_log.replace_topic(kafka.bootstrap, topic, half)

        server.start(within=150)
        ready = client.send("GET", "/health/ready", base="")
        assert ready.status_code == 503
        assert "log_truncated" in ready.json()["checks"]["log"]["detail"]
        assert client.send("POST", "/projects", {"name": "Website"}).status_code == 503
        server.stop()
        assert raw_log.messages(kafka.bootstrap, topic, PARTITIONS) == half

        teamflow(
            "log", "restore-tail", *place, "--wait", "0", expect=-signal.SIGKILL,
            FAILPOINT="archive_sender.after_batch:2",
        )
        some = raw_log.messages(kafka.bootstrap, topic, PARTITIONS)
        left = missing(whole, some)
        assert len(left) == len(lost) - 2
        done = teamflow("log", "restore-tail", *place, "--wait", "1")
        assert restored(done.stdout) == left, done.stdout
        assert raw_log.messages(kafka.bootstrap, topic, PARTITIONS) == whole
        assert "nothing to restore" in teamflow("log", "restore-tail", *place).stdout

        server.start()
        assert client.send("GET", "/health/ready", base="").status_code == 200
        assert events_of(client) == history
        work_a_while(client)
        assert events_of(client)[: len(history)] == history
        wait_archived(place)
    after = raw_log.messages(kafka.bootstrap, topic, PARTITIONS)
    assert {each: found[: len(whole[each])] for each, found in after.items()} == whole
    with server.database() as database:
        for partition, found in raw_log.archived(database).items():
            assert [record.offset for record, _ in found] == list(range(len(after[partition])))
            assert [kind for _, kind in found] == raw_log.kinds(record for record, _ in found)


def test_a_topic_made_anew_gets_everything_back(cluster: Cluster, kafka: Kafka) -> None:
    projector = cluster.projector().start()
    gateway = cluster.gateway().start()
    topic = cluster.topic
    place = ["--postgres-url", cluster.postgres_url, "--brokers", kafka.bootstrap, "--topic", topic]
    with Client(gateway.url) as client:
        client.register()
        work_a_while(client)
        foreign = int(client.position.split("@")[0])
        strange = raw_log.Message(b"key", [("name", b"value")], b"no event")
        raw_log.append(kafka.bootstrap, topic, {foreign: [strange]})
        wait_archived(place)
        done = teamflow("log", "restore-tail", *place, expect=1)
        assert "programs work on this database" in done.stderr and not done.stdout
        gateway.stop()
        done = teamflow("log", "restore-tail", *place, expect=1)
        assert "programs work on this database" in done.stderr
        projector.stop()
        whole = raw_log.messages(kafka.bootstrap, topic, PARTITIONS)
        raw_log.delete_topic(kafka.bootstrap, topic)
        done = teamflow("log", "restore-tail", *place, expect=1)
        assert "has no topic" in done.stderr and not done.stdout
        cluster.migrate()
        done = teamflow("log", "restore-tail", *place, "--wait", "1")
        assert restored(done.stdout) == missing(whole, {each: [] for each in whole})
        again = raw_log.messages(kafka.bootstrap, topic, PARTITIONS)
        # The archive keeps its place alone.
        at = whole[foreign].index(strange)
        assert whole[foreign].pop(at) and not again[foreign].pop(at).value
        assert again == whole
        assert "nothing to restore" in teamflow("log", "restore-tail", *place).stdout
        projector.start()
        gateway.start()
        project = make_project(client)
        assert client.get(f"/projects/{project['id']}")["name"] == project["name"]


def test_another_topic_is_not_written_to(launch: Any, kafka: Kafka) -> None:
    server = launch("kafka")
    topic = server.log_options[server.log_options.index("--topic") + 1]
    place = ["--data", str(server.data), *server.log_options, "--wait", "0"]
    with Client(server.url) as client:
        client.register()
        work_a_while(client)
        wait_archived(place[:-2])
        partition = int(client.position.split("@")[0])
    server.stop()
    whole = raw_log.messages(kafka.bootstrap, topic, PARTITIONS)
    other = {each: found[:1] for each, found in whole.items()}
    other[partition] = whole[partition][:2] + [whole[partition][1]]
    assert len(whole[partition]) > 3
    raw_log.replace_topic(kafka.bootstrap, topic, other)
    done = teamflow("log", "restore-tail", *place, expect=1)
    assert f"partition {partition} has another record at offset 2" in done.stderr
    assert not done.stdout
    assert raw_log.messages(kafka.bootstrap, topic, PARTITIONS) == other

    embedded = launch("postgres")
    embedded.stop()
    done = teamflow(
        "log", "restore-tail", "--data", str(embedded.data), "--brokers", kafka.bootstrap, expect=1
    )
    assert "the log is on postgres" in done.stderr and not done.stdout
