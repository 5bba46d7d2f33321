"""Makers of projects, tasks, templates and time logs for the tests of work."""

import uuid
from datetime import datetime, timedelta, timezone
from typing import Any

from support.client import Client

STATUSES = ["todo", "in_progress", "in_review", "done", "cancelled"]


def make_project(client: Client, **fields: Any) -> dict[str, Any]:
    body = {"name": f"Project {uuid.uuid4().hex[:8]}", **fields}
    return client.post("/projects", body, expect=201)


def make_task(client: Client, project: dict[str, Any], **fields: Any) -> dict[str, Any]:
    body = {"project_id": project["id"], "title": "A task", **fields}
    return client.post("/tasks", body, expect=201)


def make_template(client: Client, **fields: Any) -> dict[str, Any]:
    body = {
        "name": "Sprint task",
        "category": "development",
        "template_data": {
            "title_template": "Implement {feature}",
            "description_template": "For {customer}",
            "priority": "high",
            "tags": ["sprint"],
            "checklist": ["Write {feature}", "Review"],
            "estimated_hours": 4,
        },
        **fields,
    }
    return client.post("/templates", body, expect=201)


def instant(value: datetime) -> str:
    return value.astimezone(timezone.utc).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def add_log(client: Client, task: dict[str, Any], start: datetime, seconds: int, **fields: Any):
    body = {
        "start_time": instant(start),
        "end_time": instant(start + timedelta(seconds=seconds)),
        **fields,
    }
    return client.post(f"/tasks/{task['id']}/time-logs", body, expect=201)


def work_a_while(client: Client, tasks: int = 3) -> None:
    """A project with tasks, on each of which a timer ran."""
    project = make_project(client)
    for _ in range(tasks):
        task = make_task(client, project)
        client.post(f"/tasks/{task['id']}/time/start", key=uuid.uuid4().hex)
        client.post(f"/tasks/{task['id']}/time/stop")


def events_of(client: Client) -> list[dict[str, Any]]:
    """The history of the client's organization, at most 1000 events."""
    return client.get("/events", params={"limit": 1000})["events"]
