"""Two gateways: on the embedded log one owns it, on Kafka each owns its share. What is sent to one
that is not the owner comes out the same, also while owners die."""

import json
import random
import re
import sys
import time
import uuid
from typing import Any, Callable, Iterator

import httpx
import pytest

from support import judge
from support.client import PASSWORD, Client
from support.follower import Follower
from support.load import Load, Worker
from support.metrics import Metrics
from support.roles import Role, owned_at, role_beside
from support.teamflow import Teamflow
from support.waiting import until
from support.work import make_project, make_task

MONDAY = {"start_time": "2026-11-16T09:00:00.000Z", "end_time": "2026-11-16T10:30:00.000Z"}
COMPARED_HEADERS = ["ETag", "Location", "Event-Position", "Idempotency-Replayed", "Content-Type",
                    "Retry-After"]


@pytest.fixture
def beside() -> Iterator[Callable[..., Role]]:
    """Starts processes beside a server; they end with the test."""
    started: list[Role] = []

    def start(server: Teamflow, role: str = "gateway") -> Role:
        started.append(role_beside(server, role))
        started[-1].start()
        if role == "gateway" and server.log == "kafka":
            both = [server.url, started[-1].url]
            until(lambda: [len(owned_at(url)) for url in both] == [6, 6], 30, "each to own a half")
        return started[-1]

    yield start
    for each in started:
        each.close()


class Recorder:
    """A user whose commands are written down with their answers, so that two runs of the same
    commands can be compared: ids and addresses become the number of their appearance."""

    def __init__(self, client: Client, paths: set[tuple[str, str]]) -> None:
        self.client = client
        self.answers: list[Any] = []
        self.paths = paths
        self._names: dict[str, str] = {}

    def send(
        self, method: str, path: str, body: Any = None, key: str = "", **options: Any
    ) -> httpx.Response:
        answer = self.client.send(method, path, body, key=key, **options)
        template = re.sub(r"[0-9a-f]{8}-[0-9a-f-]{27}", "{id}", path)
        if answer.is_success:
            self.paths.add((method.lower(), "/api/v1" + template))
        headers = {name: answer.headers.get(name) for name in COMPARED_HEADERS}
        if headers["Event-Position"]:
            headers["Event-Position"] = "given"
        body = answer.json() if answer.content else None
        if isinstance(body, dict):
            body.pop("request_id", None)
            for name in ("access_token", "refresh_token", "token"):
                body.pop(name, None)
        text = json.dumps([method, template, answer.status_code, headers, body], sort_keys=True)
        self.answers.append(self._without_accidents(text))
        return answer

    def _without_accidents(self, text: str) -> str:
        name = r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}|[\w.-]+@example\.org"
        text = re.sub(
            name, lambda found: self._names.setdefault(found[0], f"#{len(self._names)}"), text
        )
        text = re.sub(r"\d{4}-\d\d-\d\dT[\d:.]+Z", "then", text)
        return re.sub(r'"duration_(seconds|hours)": [\d.]+', "", text)

    def made(self, method: str, path: str, body: Any = None, **options: Any) -> Any:
        answer = self.send(method, path, body, **options)
        assert answer.is_success, (method, path, body, answer.text)
        return answer.json() if answer.content else None

    def refused(self, status: int, *request: Any, **options: Any) -> None:
        answer = self.send(*request, **options)
        assert answer.status_code == status, (request, answer.text)

    def repeated(self, method: str, path: str, body: Any = None) -> Any:
        """With a key, twice: the same answer, marked as such."""
        key = uuid.uuid4().hex
        first = self.send(method, path, body, key=key)
        again = self.send(method, path, body, key=key)
        assert first.is_success and again.status_code == first.status_code, first.text
        assert again.headers.get("Idempotency-Replayed") == "true", again.headers
        for name in ("ETag", "Event-Position", "Location"):
            assert again.headers.get(name) == first.headers.get(name), (path, name)
        if not path.startswith("/auth"):
            assert again.content == first.content, path
        return first.json() if first.content else None


def every_kind_of_command(
    gateways: tuple[str, str], at_the_owner: bool
) -> tuple[list[Any], set[tuple[str, str]]]:
    """All commands of the API, accepted and refused, and all their answers: sent to the gateway
    that owns their organization's partition, or to the other one. On the embedded log it is the
    first one that owns them all."""
    paths: set[tuple[str, str]] = set()
    owner = Recorder(Client(gateways[0 if at_the_owner else 1]), paths)
    number = uuid.uuid4().hex[:12]
    session = owner.repeated("POST", "/auth/register", {
        "organization_name": "Ink", "email": f"owner-{number}@example.org", "name": "Olga",
        "password": PASSWORD})
    owner.client._take_session(session)
    owner.client.move_to(of_organization(owner.client, gateways)[0 if at_the_owner else 1])
    settings(owner, number)
    projects(owner)
    tasks(owner)
    templates(owner)
    timers(owner)
    owner.client.close()
    return owner.answers, paths


def settings(owner: Recorder, number: str) -> None:
    organization = owner.client.organization["id"]
    owner.repeated("PATCH", f"/organizations/{organization}", {"name": "Ink & Paper"})
    owner.made("PATCH", "/me", {"name": "Olga B."})
    owner.refused(422, "PATCH", f"/organizations/{organization}", {"time_zone": "Nowhere/Town"})
    changed = {"current_password": PASSWORD, "new_password": PASSWORD + "!"}
    owner.made("POST", "/me/password", changed)
    owner.client.login(f"owner-{number}@example.org", PASSWORD + "!")
    invited = {"email": f"guest-{number}@example.org", "role": "member"}
    first = owner.made("POST", "/invitations", invited)
    owner.made("DELETE", f"/invitations/{first['invitation']['id']}")
    second = owner.made("POST", "/invitations", invited)
    guest = Recorder(Client(owner.client.url), owner.paths)
    accepted = {"token": second["token"], "name": "Gus", "password": PASSWORD}
    joined = guest.made("POST", "/invitations/accept", accepted)
    owner.answers += guest.answers
    guest.client.close()
    user = joined["user"]["id"]
    owner.made("PATCH", f"/users/{user}", {"role": "viewer"})
    me = owner.client.user["id"]
    owner.refused(409, "PATCH", f"/users/{me}", {"role": "member"})


def projects(owner: Recorder) -> None:
    project = owner.repeated("POST", "/projects", {"name": "Website", "key": "WEB"})
    path = f"/projects/{project['id']}"
    owner.refused(409, "POST", "/projects", {"name": "Other", "key": "WEB"})
    owner.made("PATCH", path, {"description": "ßü時", "colour": "#1e90ff"}, if_match='"1"')
    owner.refused(412, "PATCH", path, {"name": "Late"}, if_match='"1"')
    owner.made("PATCH", path, {"description": None})
    owner.made("DELETE", path)
    owner.refused(404, "PATCH", path, {"name": "Gone"})


def tasks(owner: Recorder) -> None:
    project = owner.made("POST", "/projects", {"name": "Shop", "key": "SHOP"})["id"]
    task = owner.repeated("POST", "/tasks", {
        "project_id": project, "title": "Sell", "description": 'a "quote"\n\tand more',
        "tags": ["a", "b"], "due_date": "2026-12-24", "estimated_hours": 1.25,
        "checklist": [{"text": "one"}, {"text": "two", "done": True}]})
    path = f"/tasks/{task['id']}"
    other = owner.made("POST", "/tasks", {"project_id": project, "title": "Buy"})["id"]
    owner.refused(422, "POST", "/tasks", {"project_id": str(uuid.uuid4()), "title": "Lost"})
    owner.refused(412, "PATCH", path, {"title": "Late"}, if_match='"7"')
    owner.made("PATCH", path, {"priority": "high", "due_date": None, "status": "in_progress"})
    owner.made("PATCH", f"/tasks/{other}", {"status": "in_progress"})
    # What stands beside the neighbour comes from the board's read model.
    owner.client.get(f"/projects/{project}/board")
    owner.made("POST", f"{path}/move", {"after_id": other})
    owner.repeated("POST", "/tasks/bulk", {
        "task_ids": [task["id"], other], "changes": {"tags": ["all"], "estimated_hours": None}})
    owner.made("DELETE", path)
    owner.refused(404, "PATCH", path, {"title": "Gone"})
    owner.made("POST", f"{path}/restore")


def templates(owner: Recorder) -> None:
    project = owner.made("POST", "/projects", {"name": "Sprints", "key": "SPR"})["id"]
    template = owner.made("POST", "/templates", {
        "name": "Sprint task", "template_data": {
            "title_template": "Implement {feature}", "checklist": ["Write {feature}"],
            "assignee_criteria": {"role": "owner"}}})
    path = f"/templates/{template['id']}"
    owner.made("PATCH", path, {"description": "often", "category": None})
    use = {"project_id": project, "template_variables": {"feature": "search"}}
    owner.made("POST", f"{path}/preview", use)
    owner.repeated("POST", f"{path}/apply", use)
    owner.refused(422, "POST", f"{path}/apply", {**use, "template_variables": {}})
    owner.made("DELETE", path)
    owner.refused(409, "POST", f"{path}/apply", use)


def timers(owner: Recorder) -> None:
    project = owner.made("POST", "/projects", {"name": "Hours", "key": "HRS"})["id"]
    task = owner.made("POST", "/tasks", {"project_id": project, "title": "Work"})["id"]
    path = f"/tasks/{task}"
    owner.refused(404, "POST", f"{path}/time/stop")
    started = owner.repeated("POST", f"{path}/time/start", {"description": "secret ßtalk時"})
    assert started["description"] == "secret ßtalk時"
    owner.refused(409, "POST", f"{path}/time/start", {})
    log = owner.repeated("PATCH", f"/time-logs/{started['time_log_id']}", {"category": "meeting"})
    assert log["description"] == "secret ßtalk時"
    owner.repeated("POST", f"{path}/time/stop")
    owner.made("POST", f"{path}/time/start")
    owner.made("POST", f"{path}/time/discard")
    added = owner.repeated("POST", f"{path}/time-logs", {**MONDAY, "description": "on paper"})
    assert added["description"] == "on paper"
    changed = owner.made("PATCH", f"/time-logs/{added['id']}", {"description": "in ink"})
    assert changed["description"] == "in ink"
    cleared = owner.made("PATCH", f"/time-logs/{added['id']}", {"description": None})
    assert cleared["description"] is None
    owner.refused(422, "POST", f"{path}/time-logs", {
        "start_time": MONDAY["end_time"], "end_time": MONDAY["start_time"]})
    owner.made("DELETE", f"/time-logs/{added['id']}")


def commands_of(url: str) -> set[tuple[str, str]]:
    document = httpx.get(url + "/openapi.json").json()
    return {
        (method, re.sub(r"\{\w+\}", "{id}", path))
        for path, operations in document["paths"].items()
        for method, operation in operations.items()
        if {"$ref": "#/components/parameters/Idempotency-Key"} in operation["parameters"]
    }


def of_organization(user: Client, gateways: tuple[str, str]) -> tuple[str, str]:
    """The gateway that owns the partition of a user's organization, and the other one."""
    partition = int(user.position.split("@")[0])
    first, second = gateways
    return gateways if partition in owned_at(first) else (second, first)


def forwarded(url: str) -> float:
    with Client(url) as anybody:
        return Metrics(anybody).sum("teamflow_commands_forwarded_total")


def test_every_command_through_the_other_gateway_answers_the_same(
    launch: Callable[..., Teamflow], beside: Callable[..., Role], log: str
) -> None:
    first = launch(log)
    gateways = first.url, beside(first).url

    def forwarded_by_both() -> float:
        return forwarded(gateways[0]) + forwarded(gateways[1])

    expected, paths = every_kind_of_command(gateways, at_the_owner=True)
    assert paths == commands_of(first.url)
    before = forwarded_by_both()
    # On Kafka, accounts may have another owner than the organization.
    assert before == 0 or log == "kafka"
    answers, _ = every_kind_of_command(gateways, at_the_owner=False)
    for answer, known in zip(answers, expected, strict=True):
        assert answer == known
    assert forwarded_by_both() - before >= len(paths)


def test_a_key_works_once_whichever_gateway_takes_it(
    launch: Callable[..., Teamflow], beside: Callable[..., Role], log: str
) -> None:
    server = launch(log)
    both = server.url, beside(server).url
    with Client(both[1]) as user:
        user.register()
        owner, other = of_organization(user, both)
        user.move_to(other)
        body = {"name": "Website", "key": "WEB"}
        first = user.send("POST", "/projects", body, key="k")
        assert first.status_code == 201, first.text
        for url in (owner, other):
            user.move_to(url)
            again = user.send("POST", "/projects", body, key="k")
            assert (again.status_code, again.content) == (201, first.content)
            assert again.headers["Idempotency-Replayed"] == "true"
            assert again.headers["Event-Position"] == first.headers["Event-Position"]
            user.refused(422, "idempotency_key_reused", "POST", "/projects",
                         {**body, "name": "Webshop"}, key="k")
        assert user.get("/projects")["total"] == 1


def test_what_one_gateway_acknowledged_is_there_at_the_other(
    launch: Callable[..., Teamflow], beside: Callable[..., Role], log: str
) -> None:
    server = launch(log, arguments=["--rate-limit.token", "0", "--rate-limit.auth", "0"])
    other = beside(server)
    for first, second in [(server, other), (other, server)] * 5:
        with Client(first.url) as user:
            email = user.register()["user"]["email"]
            user.move_to(second.url)
            assert len(user.login(email)["memberships"]) == 1
            make_project(user)
            invited = user.post("/invitations", {"email": f"x{email}", "role": "member"})
            user.move_to(first.url)
            with Client(first.url) as guest:
                joined = guest.post("/invitations/accept", {
                    "token": invited["token"], "name": "New", "password": PASSWORD})
                assert len(joined["memberships"]) == 1
            assert user.get("/projects")["total"] == 1


def test_ids_of_a_request_reach_its_events_and_the_owners_log(
    launch: Callable[..., Teamflow], beside: Callable[..., Role], log: str
) -> None:
    server = launch(log)
    other = beside(server)
    both = {server.url: server.output, other.url: other.output}
    request, trace = str(uuid.uuid4()), "0af7651916cd43dd8448eb211c80319c"
    headers = {"X-Request-ID": request, "traceparent": f"00-{trace}-b7ad6b7169203331-01"}
    with Client(other.url) as user:
        user.register()
        owner, stranger = of_organization(user, (server.url, other.url))
        user.move_to(stranger)
        user.post("/projects", {"name": "Website"}, headers=headers, expect=201)
        event = user.get(f"/events?correlation_id={request}")["events"][0]
        assert event["type"] == "project.project_created"

    def told() -> bool:
        lines = both[owner].read_text().splitlines()
        return any(request in each and trace in each for each in lines)

    until(told, 10, "the owner's log to name the request")
    assert not any("Website" in output.read_text() for output in both.values())


def test_the_way_between_gateways_is_no_path_for_anybody_else(
    launch: Callable[..., Teamflow]
) -> None:
    with Client(launch().url) as anybody:
        def answer(path: str, method: str, **options: Any) -> tuple[Any, ...]:
            got = anybody.send(method, path, base="", **options)
            body = {**got.json(), "request_id": ""} if got.content else None
            fields = {k: v for k, v in got.headers.items() if k not in ("date", "x-request-id")}
            return got.status_code, fields, body

        attempts: list[tuple[str, dict[str, Any]]] = [
            ("POST", {"content": b"{}"}), ("GET", {}), ("OPTIONS", {}), ("DELETE", {}),
            ("POST", {"content": b"{}", "headers": {"Teamflow-Signature": "0" * 64}}),
            ("POST", {"content": b"no json", "headers": {"Teamflow-Signature": ""}}),
            ("POST", {"content": b"x" * 100_000}), ("POST", {}),
        ]
        for method, options in attempts:
            got = answer("/internal/commands", method, **options)
            assert got == answer("/internal/nothing", method, **options), (method, options)
            assert got[0] == 404
        assert "/internal/commands" not in anybody.get("/openapi.json", base="")["paths"]


class Organization:
    """Users at work at one gateway, and a follower of their feed."""

    def __init__(self, url: str, seed: int) -> None:
        self.owner = Client(url)
        self.owner.register()
        project = make_project(self.owner)
        hot = [make_task(self.owner, project)["id"] for _ in range(2)]
        self.workers = []
        for number in range(3):
            user = self.owner.colleague("member")
            email = user.user["email"]
            self.workers.append(Worker(user, email, project["id"], hot, seed + number))
        self.before = self.history()
        last = self.before[-1]
        self.follower = Follower(self.owner, f"{last['partition']}@{last['offset']}")

    def history(self) -> list[dict[str, Any]]:
        answer = self.owner.send("GET", "/events", headers={"Accept": "application/x-ndjson"})
        assert answer.status_code == 200, answer.text
        return [json.loads(line) for line in answer.text.splitlines()]

    def faults(self) -> list[str]:
        history = self.history()
        since = history[len(self.before):]
        last = f"{history[-1]['partition']}@{history[-1]['offset']}"
        operations = [each for worker in self.workers for each in worker.operations]
        found = judge.effects(operations, since) + judge.versions(history)
        if history[: len(self.before)] != self.before:
            found.append("history was rewritten")
        until(lambda: self.follower.reached(last), 30, f"the feed to reach {last}")
        return found + judge.delivered(self.follower.messages, since)

    def close(self) -> None:
        self.follower.close()
        for user in (self.owner, *(worker.client for worker in self.workers)):
            user.close()


@pytest.mark.timeout(300)
def test_nothing_is_lost_or_doubled_while_owners_change(
    launch: Callable[..., Teamflow], beside: Callable[..., Role], log: str
) -> None:
    """One gateway ends under load through both, and the other one takes over; then the first comes
    back and the other one ends, and so on. Workers fail at any 4xx that is not due."""
    seed = random.randrange(1 << 30)
    print(f"seed {seed}", file=sys.stderr)
    first = launch(log, arguments=["--rate-limit.token", "0", "--rate-limit.auth", "0"])
    second = beside(first)
    beside(first, "projector")
    organizations = [Organization(second.url, seed), Organization(first.url, seed + 10)]
    load = Load([worker for each in organizations for worker in each.workers])
    try:
        for end, ended in (
            (first.kill9, first), (second.stop, second), (first.kill9, first),
            (second.kill9, second),
        ):
            load.start()
            goal = load.answered + 150
            until(lambda: load.answered >= goal, 60, "work to be done")
            end()
            # Half of the users talk to the gateway that is left.
            goal = load.answered + 150
            until(lambda: load.answered >= goal, 60, "the other gateway to take over")
            ended.start()
            load.settle()
            faults = load.faults
            for each in organizations:
                faults += each.faults()
            assert not faults, "\n".join(faults[:20])
        replayed = [each for each in load.operations if each.attempts > 1 and each.replayed]
        again = [each for each in load.operations if each.attempts > 1]
        print(
            f"{len(load.operations)} commands, {len(again)} sent again by their clients, of these "
            f"{len(replayed)} had happened; {forwarded(second.url):.0f} forwarded since the last "
            "start", file=sys.stderr,
        )
    finally:
        for each in organizations:
            each.close()


def test_without_an_owner_commands_wait_and_are_told_so(
    launch: Callable[..., Teamflow], beside: Callable[..., Role]
) -> None:
    """A frozen owner keeps its lock, so that nobody takes over: a command with a key waits, and is
    not known to have happened until it answers."""
    owner = launch()
    other = beside(owner)
    with Client(other.url) as user:
        user.register()
        owner.pause()
        began = time.monotonic()
        refused = user.send("POST", "/projects", {"name": "Website"}, key="k")
        assert refused.status_code == 503, refused.text
        assert refused.json()["error"] == "outcome_unknown"
        assert int(refused.headers["Retry-After"]) >= 1
        assert time.monotonic() - began < 30
        # Queries need no owner (but the projector is frozen with it).
        assert user.get("/projects", min_position="")["total"] == 0
        owner.resume()
        user.post("/projects", {"name": "Website"}, key="k", expect=201)
        assert user.get("/projects")["total"] == 1
