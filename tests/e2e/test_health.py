"""What the observer and /health/ready say when something is really wrong: owners frozen, brokers
gone, an archive that stands still."""

from pathlib import Path
from typing import Any, Callable

import httpx

from support.client import Client
from support.kafka import Kafka
from support.operators import make_operator
from support.roles import Cluster, Role, role_beside
from support.teamflow import Teamflow
from support.waiting import until
from support.work import make_project, make_task


def healths(operator: Client, kind: str) -> list[dict[str, Any]]:
    """Of partitions or projections."""
    found = operator.get("/admin/nodes")["health"]
    return [each for each in found if each["subject"].startswith(f"{kind} ")]


def states(operator: Client, kind: str) -> set[str]:
    return {each["state"] for each in healths(operator, kind)}


def all_caught_up(operator: Client) -> bool:
    return states(operator, "partition") | states(operator, "projection") == {"caught_up"}


def ownership(gateway: Role) -> dict[str, str]:
    return gateway.ready()["checks"]["ownership"]


def test_a_frozen_owner_is_seen_and_told(launch: Callable[..., Teamflow]) -> None:
    """It keeps its lock on the embedded log, and its claim names it as the owner."""
    owner = launch()
    other = role_beside(owner)
    try:
        other.start()
        with make_operator(owner) as operator:
            operator.move_to(other.url)
            until(lambda: all_caught_up(operator), 30, "all to be well")
            assert ownership(other)["detail"] == (
                "of 12 partitions 0 are owned here, 12 by other gateways")
            owner.pause()
            until(lambda: states(operator, "partition") == {"ownerless"}, 30, "it to be seen")
            assert states(operator, "projection") == {"ownerless"}
            told = until(
                lambda: (check := ownership(other))["status"] == "failed" and check, 30,
                "the other gateway to be not ready",
            )
            assert told["detail"].startswith(
                "of 12 partitions 0 are owned here, 0 by other gateways; "
                "12 have had no living owner for ")
            assert told["detail"].endswith(f"; {owner.url} holds the lock")
            assert httpx.get(other.url + "/readyz").status_code == 503
            projections = other.ready()["checks"]["projections"]
            assert "projection tasks is ownerless: " in projections["detail"]
            # Queries need nobody but the database.
            assert len(operator.get("/admin/nodes")["nodes"]) == 2
            owner.resume()
            until(lambda: all_caught_up(operator), 30, "all to be well again")
            until(lambda: other.ready()["status"] == "ready", 30, "the other one to be ready")
            assert all(each["last_take_over_ms"] >= 3000 for each in healths(operator, "partition"))
    finally:
        other.close()


def test_nothing_has_caught_up_with_a_log_that_does_not_answer(
    launch: Callable[..., Teamflow], tmp_path: Path
) -> None:
    """Nobody writes meanwhile, so that nothing but the brokers' silence tells it."""
    with Kafka(tmp_path / "kafka") as broker:
        server = launch("kafka", broker=broker)
        with make_operator(server) as operator:
            until(lambda: all_caught_up(operator), 30, "all to be well")
            for harm, heal in ((broker.pause, broker.resume), (broker.kill9, broker.start)):
                harm()
                until(lambda: states(operator, "partition") == {"stalled"}, 30, "it to be seen")
                # A group that cannot be asked for long gives its partitions to nobody.
                until(
                    lambda: states(operator, "projection") <= {"stalled", "ownerless"}, 30,
                    "the same of what reads it",
                )
                reasons = {each["reason"] for each in healths(operator, "partition")}
                assert reasons == {"the log's end cannot be asked for"}
                log = operator.get("/admin/log")
                assert {each["end"] for each in log["partitions"]} == {None}
                models = operator.get("/admin/projections")["projections"]
                assert {each["lag_events"] for each in models} == {None}
                heal()
                until(lambda: all_caught_up(operator), 60, "all to be well again")
                models = operator.get("/admin/projections")["projections"]
                assert {each["lag_events"] for each in models} == {0}


def test_an_archive_that_stands_still_is_no_lack_of_owners(cluster: Cluster) -> None:
    """Projectors fill it. An owner whose claim is not archived yet decides nothing, and is told as
    what it is."""
    projector = cluster.projector().launch()
    gateway = cluster.gateway().start()
    with Client(gateway.url) as user, cluster.operator(gateway) as operator:
        user.register()
        project = make_project(user)
        until(lambda: all_caught_up(operator), 60, "all to be well")
        before = operator.get("/admin/log")["partitions"]
        projector.kill9()
        make_task(user, project)
        partition = int(user.position.split("@")[0])

        def health() -> dict[str, Any]:
            return healths(operator, "partition")[partition]

        until(lambda: health()["state"] == "stalled", 30, "its archive to be seen standing")
        assert "behind the log's end, and has not moved for" in health()["reason"]
        until(lambda: states(operator, "projection") == {"ownerless"}, 30, "nobody to project")
        tasks = operator.get("/admin/projections/tasks")
        assert tasks["lag_events"] >= 1 and tasks["lag_seconds"] > 0

        gateway.kill9()
        gateway.launch()
        until(lambda: gateway.ready()["status"] != "silent", 60, "the gateway to be back")
        until(
            lambda: ownership(gateway)["detail"].startswith(
                "of 12 partitions 0 are owned here, 0 by other gateways; "
                "12 owned here wait for the archive"), 30, "it to claim",
        )
        assert ownership(gateway)["status"] == "failed"
        until(lambda: states(operator, "partition") == {"stalled"}, 30, "what is wrong to be seen")
        (node,) = [
            each for each in operator.get("/admin/nodes")["nodes"]
            if each["is_alive"] and each["address"]
        ]
        assert node["partitions"] == list(range(12))
        for old, now in zip(before, operator.get("/admin/log")["partitions"]):
            assert now["archived"] < now["end"]
            newest, ended = now["epochs"][:2]
            assert newest["offset"] > now["archived"] and newest["ended_at"] is None
            assert ended["offset"] == old["epochs"][0]["offset"]
            assert ended["ended_at"] == newest["claimed_at"] == now["owned_since"]
            assert now["owner"] == gateway.url
            assert now["claims"] == old["claims"] + 1

        projector.launch()
        until(lambda: all_caught_up(operator), 60, "all to be well again")
        until(lambda: gateway.ready()["status"] == "ready", 30, "the gateway to be ready")
        make_task(user, project)
