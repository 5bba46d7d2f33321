"""What admins do with read models while people work: rebuild them, return to the one before, prove
them and mend them."""

import contextlib
import json
import os
import pty
import re
import subprocess
import threading
from typing import Any, Callable, Iterator

import pytest

from support import judge, tables
from support.client import Client
from support.command_line import run, teamflow
from support.load import Load, Worker
from support.operators import make_operator
from support.places import BINARY
from support.poison import poison
from support.teamflow import Teamflow
from support.waiting import until
from support.work import make_project, make_task
from support.world import World

SWAPS = {"postgres": 20, "kafka": 5}
NAMES = [
    "organizations", "users", "projects", "tasks", "time_logs", "timers", "templates", "activity",
]


class Office:
    """People at work, and others who look on all the time."""

    def __init__(self, server: Teamflow) -> None:
        self.owner = Client(server.url)
        self.owner.register()
        project = make_project(self.owner)
        self.project: str = project["id"]
        hot = [make_task(self.owner, project)["id"] for _ in range(2)]
        self.load = Load([])
        for number in range(2):
            user = self.owner.colleague("member")
            self.load.workers.append(
                Worker(user, user.user["email"], self.project, hot, 40 + number))
        self.looks = 0
        self.faults: list[str] = []
        self._stop = threading.Event()
        self._lookers = [
            threading.Thread(target=self._look, args=(Client(server.url),), daemon=True)
            for _ in range(2)
        ]

    def __enter__(self) -> "Office":
        self.load.start()
        for each in self._lookers:
            each.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        for each in self._lookers:
            each.join(60)
        self.load.settle()

    def _look(self, reader: Client) -> None:
        reader.login(self.owner.user["email"])
        total = 0
        while not self._stop.is_set():
            for path in ("/tasks?limit=5", f"/projects/{self.project}/board", "/time-logs?limit=5"):
                answer = reader.send("GET", path)
                if answer.status_code != 200:
                    self.faults.append(f"{path}: {answer.status_code} {answer.text}")
                self.looks += 1
            page = reader.get("/tasks?limit=200&status=todo")
            board = reader.get(f"/projects/{self.project}/board")
            if page["total"] < min(len(page["tasks"]), 200):
                self.faults.append(f"a page of {len(page['tasks'])} tasks of {page['total']}")
            count = sum(column["count"] for column in board["columns"])
            # Nobody deletes as much as a build that is empty or half full would lack.
            if count < total * 0.8:
                self.faults.append(f"{count} tasks after {total}")
            total = max(total, count)

    def check(self) -> None:
        """The read models against the history."""
        answer = self.owner.send("GET", "/events", headers={"Accept": "application/x-ndjson"})
        history = [json.loads(line) for line in answer.text.splitlines()]
        self.owner.position = f"{history[-1]['partition']}@{history[-1]['offset']}"
        shown = tables.collect(self.owner, self.project)
        assert not judge.read_models(shown, World(history))


def status(operator: Client, name: str) -> dict[str, Any]:
    answer: dict[str, Any] = operator.get(f"/admin/projections/{name}")
    return answer


def await_live(operator: Client, name: str) -> dict[str, Any]:
    """The newest rebuild, once it has ended."""
    def live() -> dict[str, Any] | None:
        found = status(operator, name)
        assert found["status"] != "failed", found
        return found if found["status"] == "live" else None

    until(live, 120, f"{name} to be live")
    newest: dict[str, Any] = operator.get(f"/admin/projections/{name}/rebuild")["rebuild"]
    return newest


@pytest.mark.timeout(400)
def test_swaps_under_load_are_seen_by_nobody(launch: Callable[..., Teamflow], log: str) -> None:
    server = launch(log)
    operator = make_operator(server)
    with Office(server) as office:
        until(lambda: office.load.answered > 50, 60)
        for number in range(SWAPS[log]):
            name = ("tasks", "time_logs", "projects", "timers")[number % 4]
            body = {"undo": number % 5 == 4}
            if body["undo"]:
                name = ("tasks", "time_logs", "projects", "timers")[(number - 1) % 4]
            answer = operator.post(f"/admin/projections/{name}/rebuild", body)
            assert answer["status"] != "live", answer
            found = await_live(operator, name)
            assert found["stage"] == "done"
            assert found["comparison"]["equal"], found
        looks = office.looks
        until(lambda: office.looks > looks, 60)
    assert not office.faults, office.faults[:5]
    assert not office.load.faults, office.load.faults
    office.check()
    for name in NAMES:
        proof = operator.post(f"/admin/projections/{name}/verify")
        assert proof["name"] == name and proof["equal"], proof
        assert proof["first_difference"] is None


@pytest.mark.parametrize(
    "point",
    ["rebuild.in_piece:2", "rebuild.before_swap:1", "rebuild.mid_swap:1", "rebuild.after_swap:1"],
)
def test_a_rebuild_survives_kill_9(launch: Callable[..., Teamflow], point: str) -> None:
    server = launch()
    office = Office(server)
    office.load.start()
    until(lambda: office.load.answered > 30, 60)
    office.load.settle()
    server.restart(FAILPOINT=point)
    teamflow("rebuild", "tasks", "--detach", "--data", str(server.data))
    server.wait_exit(60)
    server.start()
    operator = make_operator(server)
    found = await_live(operator, "tasks")
    assert found["stage"] == "done"
    assert "equal to a fresh fold" in teamflow("verify", "tasks", "--data", str(server.data)).stdout
    office.check()


def test_admins_hear_of_each_other(launch: Callable[..., Teamflow]) -> None:
    server = launch()
    operator = make_operator(server)
    data = ("--data", str(server.data))
    with server.database() as database:
        # Nobody takes the order before the second admin comes.
        database.execute("create table held as select * from teamflow.rebuilds")
        database.execute(
            "select * from teamflow.request_rebuild('tasks', 'operator Ada', 3600, false)")
        database.execute("update teamflow.rebuilds set lease_until = 'infinity'")
    refused = operator.send("POST", "/admin/projections/tasks/rebuild")
    assert refused.status_code == 409 and refused.json()["error"] == "rebuild_running"
    assert "Ada" in refused.json()["message"]
    second = teamflow("rebuild", "tasks", *data, expect=1)
    assert "operator Ada" in second.stderr
    assert status(operator, "tasks")["status"] == "rebuilding"
    paused = operator.post("/admin/projections/tasks/pause")
    assert paused["status"] == "paused"
    operator.post("/admin/projections/tasks/abort")
    with server.database() as database:
        database.execute("update teamflow.rebuilds set lease_until = '-infinity'")
    found = await_live(operator, "tasks")
    assert found["stage"] == "aborted"
    for act in ("pause", "resume", "abort"):
        operator.refused(409, "invalid_state", "POST", f"/admin/projections/tasks/{act}")
        operator.refused(404, "not_found", "POST", f"/admin/projections/taks/{act}")
    operator.refused(404, "not_found", "POST", "/admin/projections/taks/rebuild")
    operator.refused(404, "not_found", "POST", "/admin/projections/taks/verify")
    operator.refused(404, "not_found", "GET", "/admin/projections/taks/parked")
    operator.refused(404, "not_found", "GET", "/admin/projections/taks/rebuild")
    operator.refused(
        409, "invalid_state", "POST", "/admin/projections/tasks/rebuild", {"undo": True})
    wrong = operator.send(
        "POST", "/admin/projections/tasks/rebuild", {"keep_hours": -1, "dry": True})
    assert wrong.status_code == 422 and len(wrong.json()["errors"]) == 2
    plan = operator.send("POST", "/admin/projections/tasks/rebuild", {"dry_run": True})
    assert plan.status_code == 200 and plan.json()["name"] == "tasks"
    assert status(operator, "tasks")["status"] == "live"
    member = Client(server.url)
    member.register()
    member.refused(403, "forbidden", "POST", "/admin/projections/tasks/rebuild")


def test_what_is_wrong_is_named_and_mended(launch: Callable[..., Teamflow]) -> None:
    server = launch()
    owner = Client(server.url)
    owner.register()
    task = make_task(owner, make_project(owner))["id"]
    data = ("--data", str(server.data))
    assert owner.get(f"/tasks/{task}")["id"] == task
    with server.database() as database:
        database.execute("update tasks.task set title = 'planted' where id = %s", [task])
    found = run("verify", "tasks", *data)
    assert found.returncode == 1
    assert "DIFFERS" in found.stdout and "title" in found.stdout and task in found.stdout
    teamflow("verify", "tasks", "--repair", task, *data)
    teamflow("verify", "tasks", *data)
    assert owner.get(f"/tasks/{task}")["title"] != "planted"
    with server.database() as database:
        database.execute("delete from tasks.task where id = %s", [task])
    assert run("verify", "tasks", "--json", *data).returncode == 1
    teamflow("verify", "tasks", "--repair", owner.organization["id"], *data)
    teamflow("verify", "tasks", *data)
    assert "nobody's" in run("verify", "tasks", "--repair", "nobody's", *data).stderr
    assert "did you mean tasks" in teamflow("verify", "taks", *data, expect=2).stderr
    teamflow("verify", "--repair", task, *data, expect=2)


def test_poison_waits_apart_and_is_given_up(launch: Callable[..., Teamflow]) -> None:
    server = launch()
    operator = make_operator(server)
    owner = Client(server.url)
    owner.register()
    project = make_project(owner)
    task = make_task(owner, project)["id"]
    make_task(owner, project)
    data = ("--data", str(server.data))
    owner.patch(f"/tasks/{task}", {"title": "behind"})
    poison(server, task)
    teamflow("rebuild", "tasks", *data)
    parked = operator.get("/admin/projections/tasks/parked")["parked"]
    assert [each["type"] for each in parked] == ["task.task_created", "task.task_edited"]
    first = parked[0]
    assert first["key"] == f"task-{task}" and first["waiting"] == 2 and "task_id" in first["error"]
    path = f"/admin/projections/tasks/parked/{first['id']}"
    assert operator.get(path)["id"] == first["id"]
    assert status(operator, "tasks")["parked"] == 2
    again = operator.post(f"{path}/retry")
    assert again["applied"] == 0 and again["waiting"] == 2 and "task_id" in again["error"]
    assert operator.get(path)["attempt"] == 2
    operator.refused(422, "validation_failed", "POST", f"{path}/skip", {})
    given_up = operator.post(f"{path}/skip", {"reason": "broken by hand"})
    # What edits a task that is not there cannot be taken either.
    assert given_up["applied"] == 0 and given_up["waiting"] == 1
    operator.refused(404, "not_found", "POST", f"{path}/retry")
    left = teamflow("parked", "list", "tasks", "--json", *data).stdout.splitlines()
    second = json.loads(left[0])["id"]
    teamflow("parked", "skip", "tasks", second, "--reason", "its task is broken", *data)
    assert teamflow("parked", "list", *data).stdout == ""
    teamflow("verify", "tasks", *data)
    teamflow("rebuild", "tasks", *data)
    assert operator.get("/admin/projections/tasks/parked")["parked"] == []
    teamflow("parked", "retry", "tasks", "no-id", *data, expect=2)


def test_a_row_is_explained_by_its_events(launch: Callable[..., Teamflow]) -> None:
    server = launch()
    owner = Client(server.url)
    owner.register()
    project = make_project(owner)["id"]
    task = make_task(owner, {"id": project})["id"]
    owner.patch(f"/tasks/{task}", {"title": "Another"})
    owner.post(f"/tasks/{task}/time/start")
    owner.post(f"/tasks/{task}/time/stop")
    assert owner.get(f"/tasks/{task}")["title"] == "Another"
    data = ("--data", str(server.data))
    told = teamflow("explain", "tasks.task", task, "--json", *data).stdout.splitlines()
    assert [json.loads(line)["type"] for line in told] == [
        "task.task_created", "task.task_edited", "time.timer_started", "time.timer_stopped"]
    assert {json.loads(line)["actor"] for line in told} == {owner.user["id"]}
    board = teamflow("explain", "board", f"{project},todo", *data).stdout.splitlines()
    assert len(board) == 1 and "task.task_created" in board[0]
    missing = teamflow("explain", "board", "nobody's", *data, expect=1).stderr
    assert "no row" in missing and "a key is project_id,status" in missing
    unknown = teamflow("explain", "tasks.bord", "x", *data, expect=2).stderr
    assert "did you mean tasks.board?" in unknown
    assert "users" in teamflow("rebuild", "nonsense", *data, expect=2).stderr


def follow(client: Client, path: str, **parameters: str) -> Iterator[dict[str, Any]]:
    """Each state that the server sends; a ticket stands for the token."""
    headers = {"Accept": "text/event-stream"}
    if "ticket" not in parameters:
        headers["Authorization"] = f"Bearer {client.token}"
    with client.http.stream(
        "GET", f"/api/v1{path}", headers=headers, params=parameters
    ) as stream:
        assert stream.status_code == 200, stream.read()
        assert stream.headers["Content-Type"] == "text/event-stream"
        for line in stream.iter_lines():
            if line.startswith("data: "):
                yield json.loads(line[6:])


def test_a_rebuild_is_followed(launch: Callable[..., Teamflow]) -> None:
    server = launch()
    operator = make_operator(server)
    owner = Client(server.url)
    owner.register()
    make_task(owner, make_project(owner))
    assert owner.get("/tasks")["total"] == 1
    path = "/admin/projections/tasks/rebuild"
    states = follow(operator, path)
    everything = follow(operator, "/admin/projections", ticket=operator.ticket("sse"))
    first = next(states)
    assert list(first) == ["name", "status", "rebuild", "undo_until"]
    assert first["name"] == "tasks" and first["status"] == "live" and first["rebuild"] is None
    listed = next(everything)["projections"]
    everything.close()
    assert {each["name"] for each in listed} == set(NAMES)
    assert list(listed[0]) == [
        "name", "version", "status", "lag_events", "lag_seconds", "position", "parked", "rebuild"]
    operator.post(path, {"keep_hours": 1})
    seen = [next(states)]
    while seen[-1]["rebuild"]["stage"] != "done":
        seen.append(next(states))
    states.close()
    for earlier, later in zip(seen, seen[1:]):
        assert earlier != later
    assert {each["status"] for each in seen[:-1]} <= {
        "rebuilding", "catching_up", "comparing", "swapping"}
    last = seen[-1]
    assert last == operator.get(path)
    assert last["status"] == "live" and last["undo_until"] and last["rebuild"]["percent"] == 100
    assert set(last["rebuild"]["partitions"].values()) == {100}
    accept = {"Accept": "text/event-stream"}
    problem = operator.refused(
        404, "not_found", "GET", "/admin/projections/taks/rebuild", headers=accept)
    assert "did you mean tasks" in problem["detail"]
    operator.refused(422, "validation_failed", "GET", f"{path}?tickt=x", headers=accept)
    owner.refused(403, "forbidden", "GET", path, headers=accept)


def test_a_terminal_shows_a_bar(launch: Callable[..., Teamflow]) -> None:
    server = launch()
    ours, its = pty.openpty()
    command = [str(BINARY), "rebuild", "tasks", "--data", str(server.data)]
    with server.database() as database, database.transaction():
        # A fold begins with it, and waits.
        database.execute("lock table teamflow.skipped_commits in access exclusive mode")
        watching = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=its, text=True)
        os.close(its)
        shown = b""
        while b"slowest" not in shown:
            shown += os.read(ours, 4096)
    with watching:
        # The end of a terminal is an error.
        with contextlib.suppress(OSError):
            while piece := os.read(ours, 4096):
                shown += piece
        assert watching.stdout is not None
        assert watching.stdout.read() == "tasks: the new build is live\n"
    os.close(ours)
    assert watching.returncode == 0
    lines = shown.decode().replace("\r\n", "").split("\r")[1:]
    assert lines and not any("\n" in line for line in lines), shown
    shape = re.compile(
        r"tasks \w+ +\[#* *\] +[\d.]+ % +\d+ events/s (\d+ s|\?) left(, slowest \d+ at [\d.]+ %)?")
    assert all(shape.match(line) for line in lines), lines


def test_wrong_use_and_no_database() -> None:
    nowhere = ("--postgres-url", "postgresql://nobody@127.0.0.1:1/none")
    assert run("rebuild", "tasks", *nowhere).returncode == 1
    teamflow("rebuild", *nowhere, expect=2)
    teamflow("rebuild", "tasks", "--all", *nowhere, expect=2)
    teamflow("rebuild", "tasks", "--undo", "--abort", *nowhere, expect=2)
