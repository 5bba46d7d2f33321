"""What the users do while things break."""

import time
from typing import Any, Callable

import httpx

from support.follower import Follower, StreamFollower
from support.load import Load, Operation, Worker
from support.work import make_project, make_task, make_template

from chaos.exports import Exporter
from chaos.history import NOBODYS, History
from chaos.roaming import Roaming, ask, offset, patiently


class ChaosWorker(Worker):
    """A user at any gateway. Beside its own work it applies templates, gives commands up without
    knowing what became of them, and shares timers with its twin at another device."""

    #: Longer than a round may take on a busy machine. Whether work goes on is asked after each.
    patience = 900.0

    def __init__(self, client: Roaming, of: "Organization", seed: int, device: str) -> None:
        super().__init__(client, client.user["email"], of.project, of.hot, seed)
        self._templates = of.templates
        self._clocked = of.clocked
        self._history = of.history
        self._device = device
        self._keys = 0

    def _token(self) -> str:
        """Of this device alone: a title that is there already would be no change. The organization
        that mirrors this one says the same."""
        self._count += 1
        return f"{self._count} at {self._device}"

    def _key(self) -> str:
        """The users of a mirrored organization use the same ones."""
        self._keys += 1
        return f"{self._device} {self._keys}".replace(" ", "-")

    def kinds(self) -> list[tuple[Callable[[], None], int]]:
        more = [(self._apply, 8), (self._clock, 14), (self._give_up, 4), (self._look, 8),
                # With the plain worker's: about every third command comes again.
                (self._repeat, 80)]
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
            self.organization, "POST", "/tasks", body, expect=(201,), user=self.client.user["id"],
            key=self._key(),
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


class Manager(ChaosWorker):
    """The owner, who changes what the others only use: a project and a template of its own, the
    organization, its members and invitations, and the own name."""

    def __init__(self, client: Roaming, of: "Organization", seed: int) -> None:
        super().__init__(client, of, seed, "desk")
        self._guest = of.guest
        self._side = {"id": of.side, "archived": False}
        self._draft = {"id": of.draft, "is_active": True}

    def kinds(self) -> list[tuple[Callable[[], None], int]]:
        return [
            (self._edit_project, 4), (self._archive, 2), (self._edit_template, 4),
            (self._switch, 2), (self._settle, 4), (self._change_guest, 4), (self._invite, 4),
            (self._rename, 4), (self._repeat, 12), (self._rest, 30),
        ]

    def _rest(self) -> None:
        """The others are to have most of the work."""
        time.sleep(0.05)

    def _edit_project(self) -> None:
        body = {"name": self._token(), "description": self._random.choice([None, self._token()]),
                "colour": self._random.choice([None, "#00ff7f", "#123456"])}
        self._do("PATCH", f"/projects/{self._side['id']}", body, expect=(200,))

    def _archive(self) -> None:
        self._side["archived"] = not self._side["archived"]
        body = {"archived": self._side["archived"]}
        self._do("PATCH", f"/projects/{self._side['id']}", body, expect=(200,))

    def _edit_template(self) -> None:
        body = {
            "name": self._token(), "category": self._random.choice([None, "design"]),
            "description": self._random.choice([None, self._token()]),
            "template_data": {
                "title_template": self._token(), "tags": ["z", "a"], "checklist": [self._token()],
                "estimated_hours": self._random.choice([None, 0.5, 3]),
            },
        }
        self._do("PATCH", f"/templates/{self._draft['id']}", body, expect=(200,))

    def _switch(self) -> None:
        self._draft["is_active"] = not self._draft["is_active"]
        body = {"is_active": self._draft["is_active"]}
        self._do("PATCH", f"/templates/{self._draft['id']}", body, expect=(200,))

    def _settle(self) -> None:
        body = {"name": self._token(), "max_concurrent_generations": self._random.randrange(1, 100)}
        self._do("PATCH", f"/organizations/{self.organization}", body, expect=(200,))

    def _change_guest(self) -> None:
        """Whoever is a viewer afterwards was a member before, or the other way round."""
        self._guest["role"] = "member" if self._guest["role"] == "viewer" else "viewer"
        body = {"role": self._guest["role"]}
        self._do("PATCH", f"/users/{self._guest['id']}", body, expect=(200,))

    def _invite(self) -> None:
        body = {"email": f"{self._key()}@example.org", "role": "viewer"}
        done = self._do("POST", "/invitations", body, expect=(201,))
        if self._random.random() < 0.5:
            path = f"/invitations/{done.answer['invitation']['id']}"
            self._do("DELETE", path, None, expect=(204,))

    def _rename(self) -> None:
        """Accounts belong to no organization: what was seen of this one stays seen."""
        seen = self.client.position
        what = Operation(
            NOBODYS, "PATCH", "/me", {"name": self._token()}, expect=(200,),
            user=self.client.user["id"], key=self._key(),
        )
        self._perform(what)
        self.client.position = seen


class Organization:
    """Its users at work, followers of its feed, and what its history was when the load began. Those
    of one `name` have the same names and keys throughout."""

    def __init__(
        self, urls: list[str], seed: int, users: int, history: History, name: str
    ) -> None:
        self.history = history
        self.owner = Roaming(urls, seed)
        patiently(lambda: self.owner.register(organization_name=name, name="Owner"), self.owner)
        self.id: str = self.owner.organization["id"]
        project = patiently(lambda: make_project(self.owner, name="Main", key="MAIN"), self.owner)
        self.project: str = project["id"]

        def some(make: Callable[[], dict[str, Any]], count: int) -> list[str]:
            return [patiently(make, self.owner)["id"] for _ in range(count)]

        self.hot = some(lambda: make_task(self.owner, project), 2)
        self.clocked = some(lambda: make_task(self.owner, project), 2)
        *self.templates, self.draft = some(lambda: make_template(self.owner), 3)
        [self.side] = some(lambda: make_project(self.owner, name="Side", key="SIDE"), 1)
        guest = self.owner.newcomer("viewer")
        self.guest = {"id": guest.user["id"], "role": "viewer"}
        guest.close()
        self.workers: list[ChaosWorker] = [Manager(self.owner.twin(), self, seed + 500)]
        for number in range(users):
            user = self.owner.newcomer()
            for device, client in enumerate([user, user.twin()]):
                place = 2 * number + device
                self.workers.append(
                    ChaosWorker(client, self, seed + 10 * number + device, f"device {place}"))
        self.before = self.events()
        last = self.before[-1]
        after = f"{last['partition']}@{last['offset']}"
        self.followers = [
            Follower(self.owner.twin(), after), StreamFollower(self.owner.twin(), after)
        ]
        self.exporter = Exporter(self.owner.twin(), self.newest, history)

    def newest(self) -> str:
        """The position up to which any command of the organization reached. From any thread: a
        worker that is changing its account has one of another partition for that time."""
        known = [self.owner.position, *(each.client.position for each in self.workers)]
        partition = self.owner.position.split("@")[0]
        return max((each for each in known if each.split("@")[0] == partition), key=offset)

    def events(self) -> list[dict[str, Any]]:
        """The whole history, as far as any command of a user reached."""
        answer = ask(
            self.owner, "/events", headers={"Accept": "application/x-ndjson"},
            min_position=self.newest(),
        )
        return [httpx.Response(200, text=line).json() for line in answer.text.splitlines()]

    def close(self) -> None:
        self.exporter.close()
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
