"""What the program depends on is missing, shared or too small: it says so, and goes on after."""

import base64
import os
import secrets
import signal
import subprocess
import uuid
from pathlib import Path
from typing import Any, Callable, Iterator

import httpx
import pytest

from support.client import Client
from support.kafka import Kafka
from support.places import BINARY, free_port
from support.teamflow import Teamflow
from support.waiting import until
from support.work import make_project, make_task


def readiness(client: Client) -> dict[str, Any]:
    """The answer of /health/ready, whose status must fit what it says."""
    answer = client.send("GET", "/health/ready", base="")
    told = answer.json()
    faults = [name for name, check in told["checks"].items() if check["status"] != "ok"]
    assert (answer.status_code, told["status"]) == (
        (503, "not_ready") if faults else (200, "ready")), told
    assert ("Retry-After" in answer.headers) == bool(faults)
    return {**told, "faults": faults}


def test_a_missing_broker_is_named_and_waited_for(
    launch: Callable[..., Teamflow], tmp_path: Path
) -> None:
    with Kafka(tmp_path / "kafka") as broker, Client(
        launch("kafka", broker=broker).url
    ) as owner:
        owner.register()
        # Acknowledged is not read yet, and nobody can read without a broker.
        assert owner.get("/projects")["total"] == 0
        assert readiness(owner)["faults"] == []
        broker.kill9()
        until(lambda: "log" in readiness(owner)["faults"], 30, "the log to be at fault")
        assert readiness(owner)["checks"]["log"]["detail"] == "no Kafka broker answers"
        assert readiness(owner)["checks"]["database"]["status"] == "ok"
        refused = owner.send("POST", "/projects", {"name": "Website"}, key="once")
        assert refused.status_code == 503, refused.text
        assert int(refused.headers["Retry-After"]) >= 1
        assert owner.get("/projects")["total"] == 0
        broker.start()
        until(lambda: readiness(owner)["faults"] == [], 60, "everything to work again")
        owner.post("/projects", {"name": "Website"}, key="once", expect=201)
        assert owner.get("/projects")["total"] == 1


def test_who_has_nothing_to_write_sees_that_brokers_are_back(
    launch: Callable[..., Teamflow], tmp_path: Path
) -> None:
    with Kafka(tmp_path / "kafka") as broker, Client(
        launch("kafka", broker=broker).url
    ) as nobody:
        until(lambda: readiness(nobody)["faults"] == [], 30, "everything to work")
        broker.kill9()
        until(lambda: "log" in readiness(nobody)["faults"], 30, "the log to be at fault")
        broker.start()
        until(lambda: readiness(nobody)["faults"] == [], 60, "everything to work again")


def test_a_missing_database_is_named(launch: Callable[..., Teamflow]) -> None:
    server = launch()
    with Client(server.url) as owner, server.database() as database:
        owner.register()
        row = database.execute("show data_directory").fetchone()
        postmaster = int((Path(row[0]) / "postmaster.pid").read_text().split()[0])
        os.kill(postmaster, signal.SIGQUIT)
        until(lambda: "database" in readiness(owner)["faults"], 30, "the database to be at fault")
        assert readiness(owner)["checks"]["database"]["detail"] == "PostgreSQL does not answer"
        assert owner.get("/health/health", base="")["status"] == "ok"
        refused = owner.send("POST", "/projects", {"name": "Website"})
        assert refused.status_code == 503 and "Retry-After" in refused.headers, refused.text
        server.kill9()
        server.start()
        assert readiness(owner)["faults"] == []
        owner.post("/projects", {"name": "Website"}, expect=201)


@pytest.fixture
def second(tmp_path: Path) -> Iterator[Callable[[Teamflow], Client]]:
    """Starts another gateway on the log of a server."""
    started: list[subprocess.Popen[bytes]] = []

    def start(first: Teamflow) -> Client:
        listen = f"127.0.0.1:{free_port()}"
        names = ["MASTER_KEY", "EMAIL_KEY", "JWT_SECRET", "INTERNAL_SECRET"]
        keys = {
            f"TEAMFLOW_{name}": base64.b64encode(secrets.token_bytes(32)).decode()
            for name in names
        }
        with (tmp_path / "second.log").open("wb") as output:
            started.append(subprocess.Popen(
                [str(BINARY), "gateway", "--postgres-url", first.postgres_url, "--listen", listen],
                env={**os.environ, **keys}, stdin=subprocess.DEVNULL, stdout=output, stderr=output,
            ))
        return Client(f"http://{listen}")

    yield start
    for process in started:
        process.kill()
        process.wait(20)


def test_a_second_gateway_writes_nothing_until_the_first_is_gone(
    launch: Callable[..., Teamflow], second: Callable[[Teamflow], Client]
) -> None:
    first = launch()
    with Client(first.url) as owner, first.database() as database, second(first) as other:
        owner.register()
        make_project(owner)

        def claims() -> int:
            row = database.execute("select count(*) from teamflow.log_records where kind = 2")
            return row.fetchone()[0]

        own_claims = claims()
        until(lambda: serves(other), 30, "the second gateway to serve")
        assert readiness(other)["faults"] == []
        assert "by other gateways" in readiness(other)["checks"]["ownership"]["detail"]
        # Its secrets are others: the owner does not know it.
        refused = other.send("POST", "/auth/register", {
            "organization_name": "Other", "email": "other@example.org", "name": "Other",
            "password": "correct horse battery staple"})
        assert refused.status_code == 503 and "Retry-After" in refused.headers, refused.text
        assert claims() == own_claims
        make_project(owner)
        assert readiness(owner)["faults"] == []

        first.kill9()
        until(lambda: claims() == 2 * own_claims, 30, "the second gateway to own the log")
        until(lambda: readiness(other)["faults"] == [], 30, "the second gateway to be ready")


CLAIM = """
    with claimed as (
        update teamflow.log_partitions
           set next_offset = next_offset + 1, next_sequence = 0, epoch_offset = next_offset,
               epoch_writer = %(writer)s, owner_address = 'elsewhere:1', claimed_at = now()
         where partition = %(partition)s returning epoch_offset as at)
    insert into teamflow.log_records
    select %(partition)s, at, 2, at, %(writer)s, 0, %(writer)s, 0, 1, %(writer)s,
           'log.writer_claimed', 1, '', 0, '00000000-0000-0000-0000-000000000000', '', now(),
           %(writer)s, null, '', '{"address": "elsewhere:1"}'
      from claimed
"""


def test_a_claim_that_comes_too_late_is_overruled(launch: Callable[..., Teamflow]) -> None:
    """A gateway that lost the lock may have had a claim under way; who holds the lock claims
    again, or nobody would ever write that partition."""
    server = launch()
    with Client(server.url) as owner, server.database() as database:
        owner.register()
        make_project(owner)
        partition = int(owner.position.split("@")[0])
        database.execute(CLAIM, {"partition": partition, "writer": uuid.uuid4()})
        body = {"name": "Website"}
        until(
            lambda: owner.send("POST", "/projects", body, key="late").status_code == 201, 30,
            "the partition to be owned again",
        )
        assert owner.get("/projects")["total"] == 2
        until(lambda: readiness(owner)["faults"] == [], 10, "everything to be owned")


def serves(client: Client) -> bool:
    try:
        return client.http.get("/healthz").status_code == 200
    except httpx.TransportError:
        return False


def test_a_change_that_no_record_holds_is_refused_whole(client: Client) -> None:
    """The answer is kept with its Idempotency-Key in the log, whose records have a limit."""
    project = make_project(client)
    wide = {"description": '"' * 10_000, "checklist": [{"text": '"' * 500}] * 100}
    tasks = [make_task(client, project, **wide)["id"] for _ in range(12)]
    body = {"task_ids": tasks, "changes": {"priority": "urgent"}}
    for _ in range(2):
        client.refused(422, "command_too_large", "POST", "/tasks/bulk", body, key="much")
    assert client.get("/tasks", params={"priority": "urgent"})["total"] == 0
    assert {task["version"] for task in client.get("/tasks")["tasks"]} == {1}
    few = {**body, "task_ids": tasks[:3]}
    changed = client.post("/tasks/bulk", few, key="few", expect=200)
    assert [task["version"] for task in changed["tasks"]] == [2, 2, 2]
    assert client.post("/tasks/bulk", few, key="few", expect=200) == changed
    client.post("/tasks/bulk", body, expect=200)
    assert client.get("/tasks", params={"priority": "urgent"})["total"] == 12
