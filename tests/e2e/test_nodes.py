"""What operators see of processes, partitions and their owners."""

import re
from typing import Callable

import httpx
import psycopg

from support.client import Client
from support.operators import make_operator
from support.roles import Role, role_beside
from support.teamflow import Teamflow
from support.waiting import until
from support.work import make_project, make_task


def address_of(role: Role) -> str:
    """What the line that says `ready` names; empty before it, and where nothing is served."""
    found = re.search(r"\bready (http\S+?)\"", role.output.read_text())
    return found[1] if found else ""


def has_caught_up(operator: Client) -> bool:
    """All of 12 partitions and 8 read models."""
    health = operator.get("/admin/nodes")["health"]
    return [each["state"] for each in health] == ["caught_up"] * 20


def test_one_process_does_everything(launch: Callable[..., Teamflow], log: str) -> None:
    server = launch(log)
    with Client(server.url) as client, make_operator(server) as operator:
        client.register()
        make_task(client, make_project(client))
        until(lambda: has_caught_up(operator), 30, "everything to catch up")
        (node,) = operator.get("/admin/nodes")["nodes"]
        assert node["is_alive"] and node["roles"] == ["gateway", "projector"]
        assert node["address"] == server.url and node["process_id"] == server.pid
        assert node["partitions"] == list(range(12))
        assert len(node["projections"]) == 8
        whole = operator.get("/admin/log")
        assert whole["backend"] == log and len(whole["partitions"]) == 12
        for number, place in enumerate(whole["partitions"]):
            assert place["partition"] == number and place["end"] == place["archived"]
            assert place["ghosts"] == 0 and place["claims"] == len(place["epochs"]) == 1
            (epoch,) = place["epochs"]
            assert epoch["ended_at"] is None and epoch["ghosts"] == 0
            assert place["owned_since"] == epoch["claimed_at"]
            assert place["health"]["subject"] == f"partition {number}"
        client.refused(403, "forbidden", "GET", "/admin/nodes")
        client.refused(403, "forbidden", "GET", "/admin/log")


def test_a_projector_tells_of_itself_where_it_is_asked_to(
    launch: Callable[..., Teamflow]
) -> None:
    server = launch()
    silent = role_beside(server, "projector").launch()
    telling = role_beside(server, "projector", "--listen", "127.0.0.1:0").launch()
    try:
        url = until(lambda: address_of(telling), 30, "the projector to serve")
        ready = until(lambda: httpx.get(url + "/health/ready").json(), 30, "an answer")
        until(lambda: httpx.get(url + "/readyz").status_code == 200, 30, ready)
        assert httpx.get(url + "/healthz").json()["status"] == "ok"
        told = httpx.get(url + "/metrics")
        assert told.headers["content-type"].startswith("text/plain")
        assert 'teamflow_projection_partitions{projection="tasks"}' in told.text
        assert httpx.get(url + "/api/v1/tasks").status_code == 404
        with make_operator(server) as operator:
            nodes = until(
                lambda: [
                    node for node in operator.get("/admin/nodes")["nodes"]
                    if node["roles"] == ["projector"]
                ],
                30, "the projectors to be listed",
            )
            assert all(not node["address"] and not node["partitions"] for node in nodes)
        # The one that was not asked to has no address to tell.
        until(lambda: "ready" in silent.output.read_text(), 30, "the silent one")
        assert address_of(silent) == ""
        assert [each.stop(30) for each in (silent, telling)] == [0, 0]
    finally:
        silent.close()
        telling.close()


def test_a_projector_stops_whatever_its_database_keeps_waiting(
    launch: Callable[..., Teamflow]
) -> None:
    server = launch()
    projector = role_beside(server, "projector").launch()
    # Queries and projections have another name; these are the threads for rebuilds and orders.
    waiting = (
        "select count(*) from pg_locks join pg_stat_activity using (pid) "
        "where not granted and application_name = 'teamflow'"
    )

    def are_waiting(sessions: int) -> bool:
        return database.execute(waiting).fetchone() == (sessions,)

    try:
        until(lambda: "ready" in projector.output.read_text(), 30, "the projector")
        with server.database() as database, psycopg.connect(server.postgres_url) as holding:
            holding.execute("lock table teamflow.rebuilds, teamflow.admin_orders")
            until(lambda: are_waiting(4), 30, "two threads of both processes to wait")
            assert projector.stop(30) == 0
            until(lambda: are_waiting(2), 30, "its sessions to go")
    finally:
        projector.close()


def test_each_start_begins_epochs(launch: Callable[..., Teamflow], log: str) -> None:
    server = launch(log)
    with make_operator(server) as operator:
        first = operator.get("/admin/log")["partitions"]
    server.kill9()
    server.start()
    with make_operator(server) as operator:
        until(lambda: has_caught_up(operator), 30, "the archive to hold the new claims")
        second = operator.get("/admin/log")["partitions"]
        for before, now in zip(first, second):
            newest, ended = now["epochs"]
            assert [ended["offset"]] == [epoch["offset"] for epoch in before["epochs"]]
            assert ended["ended_at"] == newest["claimed_at"] == now["owned_since"]
        # The one that was killed said nothing any more, and stays visible as gone.
        until(
            lambda: sorted(node["is_alive"] for node in operator.get("/admin/nodes")["nodes"])
            == [False, True],
            30, "the killed process to be known as gone",
        )
        server.stop()
    server.start()
    with make_operator(server) as operator:
        nodes = operator.get("/admin/nodes")["nodes"]
        # A clean stop takes its row away.
        assert sorted(node["is_alive"] for node in nodes) == [False, True]
