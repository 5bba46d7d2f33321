"""The read models of an organization as its owner sees them through the API."""

from typing import Any

from support.client import Client

Rows = dict[str, dict[str, Any]]


def collect(owner: Client, project: str) -> dict[str, Any]:
    """All that judge.read_models compares, every row with every column, as of the owner's newest
    position."""
    organization = owner.get(f"/organizations/{owner.organization['id']}")
    tasks = _table(owner, "/tasks", "tasks")
    columns = owner.get(f"/projects/{project}/board")["columns"]
    report = owner.get("/reports/time?group_by=task")["rows"]
    some_task = min(tasks, default=None)
    return {
        "project": project,
        "tasks": tasks,
        "logs": _table(owner, "/time-logs", "time_logs"),
        "timers": _table(owner, "/timers", "timers", "time_log_id"),
        "board": {
            column["status"]: {
                "count": column["count"], "tasks": [task["id"] for task in column["tasks"]]}
            for column in columns if column["count"]
        },
        "totals": {row["task_id"]: row["total_time_seconds"] for row in report},
        "templates": _table(owner, "/templates", "templates", include_inactive="true"),
        "projects": _table(owner, "/projects", "projects"),
        "organizations": {organization.pop("id"): organization},
        "members": _table(owner, "/users", "users"),
        "invitations": _table(owner, "/invitations", "invitations"),
        "activities": [
            {"project_id": project, "events": _activity(owner, f"/projects/{project}/activity")},
            *([{"task_id": some_task, "events": _activity(owner, f"/tasks/{some_task}/activity")}]
              if some_task else []),
        ],
    }


def _table(owner: Client, path: str, name: str, key: str = "id", **query: str) -> Rows:
    return {row.pop(key): row for row in owner.pages(path, name, limit=200, **query)}


def _activity(owner: Client, path: str) -> list[dict[str, Any]]:
    return list(owner.pages(path, "activities", limit=200))
