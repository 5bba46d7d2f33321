"""What a gateway keeps in memory while the archive stands still has a bound."""

from typing import Callable

import psycopg

from support.client import Client
from support.teamflow import Teamflow
from support.waiting import until
from support.work import make_project

MEGABYTE = 1 << 20


def test_a_full_tail_takes_no_commands_until_the_archive_follows(
    launch: Callable[..., Teamflow],
) -> None:
    server = launch("kafka", arguments=["--tail-memory", "1"])
    with Client(server.url) as owner, psycopg.connect(server.postgres_url) as stalled:
        owner.register()
        project = make_project(owner)["id"]
        text = "x" * 5000
        most = MEGABYTE // len(text)
        made: list[str] = []

        def make(title: str) -> int:
            body = {"project_id": project, "title": title, "description": text}
            answer = owner.send("POST", "/tasks", body, key=title.replace(" ", "-"), timeout=30)
            if answer.status_code == 201:
                made.append(answer.json()["id"])
            else:
                assert answer.json()["error"] == "partition_unavailable", answer.text
                assert int(answer.headers["Retry-After"]) >= 1
            return answer.status_code

        # Readers go on, the archiver waits.
        stalled.execute("lock table teamflow.log_records in exclusive mode")
        codes: list[int] = []
        while 503 not in codes and len(codes) <= most:
            codes.append(make(f"Task {len(codes)}"))
        assert most // 4 < len(codes) <= most, "a megabyte, with what surrounds the texts"
        assert make("Task too many") == 503
        stalled.rollback()
        until(lambda: make("Task behind them") == 201, 30, "commands to be taken again")
        listed = {row["id"] for row in owner.pages("/tasks", "tasks", limit=200)}
        assert listed == set(made)
