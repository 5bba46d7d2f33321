"""What belongs to another organization is not there: wherever an id can stand, its answer is that
for an id of nothing, to the letter."""

import json
import re
import uuid
from typing import Any, Iterator
from urllib.parse import urlencode

import pytest

from support.client import Client
from support.raw import Answer, RawClient
from support.surface import Operation, Place, example, operations, read_document
from support.teamflow import Teamflow

DOCUMENT = read_document()
OPERATIONS = [each for each in operations() if each.needs_token and not each.is_websocket]
UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")


class Neighbour:
    """Somebody who tries ids that are none of theirs."""

    def __init__(self, url: str, who: Client) -> None:
        self.place = Place(who)
        self._token = who.token
        self._raw = RawClient(url)

    def send(
        self, operation: Operation, path: str, body: Any = None, query: str = ""
    ) -> Answer:
        headers = [("Authorization", f"Bearer {self._token}")]
        content = None
        if operation.sends:
            headers.append(("Content-Type", "application/json"))
            content = json.dumps(body or {}).encode()
        return self._raw.send(operation.method, path + query, content, headers)

    def close(self) -> None:
        self._raw.close()


@pytest.fixture(scope="module")
def people(server: Teamflow) -> Iterator[tuple[Place, Neighbour]]:
    with Client(server.url) as victim, Client(server.url) as other:
        victim.register()
        other.register()
        neighbour = Neighbour(server.url, other)
        yield Place(victim), neighbour
        neighbour.close()


def essence(answer: Answer) -> tuple[Any, ...]:
    """All of an answer but the ids that it repeats and what tells requests apart."""
    text = UUID.sub("<id>", answer.content.decode())
    names = sorted(name.lower() for name in answer.headers)
    return answer.status, names, text


def body_of(operation: Operation, place: Place) -> dict[str, Any]:
    """What the schema takes, about things of one's own."""
    body = example(DOCUMENT, operation.body or {"type": "object"})
    if "project_id" in body:
        body["project_id"] = place.project["id"]
    return body


def test_ids_in_paths(people: tuple[Place, Neighbour]) -> None:
    victim, neighbour = people
    tried = 0
    for operation in OPERATIONS:
        for name in operation.ids:
            foreign = victim.id_under(operation.path, name)
            assert foreign is not None, f"{operation.path}: what is {name}?"
            body = body_of(operation, neighbour.place)
            query = "?" + urlencode(operation.needed)
            answers = [
                neighbour.send(
                    operation, neighbour.place.path(operation, **{name: value}), body, query
                )
                for value in (foreign, str(uuid.uuid4()))
            ]
            assert answers[0].status in (403, 404), (operation.name, answers)
            assert essence(answers[0]) == essence(answers[1]), operation.name
            tried += 1
    assert tried > 20


def test_ids_in_bodies(people: tuple[Place, Neighbour]) -> None:
    victim, neighbour = people
    foreign = {
        "project_id": victim.project["id"],
        "parent_task_id": victim.task["id"],
        "after_id": victim.task["id"],
        "before_id": victim.task["id"],
        "task_ids": victim.task["id"],
        "assignee_id": victim.owner.user["id"],
        "user_id": victim.owner.user["id"],
        "organization_id": victim.owner.organization["id"],
    }
    tried = set()
    for operation in OPERATIONS:
        for name, schema in (operation.body or {}).get("properties", {}).items():
            if "uuid" not in (schema.get("format"), schema.get("items", {}).get("format")):
                continue
            answers = []
            for value in (foreign[name], str(uuid.uuid4())):
                body = body_of(operation, neighbour.place)
                body[name] = [value] if schema["type"] == "array" else value
                answers.append(neighbour.send(operation, neighbour.place.path(operation), body))
            assert answers[0].status in (403, 404, 409, 422), (operation.name, name, answers)
            assert essence(answers[0]) == essence(answers[1]), (operation.name, name)
            tried.add(name)
    assert tried >= {"project_id", "assignee_id", "task_ids", "after_id", "user_id"}


def test_ids_in_queries(people: tuple[Place, Neighbour]) -> None:
    """Filters by what is another's find nothing, or are forbidden as for what is not there."""
    victim, neighbour = people
    foreign = {
        "project_id": victim.project["id"],
        "task_id": victim.task["id"],
        "assignee_id": victim.owner.user["id"],
        "user_id": victim.owner.user["id"],
        "actor": victim.owner.user["id"],
        "organization_id": victim.owner.organization["id"],
        "stream": f"task-{victim.task['id']}",
    }
    tried = set()
    for operation in OPERATIONS:
        for name in operation.query.keys() & foreign.keys():
            random_value = UUID.sub(str(uuid.uuid4()), foreign[name])
            answers = [
                neighbour.send(
                    operation,
                    neighbour.place.path(operation),
                    query="?" + urlencode(operation.needed | {name: value}),
                )
                for value in (foreign[name], random_value)
            ]
            assert essence(answers[0]) == essence(answers[1]), (operation.name, name)
            assert answers[0].status in (200, 403), (operation.name, name, answers)
            tried.add(name)
    assert tried == foreign.keys()


def test_lists_hold_nothing_of_others(people: tuple[Place, Neighbour]) -> None:
    """No answer to a query names anything that another organization has."""
    victim, neighbour = people
    text = json.dumps([victim.project, victim.task, victim.owner.user, victim.owner.organization])
    known = set(UUID.findall(text)) - {neighbour.place.owner.user["id"]}
    for operation in OPERATIONS:
        if operation.method == "GET":
            answer = neighbour.send(operation, neighbour.place.path(operation))
            leaked = known & set(UUID.findall(answer.content.decode()))
            assert not leaked, (operation.name, leaked)


def test_a_cursor_of_another_list_leads_nowhere_else(people: tuple[Place, Neighbour]) -> None:
    """A cursor is a place in an order and no key: with another's one sees one's own only."""
    victim, neighbour = people
    for number in range(3):
        body = {"project_id": victim.project["id"], "title": f"Secret {number}"}
        victim.owner.post("/tasks", body, expect=201)
    cursor = victim.owner.get("/tasks", params={"limit": 1})["next_cursor"]
    page = neighbour.place.owner.get("/tasks", params={"cursor": cursor})
    assert {task["project_id"] for task in page["tasks"]} <= {neighbour.place.project["id"]}
    assert page["total"] == 1
