"""Ten years of real work through the public API, every total against one computed from the file."""

import asyncio
import csv
import io
import random
import time
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any, Callable, Iterator
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

import pytest

from support import sip
from support.client import Client
from support.sip import Work
from support.swift import Connection, for_each
from support.teamflow import Teamflow
from support.work import STATUSES, instant, make_project

TITLE_MAX = 200


@dataclass
class Loaded:
    """The organization that holds the records."""

    owner: Client
    rows: list[Work]
    projects: dict[str, str] = field(default_factory=dict)
    developers: dict[str, Client] = field(default_factory=dict)
    #: By row.
    tasks: dict[Work, str] = field(default_factory=dict)
    logs: dict[Work, str] = field(default_factory=dict)
    end: int = 0
    seconds: float = 0.0

    def get(self, path: str, **query: str) -> Any:
        return self.owner.get(f"{path}?{urlencode(query)}" if query else path)

    def report(self, group_by: str, **query: str) -> dict[str, Any]:
        return self.get("/reports/time", group_by=group_by, **query)

    def all_of(self, path: str, name: str, **query: str) -> list[Any]:
        """A whole list."""
        return list(self.owner.pages(path, name, 200, **query))


def load(server: Teamflow) -> Loaded:
    loaded = Loaded(Client(server.url), sip.rows())
    loaded.owner.register(organization_name="Ten years")
    for code in sorted({row.project for row in loaded.rows}):
        loaded.projects[code] = make_project(loaded.owner, name=code, key=code)["id"]
    for number in sorted({row.developer for row in loaded.rows}):
        loaded.developers[number] = loaded.owner.colleague()
    begun = time.monotonic()
    asyncio.run(for_each(server.url, loaded.rows, lambda *each: load_row(loaded, *each)))
    loaded.seconds = time.monotonic() - begun
    partition = loaded.owner.position.split("@")[0]
    loaded.owner.position = f"{partition}@{loaded.end}"
    return loaded


async def load_row(loaded: Loaded, connection: Connection, row: Work) -> None:
    """Its task, made by the developer, and the developer's time on it."""
    developer = loaded.developers[row.developer]
    task = {
        "project_id": loaded.projects[row.project],
        "title": row.summary[:TITLE_MAX],
        "description": f"{row.number}: {row.summary}",
        "status": row.task_status,
        "priority": row.task_priority,
        "assignee_id": developer.user["id"],
        "tags": [row.kind],
        "estimated_hours": float(row.estimate),
    }
    made = await connection.call("POST", "/tasks", task, token=developer.token)
    loaded.tasks[row] = made.json()["id"]
    log = {
        "start_time": instant(row.start),
        "end_time": instant(row.start + timedelta(seconds=row.seconds)),
        "category": row.category,
        "description": row.summary,
    }
    path = f"/tasks/{loaded.tasks[row]}/time-logs"
    made = await connection.call("POST", path, log, token=developer.token)
    loaded.logs[row] = made.json()["id"]
    loaded.end = max(loaded.end, int(made.headers["event-position"].split("@")[1]))


@pytest.fixture(scope="module")
def loaded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Loaded]:
    if not sip.present():
        pytest.skip(f"the SiP records are not in {sip.DIRECTORY} (TEAMFLOW_SIP_DATA names another)")
    # As an operator would who lets a known sender load a lot: no limit on the rate of requests.
    unlimited = ["--rate-limit.token", "0", "--rate-limit.auth", "0"]
    data = tmp_path_factory.mktemp("sip") / "data"
    with Teamflow(data, arguments=unlimited) as server:
        made = load(server)
        yield made
        made.owner.close()
        for developer in made.developers.values():
            developer.close()


def sums(rows: list[Work], key: Callable[[Work], Any]) -> dict[Any, tuple[int, int]]:
    """Logs and seconds for each key."""
    logs = Counter(key(row) for row in rows)
    seconds: Counter[Any] = Counter()
    for row in rows:
        seconds[key(row)] += row.seconds
    return {name: (logs[name], seconds[name]) for name in logs}


def reported(report: dict[str, Any], *names: str) -> dict[Any, tuple[int, int]]:
    found = {
        tuple(row[name] for name in names): (row["logs"], row["total_time_seconds"])
        for row in report["rows"]
    }
    assert len(found) == len(report["rows"]), "two rows have the same key"
    return {key if len(names) > 1 else key[0]: value for key, value in found.items()}


def local_day(row: Work, zone: str) -> str:
    return row.start.astimezone(ZoneInfo(zone)).date().isoformat()


def test_ten_years_of_work_are_loaded(
    loaded: Loaded, capsys: pytest.CaptureFixture[str], record_property: Callable[..., None]
) -> None:
    assert len(loaded.rows) == sip.ROWS
    assert sum(row.hours for row in loaded.rows) == sip.HOURS
    commands = len(loaded.tasks) + len(loaded.logs)
    record_property("seconds", round(loaded.seconds, 1))
    with capsys.disabled():
        print(f"\n{commands} commands of real work in {loaded.seconds:.1f} s ", end="")
    report = loaded.report("billable")
    assert reported(report, "billable") == {True: (sip.ROWS, int(sip.HOURS * 3600))}
    assert (report["logs"], report["total_time_seconds"]) == (sip.ROWS, int(sip.HOURS * 3600))
    assert report["billable_time_seconds"] == report["total_time_seconds"]


def test_hours_by_project_developer_and_category(loaded: Loaded) -> None:
    rows, project, developer = loaded.rows, loaded.projects, loaded.developers

    def user(row: Work) -> str:
        return developer[row.developer].user["id"]

    report = loaded.report("project")
    assert reported(report, "project_id") == sums(rows, lambda row: project[row.project])
    assert reported(report, "project_name") == sums(rows, lambda row: row.project)
    assert reported(loaded.report("user"), "user_id") == sums(rows, user)
    assert reported(loaded.report("category"), "category") == sums(rows, lambda row: row.category)
    assert reported(loaded.report("tag"), "tag") == sums(rows, lambda row: row.kind)
    assert reported(
        loaded.report("project,user,category"), "project_id", "user_id", "category"
    ) == sums(rows, lambda row: (project[row.project], user(row), row.category))


def test_hours_by_year_and_day(loaded: Loaded) -> None:
    by_year = sums(loaded.rows, lambda row: row.day.year)
    assert sorted(by_year) == list(range(2004, 2015))
    for year, expected in by_year.items():
        span = {"from": f"{year}-01-01", "to": f"{year}-12-31", "tz": "Europe/London"}
        report = loaded.report("project", **span)
        assert (report["logs"], report["total_time_seconds"]) == expected, year
        of_year = [row for row in loaded.rows if row.day.year == year]
        assert reported(report, "project_name") == sums(of_year, lambda row: row.project), year
    for zone in ("UTC", "Europe/London", "Pacific/Auckland"):
        report = loaded.report("day", tz=zone)
        assert reported(report, "day") == sums(loaded.rows, lambda row: local_day(row, zone)), zone


def test_a_report_is_the_same_as_csv(loaded: Loaded) -> None:
    text = loaded.owner.get(
        "/reports/time?group_by=user,category", headers={"Accept": "text/csv"}
    )
    found = {
        (row["user_id"], row["category"]): (int(row["logs"]), int(row["total_time_seconds"]))
        for row in csv.DictReader(io.StringIO(text))
    }
    users = {number: client.user["id"] for number, client in loaded.developers.items()}
    assert found == sums(loaded.rows, lambda row: (users[row.developer], row.category))


def test_every_task_has_its_hours(loaded: Loaded) -> None:
    tasks = {task["id"]: task for task in loaded.all_of("/tasks", "tasks")}
    assert tasks.keys() == set(loaded.tasks.values())
    for row, task_id in loaded.tasks.items():
        task = tasks[task_id]
        assert task["total_logged_time"] == row.seconds, row
        assert task["actual_hours"] == float(row.hours), row
        assert task["is_over_estimate"] == (row.hours > row.estimate), row
        assert task["estimated_hours"] == float(row.estimate), row
        assert task["title"] == row.summary[:TITLE_MAX], row
        assert task["description"] == f"{row.number}: {row.summary}", row
        assert task["project_id"] == loaded.projects[row.project], row
        assert task["assignee_id"] == loaded.developers[row.developer].user["id"], row
        assert (task["status"], task["priority"]) == (row.task_status, row.task_priority), row
        assert task["tags"] == [row.kind], row


def test_every_log_is_listed(loaded: Loaded) -> None:
    logs = {log["id"]: log for log in loaded.all_of("/time-logs", "time_logs")}
    assert logs.keys() == set(loaded.logs.values())
    for row, log_id in loaded.logs.items():
        log = logs[log_id]
        assert log["start_time"] == instant(row.start), row
        assert log["duration_seconds"] == row.seconds, row
        assert log["duration_hours"] == float(row.hours), row
        assert (log["category"], log["description"]) == (row.category, row.summary), row
        assert log["task_id"] == loaded.tasks[row], row
        assert log["user_id"] == loaded.developers[row.developer].user["id"], row
    listed = [logs[log["id"]]["start_time"] for log in logs.values()]
    assert listed == sorted(listed, reverse=True), "newest first"


def test_filters_count_right(loaded: Loaded) -> None:
    filters: dict[str, Callable[[Work], str]] = {
        "project_id": lambda row: loaded.projects[row.project],
        "status": lambda row: row.task_status,
        "priority": lambda row: row.task_priority,
        "assignee_id": lambda row: loaded.developers[row.developer].user["id"],
        "tag": lambda row: row.kind,
    }
    for name, key in filters.items():
        for value, (count, _) in sums(loaded.rows, key).items():
            total = loaded.get("/tasks", limit="1", **{name: value})["total"]
            assert total == count, (name, value)
    for category, (count, _) in sums(loaded.rows, lambda row: row.category).items():
        assert loaded.get("/time-logs", limit="1", category=category)["total"] == count
    for year, (count, _) in sums(loaded.rows, lambda row: row.day.year).items():
        span = {"from": f"{year}-01-01", "to": f"{year}-12-31"}
        assert loaded.get("/time-logs", limit="1", **span)["total"] == count, year


def test_boards_count_right(loaded: Loaded) -> None:
    for code, project_id in loaded.projects.items():
        expected = Counter(row.task_status for row in loaded.rows if row.project == code)
        columns = loaded.get(f"/projects/{project_id}/board")["columns"]
        assert {column["status"]: column["count"] for column in columns} == {
            status: expected[status] for status in STATUSES
        }, code


def test_timesheets_of_weeks_add_up(loaded: Loaded) -> None:
    weeks: defaultdict[tuple[str, date], Counter[tuple[str, str]]] = defaultdict(Counter)
    for row in loaded.rows:
        monday = row.day - timedelta(days=row.day.weekday())
        weeks[row.developer, monday][row.day.isoformat(), loaded.tasks[row]] += row.seconds
    for developer, monday in random.Random(2004).sample(sorted(weeks), 100):
        expected = weeks[developer, monday]
        user_id = loaded.developers[developer].user["id"]
        year, week, _ = monday.isocalendar()
        sheet = loaded.get(
            f"/timesheets/{user_id}", week=f"{year}-W{week:02}", tz="Europe/London"
        )
        assert sheet["total_time_seconds"] == expected.total(), (developer, monday)
        assert {
            (entry["day"], entry["task_id"]): entry["total_time_seconds"]
            for entry in sheet["entries"]
        } == expected, (developer, monday)
