"""What analysts and operators read: streams as they were, causes, all of history, projections."""

import json
import uuid
from typing import Any, Iterator

import pytest

from support.client import Client, check_problem
from support.operators import make_operator
from support.teamflow import Teamflow
from support.waiting import until
from support.work import make_project, make_task


@pytest.fixture
def operator(server: Teamflow) -> Iterator[Client]:
    """An operator of the shared server."""
    with make_operator(server) as made:
        yield made


def test_a_stream_is_shown_as_it_was(client: Client) -> None:
    task = make_task(client, make_project(client), title="First")
    client.patch(f"/tasks/{task['id']}", {"title": "Second"})
    client.delete(f"/tasks/{task['id']}")
    stream = f"task-{task['id']}"
    path = f"/streams/{stream}"
    answer = client.send("GET", path)
    now = answer.json()
    assert answer.headers["ETag"] == '"3"'
    assert list(now) == ["stream", "version", "time", "state"]
    assert now["stream"] == stream and now["version"] == 3
    first = client.get(path, params={"version": 1})
    second = client.get(path, params={"version": 2})
    assert first["state"]["title"] == "First" and second["state"]["title"] == "Second"
    assert client.get(path, params={"at": second["time"]})["version"] in (2, 3)
    events = client.get("/events", params={"stream": stream})["events"]
    assert [event["time"] for event in events] == [first["time"], second["time"], now["time"]]
    for query in ("version=4", "at=2020-01-01T00:00:00.000Z"):
        client.refused(404, "not_found", "GET", f"{path}?{query}")
    client.refused(404, "not_found", "GET", f"/streams/task-{uuid.uuid4()}")
    problem = client.refused(404, "not_found", "GET", f"/streams/taks-{task['id']}")
    assert "did you mean task?" in problem["detail"]
    problem = client.refused(
        422, "validation_failed", "GET", f"/events?stream=taks-{task['id']}",
        fields=["query.stream"])
    assert "did you mean task?" in problem["errors"][0]["message"]
    client.refused(422, "validation_failed", "GET", path + "?version=x", fields=["query.version"])


def test_two_moments_of_a_stream_are_compared(client: Client) -> None:
    fields = {"title": "First", "tags": ["a"], "description": "About it"}
    task = make_task(client, make_project(client), **fields)
    client.patch(f"/tasks/{task['id']}", {"title": "Second", "tags": ["a", "b"]})
    client.patch(f"/tasks/{task['id']}", {"description": "About something else"})
    path = f"/streams/task-{task['id']}"
    events = client.get("/events", params={"stream": f"task-{task['id']}"})["events"]

    def diff(**parameters: Any) -> dict[str, Any]:
        return client.get(f"{path}/diff", params={"from": 1, **parameters})

    found = diff(to=2)
    assert list(found) == ["stream", "from", "to", "changes", "events"]
    for name, version in (("from", 1), ("to", 2)):
        shown = client.get(path, params={"version": version})
        del shown["stream"]
        assert found[name] == shown
    changes = {each["path"]: (each["before"], each["after"]) for each in found["changes"]}
    assert changes["/title"] == ("First", "Second")
    assert changes["/tags/1"] == (None, "b")
    assert "/description" not in changes and "/tags/0" not in changes
    assert found["events"] == events[1:2]
    # The newest version is the end unless one is named, and a time names a version too.
    assert diff()["to"]["version"] == 3 and diff()["events"] == events[1:]
    times = {"from": events[0]["time"], "to": events[2]["time"]}
    assert diff(**times)["to"]["version"] == 3
    assert ("About it", "About something else") in [
        (each["before"], each["after"]) for each in diff(**{"from": 2})["changes"]
    ]
    begin = diff(**{"from": 0, "to": 1})
    assert begin["from"] == {"version": 0, "time": None, "state": {}}
    assert {"path": "/title", "before": None, "after": "First"} in begin["changes"]
    assert diff(to=1)["changes"] == [] and diff(to=1)["events"] == []

    for query, names in (
        ("", ["query.from"]), ("from=x&to=y", ["query.from", "query.to"]),
        ("from=-1", ["query.from"]),
        ("from=3&to=2", ["query.to"]),
    ):
        client.refused(422, "validation_failed", "GET", f"{path}/diff?{query}", fields=names)
    client.refused(404, "not_found", "GET", f"{path}/diff?from=1&to=4")
    client.refused(404, "not_found", "GET", f"/streams/task-{uuid.uuid4()}/diff?from=0")
    with client.colleague() as member:
        member.refused(403, "forbidden", "GET", f"{path}/diff?from=1")


def test_the_log_is_counted(client: Client, operator: Client, anonymous: Client) -> None:
    task = make_task(client, make_project(client))
    client.patch(f"/tasks/{task['id']}", {"title": "Second"})
    events = client.get("/events", params={"limit": 1000})["events"]
    found = client.get("/events/statistics")
    assert list(found) == ["from", "to", "events", "bytes", "types", "streams"]
    assert found["events"] == len(events) and found["bytes"] > 0
    counted: dict[tuple[str, str], int] = {}
    for event in events:
        key = (event["type"], event["time"][:10])
        counted[key] = counted.get(key, 0) + 1
    assert {(each["type"], each["day"]): each["events"] for each in found["types"]} == counted
    assert sum(each["bytes"] for each in found["types"]) == found["bytes"]
    hottest = found["streams"][0]
    assert hottest["events"] == max(each["stream_version"] for each in events)
    assert hottest["organization_id"] == client.organization["id"]
    assert len(client.get("/events/statistics", params={"limit": 1})["streams"]) == 1
    # Up to an event that does not count any more.
    middle = events[2]["time"]
    before = client.get("/events/statistics", params={"to": middle})
    assert before["events"] == sum(event["time"] < middle for event in events)

    own = {"organization_id": client.organization["id"]}
    assert operator.get("/events/statistics", params=own)["events"] == len(events)
    assert operator.get("/events/statistics")["events"] > len(events)
    anonymous.register()
    anonymous.refused(
        403, "forbidden", "GET", f"/events/statistics?organization_id={own['organization_id']}"
    )
    for query, names in (
        ("from=2026-01-01T00:00:00Z&to=2026-01-01T00:00:00Z", ["query.to"]),
        ("from=2024-01-01T00:00:00Z&to=2026-01-01T00:00:00Z", ["query.from"]),
        ("limit=101", ["query.limit"]),
    ):
        client.refused(422, "validation_failed", "GET", f"/events/statistics?{query}", fields=names)
    with client.colleague() as member:
        member.refused(403, "forbidden", "GET", "/events/statistics")


def test_streams_stay_within_the_organization(client: Client, anonymous: Client) -> None:
    anonymous.register()
    foreign = make_task(anonymous, make_project(anonymous))
    client.refused(404, "not_found", "GET", f"/streams/task-{foreign['id']}")
    other = anonymous.organization["id"]
    client.refused(
        403, "forbidden", "GET", f"/streams/task-{foreign['id']}?organization_id={other}"
    )
    with client.colleague() as member:
        member.refused(403, "forbidden", "GET", f"/streams/task-{foreign['id']}")


def test_the_causes_of_an_event(client: Client, anonymous: Client) -> None:
    """Deleting a task discards its timer in the same request."""
    task = make_task(client, make_project(client))
    client.post(f"/tasks/{task['id']}/time/start")
    client.delete(f"/tasks/{task['id']}")
    types = {"type": "time.timer_discarded"}
    discarded = client.get("/events", params=types)["events"][0]
    causes = client.get(f"/events/{discarded['id']}/causes")
    assert causes["correlation_id"] == discarded["correlation_id"]
    assert {event["type"] for event in causes["events"]} == {
        "time.timer_discarded", "task.task_deleted",
    }
    # The request led to both.
    assert [each["depth"] for each in causes["tree"]] == [0, 0]
    assert [each["id"] for each in causes["tree"]] == [each["id"] for each in causes["events"]]
    anonymous.register()
    anonymous.refused(404, "not_found", "GET", f"/events/{discarded['id']}/causes")


def test_operators_see_the_streams_of_any_organization(client: Client, operator: Client) -> None:
    task = make_task(client, make_project(client))
    path = f"/streams/task-{task['id']}"
    fields = ["query.organization_id"]
    operator.refused(422, "validation_failed", "GET", path, fields=fields)
    own = {"organization_id": client.organization["id"]}
    shown = operator.get(path, params=own, min_position=client.position)
    assert shown["version"] == 1
    registered = client.get("/events")["events"][0]
    causes = operator.get(f"/events/{registered['id']}/causes")["events"]
    assert "identity.user_registered" in {event["type"] for event in causes}


def test_operators_follow_all_organizations(operator: Client, anonymous: Client) -> None:
    headers = {"Authorization": f"Bearer {operator.token}", "Accept": "text/event-stream"}

    def follow(**parameters: str) -> Iterator[tuple[str, dict[str, Any]]]:
        with operator.http.stream(
            "GET", "/api/v1/events", headers=headers, params=parameters
        ) as stream:
            place = ""
            for line in stream.iter_lines():
                if line.startswith("id: "):
                    place = line[4:]
                elif line.startswith("data: "):
                    yield place, json.loads(line[6:])
                elif line.startswith(":") and not place:
                    yield "", {}

    live = follow(type="organization.organization_created")
    assert next(live) == ("", {})  # connected
    made = set()
    for _ in range(3):
        with Client(operator.url) as one:
            one.register()
            made.add(one.organization["id"])
    seen: dict[str, str] = {}
    while not made <= seen.keys():
        place, event = next(live)
        assert event["organization_id"] not in seen
        seen[event["organization_id"]] = place
    live.close()
    # The place of the first leads to all others.
    first, *others = seen
    again = follow(type="organization.organization_created", after=seen[first])
    assert next(again) == ("", {})
    rest = {next(again)[1]["organization_id"] for _ in others}
    assert rest == set(others)
    again.close()


def test_projections_are_shown_to_operators(client: Client, operator: Client) -> None:
    make_task(client, make_project(client))
    client.get("/tasks")
    found = operator.get("/admin/projections")["projections"]
    names = ["activity", "organizations", "projects", "tasks", "templates", "time_logs", "timers"]
    assert set(names) <= {each["name"] for each in found}
    until(
        lambda: all(
            each["lag_events"] == 0 and each["status"] == "live"
            for each in operator.get("/admin/projections")["projections"]
        ),
        10,
        "no lag",
    )
    tasks = operator.get("/admin/projections/tasks")
    assert list(tasks) == [
        "name", "version", "status", "lag_events", "lag_seconds", "position", "parked", "rebuild",
    ]
    partition, at = client.position.split(",")[-1].split("@")
    assert tasks["position"][partition] >= int(at)
    assert tasks["parked"] == 0 and tasks["rebuild"] is None and tasks["lag_seconds"] == 0
    operator.refused(404, "not_found", "GET", "/admin/projections/nonsense")
    client.refused(403, "forbidden", "GET", "/admin/projections")


def test_a_changed_projection_is_built_anew(launch: Any, log: str) -> None:
    """As after an update of the program: what the older definition left is not mixed in."""
    server = launch(log)
    with Client(server.url) as client:
        client.register()
        project = make_project(client)
        task = make_task(client, project)
        client.post(f"/tasks/{task['id']}/time/start")
        before = client.get("/projects")["projects"]
        server.kill9()
        # Its PostgreSQL lives on.
        with server.database() as database:
            database.execute("update teamflow.projections set fingerprint = 'of an older program'"
                             " where name in ('tasks', 'timers')")
            database.execute("update tasks.task set title = 'left by the older program'")
            builds = dict(database.execute("select name, build from teamflow.projections"))
        server.start()
        until(lambda: client.send("GET", "/health/ready", base="").status_code == 200, 20, "ready")
        assert [each["title"] for each in client.get("/tasks")["tasks"]] == [task["title"]]
        assert client.get("/projects")["projects"] == before
        assert len(client.get("/timers")["timers"]) == 1
        text = server.output.read_text()
        why = "is built from the log's start: its definition changed"
        for name in ("tasks", "timers"):
            assert f"projection {name} {why}" in text
        with server.database() as database:
            now = dict(database.execute("select name, build from teamflow.projections"))
        changed = {name for name, build in now.items() if build != builds[name]}
        assert changed == {"tasks", "timers"}


def test_every_answer_tells_up_to_where_it_has_read(client: Client) -> None:
    task = make_task(client, make_project(client))
    event = client.get("/events", params={"stream": f"task-{task['id']}"})["events"][0]
    places = {
        f"/streams/task-{task['id']}": ["application/json"],
        f"/events/{event['id']}": ["application/json"],
        f"/events/{event['id']}/causes": ["application/json"],
        f"/streams/task-{task['id']}/diff?from=1": ["application/json"],
        "/events/statistics": ["application/json"],
        "/events": ["application/json", "application/x-ndjson", "text/csv"],
        "/reports/time": ["application/json", "text/csv"],
    }
    partition, offset = client.position.split("@")
    for path, kinds in places.items():
        for kind in kinds:
            answer = client.send("GET", path, headers={"Accept": kind})
            assert answer.status_code == 200, answer.text
            assert answer.headers["Content-Type"].startswith(kind)
            told, reached = answer.headers["Event-Position"].split("@")
            assert told == partition and int(reached) >= int(offset), (path, kind)
            behind = client.send(
                "GET",
                path,
                min_position=f"{partition}@999999",
                headers={"Accept": kind, "Prefer": "wait=0"},
            )
            check_problem(behind, 503, "read_model_behind")
            assert behind.headers["Retry-After"] == "1"


def test_an_operator_is_told_of_every_partition(client: Client, operator: Client) -> None:
    task = make_task(client, make_project(client))
    event = client.get("/events", params={"stream": f"task-{task['id']}"})["events"][0]
    for path in (f"/events/{event['id']}", f"/events/{event['id']}/causes"):
        answer = operator.send("GET", path, min_position=client.position)
        told = dict(place.split("@") for place in answer.headers["Event-Position"].split(","))
        partition, offset = client.position.split("@")
        assert int(told[partition]) >= int(offset)
