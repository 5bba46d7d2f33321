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

ORGANIZATION, USER, WRITER = "organization-1", "user-1", "writer-1"
TASK, LOG, TEMPLATE = "task-a", "log-a", "template-a"
GATEWAY = "http://127.0.0.1:1"
Files = dict[str, list[Any]]


def event(offset: int, stream: str, version: int, kind: str, request: str, **data: Any) -> Any:
    return {
        "id": f"event-{offset}", "partition": 3, "offset": offset, "stream": stream,
        "stream_version": version, "type": kind, "correlation_id": request,
        "organization_id": ORGANIZATION, "actor": USER, "time": f"t{offset}",
        "data": {"task_id": TASK, "project_id": "p", **data},
    }


def of_organization(offset: int, kind: str, **data: Any) -> Any:
    """From before the load, alone in its stream."""
    made = event(offset, f"stream-{offset}", 1, kind, "before")
    return {**made, "data": data}


def of_account(offset: int, version: int, kind: str, request: str, **data: Any) -> Any:
    made = event(offset, f"user-{USER}", version, kind, request)
    return {**made, "id": f"account-{offset}", "partition": 5, "organization_id": NOBODYS,
            "data": {"user_id": USER, **data}}


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


def before_the_load() -> list[Any]:
    data = {"title_template": "{a}", "tags": [], "checklist": ["c"], "estimated_hours": 2}
    return [
        of_organization(1, "organization.organization_created", organization_id=ORGANIZATION,
                        name="O", owner_id=USER),
        of_organization(2, "organization.member_added", organization_id=ORGANIZATION, user_id=USER,
                        role="owner", joined_at="t2", invitation_id=None),
        of_organization(3, "organization.invitation_created", invitation_id="invitation-a",
                        email="b@example.org", role="viewer", expires_at="t99"),
        of_organization(4, "project.project_created", project_id="p", name="P", key="P",
                        description="D", colour="#00ff00"),
        of_organization(5, "template.template_created", template_id=TEMPLATE, name="T",
                        description=None, category="c", template_data=data),
        event(6, f"task-{TASK}", 1, "task.task_created", "before", **CREATED),
    ]


CREATED = {
    "title": "A", "description": "D", "priority": "low", "status": "todo", "tags": ["x"],
    "assignee_id": None, "due_date": "2026-11-22", "estimated_hours": 0.5, "parent_task_id": None,
    "checklist": [{"id": "c", "text": "C", "done": False}], "rank": "m",
}
#: The first offset of the load.
LOAD = 7


def well() -> Files:
    """A claim, what was there before the load, and what the commands made."""
    timer = {"user_id": USER, "time_log_id": LOG, "start_time": "t1", "description": "L",
             "category": "c", "is_billable": True}
    ended = {**timer, "end_time": "t2", "duration_seconds": 5}
    events = [
        *before_the_load(),
        event(7, f"task-{TASK}", 2, "task.task_edited", "edit", title="B"),
        event(8, f"timelog-{LOG}", 1, "time.timer_started", "start", **timer),
        event(9, f"timelog-{LOG}", 2, "time.timer_stopped", "stop", **ended),
        event(10, "task-b", 1, "task.task_created", "apply", **{
            **CREATED, "task_id": "b", "rank": "Z"}),
        event(11, "template-usage-a", 1, "template.template_applied", "apply",
              template_id=TEMPLATE, task_id="b"),
        event(13, f"timelog-{LOG}-2", 1, "time.timer_started", "again",
              **{**timer, "time_log_id": "log-b", "task_id": "b"}),
    ]
    accounts = [
        of_account(1, 1, "identity.user_registered", "before", email="a@example.org", name="A"),
        of_account(2, 2, "identity.profile_changed", "rename", name="B"),
    ]
    # The record at 12 came from an owner that was none any more.
    archive = [[[3, 0, True, 0, WRITER, 0, "", 0, 1], 2]]
    sequence = 0
    for offset in range(1, 14):
        ghost = offset == 12
        index, count = {10: (0, 2), 11: (1, 2)}.get(offset, (0, 1))
        commit = f"commit-{offset - index}"
        writer = "another" if ghost else WRITER
        archive.append([[3, offset, False, 0, writer, sequence, commit, index, count,
                         f"event-{offset}", ORGANIZATION], 3 if ghost else 1])
        sequence += not ghost
    archive.append([[5, 0, True, 0, WRITER, 0, "", 0, 1], 2])
    for offset in (1, 2):
        archive.append([[5, offset, False, 0, WRITER, offset - 1, f"account-{offset}", 0, 1,
                         f"account-{offset}", NOBODYS], 1])
    feed = [{"position": f"3@{each['offset']}", "type": each["type"]} for each in events[6:]]
    export = {
        "kind": "export", "time": 30.0, "organization": ORGANIZATION, "place": GATEWAY,
        "begin": 20.0, "end": 30.0, "due": 9, "events": 9, "digest": digest(events[:9]),
    }
    return {
        "history.jsonl": [
            {"kind": "gateway", "time": 1.0, "name": "gateway-1", "url": GATEWAY},
            {"kind": "fault_begin", "time": 50.0, "number": 1, "fault": "pause",
             "target": "gateway-1"},
            {"kind": "fault_heal", "time": 65.0, "number": 1},
            {"kind": "stalled", "time": 140.0, "begin": 135.0, "end": 140.0},
            {"kind": "query", "time": 140.0, "place": GATEWAY, "begin": 107.0, "end": 141.0},
            {"kind": "query", "time": 90.0, "place": GATEWAY, "begin": 48.0, "end": 90.0},
            export,
            *answers(),
        ],
        "organizations.jsonl": [{
            "id": ORGANIZATION, "project": "p", "before": 6, "tables": tables(events),
            "connections": [1], "before_last": "event-6",
        }],
        f"events-{NOBODYS}.jsonl": accounts,
        f"events-{ORGANIZATION}.jsonl": events,
        f"feed-{ORGANIZATION}-0.jsonl": feed,
        "archive.jsonl": archive,
        "topic.jsonl": [row for row, _ in archive],
        "keys.jsonl": [[ORGANIZATION, USER, f"key-{request}", f"commit-{at}"]
                       for request, at in [("edit", 7), ("start", 8), ("apply", 10)]],
    }


def answers() -> list[Any]:
    """Of every outcome."""
    return [
        command("edit", 200, 7, 2, if_match='"1"'),
        command("start", 201, 8, 1), command("stop", 200, 9, 2),
        command("apply", 201, 11, 1, events=2, stream="task-"), command("again", 201, 13, 1),
        command("refused", 412, 0, 0, path=f"/tasks/{TASK}", if_match='"1"',
                answer={"current_version": 2}),
        command("busy", 409, 0, 0, path="/tasks/b/time/start", tries=[later(409)]),
        command("idle", 404, 0, 0, path=f"/tasks/{TASK}/time/stop", tries=[later(404)]),
        command("wrong", 422, 0, 0, body={"project_id": "absent", "title": "C"}),
        command("nobody-knows", 0, 0, 0),
        command("rename", 200, 1, 2, organization=NOBODYS, position="5@2"),
        command("repeat", 200, 7, 2, events=0, key="key-edit", answer={"id": "edit"},
                replayed=True),
    ]


def tables(events: list[Any]) -> Any:
    """As the API would show them, written down by hand."""
    stamps = {"created_at": "t6", "updated_at": "t7", "version": 2, "created_by": USER}
    task = {**{name: value for name, value in CREATED.items() if name != "rank"}, "project_id": "p"}
    seconds = {"total_logged_time": 5, "actual_hours": 0.0, "is_over_estimate": False}
    log = {"project_id": "p", "user_id": USER, "start_time": "t1", "description": "L",
           "category": "c", "is_billable": True, "flagged": False}
    about = {name: [event for event in reversed(events) if event["data"].get(name) == value]
             for name, value in [("project_id", "p"), ("task_id", TASK)]}
    data = {"title_template": "{a}", "tags": [], "checklist": ["c"], "estimated_hours": 2}
    return {
        "project": "p",
        "tasks": {
            TASK: {**task, **stamps, "title": "B", **seconds},
            # A timer runs on it.
            "b": {**task, "created_at": "t10", "updated_at": "t10", "version": 1,
                  "created_by": USER, "total_logged_time": 77, "actual_hours": 0.02,
                  "is_over_estimate": False},
        },
        "logs": {
            LOG: {**log, "task_id": TASK, "end_time": "t2", "duration_seconds": 5,
                  "duration_hours": 0.0, "created_at": "t8", "updated_at": "t9", "version": 2},
            "log-b": {**log, "task_id": "b", "end_time": None, "duration_seconds": None,
                      "duration_hours": None, "created_at": "t13", "updated_at": "t13",
                      "version": 1},
        },
        "timers": {"log-b": {**log, "task_id": "b", "task_title": "A", "version": 1,
                             "elapsed_seconds": 77}},
        "board": {"todo": {"count": 2, "tasks": ["b", TASK]}},
        "totals": {TASK: 5, "b": 77},
        "templates": {TEMPLATE: {
            "name": "T", "description": None, "category": "c", "template_data": data,
            "usage_count": 1, "created_by": USER, "is_active": True}},
        "projects": {"p": {
            "name": "P", "key": "P", "description": "D", "colour": "#00ff00", "archived": False,
            "created_by": USER, "created_at": "t4", "updated_at": "t4", "version": 1}},
        "organizations": {ORGANIZATION: {
            "name": "O", "created_at": "t1", "updated_at": "t1", "version": 1,
            "settings": {"single_running_timer": False, "time_zone": "UTC",
                         "max_concurrent_generations": 5}}},
        "members": {USER: {"email": "a@example.org", "name": "B", "role": "owner", "active": True,
                           "joined_at": "t2", "version": 1}},
        "invitations": {"invitation-a": {
            "email": "b@example.org", "role": "viewer", "status": "pending", "expires_at": "t99",
            "created_by": USER, "created_at": "t3", "version": 1}},
        "activities": [{"project_id": "p", "events": about["project_id"]},
                       {"task_id": TASK, "events": about["task_id"]}],
    }


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
