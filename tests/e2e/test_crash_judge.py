"""The judge of test_crash.py must be able to say no: each control plants one wrong."""

import copy
from typing import Any

import pytest

from support import judge, raw_log
from support.load import Operation
from support.world import TASK as TASK_FIELDS
from support.world import World

TASK = "01a1fec9-1cf4-7000-8b55-6ad1f0f70e01"


def event(offset: int, version: int, request: str, kind: str = "task.task_edited") -> dict:
    data: dict[str, Any] = {"task_id": TASK, "title": f"Title {offset}"}
    if kind == "task.task_created":
        data.update({name: None for name in TASK_FIELDS if name != "title"}, rank="m")
        data.update(priority="low", status="todo", tags=[], checklist=[])
    return {
        "id": f"event-{offset}", "partition": 3, "offset": offset, "stream": f"task-{TASK}",
        "stream_version": version, "type": kind, "correlation_id": request, "actor": "user-a",
        "time": "t", "data": data,
    }


def command(request: str, status: int, offset: int, version: int, events: int = 1) -> Operation:
    return Operation(
        "organization", "PATCH", f"/tasks/{TASK}", {}, events=events, request_id=request,
        status=status, position=f"3@{offset}", version=version,
    )


HISTORY = [event(7, 1, "a", "task.task_created"), event(9, 2, "b"), event(10, 3, "b")]
COMMANDS = [
    command("a", 201, 7, 1), command("b", 200, 10, 3, events=2), command("c", 412, 0, 0),
]


def all_faults(history: list[dict], commands: list[Operation]) -> list[str]:
    return judge.effects(commands, history) + judge.versions(history)


def test_the_crash_judge_finds_nothing_where_all_is_well() -> None:
    assert all_faults(HISTORY, COMMANDS) == []
    messages = [
        {"position": f"3@{each['offset']}", "type": each["type"]} for each in HISTORY
    ]
    assert judge.delivered(messages, HISTORY) == []
    assert World(HISTORY).tasks[TASK]["version"] == 3
    assert World(HISTORY).tasks[TASK]["title"] == "Title 10"


@pytest.mark.parametrize(
    ("what", "history"),
    [
        ("lost", HISTORY[:1]),
        ("torn", HISTORY[:2]),
        ("doubled", [*HISTORY, event(12, 4, "a")]),
        ("doubled with its version", [*HISTORY, event(12, 3, "b")]),
        ("of a refused command", [*HISTORY, event(12, 4, "c")]),
        ("of nobody", [*HISTORY, event(12, 4, "d")]),
        ("mixed up", [HISTORY[1], HISTORY[0], HISTORY[2]]),
    ],
)
def test_the_crash_judge_sees_an_event(what: str, history: list[dict]) -> None:
    assert all_faults(history, COMMANDS) != [], what


def test_the_crash_judge_sees_a_wrong_answer() -> None:
    for name, value in [("position", "3@8"), ("version", 2), ("status", 409)]:
        commands = copy.deepcopy(COMMANDS)
        setattr(commands[0], name, value)
        assert all_faults(HISTORY, commands) != [], name


def test_the_crash_judge_sees_what_a_feed_lost_or_doubled() -> None:
    messages = [
        {"position": f"3@{each['offset']}", "type": each["type"]} for each in HISTORY
    ]
    for wrong in (messages[1:], [*messages, messages[0]], messages[::-1]):
        assert judge.delivered(wrong, HISTORY) != []


def test_the_crash_judge_sees_wrong_tables_and_offsets() -> None:
    assert judge.same("table", {1: 2}, {1: 3}) != []
    assert judge.same("table", {1: 2}, {}) != []
    assert judge.dense({0: [0, 1, 2], 1: []}) == []
    for wrong in ([0, 2], [0, 1, 1], [1, 2]):
        assert judge.dense({0: wrong}) != []


def record(offset: int, epoch: int, sequence: int, index: int = 0, count: int = 1,
           claim: bool = False) -> raw_log.Record:
    return raw_log.Record(0, offset, claim, epoch, f"writer {epoch}", sequence,
                          f"commit {epoch} {sequence - index}", index, count)


def test_the_crash_judge_folds_as_the_rules_say() -> None:
    """A zombie's record, a number that is not due, and commits that a claim cut off."""
    records = [
        record(0, 0, 0, claim=True), record(1, 0, 0), record(2, 0, 2), record(3, 0, 1),
        record(4, 0, 2, 0, 2), record(5, 5, 0, claim=True), record(6, 0, 3, 1, 2),
        record(7, 5, 0, 0, 2), record(8, 0, 4), record(9, 5, 1, 1, 2),
    ]
    assert raw_log.kinds(records) == [
        raw_log.CLAIM, raw_log.EVENT, raw_log.GHOST, raw_log.EVENT, raw_log.INCOMPLETE,
        raw_log.CLAIM, raw_log.GHOST, raw_log.EVENT, raw_log.GHOST, raw_log.EVENT,
    ]
