"""`teamflow replay`: the history as JSON Lines and CSV, filtered, resumed and followed."""

import csv
import hashlib
import io
import json
import signal
import subprocess
from pathlib import Path
from typing import Any

import pytest

from support.client import Client
from support.command_line import teamflow
from support.places import BINARY
from support.teamflow import Teamflow
from support.waiting import until
from support.work import events_of, make_project, make_task, work_a_while


class Replay:
    """The command, on the history of one organization that has worked a while."""

    def __init__(self, server: Teamflow, client: Client) -> None:
        work_a_while(client)
        task = make_task(client, make_project(client))
        client.post(f"/tasks/{task['id']}/time/start", {"description": "Sealed in the log"})
        self.place = ["--data", str(server.data)]
        self.own = ["--organization", client.organization["id"]]
        self.history = events_of(client)

    def text(self, *arguments: str) -> str:
        return teamflow("replay", *self.place, *arguments).stdout

    def events(self, *arguments: str) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.text(*self.own, *arguments).splitlines()]


@pytest.fixture
def replay(server: Teamflow, client: Client) -> Replay:
    return Replay(server, client)


def position(event: dict[str, Any]) -> str:
    return f"{event['partition']}@{event['offset']}"


def test_a_replay_is_the_history(replay: Replay) -> None:
    found = replay.events()
    names = [list(event) for event in found]
    assert names == [list(event) for event in replay.history]
    # Personal fields are sealed here, and open there.
    def plain(events: list[dict[str, Any]]) -> list[dict[str, Any]]:
        return [event for event in events if "sealed" not in json.dumps(event)]
    sealed = [event["id"] for event in found if event not in plain(found)]
    assert sealed
    assert plain(found) == [event for event in replay.history if event["id"] not in sealed]


def test_a_replay_goes_partition_by_partition(replay: Replay) -> None:
    everything = [json.loads(line) for line in replay.text().splitlines()]
    places = [(event["partition"], event["offset"]) for event in everything]
    assert places == sorted(places) and len(set(places)) == len(places)
    assert {event["id"] for event in replay.history} <= {event["id"] for event in everything}


def test_filters_choose_what_the_interface_chooses(replay: Replay, client: Client) -> None:
    middle = replay.history[len(replay.history) // 2]
    own = replay.own[1]
    for options, parameters in (
        (["--from", middle["time"]], {"from": middle["time"]}),
        (["--to", middle["time"]], {"to": middle["time"]}),
        (["--after", position(middle)], {"after": position(middle)}),
        (["--until", position(middle)], {"until": position(middle)}),
        (["--type", "task.task_created", "--type", "time.timer_started"],
         {"type": ["task.task_created", "time.timer_started"]}),
        (["--stream", middle["stream"]], {"stream": middle["stream"]}),
        (["--actor", client.user["id"]], {"actor": client.user["id"]}),
        (["--actor", "nobody"], {"actor": "nobody"}),
        (["--correlation", middle["correlation_id"]],
         {"correlation_id": middle["correlation_id"]}),
        (["--from", middle["time"], "--type", middle["type"], "--stream", middle["stream"]],
         {"from": middle["time"], "type": middle["type"], "stream": middle["stream"]}),
    ):
        asked = client.get("/events", params={"limit": 1000, **parameters})["events"]
        wanted = [event["id"] for event in asked]
        assert [event["id"] for event in replay.events(*options)] == wanted, options
        # Without the organization, others' events may come too.
        found = [json.loads(line) for line in replay.text(*options).splitlines()]
        assert [e["id"] for e in found if e["organization_id"] == own] == wanted, options


def test_csv_has_the_same_columns_and_values(replay: Replay) -> None:
    text = replay.text(*replay.own, "--format", "csv")
    rows = list(csv.DictReader(io.StringIO(text, newline="")))
    events = replay.events()
    assert list(rows[0]) == list(events[0])
    assert [json.loads(row["data"]) for row in rows] == [event["data"] for event in events]
    for name in events[0]:
        if name != "data":
            values = ["" if event[name] is None else str(event[name]) for event in events]
            assert [row[name] for row in rows] == values


def test_a_manifest_tells_what_was_written_and_where_to_go_on(
    replay: Replay, client: Client, tmp_path: Path
) -> None:
    out, manifest = tmp_path / "events.jsonl", tmp_path / "manifest.json"
    files = ["--out", str(out), "--manifest", str(manifest)]
    types = ["--type", "project.project_created", "--type", "task.task_created"]
    done = teamflow("replay", *replay.place, *replay.own, *types, *files)
    assert not done.stdout
    content = out.read_bytes()
    lines = content.splitlines()
    told = json.loads(manifest.read_text())
    events = [json.loads(line) for line in lines]
    assert told["events"] == len(lines) == 6 and told["bytes"] == len(content)
    assert told["sha256"] == hashlib.sha256(content).hexdigest()
    assert told["complete"] and told["filters"]["types"] == types[1::2]
    [partition] = told["partitions"]
    assert partition == {
        "partition": events[0]["partition"], "events": 6,
        "first": events[0]["offset"], "last": events[-1]["offset"],
    }
    assert f"--after {told['next_after']}" in done.stderr

    project = make_project(client)
    place = client.position
    teamflow("replay", *replay.place, *replay.own, *types, *files, expect=1)
    assert out.read_bytes() == content
    def later() -> list[str]:
        text = replay.text("--resume", str(manifest))
        return [json.loads(line)["data"]["project_id"] for line in text.splitlines()]
    until(lambda: later() == [project["id"]], 10, f"the archive of {place}")
    assert replay.text("--resume", str(manifest), "--until", told["next_after"]) == ""


def test_a_replay_follows_until_it_is_stopped(
    replay: Replay, client: Client, tmp_path: Path
) -> None:
    manifest = tmp_path / "manifest.json"
    following = subprocess.Popen(
        [str(BINARY), "replay", *replay.place, *replay.own, "--follow",
         "--manifest", str(manifest)],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )
    try:
        assert following.stdout is not None
        for event in replay.history:
            assert json.loads(following.stdout.readline())["id"] == event["id"]
        project = make_project(client)
        event = json.loads(following.stdout.readline())
        assert event["data"]["project_id"] == project["id"]
        following.send_signal(signal.SIGINT)
        rest, told = following.communicate(timeout=10)
    finally:
        following.kill()
        following.wait()
    assert following.returncode == 0 and not rest
    written = json.loads(manifest.read_text())
    assert written["events"] == len(replay.history) + 1
    assert written["next_after"] == position(event) and position(event) in told


def test_progress_is_told_on_stderr(replay: Replay) -> None:
    done = teamflow("replay", *replay.place, "--progress")
    assert "events written" in done.stderr and done.stdout


def test_a_reader_that_is_gone_ends_a_replay(replay: Replay) -> None:
    with open("/dev/full", "w") as full:
        done = subprocess.run(
            [str(BINARY), "replay", *replay.place], stdout=full, stderr=subprocess.PIPE, text=True,
            timeout=60,
        )
    assert done.returncode == 1
    assert "0 events written, not all" in done.stderr
    assert "stdout cannot be written: No space left" in done.stderr


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--type", "time.timer_startd"], "did you mean time.timer_started"),
        (["--type", "timer_stopped"], "did you mean time.timer_stopped"),
        (["--type", "nothing-of-the-kind-at-all"], "there is no type"),
        (["--stream", "taks-01936f3c-7b1a-7000-8000-000000000005"], "did you mean task"),
        (["--stream", "task-5"], "is no stream"),
        (["--from", "yesterday"], "is no time"),
        (["--from", "2026-02-30"], "is no time"),
        (["--from", "2026-02-02", "--to", "2026-02-01"], "later than --from"),
        (["--after", "here"], "list of positions"),
        (["--after", "99@1"], "there is no partition 99"),
        (["--organization", "mine"], "is no id"),
        (["--correlation", "1"], "is no id"),
        (["--format", "cvs"], "did you mean csv"),
        (["--follow", "--to", "2026-02-01"], "has no end"),
        (["--resume", "/nonexistent"], "cannot be read"),
        (["--resume", "/dev/null"], "is no manifest"),
        (["--resume", "/dev/null", "--type", "task.task_created"], "beside it only"),
    ],
)
def test_bad_arguments_are_told(server: Teamflow, arguments: list[str], told: str) -> None:
    done = teamflow("replay", "--data", str(server.data), *arguments, expect=2)
    assert told in done.stderr and not done.stdout


def test_all_bad_arguments_are_told_at_once(server: Teamflow) -> None:
    arguments = ["--from", "x", "--to", "y", "--type", "z", "--stream", "s", "--until", "u"]
    done = teamflow("replay", "--data", str(server.data), *arguments, expect=2)
    assert len(done.stderr.splitlines()) == 5


@pytest.mark.parametrize("kind", ["application/json", "application/x-ndjson", "text/csv"])
def test_the_interface_names_near_types(client: Client, kind: str) -> None:
    answer = client.send(
        "GET", "/events?type=task.task_craeted", headers={"Accept": kind}
    )
    assert answer.status_code == 422
    [fault] = answer.json()["errors"]
    assert fault["field"] == "query.type"
    assert "did you mean task.task_created" in fault["message"]


def test_the_interface_refuses_ranges_without_anything_in_them(client: Client) -> None:
    day = "2026-02-01T00:00:00Z"
    fields = ["query.to"]
    client.refused(422, "validation_failed", "GET", f"/events?from={day}&to={day}", fields=fields)
    answer = client.send(
        "GET", "/events?until=0@1", headers={"Accept": "text/event-stream"}
    )
    assert answer.status_code == 422
