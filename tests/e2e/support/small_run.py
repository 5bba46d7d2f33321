"""What a small run of ./dev test-chaos would have left behind in which all is well, written down by
hand."""

from typing import Any

from chaos.exports import digest
from chaos.history import NOBODYS

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
