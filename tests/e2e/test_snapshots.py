"""Snapshots are a shortcut and no truth: without them, and with those of another program, the
history alone gives the same state."""

from typing import Any, Callable

import pytest

from support.client import Client
from support.teamflow import Teamflow
from support.waiting import until
from support.work import make_project, make_task

TASKS = 100
ROUNDS = 12


def snapshots(server: Teamflow) -> dict[str, int]:
    """The format of each, by stream."""
    with server.database() as database:
        return dict(database.execute("select stream, format from teamflow.snapshots").fetchall())


class Office:
    """An organization with more history than is folded without a snapshot."""

    def __init__(self, owner: Client) -> None:
        self.owner = owner
        self.project = make_project(owner, key="SNAP")
        self.tasks = [make_task(owner, self.project)["id"] for _ in range(TASKS)]
        self.rounds = 0
        owner.post(f"/tasks/{self.tasks[0]}/time/start")
        for _ in range(ROUNDS):
            self.change_all()

    def change_all(self) -> None:
        self.rounds += 1
        changes = {"priority": ("low", "high")[self.rounds % 2]}
        owner = self.owner
        changed = owner.post("/tasks/bulk", {"task_ids": self.tasks, "changes": changes})["tasks"]
        assert {task["version"] for task in changed} == {1 + self.rounds}

    def check(self) -> None:
        """What is decided by the state of the organization and of single streams."""
        owner = self.owner
        busy = f"/tasks/{self.tasks[0]}/time/start"
        owner.refused(409, "timer_already_running", "POST", busy)
        again = {"name": "Another", "key": "SNAP"}
        owner.refused(409, "project_key_taken", "POST", "/projects", again)
        owner.refused(409, "project_not_empty", "DELETE", f"/projects/{self.project['id']}")
        one = f"/tasks/{self.tasks[1]}"
        late = owner.send("PATCH", one, {"title": "Late"}, if_match=f'"{self.rounds}"')
        assert late.status_code == 412 and late.headers["ETag"] == f'"{1 + self.rounds}"'
        self.change_all()


@pytest.mark.timeout(300)
def test_work_goes_on_without_snapshots_and_with_those_of_another_format(
    launch: Callable[..., Teamflow], log: str
) -> None:
    server = launch(log)
    with Client(server.url) as owner:
        owner.register()
        office = Office(owner)
        kept = until(lambda: snapshots(server), 60, "a snapshot of the organization")
        office.check()

        with server.database() as database:
            database.execute("truncate teamflow.snapshots")
        server.kill9()
        server.start()
        office.check()
        until(lambda: snapshots(server) == kept, 60, "the snapshot to be made anew")

        strange: dict[str, Any] = {
            "of an older program": "format = format - 1, state = '{\"members\": []}'",
            "of a newer program": "format = format + 1, state = '{}'",
            "unreadable": "state = '[1]'",
        }
        for what, change in strange.items():
            with server.database() as database:
                database.execute(f"update teamflow.snapshots set {change}")
            server.kill9()
            server.start()
            office.check()
            until(lambda: snapshots(server) == kept, 60, f"one {what} to be replaced")

        # One that can be used is used: a lie in it is believed, or nothing of this was tested.
        with server.database() as database:
            database.execute(
                "update teamflow.snapshots set state = replace(state::text, 'SNAP', 'LIED')::json"
            )
        server.kill9()
        server.start()
        make_project(owner, key="SNAP")
