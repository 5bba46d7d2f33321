"""kill -9 at random moments under load, again and again on one data directory and one topic:
nothing acknowledged is lost, nothing is doubled, and nothing refused has an effect."""

import os
import random
import signal
import sys
import time
from pathlib import Path
from typing import Any, Callable, Iterator

import httpx
import pytest

from support import judge, raw_log, tables
from support.client import Client
from support.follower import Follower
from support.kafka import Kafka
from support.load import Load, Operation, Worker
from support.teamflow import Teamflow
from support.waiting import until
from support.work import make_project, make_task
from support.world import World

ROUNDS = int(os.environ.get("TEAMFLOW_CRASH_ROUNDS", "5"))
SEED = int(os.environ.get("TEAMFLOW_CRASH_SEED", str(random.randrange(1 << 30))))
ORGANIZATIONS = 3
USERS = 3

# What ends the program in each round, in turn: the moment of a failpoint or a random one; alone,
# or with something that it depends on.
FAULTS = {
    "postgres": [
        "random", "writer.after_append", "postgres_too", "writer.before_append", "while_starting",
        "postgres_alone", "projector.before_commit", "projector.after_commit",
        "postgres_log.before_report",
    ],
    "kafka": [
        "random", "writer.after_append", "broker_alone", "archiver.before_commit", "postgres_too",
        "writer.before_append", "while_starting", "broker_too", "archiver.after_commit",
        "postgres_alone", "producer.after_produce", "producer.before_report",
        "projector.before_commit", "projector.after_commit",
    ],
}


class Organization:
    """Its users at work, a follower of its feed, and what its history was when the load began."""

    def __init__(self, url: str, seed: int) -> None:
        self.owner = Client(url)
        self.owner.register()
        project = make_project(self.owner)
        self.project: str = project["id"]
        hot = [make_task(self.owner, project)["id"] for _ in range(2)]
        self.workers = []
        for number in range(USERS):
            user = self.owner.colleague("member")
            email = user.user["email"]
            self.workers.append(Worker(user, email, self.project, hot, seed + number))
        self.before = self.history()
        self.follower = Follower(self.owner, self.position)

    @property
    def position(self) -> str:
        last = self.before[-1]
        return f"{last['partition']}@{last['offset']}"

    @property
    def operations(self) -> list[Operation]:
        return [operation for worker in self.workers for operation in worker.operations]

    def history(self) -> list[dict[str, Any]]:
        answer = self.ask("/events", headers={"Accept": "application/x-ndjson"})
        return [httpx.Response(200, text=line).json() for line in answer.text.splitlines()]

    def ask(self, path: str, **options: Any) -> httpx.Response:
        """A query by the owner, whose token may have become too old."""
        answer = self.owner.send("GET", path, **options)
        if answer.status_code == 401:
            self.owner.login(self.owner.user["email"])
            answer = self.owner.send("GET", path, **options)
        assert answer.status_code == 200, answer.text
        return answer

    def close(self) -> None:
        self.follower.close()
        for user in (self.owner, *(worker.client for worker in self.workers)):
            user.close()


def judge_organization(of: Organization) -> list[str]:
    """The history against the acknowledgements, the read models and the feed."""
    history = of.history()
    since = history[len(of.before):]
    last = f"{history[-1]['partition']}@{history[-1]['offset']}"
    of.owner.position = last
    faults = judge.effects(of.operations, since) + judge.versions(history)
    if history[: len(of.before)] != of.before:
        faults.append("history was rewritten")
    until(lambda: of.follower.reached(last), 30, f"the feed to reach {last}")
    faults += judge.delivered(of.follower.messages, since)
    return faults + judge_read_models(of, World(history))


def judge_read_models(of: Organization, world: World) -> list[str]:
    # On Kafka the group of projectors may count dead members for its session time-out.
    until(lambda: of.owner.send("GET", "/tasks?limit=1").status_code != 503, 30, "the read models")
    # Signs in again if need be.
    of.ask("/tasks?limit=1")
    shown = tables.collect(of.owner, of.project)
    faults = judge.read_models(shown, world)
    for worker in of.workers:
        own = {key: task["version"] for key, task in worker.tasks.items()}
        seen = {key: shown["tasks"].get(key, {}).get("version") for key in own}
        faults += judge.same("version that its user knows", seen, own)
    return faults


def judge_log(server: Teamflow, broker: Kafka | None, topic: str) -> list[str]:
    with server.database() as database:
        rows = raw_log.archived(database)
        partitions = database.execute("select partitions from teamflow.log_info").fetchone()[0]
    in_kafka = raw_log.topic(broker.bootstrap, topic, partitions) if broker else None
    return judge.folded(rows, in_kafka)


class Crashes:
    """The faults of the rounds, on one server."""

    def __init__(self, server: Teamflow, broker: Kafka | None, load: Load, seed: int) -> None:
        self.server = server
        self.broker = broker
        self.load = load
        self.random = random.Random(seed)

    def round(self, fault: str) -> None:
        """From a running server without load to the same; between them load and the fault."""
        if "." in fault:
            self._arm(fault)
        self.load.start()
        if "." in fault:
            until(lambda: not self.server.alive(), 60, f"{fault} to be passed")
        else:
            self._work_a_while()
            getattr(self, "_" + fault)()
        if not self.server.alive():
            self.server.wait_exit()
            self.server.start()
        self.load.settle()

    def _arm(self, failpoint: str) -> None:
        passages = self.random.randrange(1, 30 if failpoint.startswith("archiver") else 150)
        self.server.kill9()
        self.server.launch(FAILPOINT=f"{failpoint}:{passages}")
        # What is passed at a start, too, may end it there.
        until(lambda: self.server.serves() or not self.server.alive(), 60, "the server")

    def _work_a_while(self) -> None:
        """Up to a random moment: some commands, then some milliseconds into what follows."""
        goal = self.load.answered + self.random.randrange(1, 400)
        until(lambda: self.load.answered >= goal, 60, "work to be done")
        time.sleep(self.random.random() / 50)

    def _random(self) -> None:
        self.server.kill9()

    def _while_starting(self) -> None:
        """Once more before it serves, at whatever it does then."""
        self.server.kill9()
        for _ in range(2):
            self.server.launch()
            time.sleep(self.random.random())
            self.server.kill9()

    def _postmaster(self) -> int:
        with self.server.database() as database:
            row = database.execute("show data_directory").fetchone()
        return int((Path(row[0]) / "postmaster.pid").read_text().split()[0])

    def _postgres_too(self) -> None:
        postmaster = self._postmaster()
        os.kill(postmaster, signal.SIGKILL)
        self.server.kill9()

    def _postgres_alone(self) -> None:
        """One of its processes dies, so it ends all connections and recovers, as after a crash."""
        with self.server.database() as database:
            row = database.execute(
                "select pid from pg_stat_activity where application_name like 'teamflow%' limit 1"
            ).fetchone()
            os.kill(row[0], signal.SIGKILL)
        self._work_a_while()
        self._work_a_while()

    def _broker_alone(self) -> None:
        assert self.broker is not None
        self.broker.kill9()
        self.broker.start()
        self._work_a_while()

    def _broker_too(self) -> None:
        assert self.broker is not None
        self.broker.kill9()
        self.server.kill9()
        self.broker.start()


@pytest.fixture
def own_broker(log: str, tmp_path: Path) -> Iterator[Kafka | None]:
    """These tests stop it, so it is nobody else's."""
    if log == "postgres":
        yield None
        return
    with Kafka(tmp_path / "kafka") as broker:
        yield broker


@pytest.mark.timeout(240 + 30 * ROUNDS)
def test_crashes_lose_and_double_nothing(
    launch: Callable[..., Teamflow], log: str, own_broker: Kafka | None
) -> None:
    print(f"TEAMFLOW_CRASH_SEED={SEED}")
    topic = f"teamflow.crash-{SEED}" if own_broker else ""
    options = {"broker": own_broker, "topic": topic} if own_broker else {}
    server = launch(log, **options)
    organizations = [Organization(server.url, SEED + 100 * n) for n in range(ORGANIZATIONS)]
    load = Load([worker for each in organizations for worker in each.workers])
    crashes = Crashes(server, own_broker, load, SEED)
    try:
        for number in range(ROUNDS):
            fault = FAULTS[log][number % len(FAULTS[log])]
            began = time.monotonic()
            crashes.round(fault)
            faults = load.faults
            for each in organizations:
                faults += judge_organization(each)
            faults += judge_log(server, own_broker, topic)
            assert not faults, f"round {number + 1}, {fault}:\n" + "\n".join(faults[:20])
            tell(number + 1, fault, load, time.monotonic() - began)
        assert sum(done.replayed for done in load.operations if done.attempts > 1) > 0
    finally:
        for each in organizations:
            each.close()


def tell(number: int, fault: str, load: Load, seconds: float) -> None:
    done = load.operations
    print(
        f"round {number} ({fault}): {len(done)} commands, "
        f"{sum(each.happened for each in done)} acknowledged, "
        f"{sum(each.events_made for each in done)} events, "
        f"{sum(each.attempts > 1 for each in done)} sent again, of these "
        f"{sum(each.attempts > 1 and each.replayed for each in done)} had happened; "
        f"{seconds:.1f} s",
        file=sys.stderr,
    )
