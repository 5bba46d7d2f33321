"""Several projectors on one Kafka log: each brings its share of the partitions into the read
models, and what one of them leaves, however it leaves, the others go on with, once."""

import random
import signal
import time
from typing import Callable, Iterator

import httpx
import pytest

from support import judge, tables
from support.client import Client
from support.load import Load, Worker
from support.roles import Cluster, Role, role_beside
from support.teamflow import Teamflow
from support.waiting import until
from support.work import make_project, make_task
from support.world import World

ORGANIZATIONS = 5
PARTITIONS = list(range(12))


class Organization:
    """Two of its users at work."""

    def __init__(self, gateway: Role, seed: int) -> None:
        self.owner = Client(gateway.url)
        self.owner.register()
        project = make_project(self.owner)
        self.project: str = project["id"]
        hot = [make_task(self.owner, project)["id"] for _ in range(2)]
        self.workers: list[Worker] = []
        for number in range(2):
            user = self.owner.colleague("member")
            self.workers.append(
                Worker(user, user.user["email"], self.project, hot, seed + number)
            )

    def faults(self) -> list[str]:
        """The read models against the fold of the history."""
        answer = self.owner.send("GET", "/events", headers={"Accept": "application/x-ndjson"})
        assert answer.status_code == 200, answer.text
        history = [httpx.Response(200, text=line).json() for line in answer.text.splitlines()]
        self.owner.position = f"{history[-1]['partition']}@{history[-1]['offset']}"
        shown = tables.collect(self.owner, self.project)
        return judge.versions(history) + judge.read_models(shown, World(history))


class Watched:
    """The cluster as an operator sees it."""

    def __init__(self, cluster: Cluster, gateway: Role) -> None:
        self._operator = cluster.operator(gateway)

    def shares(self) -> list[list[int]]:
        """The partitions of each living projector."""
        return [
            node["projected_partitions"] for node in self._operator.get("/admin/nodes")["nodes"]
            if node["roles"] == ["projector"] and node["is_alive"]
            and len(node["projections"]) == 8
        ]

    def share_evenly(self, count: int) -> bool:
        """Each partition has one of `count` projectors, and all have work."""
        shares = self.shares()
        taken = sorted(partition for share in shares for partition in share)
        return len(shares) == count and taken == PARTITIONS and all(shares)

    def read_models(self) -> dict[str, str]:
        health = self._operator.get("/admin/nodes")["health"]
        return {
            each["subject"]: each["state"] for each in health
            if each["subject"].startswith("projection ")
        }

    def have_caught_up(self) -> bool:
        return list(self.read_models().values()) == ["caught_up"] * 8

    def close(self) -> None:
        self._operator.close()


@pytest.fixture
def projectors(cluster: Cluster) -> list[Role]:
    return [cluster.projector().launch() for _ in range(2)]


@pytest.fixture
def gateway(cluster: Cluster, projectors: list[Role]) -> Role:
    return cluster.gateway().start()


@pytest.fixture
def watched(cluster: Cluster, gateway: Role) -> Iterator[Watched]:
    made = Watched(cluster, gateway)
    yield made
    made.close()


@pytest.fixture
def load(gateway: Role) -> Iterator[tuple[Load, list[Organization]]]:
    seed = random.randrange(1 << 30)
    print(f"seed {seed}")
    organizations = [Organization(gateway, seed + 10 * n) for n in range(ORGANIZATIONS)]
    made = Load([worker for each in organizations for worker in each.workers])
    yield made, organizations
    made.settle()
    for each in organizations:
        for user in (each.owner, *(worker.client for worker in each.workers)):
            user.close()


def settle_and_judge(load: Load, organizations: list[Organization]) -> None:
    load.settle()
    faults = load.faults + [fault for each in organizations for fault in each.faults()]
    assert not faults, "\n".join(faults[:20])


def work_on(load: Load) -> None:
    goal = load.answered + 200
    until(lambda: load.answered >= goal or load.faults, 60, "work to be done")


def take_over(watched: Watched, what: str) -> None:
    begun = time.monotonic()
    until(lambda: watched.shares() == [PARTITIONS], 60, f"the other one to take over after {what}")
    print(f"taken over {time.monotonic() - begun:.2f} s after {what}")


@pytest.mark.timeout(300)
def test_a_projector_that_dies_or_stops_is_replaced(
    projectors: list[Role], watched: Watched, load: tuple[Load, list[Organization]]
) -> None:
    first, second = projectors
    work, organizations = load
    until(lambda: watched.share_evenly(2), 60, "both to have a share")
    assert sorted(map(len, watched.shares())) == [6, 6]
    work.start()
    work_on(work)
    first.kill9()
    take_over(watched, "kill -9")
    work_on(work)
    first.launch()
    until(lambda: watched.share_evenly(2), 60, "its share to come back")
    work_on(work)
    assert second.stop() == 0
    take_over(watched, "a clean stop")
    work_on(work)
    settle_and_judge(work, organizations)
    until(watched.have_caught_up, 60, "all read models to be at the log's end")


@pytest.mark.timeout(300)
def test_a_projector_that_was_frozen_doubles_nothing(
    projectors: list[Role], watched: Watched, load: tuple[Load, list[Organization]]
) -> None:
    work, organizations = load
    until(lambda: watched.share_evenly(2), 60, "both to have a share")
    work.start()
    for frozen in projectors:
        work_on(work)
        frozen.signal(signal.SIGSTOP)
        try:
            take_over(watched, "SIGSTOP")
            work_on(work)
        finally:
            frozen.signal(signal.SIGCONT)
        until(lambda: watched.share_evenly(2), 60, "both to have a share again")
    work_on(work)
    settle_and_judge(work, organizations)


def test_partitions_that_nobody_projects_are_ownerless(
    projectors: list[Role], watched: Watched
) -> None:
    until(lambda: watched.share_evenly(2), 60, "both to have a share")
    for each in projectors:
        each.kill9()
    until(lambda: set(watched.read_models().values()) == {"ownerless"}, 60, "it to be seen")
    projectors[0].launch()
    take_over(watched, "both were killed and one came back")
    until(watched.have_caught_up, 60, "all read models to be at the log's end")


def test_on_the_embedded_log_one_projector_does_all_the_work(
    launch: Callable[..., Teamflow]
) -> None:
    server = launch("postgres")
    other = role_beside(server, "projector").launch()

    def at_work() -> dict[str, list[int]]:
        """The partitions that each living process projects, by its roles."""
        with server.database() as database:
            return {
                "+".join(roles): partitions for roles, partitions in database.execute(
                    "select roles, projected_partitions from teamflow.nodes "
                    "where seen_at > now() - interval '3 seconds'"
                )
            }

    try:
        with Client(server.url) as owner:
            owner.register()
            project = make_project(owner)
            everything = {"gateway+projector": PARTITIONS, "projector": []}
            until(lambda: at_work() == everything, 60, "the first one to do all of it")
            server.kill9()
            until(lambda: at_work() == {"projector": PARTITIONS}, 60, "the other one to take over")
            server.start()
            everything = {"gateway+projector": [], "projector": PARTITIONS}
            until(lambda: at_work() == everything, 60, "the first one to stand by")
            task = make_task(owner, project)
            assert owner.get(f"/tasks/{task['id']}")["id"] == task["id"]
            assert other.stop() == 0
            until(
                lambda: at_work() == {"gateway+projector": PARTITIONS}, 60,
                "the first one to do all of it again",
            )
            task = make_task(owner, project)
            assert owner.get(f"/tasks/{task['id']}")["id"] == task["id"]
    finally:
        other.close()
