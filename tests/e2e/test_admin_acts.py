"""What admins do to read models is in history: who did it, when, and why."""

import json
from typing import Any, Callable

import psycopg

from support.client import Client
from support.command_line import teamflow
from support.operators import make_operator
from support.poison import poison
from support.teamflow import Teamflow
from support.waiting import until
from support.work import make_project, make_task
from test_rebuild import await_live

NIL = "00000000-0000-0000-0000-000000000000"
STREAM = "read-model-tasks"


def acts_of(operator: Client) -> list[dict[str, Any]]:
    events = operator.get("/events", params={"stream": STREAM, "organization_id": NIL})["events"]
    assert all(event["organization_id"] == NIL for event in events)
    return events


def await_acts(operator: Client, count: int) -> list[dict[str, Any]]:
    until(lambda: len(acts_of(operator)) >= count, 30, f"{count} acts in history")
    found = acts_of(operator)
    assert [each["stream_version"] for each in found] == list(range(1, count + 1))
    return [
        {"type": each["type"], "actor": each["actor"],
         **{name: value for name, value in each["data"].items() if name != "acted_at"}}
        for each in found
    ]


def await_told(database: psycopg.Connection) -> None:
    """Until every act is in history and nothing waits any more."""
    until(lambda: database.execute("select count(*) from teamflow.admin_acts").fetchone() == (0,),
          30, "all acts to be told")


def steer_a_rebuild(server: Teamflow, operator: Client) -> None:
    """Asked for, let rest, resumed and given up before anybody works on it."""
    path = "/admin/projections/tasks"
    with server.database() as database:
        with database.transaction():
            database.execute("lock table teamflow.rebuilds in share row exclusive mode")
            database.execute("select * from teamflow.request_rebuild('tasks', 'test', 0, false)")
            database.execute("update teamflow.rebuilds set lease_until = 'infinity'")
        operator.post(f"{path}/pause")
        operator.post(f"{path}/resume")
        operator.post(f"{path}/abort")
        database.execute("update teamflow.rebuilds set lease_until = '-infinity'")
    assert await_live(operator, "tasks")["stage"] == "aborted"


def test_acts_of_admins_are_events(launch: Callable[..., Teamflow], log: str) -> None:
    server = launch(log, arguments=["--process-interval", "1"])
    operator = make_operator(server)
    owner = Client(server.url)
    owner.register()
    task = make_task(owner, make_project(owner))["id"]
    owner.get(f"/tasks/{task}")
    data = ("--data", str(server.data))
    me = operator.user["id"]

    teamflow("rebuild", "tasks", "--keep", "2", *data)
    operator.post("/admin/projections/tasks/rebuild", {"undo": True})
    await_live(operator, "tasks")
    steer_a_rebuild(server, operator)
    teamflow("verify", "tasks", "--repair", task, *data)
    found = await_acts(operator, 6)
    kinds = [each["type"].removeprefix("read_model.") for each in found]
    assert kinds == ["rebuild_started", "rebuild_undone", "rebuild_paused", "rebuild_resumed",
                     "rebuild_aborted", "rows_repaired"]
    by_hand = found[0]["actor"]
    assert by_hand.startswith("cli:") and "@" in by_hand
    assert [each["actor"] for each in found] == [by_hand, me, me, me, me, by_hand]
    assert found[0]["keep_seconds"] == 7200 and found[5]["key"] == task
    assert {each["read_model"] for each in found} == {"tasks"}

    state = operator.get(f"/streams/{STREAM}", params={"organization_id": NIL})["state"]
    assert state == {"name": "tasks", "last_act": "read_model.rows_repaired"}
    owner.refused(403, "forbidden", "GET", f"/events?organization_id={NIL}")
    assert not [event for event in owner.get("/events", params={"limit": 1000})["events"]
                if event["type"].startswith("read_model.")]
    replayed = teamflow("replay", "--stream", STREAM, *data).stdout.splitlines()
    assert [json.loads(line) for line in replayed] == acts_of(operator)


def test_what_is_parked_is_retried_and_skipped_in_history(
    launch: Callable[..., Teamflow]
) -> None:
    server = launch(arguments=["--process-interval", "1"])
    operator = make_operator(server)
    owner = Client(server.url)
    owner.register()
    task = make_task(owner, make_project(owner))["id"]
    owner.get(f"/tasks/{task}")
    data = ("--data", str(server.data))
    poison(server, task)
    teamflow("rebuild", "tasks", *data)
    [parked] = operator.get("/admin/projections/tasks/parked")["parked"]
    operator.post(f"/admin/projections/tasks/parked/{parked['id']}/retry")
    teamflow("parked", "skip", "tasks", parked["id"], "--reason", "broken by hand", *data)
    teamflow("parked", "skip", "tasks", parked["id"], "--reason", "twice", *data, expect=1)

    _, retried, skipped = await_acts(operator, 3)
    assert retried == {"type": "read_model.commit_retried", "actor": operator.user["id"],
                       "read_model": "tasks", "commit_id": parked["id"], "applied": 0,
                       "waiting": 1}
    assert skipped.pop("actor").startswith("cli:")
    assert skipped == {"type": "read_model.commit_skipped", "read_model": "tasks",
                       "commit_id": parked["id"], "reason": "broken by hand", "applied": 0,
                       "waiting": 0}
    # Whoever tells an act again, such as a gateway that had not heard, changes nothing.
    with server.database() as database:
        await_told(database)
        database.execute(
            "insert into teamflow.admin_acts (id, type, schema_version, data, actor)"
            " select split_part(idempotency_key, '/', 3)::uuid, type, schema_version, data, actor"
            " from teamflow.log_records where stream = %s", [STREAM])
        await_told(database)
    assert len(acts_of(operator)) == 3
