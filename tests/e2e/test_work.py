"""Projects, tasks, timers, time logs, templates and activity over HTTP (api.md, Work)."""

import re
import uuid
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest

from support.client import Client
from support.teamflow import Teamflow
from support.work import add_log, instant, make_project, make_task, make_template


def test_a_project_from_creation_to_deletion(client: Client) -> None:
    created = client.send("POST", "/projects", {"name": "Website", "key": "WEB"})
    assert created.status_code == 201, created.text
    made = created.json()
    assert created.headers["Location"] == f"/api/v1/projects/{made['id']}"
    assert created.headers["ETag"] == '"1"'
    assert re.fullmatch(r"\d+@\d+", created.headers["Event-Position"])

    path = f"/projects/{made['id']}"
    shown = client.send("GET", path)
    assert shown.json() == made
    assert shown.headers["ETag"] == '"1"'
    assert re.fullmatch(r"\d+@\d+", shown.headers["Event-Position"])

    edited = client.patch(path, {"name": "Web site", "description": "All of it"}, expect=200)
    assert edited["name"] == "Web site"
    assert client.get(path) == edited
    listed = client.get("/projects")
    assert listed["projects"] == [edited]
    assert (listed["total"], listed["limit"], listed["offset"]) == (1, 50, 0)
    assert listed["next_cursor"] is None

    client.delete(path, expect=204)
    client.refused(404, "not_found", "GET", path)
    client.refused(404, "not_found", "PATCH", path, {"name": "Again"})
    assert client.get("/projects")["total"] == 0


def test_a_project_with_open_tasks_stays(client: Client, project: dict[str, Any]) -> None:
    task = make_task(client, project)
    path = f"/projects/{project['id']}"
    client.refused(409, "project_not_empty", "DELETE", path)
    client.patch(f"/tasks/{task['id']}", {"status": "done"})
    client.delete(path, expect=204)
    client.refused(404, "not_found", "GET", f"/tasks/{task['id']}")
    client.refused(404, "not_found", "GET", f"{path}/board")
    assert client.get("/tasks")["total"] == 0


def test_a_task_has_every_field_it_was_given(client: Client, project: dict[str, Any]) -> None:
    body = {
        "project_id": project["id"],
        "title": "Write the offer",
        "description": "With prices",
        "status": "in_progress",
        "priority": "urgent",
        "assignee_id": client.user["id"],
        "tags": ["sales", "q4"],
        "due_date": "2026-12-24",
        "checklist": [{"text": "Ask Ann"}, {"text": "Send", "done": True}],
        "estimated_hours": 2.5,
    }
    made = client.post("/tasks", body, expect=201)
    shown = client.send("GET", f"/tasks/{made['id']}")
    task = shown.json()
    assert task == made
    assert shown.headers["ETag"] == '"1"'
    for name, value in body.items():
        if name != "checklist":
            assert task[name] == value, name
    assert [(item["text"], item["done"]) for item in task["checklist"]] == [
        ("Ask Ann", False),
        ("Send", True),
    ]
    assert task["created_by"] == client.user["id"]
    assert (task["actual_hours"], task["total_logged_time"]) == (0, 0)
    assert task["is_over_estimate"] is False
    assert task["version"] == 1


def test_null_clears_absent_keeps_and_no_change_is_no_event(
    client: Client, project: dict[str, Any]
) -> None:
    task = make_task(client, project, description="Long", due_date="2026-12-24", tags=["a"])
    path = f"/tasks/{task['id']}"
    edited = client.patch(path, {"description": None, "tags": ["b"]}, expect=200)
    assert (edited["description"], edited["tags"]) == (None, ["b"])
    assert edited["due_date"] == "2026-12-24"
    again = client.send("PATCH", path, {"description": None, "tags": ["b"]})
    assert again.status_code == 200
    assert again.json()["version"] == edited["version"]
    client.refused(422, "validation_failed", "PATCH", path, {"title": None}, fields=["title"])


def test_a_deleted_task_is_gone_until_it_is_restored(client: Client, task: dict[str, Any]) -> None:
    path = f"/tasks/{task['id']}"
    client.delete(path, expect=204)
    for method, sub in [("GET", ""), ("PATCH", ""), ("DELETE", ""), ("GET", "/activity")]:
        body = {} if method == "PATCH" else None
        client.refused(404, "not_found", method, path + sub, body)
    client.refused(404, "not_found", "GET", f"{path}/time-logs")
    assert client.get("/tasks")["total"] == 0
    restored = client.post(f"{path}/restore", expect=200)
    assert restored["title"] == task["title"]
    assert client.get(path)["version"] == restored["version"]
    assert client.get("/tasks")["total"] == 1


def test_several_tasks_change_together_or_not_at_all(
    client: Client, project: dict[str, Any]
) -> None:
    ids = [make_task(client, project)["id"] for _ in range(3)]
    changed = client.post(
        "/tasks/bulk", {"task_ids": ids, "changes": {"priority": "low"}}, expect=200
    )
    assert [task["priority"] for task in changed["tasks"]] == ["low"] * 3
    foreign = str(uuid.uuid4())
    answer = client.send(
        "POST", "/tasks/bulk", {"task_ids": [*ids, foreign], "changes": {"priority": "high"}}
    )
    assert answer.status_code in (404, 422), answer.text
    assert client.get("/tasks", params={"priority": "high"})["total"] == 0
    nothing = {"task_ids": [], "changes": {"priority": "high"}}
    client.refused(
        422, "validation_failed", "POST", "/tasks/bulk", nothing, fields=["task_ids"]
    )


# --- preconditions and retries


@pytest.mark.parametrize("accept", ["image/png", "application/json;q=0"])
def test_an_answer_that_the_client_cannot_read_is_refused_before_anything_happens(
    client: Client, project: dict[str, Any], accept: str
) -> None:
    body = {"project_id": project["id"], "title": "Unreadable"}
    client.refused(406, "not_acceptable", "POST", "/tasks", body, headers={"Accept": accept})
    client.refused(406, "not_acceptable", "GET", "/tasks", headers={"Accept": accept})
    assert client.get("/tasks")["total"] == 0


def test_if_match_guards_against_lost_updates(client: Client, task: dict[str, Any]) -> None:
    path = f"/tasks/{task['id']}"
    client.patch(path, {"title": "Second"}, if_match='"1"', expect=200)
    stale = client.send("PATCH", path, {"title": "Third"}, if_match='"1"')
    assert (stale.status_code, stale.json()["error"]) == (412, "version_conflict")
    assert stale.json()["current_version"] == 2 and stale.headers["ETag"] == '"2"'
    assert client.get(path)["title"] == "Second"
    client.refused(400, "bad_header", "PATCH", path, {"title": "Third"}, if_match="one")


def test_a_repeated_key_answers_as_the_first_time(client: Client, project: dict[str, Any]) -> None:
    body = {"project_id": project["id"], "title": "Once"}
    first = client.send("POST", "/tasks", body, key="once-1")
    again = client.send("POST", "/tasks", body, key="once-1")
    assert (first.status_code, again.status_code) == (201, 201), again.text
    assert again.headers["Idempotency-Replayed"] == "true"
    assert "Idempotency-Replayed" not in first.headers
    assert again.json() == first.json()
    for name in ["Location", "ETag", "Event-Position"]:
        assert again.headers[name] == first.headers[name]
    assert client.get("/tasks")["total"] == 1
    other = {**body, "title": "Twice"}
    client.refused(422, "idempotency_key_reused", "POST", "/tasks", other, key="once-1")


def test_a_command_that_changes_nothing_leaves_its_key_free(
    client: Client, task: dict[str, Any]
) -> None:
    """The key rides with the events of its command; here there are none."""
    path = f"/tasks/{task['id']}"
    unchanged = client.send("PATCH", path, {"status": "todo"}, key="free-1")
    assert (unchanged.status_code, unchanged.headers["ETag"]) == (200, '"1"'), unchanged.text
    changed = client.send("PATCH", path, {"status": "in_progress"}, key="free-1")
    assert (changed.status_code, changed.json()["status"]) == (200, "in_progress"), changed.text
    assert "Idempotency-Replayed" not in changed.headers
    # Now it is taken, and whoever must not undo it says what the change is based on.
    client.refused(
        422, "idempotency_key_reused", "PATCH", path, {"status": "todo"}, key="free-1"
    )
    late = client.send("PATCH", path, {"status": "todo"}, key="free-2", if_match='"1"')
    assert late.status_code == 412, late.text


def test_a_sealed_description_is_replayed(client: Client, task: dict[str, Any]) -> None:
    path = f"/tasks/{task['id']}/time/start"
    first = client.send("POST", path, {"description": "Quiet work"}, key="start-1")
    again = client.send("POST", path, {"description": "Quiet work"}, key="start-1")
    assert again.status_code == 201, again.text
    assert again.json() == first.json()
    assert again.json()["description"] == "Quiet work"
    client.refused(
        422, "idempotency_key_reused", "POST", path, {"description": "Loud"}, key="start-1"
    )


# --- time


def test_a_timer_from_start_to_stop(client: Client, task: dict[str, Any]) -> None:
    path = f"/tasks/{task['id']}"
    body = {"description": "First try", "category": "development", "is_billable": False}
    started = client.send("POST", f"{path}/time/start", body)
    assert started.status_code == 201, started.text
    timer = started.json()
    assert timer["task_id"] == task["id"]
    assert timer["task_title"] == task["title"]
    assert timer["user_id"] == client.user["id"]
    assert timer["description"] == "First try"
    assert timer["category"] == "development"
    assert timer["is_billable"] is False
    assert started.headers["Location"] == f"/api/v1/time-logs/{timer['time_log_id']}"
    assert client.get(f"/time-logs/{timer['time_log_id']}")["description"] == "First try"
    client.refused(409, "timer_already_running", "POST", f"{path}/time/start")

    running = client.get("/timers", params={"user_id": client.user["id"]})
    assert [each["time_log_id"] for each in running["timers"]] == [timer["time_log_id"]]
    assert running["timers"][0]["task_title"] == task["title"]
    logs = client.get(f"{path}/time-logs")
    assert logs["time_logs"][0]["end_time"] is None
    assert logs["time_logs"][0]["duration_seconds"] is None

    stopped = client.post(f"{path}/time/stop", expect=200)
    assert stopped["time_log_id"] == timer["time_log_id"]
    assert stopped["duration_seconds"] >= 0
    assert stopped["is_billable"] is False
    client.refused(404, "no_active_timer", "POST", f"{path}/time/stop")
    assert client.get("/timers")["timers"] == []
    (log,) = client.get(f"{path}/time-logs")["time_logs"]
    assert log == {
        "id": timer["time_log_id"],
        "user_id": client.user["id"],
        "start_time": stopped["start_time"],
        "end_time": stopped["end_time"],
        "duration_seconds": stopped["duration_seconds"],
        "duration_hours": stopped["duration_hours"],
        "description": "First try",
        "category": "development",
        "is_billable": False,
    }


def test_a_discarded_timer_leaves_no_log(client: Client, task: dict[str, Any]) -> None:
    path = f"/tasks/{task['id']}"
    client.refused(404, "no_active_timer", "POST", f"{path}/time/discard")
    client.post(f"{path}/time/start")
    client.post(f"{path}/time/discard", expect=204)
    logs = client.get(f"{path}/time-logs")
    assert (logs["time_logs"], logs["total_time_seconds"], logs["total"]) == ([], 0, 0)


def test_totals_follow_added_edited_and_deleted_logs(
    client: Client, project: dict[str, Any]
) -> None:
    task = make_task(client, project, estimated_hours=1)
    path = f"/tasks/{task['id']}"
    start = datetime(2026, 11, 2, 9, tzinfo=timezone.utc)
    add_log(client, task, start, 1800)
    second = add_log(client, task, start + timedelta(hours=2), 900, is_billable=False)
    assert second["duration_hours"] == 0.25

    def totals() -> tuple[int, int, int, float, bool]:
        logs = client.get(f"{path}/time-logs")
        shown = client.get(path)
        return (
            logs["total_time_seconds"],
            logs["billable_time_seconds"],
            shown["total_logged_time"],
            shown["actual_hours"],
            shown["is_over_estimate"],
        )

    assert totals() == (2700, 1800, 2700, 0.75, False)
    end = instant(start + timedelta(hours=2, seconds=5400))
    edited = client.patch(
        f"/time-logs/{second['id']}", {"end_time": end, "description": "Longer"}, expect=200
    )
    assert (edited["duration_seconds"], edited["description"]) == (5400, "Longer")
    assert totals() == (7200, 1800, 7200, 2.0, True)
    patched = client.patch(path, {"title": "Known totals"})
    assert (patched["total_logged_time"], patched["is_over_estimate"]) == (7200, True)
    client.delete(f"/time-logs/{second['id']}", expect=204)
    assert totals() == (1800, 1800, 1800, 0.5, False)
    client.refused(404, "not_found", "GET", f"/time-logs/{second['id']}")


def test_a_running_timer_counts_up_to_now(client: Client, task: dict[str, Any]) -> None:
    path = f"/tasks/{task['id']}"
    timer = client.post(f"{path}/time/start")
    an_hour_ago = datetime.now(timezone.utc) - timedelta(hours=1)
    client.patch(f"/time-logs/{timer['time_log_id']}", {"start_time": instant(an_hour_ago)})
    assert 3600 <= client.get(path)["total_logged_time"] < 3700
    assert 3600 <= client.get(f"{path}/time-logs")["total_time_seconds"] < 3700
    assert 3600 <= client.get("/timers")["timers"][0]["elapsed_seconds"] < 3700


def test_time_logs_are_found_by_their_filters(client: Client, project: dict[str, Any]) -> None:
    one, two = make_task(client, project), make_task(client, project)
    day = datetime(2026, 11, 2, 9, tzinfo=timezone.utc)
    first = add_log(client, one, day, 60, category="meeting")
    second = add_log(client, two, day + timedelta(days=1), 60, is_billable=False)
    third = add_log(client, two, day + timedelta(days=2), 60)

    def found(**filters: str) -> list[str]:
        return [log["id"] for log in client.get("/time-logs", params=filters)["time_logs"]]

    assert found() == [third["id"], second["id"], first["id"]]
    assert found(task_id=one["id"]) == [first["id"]]
    assert found(project_id=project["id"], billable="false") == [second["id"]]
    assert found(category="meeting") == [first["id"]]
    assert found(**{"from": "2026-11-03", "to": "2026-11-03"}) == [second["id"]]
    assert found(**{"from": "2026-11-03T09:00:00Z"}) == [third["id"], second["id"]]
    assert found(**{"to": "2026-11-03T09:00:00Z"}) == [first["id"]]
    assert found(user_id=str(uuid.uuid4())) == []
    entry = client.get("/time-logs", params={"task_id": one["id"]})["time_logs"][0]
    assert (entry["task_id"], entry["project_id"]) == (one["id"], project["id"])


# --- boards


def test_a_template_makes_tasks(client: Client, project: dict[str, Any]) -> None:
    template = make_template(client)
    body = {
        "project_id": project["id"],
        "template_variables": {"feature": "search", "customer": "Ann"},
    }
    path = f"/templates/{template['id']}"
    preview = client.post(f"{path}/preview", body, expect=200)
    assert preview["title"] == "Implement search"
    assert client.get("/tasks")["total"] == 0
    applied = client.send("POST", f"{path}/apply", body)
    assert applied.status_code == 201, applied.text
    answer = applied.json()
    assert answer["title"] == "Implement search"
    assert answer["template_name"] == "Sprint task"
    assert answer["task"]["id"] == answer["task_id"]
    assert applied.headers["Location"] == f"/api/v1/tasks/{answer['task_id']}"
    client.position = applied.headers["Event-Position"]
    task = client.get(f"/tasks/{answer['task_id']}")
    assert task == answer["task"]
    assert (task["priority"], task["tags"], task["estimated_hours"]) == ("high", ["sprint"], 4)
    assert task["description"] == "For Ann"
    assert [item["text"] for item in task["checklist"]] == ["Write search", "Review"]
    (listed,) = client.get("/templates")["templates"]
    assert (listed["usage_count"], listed["is_active"]) == (1, True)


def test_missing_variables_are_named(client: Client, project: dict[str, Any]) -> None:
    template = make_template(client)
    body = {"project_id": project["id"], "template_variables": {"feature": "search"}}
    for verb in ("apply", "preview"):
        problem = client.refused(
            422, "validation_failed", "POST", f"/templates/{template['id']}/{verb}", body
        )
        assert "customer" in str(problem["errors"])
    assert client.get("/tasks")["total"] == 0


def test_an_inactive_template_is_listed_only_when_asked_for(
    client: Client, project: dict[str, Any]
) -> None:
    template = make_template(client)
    make_template(client, name="Another", category="support")
    path = f"/templates/{template['id']}"
    names = [each["name"] for each in client.get("/templates")["templates"]]
    assert names == ["Another", "Sprint task"]
    client.delete(path, expect=204)
    assert [each["name"] for each in client.get("/templates")["templates"]] == ["Another"]
    everything = client.get("/templates", params={"include_inactive": "true"})
    assert everything["total"] == 2
    assert client.get("/templates", params={"category": "development"})["total"] == 0
    shown = client.send("GET", path)
    assert (shown.json()["is_active"], shown.headers["ETag"]) == (False, '"2"')
    body = {
        "project_id": project["id"],
        "template_variables": {"feature": "search", "customer": "Ann"},
    }
    client.refused(409, "template_inactive", "POST", f"{path}/apply", body)


# --- activity


def test_activity_tells_what_happened(client: Client, project: dict[str, Any]) -> None:
    task = make_task(client, project)
    client.post(f"/tasks/{task['id']}/time/start", {"description": "Secret plan"})
    client.post(f"/tasks/{task['id']}/time/stop")
    activity = client.get(f"/tasks/{task['id']}/activity")
    assert [event["type"] for event in activity["activities"]] == [
        "time.timer_stopped",
        "time.timer_started",
        "task.task_created",
    ]
    started = activity["activities"][1]
    assert started["organization_id"] == client.organization["id"]
    assert started["actor"] == client.user["id"]
    assert started["data"]["task_id"] == task["id"]
    assert started["data"]["description"] == "Secret plan"
    assert activity["total"] == 3
    of_project = client.get(f"/projects/{project['id']}/activity")["activities"]
    assert of_project[-1]["type"] == "project.project_created"
    assert len(of_project) == 4
    path = f"/organizations/{client.organization['id']}/activity"
    everything = list(client.pages(path, "activities", 2))
    assert [event["id"] for event in everything[:4]] == [event["id"] for event in of_project]
    offsets = [event["offset"] for event in everything]
    assert offsets == sorted(offsets, reverse=True)


def test_invitations_are_activity_for_those_who_invite_alone(client: Client) -> None:
    invited = {"email": "secret.address@example.org", "role": "member"}
    client.post("/invitations", invited, expect=201)
    path = f"/organizations/{client.organization['id']}/activity"
    everything = client.get(path)
    assert "organization.invitation_created" in str(everything)
    assert invited["email"] in str(everything)
    for role, sees in (("admin", True), ("member", False), ("viewer", False)):
        with client.colleague(role) as colleague:
            total = client.get(path)["total"]
            activity = colleague.get(path, min_position=client.position)
            types = [event["type"] for event in activity["activities"]]
            hidden = sum(name.startswith("organization.invitation_") for name in types)
            assert "organization.member_added" in types
            assert (hidden > 0) is sees, types
            assert (invited["email"] in str(activity)) is sees
            assert activity["total"] == len(types)
            assert (activity["total"] == total) is sees


# --- walls


def test_another_organization_sees_and_changes_nothing(
    client: Client, server: Teamflow, task: dict[str, Any], project: dict[str, Any]
) -> None:
    template = make_template(client)
    log = add_log(client, task, datetime(2026, 11, 2, 9, tzinfo=timezone.utc), 60)
    with Client(server.url) as stranger:
        stranger.register()
        own = make_project(stranger)
        paths = {
            f"/projects/{project['id']}": ["GET", "PATCH", "DELETE"],
            f"/projects/{project['id']}/board": ["GET"],
            f"/projects/{project['id']}/activity": ["GET"],
            f"/tasks/{task['id']}": ["GET", "PATCH", "DELETE"],
            f"/tasks/{task['id']}/restore": ["POST"],
            f"/tasks/{task['id']}/move": ["POST"],
            f"/tasks/{task['id']}/time/start": ["POST"],
            f"/tasks/{task['id']}/time-logs": ["GET"],
            f"/tasks/{task['id']}/activity": ["GET"],
            f"/time-logs/{log['id']}": ["GET", "PATCH", "DELETE"],
            f"/templates/{template['id']}": ["GET", "PATCH", "DELETE"],
            f"/organizations/{client.organization['id']}/activity": ["GET"],
        }
        for path, methods in paths.items():
            for method in methods:
                body = {} if method in ("PATCH", "POST") else None
                stranger.refused(404, "not_found", method, path, body)
        body = {"project_id": own["id"], "template_variables": {}}
        stranger.refused(404, "not_found", "POST", f"/templates/{template['id']}/apply", body)
        for name, path in {
            "tasks": "/tasks",
            "time_logs": "/time-logs",
            "timers": "/timers",
            "templates": "/templates",
        }.items():
            listed = stranger.get(path)
            assert (listed[name], listed["total"]) == ([], 0)
        assert stranger.get("/tasks", params={"project_id": project["id"]})["total"] == 0
        assert [each["id"] for each in stranger.get("/projects")["projects"]] == [own["id"]]
    assert client.get(f"/tasks/{task['id']}")["title"] == task["title"]


def test_an_id_that_is_none_is_not_found(client: Client) -> None:
    for path in ("/tasks/1", "/projects/x", "/time-logs/%20", "/templates/0", "/tasks/1/board"):
        client.refused(404, "not_found", "GET", path)


def test_unknown_and_missing_fields_are_all_named(client: Client) -> None:
    client.refused(
        422,
        "validation_failed",
        "POST",
        "/tasks",
        {"titel": "Typo", "status": "open", "estimated_hours": -1},
        fields=["project_id", "title", "titel", "status", "estimated_hours"],
    )
