"""Three brokers, three replicas, two of which must confirm: what one lost broker costs, and two."""

import subprocess
from pathlib import Path
from typing import Any, Callable

import psycopg

from support.client import Client, Unexpected
from support.kafka import Kafka
from support.places import BINARY
from support.teamflow import Teamflow
from support.waiting import until
from support.work import make_project


class Work:
    """Tasks made one by one, each with its own key, and what was said about each."""

    def __init__(self, owner: Client) -> None:
        self.owner = owner
        self.project = make_project(owner)["id"]
        self.acknowledged: dict[str, str] = {}
        self.refused: set[str] = set()

    def attempt(self, title: str) -> bool:
        """Whether a task was acknowledged. The same title is the same command again."""
        key = title.replace(" ", "-")
        body = {"project_id": self.project, "title": title}
        answer = self.owner.send("POST", "/tasks", body, key=key, timeout=60)
        if answer.status_code == 201:
            made = answer.json()["id"]
            assert self.acknowledged.setdefault(title, made) == made
            self.refused.discard(title)
            return True
        assert answer.status_code == 503, answer.text
        assert int(answer.headers["Retry-After"]) >= 1
        self.refused.add(title)
        return False

    def must_do(self, title: str) -> None:
        until(lambda: self.attempt(title), 60, f"{title} to be acknowledged")

    def listed(self) -> dict[str, str]:
        rows: list[Any] = list(self.owner.pages("/tasks", "tasks", limit=200))
        assert len({row["title"] for row in rows}) == len(rows), "a task was made twice"
        return {row["title"]: row["id"] for row in rows}


def registered(owner: Client) -> bool:
    try:
        owner.register()
    except Unexpected as refused:
        assert refused.answer.status_code == 503, refused
        return False
    return True


def test_two_brokers_of_three_are_enough_and_one_is_not(
    launch: Callable[..., Teamflow], tmp_path: Path
) -> None:
    with Kafka(tmp_path / "kafka", nodes=3) as brokers, Client(
        launch("kafka", broker=brokers).url
    ) as owner:
        until(lambda: registered(owner), 60, "brokers that have just begun to confirm")
        work = Work(owner)
        for node in (1, 2, 3):
            work.must_do(f"before {node}")
            brokers.kill9(node)
            for number in range(3):
                work.must_do(f"without {node} {number}")
            brokers.start()
        assert work.listed() == work.acknowledged

        work.must_do("with all three")
        brokers.kill9(1)
        brokers.kill9(3)
        for number in range(3):
            assert not work.attempt(f"with one {number}")
        brokers.start()
        for title in sorted(work.refused):
            work.must_do(title)
        work.must_do("with all three again")
        assert work.listed() == work.acknowledged


def test_a_log_is_not_made_while_brokers_are_away(server: Teamflow, tmp_path: Path) -> None:
    with server.database() as database:
        database.execute("create database three_brokers")
    url = psycopg.conninfo.make_conninfo(server.postgres_url, dbname="three_brokers")

    def run(*command: str) -> subprocess.CompletedProcess[str]:
        where = ["--brokers", brokers.bootstrap, "--topic", "log", "--postgres-url", url]
        return subprocess.run(
            [str(BINARY), *command, "--log", "kafka", *where],
            stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60,
        )

    with Kafka(tmp_path / "kafka", nodes=3) as brokers:
        brokers.kill9(2)
        until(lambda: "2 brokers:" in listed(brokers), 60, "the others to notice")
        refused = run("migrate")
        assert refused.returncode == 1
        assert "only 2 brokers are there" in refused.stderr
        brokers.start()
        made = run("migrate")
        assert made.returncode == 0, made.stderr
        assert "and 3 replicas" in run("doctor").stdout
        brokers.kill9(2)
        assert run("migrate").returncode == 0, "it is made already"


def listed(brokers: Kafka) -> str:
    """What the cluster says of itself."""
    return subprocess.run(
        ["kcat", "-L", "-b", brokers.bootstrap], capture_output=True, text=True, timeout=30
    ).stdout
