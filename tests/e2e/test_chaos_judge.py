"""The judge of ./dev test-chaos must be able to say no: a small run that is well, and each wrong
that may be in one, planted alone."""

import copy
import json
from pathlib import Path
from typing import Any, Callable

import pytest

from chaos import summary
from chaos.check import check
from chaos.exports import digest
from chaos.history import NOBODYS, write_lines
from support.judge import BY_THE_CLOCK
from support.small_run import (
    LOG, ORGANIZATION, TASK, TEMPLATE, USER, WRITER, Files, command, event, later, tables, well,
)


def shows(files: Files) -> Any:
    """What the API showed."""
    return files["organizations.jsonl"][0]["tables"]


def judged(files: Files, directory: Path) -> list[str]:
    for name, lines in files.items():
        write_lines(directory / name, lines)
    return check(directory)


def test_the_chaos_judge_finds_nothing_where_all_is_well(tmp_path: Path) -> None:
    assert judged(well(), tmp_path) == []


EVENTS, FEED = f"events-{ORGANIZATION}.jsonl", f"feed-{ORGANIZATION}-0.jsonl"
ACCOUNTS = f"events-{NOBODYS}.jsonl"


def of_command(files: Files, request: str) -> Any:
    return next(
        line for line in files["history.jsonl"] if line.get("request_id") == request)


def plant_a_second_effect(files: Files) -> None:
    files[EVENTS].append(event(14, f"task-{TASK}", 3, "task.task_edited", "edit", title="B"))


def plant_half_an_effect(files: Files) -> None:
    of_command(files, "apply").update(status=0)
    files[EVENTS].pop(10)
    files[FEED].pop(4)
    shows(files)["templates"][TEMPLATE]["usage_count"] = 0


def plant_a_second_timer(files: Files) -> None:
    """Both acknowledged, so nothing else is wrong with them."""
    data = {"task_id": "b", "user_id": USER, "time_log_id": "log-c", "start_time": "t1",
            "description": "L", "category": "c", "is_billable": True}
    files[EVENTS].append(event(14, "timelog-c", 1, "time.timer_started", "third", **data))
    files[FEED].append({"position": "3@14", "type": "time.timer_started"})
    files["history.jsonl"].append(command("third", 201, 14, 1))
    record = [3, 14, False, 0, WRITER, 12, "commit-14", 0, 1, "event-14", ORGANIZATION]
    files["archive.jsonl"].insert(14, [record, 1])
    files["topic.jsonl"].insert(14, record)
    both = shows(files)
    both["timers"]["log-c"] = both["timers"]["log-b"]
    both["logs"]["log-c"] = {
        **both["logs"]["log-b"], "created_at": "t14", "updated_at": "t14"}
    both["activities"][0]["events"].insert(0, files[EVENTS][-1])


def plant_an_applied_ghost(files: Files) -> None:
    files["archive.jsonl"][12][1] = 1


def plant_a_record_that_kafka_has_not(files: Files) -> None:
    files["topic.jsonl"].pop(4)


def plant_a_hole(files: Files) -> None:
    files["archive.jsonl"].pop(3)


def plant_an_old_epoch(files: Files) -> None:
    """A claim before the last event, which is taken for valid all the same."""
    claim = [3, 13, True, 13, "writer-2", 0, "", 0, 1]
    late = files["archive.jsonl"].pop(13)
    late[0][1] = 14
    files["archive.jsonl"][13:13] = [[claim, 2], late]
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
        shows(files)[table] = value

    return plant


def export_says(**values: Any) -> Callable[[Files], None]:
    def plant(files: Files) -> None:
        next(line for line in files["history.jsonl"] if line["kind"] == "export").update(values)

    return plant


def plant_an_export_of_another_history(files: Files) -> None:
    events = [*files[EVENTS][:8], files[EVENTS][9]]
    export_says(digest=digest(events))(files)


def plant_an_event_of_another_organization(files: Files) -> None:
    files[EVENTS][9]["organization_id"] = "organization-2"


def plant_a_negative_duration(files: Files) -> None:
    files[EVENTS][8]["data"]["duration_seconds"] = -5
    shows(files)["logs"][LOG].update(duration_seconds=-5)
    shows(files)["tasks"][TASK]["total_logged_time"] = -5
    shows(files)["totals"][TASK] = -5


def plant_a_lost_rename(files: Files) -> None:
    files[ACCOUNTS].pop()
    shows(files)["members"][USER]["name"] = "A"
    del files["archive.jsonl"][-1]
    del files["topic.jsonl"][-1]


WRONGS: dict[str, Callable[[Files], None]] = {
    "an acknowledged command is lost": drop(EVENTS, 11),
    "half of a commit is lost": drop(EVENTS, 10),
    "a command took effect twice": plant_a_second_effect,
    "a refused command took effect": answered("again", status=412),
    "an unknown command took effect in part": plant_half_an_effect,
    "another position was told": answered("edit", position="3@8"),
    "another version was told": answered("apply", version=2),
    "a repeated key got another answer": answered("repeat", answer={"id": "other"}),
    "a repeated key got another status": answered("repeat", status=201),
    "a key took effect twice": lambda files: files["keys.jsonl"].append(
        [ORGANIZATION, USER, "key-edit", "commit-9"]),
    "a version is missing": change(EVENTS, 6, stream_version=3),
    "an event comes twice": change(EVENTS, 9, id="event-9"),
    "history was rewritten": change(EVENTS, 5, id="event-0"),
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
    "a count of the board is wrong": shown("board", {"todo": {"count": 1, "tasks": ["b", TASK]}}),
    "a column of the board is mixed up": shown(
        "board", {"todo": {"count": 2, "tasks": [TASK, "b"]}}),
    "a template is not shown": shown("templates", {}),
    "a project is not shown": shown("projects", {}),
    "the organization is not shown": shown("organizations", {}),
    "a member is not shown": shown("members", {}),
    "an invitation is not shown": shown("invitations", {}),
    "a rename is lost": plant_a_lost_rename,
    "time runs backwards": plant_a_negative_duration,
    "an event of another organization is shown": plant_an_event_of_another_organization,
    "an export is another history": plant_an_export_of_another_history,
    "an export ends too early": export_says(due=10),
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


def columns() -> list[tuple[str, str, str]]:
    """Every column of every row that is shown, but what goes on with the time."""
    moving = {("tasks", "b"): BY_THE_CLOCK, ("timers", "log-b"): ("elapsed_seconds",)}
    rows = [
        (table, key, row) for table, content in tables([]).items()
        if table not in ("project", "board", "totals", "activities")
        for key, row in content.items()
    ]
    return [(table, key, column) for table, key, row in rows for column in row
            if column not in moving.get((table, key), ())]


@pytest.mark.parametrize(("table", "key", "column"), columns())
def test_the_chaos_judge_sees_a_wrong_value_of(
    table: str, key: str, column: str, tmp_path: Path
) -> None:
    files = well()
    shows(files)[table][key][column] = "another"
    assert len(judged(files, tmp_path)) == 1


@pytest.mark.parametrize("activity", [0, 1])
def test_the_chaos_judge_sees_a_wrong_activity(activity: int, tmp_path: Path) -> None:
    files = well()
    shows(files)["activities"][activity]["events"].pop()
    assert len(judged(files, tmp_path)) == 1
    files = well()
    shows(files)["activities"][activity]["events"].reverse()
    assert len(judged(files, tmp_path)) == 1


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
        {"kind": "recovered", "time": 25.0, "took": 1.0, "well": 2.0, "after": [2]},
        # It owned nothing then; and this one was not alone.
        {**kill, "number": 3, "target": "gateway-2"},
        {"kind": "recovered", "time": 26.0, "took": 1.0, "well": 2.0, "after": [3]},
        {**kill, "number": 4, "target": "gateway-1"},
        {"kind": "recovered", "time": 27.0, "took": 1.0, "well": 2.0, "after": [4, 5]},
    ]
    files["claims.jsonl"] = [[3, 0, "http://127.0.0.1:7", 5.0], [3, 9, "http://127.0.0.1:8", 19.0]]
    assert judged(files, tmp_path) == []
    figures = summary.figures(tmp_path)
    assert (figures["take_overs"], figures["take_over_slowest_s"]) == (1, 3.0)
