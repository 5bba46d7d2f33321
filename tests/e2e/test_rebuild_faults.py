"""Rebuilds while something is short: room on the disk, the database, time for live work; and admins
who want the same at once."""

import contextlib
import shutil
import subprocess
import tempfile
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Callable, Iterator

import psycopg
import pytest

from chaos.volume import Volume
from support.client import Client
from support.command_line import run, teamflow
from support.operators import make_operator
from support.places import BINARY
from support.roles import Cluster
from support.teamflow import Teamflow
from support.waiting import until
from support.work import make_project, make_task

PATH = "/admin/projections/tasks"


@pytest.fixture
def server(launch: Callable[..., Teamflow]) -> Teamflow:
    return launch()


@pytest.fixture
def owner(server: Teamflow) -> Iterator[Client]:
    """With a task, which the read model has."""
    with Client(server.url) as made:
        made.register()
        make_task(made, make_project(made))
        assert made.get("/tasks")["total"] == 1
        yield made


def await_status(operator: Client, *wanted: str) -> dict[str, Any]:
    def found() -> dict[str, Any] | None:
        answer = operator.send("GET", PATH)
        return answer.json() if answer.is_success and answer.json()["status"] in wanted else None
    return until(found, 120, f"tasks to be {wanted}")


def outcome(operator: Client) -> dict[str, Any]:
    """The newest rebuild, once it has ended well."""
    await_status(operator, "live")
    newest: dict[str, Any] = operator.get(f"{PATH}/rebuild")["rebuild"]
    assert newest["stage"] == "done" and newest["comparison"]["equal"], newest
    return newest


def await_fold(operator: Client) -> None:
    def folds() -> bool:
        newest = operator.get(f"{PATH}/rebuild")["rebuild"]
        return newest is not None and newest["stage"] == "folding"
    until(folds, 60, "the fold to begin")


@contextlib.contextmanager
def held(url: str) -> Iterator[None]:
    """Rebuilds in this database stand where they begin to fold."""
    with psycopg.connect(url) as database:
        database.execute("lock table teamflow.skipped_commits in access exclusive mode")
        yield


@pytest.fixture
def small_disk() -> Iterator[Volume]:
    """Where the user of PostgreSQL can reach it."""
    place = Path(tempfile.mkdtemp(prefix="teamflow-small-"))
    place.chmod(0o755)
    made = Volume.made(place / "disk", 24)
    if made is None:
        shutil.rmtree(place)
        pytest.skip("this machine does not let us mount")
    try:
        yield made
    finally:
        made.close()
        shutil.rmtree(place, ignore_errors=True)


def test_a_full_disk_stops_a_rebuild_and_nothing_else(
    small_disk: Volume, server: Teamflow, owner: Client
) -> None:
    operator = make_operator(server)
    with server.database() as database:
        row = database.execute("show data_directory").fetchone()
        tables = small_disk.directory / "tables"
        tables.mkdir(mode=0o700)
        shutil.chown(tables, Path(row[0]).owner())
        # What is made from now on lies there: the tables of the new build.
        database.execute(f"create tablespace small location '{tables}'")
        name = database.info.dbname
        database.execute(f"alter database \"{name}\" set default_tablespace = small")
    small_disk.fill()
    operator.post(f"{PATH}/rebuild", expect=202)
    failed = await_status(operator, "failed")["rebuild"]
    told = teamflow("projections", "tasks", "--json", "--data", str(server.data)).stdout
    for text in (failed["error"], told):
        assert "make room" in text and "--resume" in text and "--abort" in text, text
        assert "the live read model is as it was" in text
    # Everybody else works on.
    make_task(owner, make_project(owner))
    assert owner.get("/tasks")["total"] == 2
    watched = run("rebuild", "tasks", "--resume", "--data", str(server.data))
    assert watched.returncode == 1 and "make room" in watched.stderr
    small_disk.free()
    operator.post(f"{PATH}/resume")
    outcome(operator)
    teamflow("verify", "tasks", "--data", str(server.data))
    assert owner.get("/tasks")["total"] == 2
    server.close()


def test_a_rebuild_outlives_its_database(server: Teamflow, owner: Client) -> None:
    operator = make_operator(server)
    watcher: list[Any] = []
    with contextlib.suppress(psycopg.OperationalError), held(server.postgres_url):
        watching = threading.Thread(target=lambda: watcher.append(
            run("rebuild", "tasks", "--data", str(server.data))))
        watching.start()
        await_fold(operator)
        server.crash_postgres()
    watching.join(60)
    assert watcher[0].returncode == 1
    assert "goes on by itself" in watcher[0].stderr and "as it was" in watcher[0].stderr
    refused = operator.send("POST", f"{PATH}/rebuild")
    assert refused.status_code == 503 and "Retry-After" in refused.headers, refused.text
    server.revive_postgres()
    # Nobody has to do anything.
    outcome(operator)
    until(lambda: owner.send("GET", "/tasks").is_success, 60, "reads to be back")
    assert owner.get("/tasks")["total"] == 1
    until(lambda: run("verify", "tasks", "--data", str(server.data)).returncode == 0, 60)


@contextlib.contextmanager
def timers_behind(server: Teamflow) -> Iterator[None]:
    """The projector of timers stands still, as far behind as after much work."""
    behind = ("update teamflow.projection_checkpoints set \"offset\" = \"offset\" - %s "
              "where (projection, build) = (select name, build from teamflow.projections "
              "where name = 'timers')")
    with server.database() as database, server.database() as holding, holding.transaction():
        holding.execute("select from teamflow.projections where name = 'timers' for update")
        database.execute(behind, [5000])
        yield
        database.execute(behind, [-5000])


def test_a_rebuild_gives_way_to_live_work(server: Teamflow, owner: Client) -> None:
    operator = make_operator(server)
    seen = []
    headers = {"Authorization": f"Bearer {operator.token}", "Accept": "text/event-stream"}
    with timers_behind(server):
        operator.post(f"{PATH}/rebuild")
        with operator.http.stream("GET", f"/api/v1{PATH}/rebuild", headers=headers) as stream:
            for line in stream.iter_lines():
                seen.append("\"throttled\":true" in line)
                if seen[-1] or "\"stage\":\"done\"" in line:
                    break
    assert seen[-1], "it never gave way"
    assert not outcome(operator)["throttled"]


def test_a_replay_gives_way_to_live_work(server: Teamflow, owner: Client) -> None:
    with timers_behind(server):
        replay = subprocess.Popen(
            [str(BINARY), "replay", "--data", str(server.data), "--into", "then",
             "--projections", "tasks"],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )
        assert replay.stderr is not None
        first = replay.stderr.readline()
    out, told = replay.communicate(timeout=60)
    assert "live read models are behind: this gives way" in first
    assert "have caught up" in told and "schema then stays" in told
    assert replay.returncode == 0 and "then.task " in out


def test_a_verification_gives_way_to_live_work(server: Teamflow, owner: Client) -> None:
    with timers_behind(server):
        verify = subprocess.Popen(
            [str(BINARY), "verify", "tasks", "--data", str(server.data)],
            stdout=subprocess.PIPE, text=True,
        )
        until(lambda: "are behind: it gives way" in server.output.read_text(), 60)
    out, _ = verify.communicate(timeout=60)
    assert (verify.returncode, out) == (0, "tasks: equal to a fresh fold\n")


def test_of_admins_at_once_one_is_taken(server: Teamflow, owner: Client) -> None:
    operators = [make_operator(server) for _ in range(4)]
    with held(server.postgres_url), ThreadPoolExecutor(len(operators)) as pool:
        answers = list(pool.map(lambda each: each.send("POST", f"{PATH}/rebuild"), operators))
        assert sorted(each.status_code for each in answers) == [202, 409, 409, 409]
        winner = next(each for each, answer in zip(operators, answers)
                      if answer.status_code == 202)
        for answer in answers:
            if answer.status_code == 409:
                problem = answer.json()
                assert problem["error"] == "rebuild_running"
                assert f"operator {winner.user['id']}" in problem["detail"]
                assert "wait for it, or abort it" in problem["detail"]
        second = teamflow("rebuild", "tasks", "--data", str(server.data), expect=1)
        assert f"operator {winner.user['id']}" in second.stderr
    assert outcome(winner)["requested_by"] == f"operator {winner.user['id']}"


@pytest.mark.timeout(300)
def test_a_rebuild_goes_on_in_another_process(cluster: Cluster) -> None:
    first = cluster.projector().launch()
    gateway = cluster.gateway().start()
    operator = cluster.operator(gateway)
    with Client(gateway.url) as owner:
        owner.register()
        make_task(owner, make_project(owner))
        assert owner.get("/tasks")["total"] == 1
        with held(cluster.postgres_url):
            operator.post(f"{PATH}/rebuild")
            await_fold(operator)
            cluster.projector().launch()
            first.kill9()
        outcome(operator)
        make_task(owner, make_project(owner))
        until(lambda: owner.send("GET", "/tasks").is_success, 60, "the other one to project")
        assert owner.get("/tasks")["total"] == 2
    operator.close()
