"""A backup as docs/operating.md says, restored into an empty database on another day."""

import shutil
import subprocess
import uuid
from pathlib import Path
from typing import Callable, Iterator

import psycopg
import pytest

from support.client import Client
from support.roles import Role, role_beside
from support.teamflow import Teamflow
from support.waiting import until
from support.work import events_of, make_project, make_task


def run(*command: str) -> None:
    done = subprocess.run(
        command, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 0, (command, done.stderr)


def titles(client: Client) -> set[str]:
    return {row["title"] for row in client.pages("/tasks", "tasks", limit=200)}


@pytest.fixture
def roles() -> Iterator[list[Role]]:
    started: list[Role] = []
    yield started
    for role in started:
        role.close()


def test_a_restored_backup_is_all_that_there_was(
    launch: Callable[..., Teamflow], server: Teamflow, log: str, roles: list[Role], tmp_path: Path
) -> None:
    lost = launch(log)
    owner = Client(lost.url)
    owner.register()
    project = make_project(owner)
    for number in range(5):
        make_task(owner, project, title=f"before {number}")
    name, email = owner.user["name"], owner.user["email"]
    events = events_of(owner)
    dump = tmp_path / "teamflow.dump"
    run("pg_dump", "--format=custom", f"--file={dump}", f"--dbname={lost.postgres_url}")
    shutil.copy(lost.data / "secrets.json", tmp_path)
    make_task(owner, project, title="after")
    lost.close()

    database = f"restored_{uuid.uuid4().hex[:12]}"
    with server.database() as connection:
        connection.execute(f"create database {database}")
    restored = Teamflow(tmp_path / "restored", log=log)
    restored.log_options, restored.environment = lost.log_options, lost.environment
    restored.postgres_url = psycopg.conninfo.make_conninfo(server.postgres_url, dbname=database)
    restored.data.mkdir()
    shutil.move(tmp_path / "secrets.json", restored.data)
    run(
        "pg_restore", "--no-owner", "--exit-on-error", f"--dbname={restored.postgres_url}",
        str(dump),
    )
    roles += [role_beside(restored), role_beside(restored, "projector")]
    gateway, projector = roles
    projector.start()
    gateway.start()

    again = Client(gateway.url)
    again.login(email)
    assert again.get("/me")["name"] == name
    # What came after the backup is in the topic, and nowhere without one.
    expected = {f"before {number}" for number in range(5)}
    expected |= {"after"} if log == "kafka" else set()
    until(lambda: titles(again) == expected, 30, f"the tasks, not {titles(again)}")
    assert events_of(again)[: len(events)] == events
    made = make_task(again, project, title="anew")
    assert titles(again) == expected | {"anew"} and made["version"] == 1
