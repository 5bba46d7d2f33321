"""Fixtures. A test that only talks HTTP takes `client`: an owner of a fresh organization at a
server that the whole session shares. A test that kills, restarts or configures takes `launch`."""

import uuid
from pathlib import Path
from typing import Any, Callable, Iterator

import pytest

from support.client import Client
from support.kafka import Kafka
from support.roles import Cluster
from support.teamflow import Teamflow
from support.work import make_project, make_task


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Any:
    """The end of each server's output goes into the report of a test that failed."""
    report = yield
    if report.failed:
        for name, value in getattr(item, "funcargs", {}).items():
            for server in getattr(value, "servers", [value]):
                if isinstance(server, Teamflow):
                    report.sections.append((f"{name}: {server.output}", server.tail()))
    return report


@pytest.fixture(scope="session")
def kafka(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kafka]:
    """One broker that nobody may stop: tests that do start their own."""
    with Kafka(tmp_path_factory.mktemp("kafka")) as broker:
        yield broker


@pytest.fixture(params=["postgres", "kafka"])
def log(request: pytest.FixtureRequest) -> str:
    """A test that takes this runs on both logs: pass it on to `launch`."""
    return request.param


class Launch:
    """Makes servers that end with the test."""

    def __init__(self, directory: Path, broker: Callable[[], Kafka]) -> None:
        self.servers: list[Teamflow] = []
        self._directory = directory
        self._broker = broker

    def __call__(
        self,
        log: str = "postgres",
        *,
        start: bool = True,
        broker: Kafka | None = None,
        **options: Any,
    ) -> Teamflow:
        """A server on a data directory of its own; on Kafka with a topic of its own, on `broker`
        or the session's. Options are those of Teamflow."""
        if log == "kafka":
            options.setdefault("brokers", (broker or self._broker()).bootstrap)
            options.setdefault("topic", f"teamflow.test-{uuid.uuid4().hex[:12]}")
        data = options.pop("data", self._directory / f"server-{len(self.servers) + 1}")
        server = Teamflow(data, log=log, **options)
        self.servers.append(server)
        return server.start() if start else server

    def close(self) -> None:
        for server in self.servers:
            server.close()


@pytest.fixture
def launch(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Launch]:
    made = Launch(tmp_path, lambda: request.getfixturevalue("kafka"))
    try:
        yield made
    finally:
        made.close()


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Teamflow]:
    """The server that all tests share who neither stop nor configure one."""
    with Teamflow(tmp_path_factory.mktemp("shared") / "data") as shared:
        yield shared


@pytest.fixture
def cluster(tmp_path: Path, server: Teamflow, kafka: Kafka) -> Iterator[Cluster]:
    """Gateways and projectors, none yet, on a topic and a database of their own."""
    made = Cluster(tmp_path, server, kafka)
    try:
        yield made
    finally:
        made.close()
        # Seen when the test failed.
        print("\n".join(f"{role.name}:\n{role.tail()}" for role in made.roles))


@pytest.fixture
def anonymous(server: Teamflow) -> Iterator[Client]:
    with Client(server.url) as nobody:
        yield nobody


@pytest.fixture
def client(server: Teamflow) -> Iterator[Client]:
    """The owner of a fresh organization."""
    with Client(server.url) as owner:
        owner.register()
        yield owner


@pytest.fixture
def project(client: Client) -> dict[str, Any]:
    return make_project(client)


@pytest.fixture
def task(client: Client, project: dict[str, Any]) -> dict[str, Any]:
    return make_task(client, project)


# --- resources
