"""The read models of an organization as its owner sees them through the API."""

from typing import Any

from support.client import Client

Rows = dict[str, dict[str, Any]]


def collect(owner: Client, project: str) -> dict[str, Any]:
    """All that judge.read_models compares, as of the owner's newest position."""
    columns = owner.get(f"/projects/{project}/board")["columns"]
    report = owner.get("/reports/time?group_by=task")["rows"]
    usage = _table(owner, "/templates", "templates", "id", ["usage_count"])
    return {
        "tasks": _table(owner, "/tasks", "tasks", "id", [
            "title", "priority", "status", "tags", "assignee_id", "version"]),
        "logs": _table(owner, "/time-logs", "time_logs", "id", [
            "task_id", "user_id", "start_time", "end_time", "duration_seconds", "is_billable"]),
        "timers": _table(
            owner, "/timers", "timers", "time_log_id", ["task_id", "user_id", "start_time"]),
        "board": {column["status"]: column["count"] for column in columns if column["count"]},
        "totals": {row["task_id"]: row["total_time_seconds"] for row in report},
        "usage": {key: row["usage_count"] for key, row in usage.items() if row["usage_count"]},
    }


def _table(owner: Client, path: str, name: str, key: str, fields: list[str]) -> Rows:
    rows = owner.pages(path, name, limit=200)
    return {row[key]: {field: row[field] for field in fields} for row in rows}
