"""Several gateways on one Kafka log: both answer queries, each owns its share of the partitions,
and what one acknowledged outlives it."""

import threading
import time
import uuid
from pathlib import Path
from typing import Any, Callable

import pytest

from support.client import PASSWORD, Client
from support.kafka import Kafka
from support.roles import Cluster, Role, send_anywhere
from support.teamflow import Teamflow
from support.waiting import until
from support.work import make_project

ORGANIZATIONS = 6


class Organization:
    """Its owner makes tasks without pause, at whichever gateway takes them."""

    def __init__(self, gateways: list[Role], user: Client) -> None:
        self.user = user
        self.gateways = gateways
        made = send_anywhere(user, gateways, "POST", "/projects", {"name": "First"}, key="first")
        self.project = made.json()["id"]
        self.acknowledged: dict[str, str] = {}
        self.faults: list[str] = []
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._work)

    def start(self) -> None:
        self._thread.start()

    def done(self) -> int:
        return len(self.acknowledged)

    def stop(self) -> None:
        self._stopping.set()
        if self._thread.ident is not None:
            self._thread.join(90)

    def _work(self) -> None:
        while not self._stopping.is_set():
            title = f"Task {uuid.uuid4()}"
            body = {"project_id": self.project, "title": title}
            try:
                answer = send_anywhere(
                    self.user, self.gateways, "POST", "/tasks", body, key=title.replace(" ", "-")
                )
            except Exception as failure:  # the test tells it
                self.faults.append(repr(failure))
                return
            if answer.status_code != 201:
                self.faults.append(f"{answer.status_code}: {answer.text}")
                return
            self.acknowledged[title] = answer.json()["id"]

    def tasks_at(self, gateway: Role) -> dict[str, str]:
        """What a gateway lists; read there up to this user's newest command."""
        self.user.move_to(gateway.url)
        rows = list(self.user.pages("/tasks", "tasks", limit=200))
        assert len({row["id"] for row in rows}) == len(rows)
        return {row["title"]: row["id"] for row in rows}


def grow(organizations: list[Organization], what: str) -> None:
    """Each organization gets another ten commands through."""
    goals = {each: each.done() + 10 for each in organizations}
    until(
        lambda: all(each.done() >= goal or each.faults for each, goal in goals.items()), 60, what
    )
    assert [fault for each in organizations for fault in each.faults] == []


@pytest.mark.timeout(300)
def test_a_gateway_that_dies_or_stops_is_replaced_and_nothing_is_lost(cluster: Cluster) -> None:
    cluster.projector().launch()
    first = cluster.gateway().start()
    until(lambda: first.owned() == 12, 30, "the first one to own everything")
    owners = [Client(first.url) for _ in range(ORGANIZATIONS)]
    for owner in owners:
        owner.register()
    second = cluster.gateway().start()
    until(lambda: (first.owned(), second.owned()) == (6, 6), 30, "each to own its share")
    told = second.ready()["checks"]["ownership"]
    assert told["status"] == "ok"
    assert told["detail"].startswith("of 12 partitions 6 are owned here, 6 by other gateways; ")

    gateways = [first, second]
    organizations: list[Organization] = []
    try:
        organizations = [Organization(gateways, owner) for owner in owners]
        for gateway in gateways:
            assert all(each.tasks_at(gateway) == {} for each in organizations)
        for each in organizations:
            each.start()
        grow(organizations, "commands with both gateways")

        first.kill9()
        grow(organizations, "commands of all organizations after the death of a gateway")
        until(lambda: second.owned() == 12, 30, "the survivor to own everything")

        first.start()
        until(lambda: (first.owned(), second.owned()) == (6, 6), 30, "its share to come back")
        grow(organizations, "commands with both gateways again")

        begun = time.monotonic()
        assert second.stop() == 0
        until(lambda: first.owned() == 12, 30, "the other one to take over")
        print(f"handed over {time.monotonic() - begun:.2f} s after the signal")
        grow(organizations, "commands after a clean stop")
    finally:
        for each in organizations:
            each.stop()
    for each in organizations:
        assert each.faults == []
        assert each.tasks_at(first) == each.acknowledged


def test_a_killed_gateway_that_comes_back_serves_before_the_group_misses_it(
    cluster: Cluster,
) -> None:
    cluster.projector().launch()
    gateway = cluster.gateway().start()
    with Client(gateway.url) as owner:
        until(lambda: gateway.owned() == 12, 30, "everything to be owned")
        owner.register()
        make_project(owner)
        gateway.kill9()
        begun = time.monotonic()
        gateway.start()
        print(f"ready {time.monotonic() - begun:.2f} s after the start")
        assert gateway.owned() == 12
        make_project(owner)


def test_a_sign_in_before_the_read_model_knows_the_account_is_told_to_come_again(
    cluster: Cluster,
) -> None:
    projector = cluster.projector()
    projector.launch()
    gateway = cluster.gateway().start()
    with Client(gateway.url) as owner, Client(gateway.url) as again:
        until(lambda: gateway.owned() == 12, 30, "everything to be owned")
        projector.kill9()
        email = owner.register()["user"]["email"]
        body = {"email": email, "password": PASSWORD}
        refused = again.refused(503, "read_model_behind", "POST", "/auth/login", body)
        assert refused["message"]
        projector.launch()
        until(
            lambda: again.send("POST", "/auth/login", body).status_code == 200, 30, "the projector"
        )


def test_a_stop_without_a_broker_is_bounded(
    tmp_path: Path, launch: Callable[..., Teamflow]
) -> None:
    with Kafka(tmp_path / "kafka") as broker:
        server = launch("kafka", broker=broker)
        with Client(server.url) as owner:
            owner.register()
            broker.kill9()
            working = threading.Thread(target=_command, args=(owner,))
            working.start()
            begun = time.monotonic()
            server.stop(within=60)
            print(f"stopped within {time.monotonic() - begun:.2f} s")
            working.join(60)


def _command(owner: Client) -> Any:
    """Some answer, or none: the server stops."""
    try:
        return owner.send("POST", "/projects", {"name": "Late"})
    except Exception:
        return None
