"""The state that a history amounts to: an own fold, in another language than the program's, row by
row as the API shows it (support/tables.py)."""

import math
from collections import Counter
from typing import Any, Callable, Iterable

Event = dict[str, Any]
Row = dict[str, Any]
Rows = dict[str, Row]

TASK = ("project_id", "title", "description", "status", "priority", "assignee_id", "tags",
        "due_date", "checklist", "estimated_hours", "parent_task_id")
LOG = ("task_id", "project_id", "user_id", "start_time", "description", "category", "is_billable")
SETTINGS = ("single_running_timer", "time_zone", "max_concurrent_generations")


class World:
    """Of one organization. `tasks`, `projects`, `logs` and so on hold what is shown, each row by
    its id."""

    def __init__(self, events: Iterable[Event]) -> None:
        self.tasks: Rows = {}
        self.deleted: Rows = {}
        self.ranks: dict[str, str] = {}
        self.logs: Rows = {}
        self.projects: Rows = {}
        self.templates: Rows = {}
        self.organizations: Rows = {}
        self.members: Rows = {}
        self.invitations: Rows = {}
        self.events: list[Event] = []
        for event in events:
            self.events.append(event)
            take = TAKES.get(event["type"])
            if take is not None:
                take(self, event, event["data"])

    def totals(self) -> dict[str, int]:
        """Seconds logged, by task that has any log."""
        sums: Counter[str] = Counter()
        for log in self.logs.values():
            sums[log["task_id"]] += log["duration_seconds"] or 0
        return dict(sums)

    def running(self) -> Rows:
        return {key: log for key, log in self.logs.items() if log["end_time"] is None}

    def board(self, project: str) -> dict[str, list[str]]:
        """The tasks of each column, in order."""
        columns: dict[str, list[str]] = {}
        shown = [key for key, task in self.tasks.items() if task["project_id"] == project]
        for key in sorted(shown, key=lambda each: (self.ranks[each].encode(), each)):
            columns.setdefault(self.tasks[key]["status"], []).append(key)
        return columns

    def about(self, name: str, value: str) -> list[Event]:
        """The events whose data name this, the newest first: an activity."""
        return [event for event in reversed(self.events) if event["data"].get(name) == value]

    # --- tasks

    def _create(self, event: Event, data: Row) -> None:
        self.tasks[data["task_id"]] = {
            **{name: data[name] for name in TASK}, **born(event), "created_by": user(event)}
        self.ranks[data["task_id"]] = data["rank"]

    def _edit(self, event: Event, data: Row) -> None:
        touch(self.tasks[data["task_id"]], event, {
            name: value for name, value in data.items() if name in TASK})

    def _assign(self, event: Event, data: Row) -> None:
        touch(self.tasks[data["task_id"]], event, {"assignee_id": data["assignee_id"]})

    def _move(self, event: Event, data: Row) -> None:
        touch(self.tasks[data["task_id"]], event, {"status": data["to"]})
        self.ranks[data["task_id"]] = data["rank"]

    def _remove(self, event: Event, data: Row) -> None:
        task = self.deleted[data["task_id"]] = self.tasks.pop(data["task_id"])
        touch(task, event, {})

    def _restore(self, event: Event, data: Row) -> None:
        task = self.tasks[data["task_id"]] = self.deleted.pop(data["task_id"])
        touch(task, event, {})

    # --- time

    def _start(self, event: Event, data: Row) -> None:
        self.logs[data["time_log_id"]] = {
            **{name: data[name] for name in LOG}, "end_time": None, "duration_seconds": None,
            "flagged": False, **born(event),
        }

    def _stop(self, event: Event, data: Row) -> None:
        touch(self.logs[data["time_log_id"]], event, {
            "end_time": data["end_time"], "duration_seconds": data["duration_seconds"]})

    def _flag(self, event: Event, data: Row) -> None:
        touch(self.logs[data["time_log_id"]], event, {"flagged": True})

    def _add(self, event: Event, data: Row) -> None:
        self._start(event, data)
        self._stop(event, data)

    def _change(self, event: Event, data: Row) -> None:
        touch(self.logs[data["time_log_id"]], event, {
            name: data[name] for name in (*LOG, "end_time", "duration_seconds")})

    def _drop(self, event: Event, data: Row) -> None:
        del self.logs[data["time_log_id"]]

    # --- projects and templates

    def _found(self, event: Event, data: Row) -> None:
        self.projects[data["project_id"]] = {
            **{name: data[name] for name in ("name", "key", "description", "colour")},
            "archived": False, **born(event), "created_by": user(event),
        }

    def _change_project(self, event: Event, data: Row) -> None:
        row = self.projects[data["project_id"]]
        touch(row, event, {name: value for name, value in data.items() if name in row})

    def _archive(self, event: Event, data: Row) -> None:
        touch(self.projects[data["project_id"]], event,
              {"archived": event["type"] == "project.project_archived"})

    def _draft(self, event: Event, data: Row) -> None:
        self.templates[data["template_id"]] = {
            **{name: data[name] for name in ("name", "description", "category", "template_data")},
            "usage_count": 0, "created_by": user(event), "is_active": True,
        }

    def _change_template(self, event: Event, data: Row) -> None:
        row = self.templates[data["template_id"]]
        row.update({name: value for name, value in data.items() if name in row})

    def _switch(self, event: Event, data: Row) -> None:
        is_active = event["type"] == "template.template_reactivated"
        self.templates[data["template_id"]]["is_active"] = is_active

    def _apply(self, event: Event, data: Row) -> None:
        self.templates[data["template_id"]]["usage_count"] += 1

    # --- the organization

    def _establish(self, event: Event, data: Row) -> None:
        self.organizations[data["organization_id"]] = {
            "name": data["name"],
            "settings": {"single_running_timer": False, "time_zone": "UTC",
                         "max_concurrent_generations": 5},
            **born(event),
        }

    def _settle(self, event: Event, data: Row) -> None:
        row = self.organizations[data["organization_id"]]
        chosen = {name: data[name] for name in SETTINGS if data[name] is not None}
        touch(row, event, {
            "name": data["name"] or row["name"], "settings": {**row["settings"], **chosen}})

    def _join(self, event: Event, data: Row) -> None:
        self.members[data["user_id"]] = {
            "role": data["role"], "active": True, "joined_at": data["joined_at"],
            "version": event["stream_version"],
        }

    def _change_member(self, event: Event, data: Row) -> None:
        self.members[data["user_id"]].update(
            role=data["role"], active=data["active"], version=event["stream_version"])

    def _invite(self, event: Event, data: Row) -> None:
        self.invitations[data["invitation_id"]] = {
            "email": data["email"], "role": data["role"], "status": "pending",
            "expires_at": data["expires_at"], "created_by": user(event),
            "created_at": event["time"], "version": event["stream_version"],
        }

    def _answer(self, event: Event, data: Row) -> None:
        self.invitations[data["invitation_id"]].update(
            status=event["type"].rpartition("_")[2], version=event["stream_version"])


TAKES: dict[str, Callable[[World, Event, Row], None]] = {
    "task.task_created": World._create, "task.task_edited": World._edit,
    "task.task_assigned": World._assign, "task.task_moved": World._move,
    "task.task_completed": World._move, "task.task_reopened": World._move,
    "task.task_deleted": World._remove, "task.task_restored": World._restore,
    "time.timer_started": World._start, "time.timer_stopped": World._stop,
    "time.timer_discarded": World._drop, "time.timer_flagged": World._flag,
    "time.log_added": World._add, "time.log_edited": World._change,
    "time.log_deleted": World._drop,
    "project.project_created": World._found, "project.project_edited": World._change_project,
    "project.project_archived": World._archive, "project.project_restored": World._archive,
    "template.template_created": World._draft, "template.template_edited": World._change_template,
    "template.template_deactivated": World._switch, "template.template_reactivated": World._switch,
    "template.template_applied": World._apply,
    "organization.organization_created": World._establish,
    "organization.settings_changed": World._settle,
    "organization.member_added": World._join, "organization.member_changed": World._change_member,
    "organization.invitation_created": World._invite,
    "organization.invitation_accepted": World._answer,
    "organization.invitation_revoked": World._answer,
}


def accounts(events: Iterable[Event]) -> Rows:
    """Address and name of each user, from the history of all accounts."""
    rows: Rows = {}
    for event in events:
        data = event["data"]
        if event["type"] == "identity.user_registered":
            rows[data["user_id"]] = {"email": data["email"], "name": data["name"]}
        elif event["type"] == "identity.profile_changed":
            rows[data["user_id"]]["name"] = data["name"]
    return rows


def born(event: Event) -> Row:
    return {"created_at": event["time"], "updated_at": event["time"],
            "version": event["stream_version"]}


def touch(row: Row, event: Event, changed: Row) -> None:
    row.update(changed, updated_at=event["time"], version=event["stream_version"])


def user(event: Event) -> str | None:
    """Who did it; None of the program itself."""
    actor: str = event["actor"]
    return None if ":" in actor else actor


def hours(seconds: int) -> float:
    """Rounded to two decimals, halves up."""
    return math.floor(seconds / 36 + 0.5) / 100
