"""What operators see of processes, partitions and their owners."""

from typing import Callable

from support.client import Client
from support.operators import make_operator
from support.teamflow import Teamflow
from support.waiting import until
from support.work import make_project, make_task


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
