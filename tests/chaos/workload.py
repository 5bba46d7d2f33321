"""What the users do while things break."""

import time
from typing import Any, Callable

import httpx

from support.follower import Follower, StreamFollower
from support.load import Load, Operation, Worker
from support.work import make_project, make_task, make_template

from chaos.history import History
from chaos.roaming import Roaming, ask, offset, patiently


class ChaosWorker(Worker):
    """A user at any gateway. Beside its own work it applies templates, gives commands up without
    knowing what became of them, and shares timers with its twin at another device."""

    #: Longer than a round may take on a busy machine. Whether work goes on is asked after each.
    patience = 900.0

    def __init__(self, client: Roaming, of: "Organization", seed: int) -> None:
        super().__init__(client, client.user["email"], of.project, of.hot, seed)
        self._templates = of.templates
        self._clocked = of.clocked
        self._history = of.history
        self._device = seed

    def _token(self) -> str:
        """Of this device alone: a title that is there already would be no change."""
        return f"{super()._token()} at {self._device}"

    def kinds(self) -> list[tuple[Callable[[], None], int]]:
        more = [(self._apply, 8), (self._clock, 14), (self._give_up, 4), (self._look, 8)]
        return [*super().kinds(), *more]

    def _apply(self) -> None:
        """A task and the template's use, two streams in one commit."""
        body = {
            "project_id": self._project,
            "template_variables": {"feature": self._token(), "customer": self._token()},
        }
        path = f"/templates/{self._random.choice(self._templates)}/apply"
        done = self._do("POST", path, body, expect=(201,), events=2, stream="task-")
        self.tasks[done.answer["task_id"]] = done.answer["task"]

    def _clock(self) -> None:
        """A timer that both devices of the user press."""
        task = self._random.choice(self._clocked)
        if self._random.random() < 0.5:
            body = {"is_billable": True, "description": self._token()}
            self._do("POST", f"/tasks/{task}/time/start", body, expect=(201, 409))
        else:
            self._do("POST", f"/tasks/{task}/time/stop", None, expect=(200, 404))

    def _give_up(self) -> None:
        """Sent once; whatever is answered but success and refusal stays unknown."""
        body = {"project_id": self._project, "title": self._token()}
        what = Operation(
            self.organization, "POST", "/tasks", body, expect=(201,), user=self.client.user["id"]
        )
        self.operations.append(what)
        answer = self._try(what)
        if answer is not None and answer.status_code not in (401, 429) and (
                answer.status_code < 500):
            self._take(what, answer)

    def _look(self) -> None:
        """What the user has done shows, at whatever gateway the user asks."""
        task = self._any(self.tasks)
        if task is None:
            return
        known = self.tasks[task]["version"]
        begin = time.time()
        try:
            answer = self.client.send("GET", f"/tasks/{task}")
        except httpx.TransportError:
            self.client.move_on()
            return
        self._history.write(
            "query", user=self.client.user["id"], path=f"/tasks/{task}", place=self.client.url,
            begin=begin, end=time.time(), status=answer.status_code,
        )
        if answer.status_code == 401:
            self._sign_in()
        elif answer.status_code == 503:
            self.client.move_on()
        elif answer.status_code != 200:
            self.faults.append(f"GET {task} at {self.client.url}: {answer.status_code}")
        elif answer.json()["version"] < known:
            self.faults.append(
                f"GET {task} at {self.client.url}: version {answer.json()['version']} after {known}"
            )


class Organization:
    """Its users at work, followers of its feed, and what its history was when the load began."""

    def __init__(self, urls: list[str], seed: int, users: int, history: History) -> None:
        self.history = history
        self.owner = Roaming(urls, seed)
        patiently(self.owner.register, self.owner)
        self.id: str = self.owner.organization["id"]
        project = patiently(lambda: make_project(self.owner), self.owner)
        self.project: str = project["id"]

        def some(make: Callable[[], dict[str, Any]], count: int) -> list[str]:
            return [patiently(make, self.owner)["id"] for _ in range(count)]

        self.hot = some(lambda: make_task(self.owner, project), 2)
        self.clocked = some(lambda: make_task(self.owner, project), 2)
        self.templates = some(lambda: make_template(self.owner), 2)
        self.workers: list[ChaosWorker] = []
        for number in range(users):
            user = self.owner.newcomer()
            for device, client in enumerate([user, user.twin()]):
                self.workers.append(ChaosWorker(client, self, seed + 10 * number + device))
        self.before = self.events()
        last = self.before[-1]
        after = f"{last['partition']}@{last['offset']}"
        self.followers = [
            Follower(self.owner.twin(), after), StreamFollower(self.owner.twin(), after)
        ]

    def events(self) -> list[dict[str, Any]]:
        """The whole history, as far as any command of a user reached."""
        positions = [self.owner.position] + [each.client.position for each in self.workers]
        newest = max(positions, key=offset)
        answer = ask(
            self.owner, "/events", headers={"Accept": "application/x-ndjson"},
            min_position=newest,
        )
        return [httpx.Response(200, text=line).json() for line in answer.text.splitlines()]

    def close(self) -> None:
        for follower in self.followers:
            follower.close()
        self.owner.close()
        for worker in self.workers:
            worker.client.close()


class Workload:
    def __init__(self, organizations: list[Organization]) -> None:
        self.organizations = organizations
        self.workers = [worker for each in organizations for worker in each.workers]
        self.load = Load(list(self.workers))

    def answered(self) -> list[int]:
        """Commands that have their answer so far, by worker; but for the newest."""
        return [max(0, len(worker.operations) - 1) for worker in self.workers]

    def working(self) -> bool:
        """Whether nobody has given up for good."""
        return all(thread.is_alive() for thread in self.load.threads)
