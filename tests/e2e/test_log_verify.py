"""`teamflow log verify`: each kind of damage is found and named, and an erasure is none."""

import json
from typing import Any, Callable

import pytest

from support.client import Client
from support.command_line import teamflow
from support.teamflow import Teamflow
from support.work import make_project, make_task, work_a_while
from test_log_commands import wait_archived


class Log:
    """A log with some history, all of it anchored."""

    def __init__(self, server: Teamflow) -> None:
        self.server = server
        self.place = ["--data", str(server.data), *server.log_options]
        self.owner = Client(server.url)
        self.owner.register()
        make_task(self.owner, make_project(self.owner), title="A certain title")
        work_a_while(self.owner)
        self.partition = int(self.owner.position.split("@")[0])
        wait_archived(self.place)

    def verify(self, *arguments: str, expect: int = 0) -> dict[str, Any]:
        done = teamflow("log", "verify", *self.place, "--json", *arguments, expect=expect)
        return json.loads(done.stdout)

    def told(self) -> list[str]:
        """The faults of a log that has some, as `offset what`."""
        found = self.verify(expect=1)
        assert not found["ok"] and found["fault_count"] >= len(found["faults"]) > 0
        return [f"{each['offset']} {each['what']}" for each in found["faults"]]


@pytest.fixture
def anchored(launch: Callable[..., Teamflow], log: str) -> Log:
    made = Log(launch(log))
    found = made.verify("--anchor")
    assert found["ok"] and found["anchors_written"] == 12 and not found["faults"]
    assert found["compared_with_topic"] == (log == "kafka")
    return made


def test_a_whole_log_verifies_while_it_grows(anchored: Log) -> None:
    again = anchored.verify("--anchor")
    assert again["ok"] and again["anchors_written"] == 0
    assert sum(each["anchors_checked"] for each in again["partitions"]) == 12
    work_a_while(anchored.owner)
    wait_archived(anchored.place)
    grown = anchored.verify("--anchor")
    assert grown["ok"] and grown["anchors_written"] == 1
    assert grown["records"] > again["records"]
    of = anchored.partition
    before, after = again["partitions"][of], grown["partitions"][of]
    assert before["hash"] != after["hash"] and before["events"] < after["events"]
    assert after["end"] + 1 == after["events"] + after["claims"]
    text = teamflow("log", "verify", *anchored.place).stdout
    assert after["hash"] in text and "0 faults" in text


def test_an_erasure_changes_no_hash(anchored: Log) -> None:
    with anchored.owner.colleague() as colleague:
        anchored.verify("--anchor")
        teamflow("erase", colleague.user["email"], "--yes", "--data", str(anchored.server.data))
    wait_archived(anchored.place)
    assert anchored.verify()["ok"]


#: `{p}` is the partition, `{n}` an event in the middle of it.
DAMAGE = {
    "a changed text": (
        "update teamflow.log_records set data = replace(data::text, 'certain', 'curtain')::json"
        " where type = 'task.task_created'",
        "history up to here is not what it was when anchored at",
    ),
    "another actor": (
        "update teamflow.log_records set actor = 'system:somebody'"
        ' where partition = {p} and "offset" = {n}',
        "history up to here is not what it was when anchored at",
    ),
    "a missing record": (
        'delete from teamflow.log_records where partition = {p} and "offset" = {n}',
        "{n} is missing",
    ),
    "a record behind the end": (
        "insert into teamflow.log_records select (jsonb_populate_record(r,"
        " jsonb_build_object('offset', \"offset\" + 1000, 'stream', 'task-x', 'kind', 3))).*"
        ' from teamflow.log_records r where partition = {p} and "offset" = {n}',
        "lies behind the end of the log",
    ),
    "another kind": (
        'update teamflow.log_records set kind = 3 where partition = {p} and "offset" = {n}',
        "{n} is kept as ghost, but the fold says event",
    ),
    "two swapped": (
        'update teamflow.log_records set "offset" = -1 where partition = {p} and "offset" = {n};'
        'update teamflow.log_records set "offset" = {n} where partition = {p}'
        ' and "offset" = {n} + 1;'
        'update teamflow.log_records set "offset" = {n} + 1 where partition = {p}'
        ' and "offset" = -1',
        "{n} is kept as event, but the fold says ghost",
    ),
    "an id twice": (
        "update teamflow.log_records r set event_id = o.event_id from teamflow.log_records o"
        ' where r.partition = {p} and o.partition = {p} and r."offset" = {n}'
        ' and o."offset" = {n} + 1',
        "of another event, too",
    ),
    "a gap in a stream": (
        "update teamflow.log_records set stream_version = stream_version + 5"
        ' where partition = {p} and "offset" = {n}',
        "has version 6 of",
    ),
}


def test_each_damage_is_found_and_named(anchored: Log) -> None:
    partition = anchored.partition
    with anchored.server.database() as database:
        row = database.execute(
            'select "offset" from teamflow.log_records where partition = %s and kind = 1'
            " and commit_count = 1 and stream_version = 1 and type = 'task.task_created'"
            ' order by "offset" limit 1', [partition],
        ).fetchone()
        assert row is not None
        place = {"p": partition, "n": row[0]}
        database.execute("create table kept as select * from teamflow.log_records")
        for name, (damage, sign) in DAMAGE.items():
            for statement in damage.format(**place).split(";"):
                database.execute(statement)
            told = anchored.told()
            assert any(sign.format(**place) in each for each in told), (name, told)
            database.execute("truncate teamflow.log_records")
            database.execute("insert into teamflow.log_records select * from kept")
            assert anchored.verify()["ok"], name
        # What was cut off at the end is told by the log's own account, and by the anchor.
        database.execute(
            'delete from teamflow.log_records where partition = %s and "offset" > %s',
            [partition, row[0]],
        )
        assert any(f"{row[0] + 1} is missing; the log ends at" in each for each in anchored.told())
