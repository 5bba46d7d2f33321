"""Reports of logged time over HTTP (api.md, Work)."""

import csv
import io
from datetime import datetime, timedelta, timezone
from typing import Any

from support.client import Client
from support.work import add_log, instant, make_task


def test_reports_sum_up_time(client: Client, project: dict[str, Any]) -> None:
    one = make_task(client, project, tags=["a", "b"])
    two = make_task(client, project, title='Commas, "quotes"')
    day = datetime(2026, 11, 2, 23, 30, tzinfo=timezone.utc)
    add_log(client, one, day, 60, category="meeting")
    add_log(client, two, day, 120, is_billable=False)
    add_log(client, two, day + timedelta(days=1), 240)

    def sums(group_by: str, name: str, **more: str) -> dict[Any, tuple[int, int]]:
        report = client.get("/reports/time", params={"group_by": group_by, **more})
        return {
            row[name]: (row["total_time_seconds"], row["billable_time_seconds"])
            for row in report["rows"]
        }

    assert sums("project", "project_name") == {project["name"]: (420, 300)}
    assert sums("task", "task_id") == {one["id"]: (60, 60), two["id"]: (360, 240)}
    assert sums("user", "user_id") == {client.user["id"]: (420, 300)}
    assert sums("category", "category") == {"meeting": (60, 60), None: (360, 240)}
    assert sums("tag", "tag") == {"a": (60, 60), "b": (60, 60), None: (360, 240)}
    assert sums("billable", "billable") == {True: (300, 300), False: (120, 0)}
    assert sums("day", "day") == {"2026-11-02": (180, 60), "2026-11-03": (240, 240)}
    berlin = sums("day", "day", tz="Europe/Berlin")
    assert berlin == {"2026-11-03": (180, 60), "2026-11-04": (240, 240)}
    assert sums("day", "day", tz="Europe/Berlin", to="2026-11-03") == {"2026-11-03": (180, 60)}
    assert sums("day", "day", **{"from": "2026-11-03"}) == {"2026-11-03": (240, 240)}
    tagged = client.get("/reports/time", params={"group_by": "tag"})
    assert (tagged["logs"], tagged["total_time_seconds"]) == (3, 420)
    csv_text = client.get(
        "/reports/time", params={"group_by": "task,day"}, headers={"Accept": "text/csv"}
    )
    rows = list(csv.DictReader(io.StringIO(csv_text)))
    assert [(row["task_title"], row["day"], row["total_time_seconds"]) for row in rows] == [
        ("A task", "2026-11-02", "60"),
        ('Commas, "quotes"', "2026-11-02", "120"),
        ('Commas, "quotes"', "2026-11-03", "240"),
    ]
    bad = {"group_by=hour": "group_by", "tz=Mars/Base": "tz", "from=1": "from"}
    for query, field in bad.items():
        client.refused(
            422, "validation_failed", "GET", f"/reports/time?{query}", fields=[f"query.{field}"]
        )
    client.refused(
        406, "not_acceptable", "GET", "/reports/time", headers={"Accept": "image/png"}
    )


def test_a_timesheet_reports_time_that_was_logged_twice(
    client: Client, project: dict[str, Any]
) -> None:
    one, two = make_task(client, project), make_task(client, project)
    monday = datetime(2026, 11, 16, tzinfo=timezone.utc)

    def log(task: dict[str, Any], hour: float, hours: float) -> str:
        start = monday + timedelta(hours=hour)
        return add_log(client, task, start, int(hours * 3600))["id"]

    into_the_week = log(one, -1, 2)
    early = log(two, 0.5, 0.25)
    long = log(one, 9, 3)
    inside = log(two, 10, 1)
    log(two, 12, 1)
    with client.colleague() as other:
        add_log(other, one, monday + timedelta(hours=9), 3600)
        client.position = other.position
    path = f"/timesheets/{client.user['id']}?week=2026-W47"
    sheet = client.get(path)
    assert [
        (each["time_log_id"], each["other_time_log_id"], each["duration_seconds"])
        for each in sheet["overlaps"]
    ] == [(early, into_the_week, 900), (inside, long, 3600)]
    assert sheet["overlaps"][1] == {
        "time_log_id": inside,
        "task_id": two["id"],
        "other_time_log_id": long,
        "other_task_id": one["id"],
        "start_time": "2026-11-16T10:00:00.000Z",
        "end_time": "2026-11-16T11:00:00.000Z",
        "duration_seconds": 3600,
    }
    assert sheet["overlapping_time_seconds"] == 4500
    # Allowed all the same: the sums have it.
    assert sheet["total_time_seconds"] == 900 + (3 + 1 + 1) * 3600
    # In New York it is still Sunday where the first two meet.
    away = client.get(path + "&tz=America/New_York")
    assert [each["time_log_id"] for each in away["overlaps"]] == [inside]
    client.patch(f"/time-logs/{inside}", {"start_time": "2026-11-16T07:00:00.000Z",
                                          "end_time": "2026-11-16T08:00:00.000Z"})
    assert [each["time_log_id"] for each in client.get(path)["overlaps"]] == [early]
    client.delete(f"/time-logs/{into_the_week}")
    sheet = client.get(path)
    assert (sheet["overlaps"], sheet["overlapping_time_seconds"]) == ([], 0)


def test_a_timer_that_runs_counts_as_overlap_up_to_now(
    client: Client, project: dict[str, Any]
) -> None:
    one, two = make_task(client, project), make_task(client, project)
    first = client.post(f"/tasks/{one['id']}/time/start")
    started = datetime.fromisoformat(first["start_time"])
    client.patch(
        f"/time-logs/{first['time_log_id']}",
        {"start_time": instant(started - timedelta(minutes=30))},
    )
    log = add_log(client, two, started - timedelta(minutes=45), 1200)
    year, week, _ = (started - timedelta(minutes=30)).isocalendar()
    sheet = client.get(f"/timesheets/{client.user['id']}?week={year}-W{week:02}")
    (overlap,) = sheet["overlaps"]
    assert overlap["time_log_id"] == first["time_log_id"]
    assert overlap["other_time_log_id"] == log["id"]
    assert overlap["duration_seconds"] == 300


def test_a_timesheet_is_a_week_of_one_person(client: Client, project: dict[str, Any]) -> None:
    task = make_task(client, project)
    sunday = datetime(2026, 11, 15, 23, 30, tzinfo=timezone.utc)
    add_log(client, task, sunday, 60)
    add_log(client, task, sunday + timedelta(days=1), 120, is_billable=False)
    path = f"/timesheets/{client.user['id']}"
    sheet = client.get(path, params={"week": "2026-W47"})
    assert (sheet["first_day"], sheet["last_day"]) == ("2026-11-16", "2026-11-22")
    assert (sheet["total_time_seconds"], sheet["billable_time_seconds"]) == (120, 0)
    assert [(entry["day"], entry["task_id"]) for entry in sheet["entries"]] == [
        ("2026-11-16", task["id"])
    ]
    berlin = client.get(path, params={"week": "2026-W47", "tz": "Europe/Berlin"})
    assert berlin["total_time_seconds"] == 180
    assert client.get(path, params={"week": "2026-W53"})["last_day"] == "2027-01-03"
    for query in ("", "?week=2026-W54", "?week=2025-W53", "?week=2026-47", "?week=2026-W00"):
        client.refused(422, "validation_failed", "GET", path + query, fields=["query.week"])
    client.refused(404, "not_found", "GET", f"/timesheets/{project['id']}?week=2026-W47")
