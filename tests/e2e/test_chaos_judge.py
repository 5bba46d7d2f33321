"""The judge of ./dev test-chaos must be able to say no: a small run that is well, and each wrong
that may be in one, planted alone."""

import copy
import json
from pathlib import Path
from typing import Any, Callable

import pytest

from chaos import summary
from chaos.check import check
from chaos.history import write_lines
from support.judge import World

ORGANIZATION, USER, WRITER = "organization-1", "user-1", "writer-1"
TASK, LOG, TEMPLATE = "task-a", "log-a", "template-a"
GATEWAY = "http://127.0.0.1:1"
Files = dict[str, list[Any]]


def event(offset: int, stream: str, version: int, kind: str, request: str, **data: Any) -> Any:
    return {
        "id": f"event-{offset}", "partition": 3, "offset": offset, "stream": stream,
        "stream_version": version, "type": kind, "correlation_id": request,
        "data": {"task_id": TASK, **data},
    }


def command(request: str, status: int, offset: int, version: int, **fields: Any) -> Any:
    return {
        "kind": "command", "time": 30.0, "organization": ORGANIZATION, "method": "POST",
        "path": "/tasks", "body": {}, "if_match": "", "expect": [status], "events": 1,
        "version_before": 0, "stream": "", "user": USER, "key": f"key-{request}",
        "request_id": request, "status": status, "position": f"3@{offset}" if offset else "",
        "version": version, "answer": {"id": request}, "replayed": False,
        "tries": [{"place": GATEWAY, "begin": 20.0, "end": 21.0, "status": status}], **fields,
    }


def later(status: int) -> Any:
    """After everything was acknowledged."""
    return {"place": GATEWAY, "begin": 22.0, "end": 23.0, "status": status}


def well() -> Files:
    """A claim, what was there before the load, and a command of every outcome."""
    created = {"title": "A", "priority": "low", "status": "todo", "tags": [], "assignee_id": None}
    timer = {"user_id": USER, "time_log_id": LOG, "start_time": "t1"}
    ended = {**timer, "end_time": "t2", "duration_seconds": 5, "is_billable": True}
    events = [
        event(1, f"task-{TASK}", 1, "task.task_created", "before", **created),
        event(2, f"task-{TASK}", 2, "task.task_edited", "edit", title="B"),
        event(3, f"timelog-{LOG}", 1, "time.timer_started", "start", **timer),
        event(4, f"timelog-{LOG}", 2, "time.timer_stopped", "stop", **ended),
        event(5, "task-b", 1, "task.task_created", "apply", **{**created, "task_id": "b"}),
        event(6, "template-usage-a", 1, "template.template_applied", "apply",
              template_id=TEMPLATE),
        event(8, f"timelog-{LOG}-2", 1, "time.timer_started", "again",
              **{**timer, "time_log_id": "log-b", "task_id": "b"}),
    ]
    answers = [
        command("edit", 200, 2, 2, if_match='"1"'),
        command("start", 201, 3, 1), command("stop", 200, 4, 2),
        command("apply", 201, 6, 1, events=2, stream="task-"), command("again", 201, 8, 1),
        command("refused", 412, 0, 0, path=f"/tasks/{TASK}", if_match='"1"',
                answer={"current_version": 2}),
        command("busy", 409, 0, 0, path="/tasks/b/time/start", tries=[later(409)]),
        command("idle", 404, 0, 0, path=f"/tasks/{TASK}/time/stop", tries=[later(404)]),
        command("wrong", 422, 0, 0, body={"project_id": "absent", "title": "C"}),
        command("nobody-knows", 0, 0, 0),
        command("repeat", 200, 2, 2, events=0, key="key-edit", answer={"id": "edit"},
                replayed=True),
    ]
    world = World(events)
    tables = {
        "tasks": world.tasks, "timers": {"log-b": {
            "task_id": "b", "user_id": USER, "start_time": "t1"}},
        "logs": world.logs, "board": world.board(), "totals": {TASK: 5}, "usage": {TEMPLATE: 1},
    }
    # The record at 7 came from an owner that was none any more.
    archive = [[[3, 0, True, 0, WRITER, 0, "", 0, 1], 2]]
    sequence = 0
    for offset in range(1, 9):
        ghost = offset == 7
        index, count = {5: (0, 2), 6: (1, 2)}.get(offset, (0, 1))
        commit = f"commit-{offset - index}"
        writer = "another" if ghost else WRITER
        archive.append([[3, offset, False, 0, writer, sequence, commit, index, count,
                         f"event-{offset}", ORGANIZATION], 3 if ghost else 1])
        sequence += not ghost
    feed = [{"position": f"3@{each['offset']}", "type": each["type"]} for each in events[1:]]
    return {
        "history.jsonl": [
            {"kind": "gateway", "time": 1.0, "name": "gateway-1", "url": GATEWAY},
            {"kind": "fault_begin", "time": 50.0, "number": 1, "fault": "pause",
             "target": "gateway-1"},
            {"kind": "fault_heal", "time": 65.0, "number": 1},
            {"kind": "stalled", "time": 140.0, "begin": 135.0, "end": 140.0},
            {"kind": "query", "time": 140.0, "place": GATEWAY, "begin": 107.0, "end": 141.0},
            {"kind": "query", "time": 90.0, "place": GATEWAY, "begin": 48.0, "end": 90.0},
            *answers,
        ],
        "organizations.jsonl": [{
            "id": ORGANIZATION, "project": "p", "before": 1, "tables": tables,
            "connections": [1], "before_last": "event-1",
        }],
        f"events-{ORGANIZATION}.jsonl": events,
        f"feed-{ORGANIZATION}-0.jsonl": feed,
        "archive.jsonl": archive,
        "topic.jsonl": [row for row, _ in archive],
        "keys.jsonl": [[ORGANIZATION, USER, f"key-{request}", f"commit-{at}"]
                       for request, at in [("edit", 2), ("start", 3), ("apply", 5)]],
    }


def judged(files: Files, directory: Path) -> list[str]:
    for name, lines in files.items():
        write_lines(directory / name, lines)
    return check(directory)


def test_the_chaos_judge_finds_nothing_where_all_is_well(tmp_path: Path) -> None:
    assert judged(well(), tmp_path) == []


EVENTS, FEED = f"events-{ORGANIZATION}.jsonl", f"feed-{ORGANIZATION}-0.jsonl"


def of_command(files: Files, request: str) -> Any:
    return next(
        line for line in files["history.jsonl"] if line.get("request_id") == request)


def plant_a_second_effect(files: Files) -> None:
    files[EVENTS].append(event(9, f"task-{TASK}", 3, "task.task_edited", "edit", title="B"))


def plant_half_an_effect(files: Files) -> None:
    of_command(files, "apply").update(status=0)
    files[EVENTS].pop(5)
    files[FEED].pop(4)
    files["organizations.jsonl"][0]["tables"]["usage"] = {}


def plant_a_second_timer(files: Files) -> None:
    """Both acknowledged, so nothing else is wrong with them."""
    data = {"task_id": "b", "user_id": USER, "time_log_id": "log-c", "start_time": "t1"}
    files[EVENTS].append(event(9, "timelog-c", 1, "time.timer_started", "third", **data))
    files[FEED].append({"position": "3@9", "type": "time.timer_started"})
    files["history.jsonl"].append(command("third", 201, 9, 1))
    tables = files["organizations.jsonl"][0]["tables"]
    tables["timers"]["log-c"] = {"task_id": "b", "user_id": USER, "start_time": "t1"}


def plant_an_applied_ghost(files: Files) -> None:
    files["archive.jsonl"][7][1] = 1


def plant_a_record_that_kafka_has_not(files: Files) -> None:
    files["topic.jsonl"].pop(4)


def plant_a_hole(files: Files) -> None:
    files["archive.jsonl"].pop(3)


def plant_an_old_epoch(files: Files) -> None:
    """A claim before the last event, which is taken for valid all the same."""
    claim = [3, 8, True, 8, "writer-2", 0, "", 0, 1]
    late = files["archive.jsonl"].pop()
    late[0][1] = 9
    files["archive.jsonl"] += [[claim, 2], late]
    files["topic.jsonl"] = [row for row, _ in files["archive.jsonl"]]


def plant_an_archive_that_stands_still(files: Files) -> None:
    files["archive.jsonl"].pop()


def plant_another_event_in_the_log(files: Files) -> None:
    files["archive.jsonl"][3][0][9] = "event-0"
    files["topic.jsonl"] = [row for row, _ in files["archive.jsonl"]]


def plant_a_command_out_of_order(files: Files) -> None:
    of_command(files, "again")["tries"][0].update(begin=10.0, end=11.0)


def plant_a_slow_answer(files: Files) -> None:
    of_command(files, "start")["tries"][0].update(begin=100.0, end=131.0)


def plant_an_answer_slower_than_its_fault(files: Files) -> None:
    of_command(files, "start")["tries"][0].update(begin=40.0, end=86.0)


def plant_a_wrong_refusal(files: Files) -> None:
    tries = of_command(files, "start")["tries"]
    tries.insert(0, {**tries[0], "status": 404})


def plant_an_internal_error(files: Files) -> None:
    tries = of_command(files, "start")["tries"]
    tries.insert(0, {**tries[0], "status": 500})


def plant_tokens_that_do_not_hold(files: Files) -> None:
    for request in ["edit", "start", "stop", "apply", "again"]:
        tries = of_command(files, request)["tries"]
        tries.insert(0, {**tries[0], "status": 401})


def change(file: str, line: int, **values: Any) -> Callable[[Files], None]:
    def plant(files: Files) -> None:
        files[file][line].update(values)

    return plant


def answered(request: str, **values: Any) -> Callable[[Files], None]:
    def plant(files: Files) -> None:
        of_command(files, request).update(values)

    return plant


def drop(file: str, line: int) -> Callable[[Files], None]:
    def plant(files: Files) -> None:
        files[file].pop(line)

    return plant


def shown(table: str, value: Any) -> Callable[[Files], None]:
    def plant(files: Files) -> None:
        files["organizations.jsonl"][0]["tables"][table] = value

    return plant


WRONGS: dict[str, Callable[[Files], None]] = {
    "an acknowledged command is lost": drop(EVENTS, 6),
    "half of a commit is lost": drop(EVENTS, 5),
    "a command took effect twice": plant_a_second_effect,
    "a refused command took effect": answered("again", status=412),
    "an unknown command took effect in part": plant_half_an_effect,
    "another position was told": answered("edit", position="3@3"),
    "another version was told": answered("apply", version=2),
    "a repeated key got another answer": answered("repeat", answer={"id": "other"}),
    "a repeated key got another status": answered("repeat", status=201),
    "a key took effect twice": lambda files: files["keys.jsonl"].append(
        [ORGANIZATION, USER, "key-edit", "commit-9"]),
    "a version is missing": change(EVENTS, 1, stream_version=3),
    "an event comes twice": change(EVENTS, 4, id="event-4"),
    "history was rewritten": change(EVENTS, 0, id="event-0"),
    "a second timer runs": plant_a_second_timer,
    "a ghost was applied": plant_an_applied_ghost,
    "an old epoch was applied": plant_an_old_epoch,
    "the topic lost a record": plant_a_record_that_kafka_has_not,
    "the archive has a hole": plant_a_hole,
    "the archive stands still": plant_an_archive_that_stands_still,
    "the history is another one than the log's": plant_another_event_in_the_log,
    "a version was refused that was the newest": answered("refused", if_match='"2"'),
    "a version was told that was long gone": answered(
        "refused", if_match='"2"', answer={"current_version": 1}, tries=[later(412)]),
    "an edit made another version than it asked for": answered("edit", if_match='"0"'),
    "a timer was refused where none ran": answered("busy", path=f"/tasks/{TASK}/time/start"),
    "a timer was not found that ran": answered("idle", path="/tasks/b/time/stop"),
    "a task was not found that is there": answered("idle", path=f"/tasks/{TASK}"),
    "a sound command was refused": answered("wrong", body={"project_id": "p", "title": "C"}),
    "a command was refused for nothing": answered("wrong", status=403, expect=[403]),
    "a feed lost an event": drop(FEED, 2),
    "a feed doubled an event": lambda files: files[FEED].append(files[FEED][-1]),
    "a feed mixed events up": lambda files: files[FEED].reverse(),
    "a task is not shown": shown("tasks", {}),
    "a total is wrong": shown("totals", {TASK: 6}),
    "a timer is not shown": shown("timers", {}),
    "a log is not shown": shown("logs", {}),
    "a column of the board is wrong": shown("board", {"todo": 1}),
    "a template's use is not counted": shown("usage", {}),
    "a later command lies before an earlier one": plant_a_command_out_of_order,
    "a process does not stop in good order": lambda files: files["history.jsonl"].append(
        {"kind": "stopped", "time": 1.0, "process": "gateway-1", "code": -9, "took": 60.0}),
    "an answer took too long": plant_a_slow_answer,
    "an answer took longer than its fault explains": plant_an_answer_slower_than_its_fault,
    "a command was refused while owners changed": plant_a_wrong_refusal,
    "an internal error was answered": plant_an_internal_error,
    "tokens do not hold": plant_tokens_that_do_not_hold,
    "the harness saw a wrong itself": lambda files: files["history.jsonl"].append(
        {"kind": "violation", "time": 1.0, "what": "version 2 after 3"}),
}


@pytest.mark.parametrize("wrong", WRONGS)
def test_the_chaos_judge_sees_that(wrong: str, tmp_path: Path) -> None:
    files = copy.deepcopy(well())
    WRONGS[wrong](files)
    assert json.dumps(files) != json.dumps(well())
    assert judged(files, tmp_path) != []


def test_a_take_over_lasts_until_a_new_command_is_acknowledged(tmp_path: Path) -> None:
    files = well()
    files["history.jsonl"][0]["address"] = "127.0.0.1:7"
    kill = {"kind": "fault_begin", "time": 18.0, "number": 2, "fault": "kill"}
    files["history.jsonl"] += [
        {**kill, "target": "gateway-1"},
        {"kind": "recovered", "time": 25.0, "took": 1.0, "after": [2]},
        # It owned nothing then; and this one was not alone.
        {**kill, "number": 3, "target": "gateway-2"},
        {"kind": "recovered", "time": 26.0, "took": 1.0, "after": [3]},
        {**kill, "number": 4, "target": "gateway-1"},
        {"kind": "recovered", "time": 27.0, "took": 1.0, "after": [4, 5]},
    ]
    files["claims.jsonl"] = [[3, 0, "http://127.0.0.1:7", 5.0], [3, 9, "http://127.0.0.1:8", 19.0]]
    assert judged(files, tmp_path) == []
    figures = summary.figures(tmp_path)
    assert (figures["take_overs"], figures["take_over_slowest_s"]) == (1, 3.0)
