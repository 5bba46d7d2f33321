"""A working year of timers, made from a seed, against an independent model (support/time_model)."""

import asyncio
import json
import random
import time
from collections import Counter, defaultdict
from datetime import timedelta
from typing import Any, Callable, Iterator

import pytest

from support.client import Client
from support.played_clock import PlayedClock
from support.teamflow import Teamflow
from support.time_model import Log, hours
from support.work import STATUSES, instant
from support.working_year import YEAR, ZONE, WorkingYear

Sums = dict[Any, tuple[int, int, int]]


@pytest.fixture(scope="module")
def year(tmp_path_factory: pytest.TempPathFactory) -> Iterator[WorkingYear]:
    directory = tmp_path_factory.mktemp("year")
    clock = PlayedClock(directory / "clock")
    with Teamflow(directory / "data", environment=clock.environment) as server:
        with Client(server.url) as owner:
            owner.register(organization_name="Five people")
            lived = WorkingYear(owner, server.url, clock)
            begun = time.monotonic()
            asyncio.run(lived.live())
            lived.counts["seconds"] = round(time.monotonic() - begun)
            owner.position = lived.position
            yield lived
    clock.close()


def sums(logs: Iterator[Log], key: Callable[[Log], Any]) -> Sums:
    """Logs, seconds and billable seconds for each key."""
    found: defaultdict[Any, list[int]] = defaultdict(lambda: [0, 0, 0])
    for log in logs:
        entry = found[key(log)]
        entry[0] += 1
        entry[1] += log.seconds
        entry[2] += log.seconds if log.billable else 0
    return {name: (entry[0], entry[1], entry[2]) for name, entry in found.items()}


def reported(rows: list[dict[str, Any]], *names: str) -> Sums:
    found = {
        tuple(row[name] for name in names): (
            row["logs"], row["total_time_seconds"], row["billable_time_seconds"]
        )
        for row in rows
    }
    assert len(found) == len(rows), "two rows have the same key"
    return {key if len(names) > 1 else key[0]: value for key, value in found.items()}


def local_day(log: Log) -> str:
    return log.start.astimezone(ZONE).date().isoformat()


def test_the_year_was_lived(
    year: WorkingYear, capsys: pytest.CaptureFixture[str], record_property: Callable[..., None]
) -> None:
    """Each answer was compared when it came; here is that there were enough of each kind."""
    counts = year.counts
    timers = counts["start 201"] + counts["stop 200"]
    refused = sum(count for name, count in counts.items() if name[-3:-2] == "4")
    record_property("seconds", counts["seconds"])
    with capsys.disabled():
        print(
            f"\n{len(year.model.tasks)} tasks, {timers} starts and stops, {refused} refusals,"
            f" {counts['replayed']} replays in {counts['seconds']} s ",
            end="",
        )
    assert len(year.model.tasks) > 2800
    assert timers > 11_500
    assert refused > 1000 and counts["replayed"] > 500
    for status in (403, 404, 409, 412, 422):
        assert sum(n for name, n in counts.items() if name.endswith(f" {status}")) > 20, status
    assert not year.model.timers
    assert year.owner.get("/timers")["total"] == 0


def test_totals_by_person_project_category_and_task(year: WorkingYear) -> None:
    def check(group_by: str, name: str, key: Callable[[Log], Any], **query: str) -> None:
        report = year.owner.get("/reports/time", params={"group_by": group_by, **query})
        assert reported(report["rows"], name) == sums(year.model.finished(), key), group_by

    check("user", "user_id", lambda log: log.person.id)
    check("project", "project_id", lambda log: log.task.project.id)
    check("task", "task_id", lambda log: log.task.id)
    check("category", "category", lambda log: log.category)
    check("billable", "billable", lambda log: log.billable)


def test_totals_by_day(year: WorkingYear) -> None:
    query = {"group_by": "user,day", "tz": str(ZONE)}
    report = year.owner.get("/reports/time", params=query)
    assert reported(report["rows"], "user_id", "day") == sums(
        year.model.finished(), lambda log: (log.person.id, local_day(log))
    )
    utc = year.owner.get("/reports/time", params={"group_by": "day"})
    assert reported(utc["rows"], "day") == sums(
        year.model.finished(), lambda log: instant(log.start)[:10]
    )


def test_every_timesheet_of_the_year(year: WorkingYear) -> None:
    weeks: defaultdict[tuple[str, str], list[Log]] = defaultdict(list)
    for log in year.model.finished():
        iso = log.start.astimezone(ZONE).isocalendar()
        weeks[log.person.id, f"{iso.year}-W{iso.week:02}"].append(log)
    assert len(weeks) > 250
    for (user_id, week), logs in weeks.items():
        query = {"week": week, "tz": str(ZONE)}
        sheet = year.owner.get(f"/timesheets/{user_id}", params=query)
        assert reported(sheet["entries"], "day", "task_id") == sums(
            iter(logs), lambda log: (local_day(log), log.task.id)
        ), (user_id, week)
        assert sheet["total_time_seconds"] == sum(log.seconds for log in logs)


def test_every_task_and_its_total(year: WorkingYear) -> None:
    listed = {task["id"]: task for task in year.owner.pages("/tasks", "tasks", 200)}
    present = {task.id: task for task in year.model.tasks.values() if not task.deleted}
    assert listed.keys() == present.keys()
    seconds: Counter[str] = Counter()
    for log in year.model.finished():
        seconds[log.task.id] += log.seconds
    for task_id, task in present.items():
        total = seconds[task_id]
        assert listed[task_id].items() >= {
            "title": task.title,
            "status": task.status,
            "estimated_hours": task.estimate,
            "total_logged_time": total,
            "actual_hours": hours(total),
            "is_over_estimate": total > task.estimate * 3600,
            "version": task.version,
        }.items(), task_id
    for project in year.model.projects:
        open_tasks = [task for task in present.values() if task.project is project]
        expected = Counter(task.status for task in open_tasks)
        columns = year.owner.get(f"/projects/{project.id}/board")["columns"]
        assert {column["status"]: column["count"] for column in columns} == {
            status: expected[status] for status in STATUSES
        }


def test_every_log_is_listed(year: WorkingYear) -> None:
    listed = {log["id"]: log for log in year.owner.pages("/time-logs", "time_logs", 200)}
    assert listed.keys() == year.model.logs.keys()
    for log_id, log in year.model.logs.items():
        assert log.end is not None
        assert listed[log_id].items() >= {
            "task_id": log.task.id,
            "project_id": log.task.project.id,
            "user_id": log.person.id,
            "start_time": instant(log.start),
            "end_time": instant(log.end),
            "duration_seconds": log.seconds,
            "duration_hours": hours(log.seconds),
            "category": log.category,
            "is_billable": log.billable,
            "version": log.version,
        }.items(), log_id


def test_logs_of_tasks_come_newest_first(year: WorkingYear) -> None:
    of_task: defaultdict[str, list[Log]] = defaultdict(list)
    for log in year.model.finished():
        if not log.task.deleted:
            of_task[log.task.id].append(log)
    for task_id in random.Random(YEAR).sample(sorted(of_task), 150):
        logs = sorted(of_task[task_id], key=lambda log: (log.start, log.id), reverse=True)
        answer = year.owner.get(f"/tasks/{task_id}/time-logs", params={"limit": 200})
        assert [log["id"] for log in answer["time_logs"]] == [log.id for log in logs]
        assert answer["total_time_seconds"] == sum(log.seconds for log in logs)
        assert answer["billable_time_seconds"] == sum(log.seconds for log in logs if log.billable)


def test_history_tells_the_same(year: WorkingYear) -> None:
    """The events themselves: as many of each type as the model knows, and their durations."""
    text = year.owner.get("/events", headers={"Accept": "application/x-ndjson"})
    events = [json.loads(line) for line in text.splitlines()]
    setup = {"organization", "identity"}
    types = Counter(e["type"] for e in events if e["type"].split(".")[0] not in setup)
    types["project.project_created"] -= len(year.model.projects)
    expected = Counter({
        name: count for name, count in year.model.events.items() if name.split(".")[0] not in setup
    })
    assert +types == expected
    seconds: dict[str, int] = {}
    for event in events:
        data = event["data"]
        if event["type"] in ("time.timer_stopped", "time.log_added", "time.log_edited"):
            seconds[data["time_log_id"]] = data["duration_seconds"] or 0
        elif event["type"] in ("time.log_deleted", "time.timer_discarded"):
            seconds.pop(data["time_log_id"], None)
    assert seconds == {log.id: log.seconds for log in year.model.finished()}
