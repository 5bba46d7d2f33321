"""Every operation of the API as its OpenAPI document describes it, so that a route made tomorrow is
tested too."""

import json
import uuid
from dataclasses import dataclass
from typing import Any, Iterator

from support.client import Client
from support.places import ROOT
from support.work import make_project, make_task, make_template

DOCUMENT = ROOT / "docs" / "generated" / "openapi.json"
#: What will do for the parameters that a query must have.
NEEDED = {"week": "2026-W47", "from": "0"}
METHODS = ("get", "put", "post", "delete", "patch")


@dataclass(frozen=True, eq=False)
class Operation:
    method: str
    #: With `{parameters}`.
    path: str
    query: dict[str, Any]
    #: The parameters of the query that it needs, with values.
    needed: dict[str, str]
    #: The schema of the body; None where none is needed.
    body: dict[str, Any] | None
    needs_token: bool
    takes_headers: bool
    #: The media type of a success is JSON.
    answers_json: bool

    @property
    def name(self) -> str:
        return f"{self.method} {self.path}"

    @property
    def is_root(self) -> bool:
        return not self.path.startswith("/api/v1/")

    @property
    def is_websocket(self) -> bool:
        return self.path.startswith("/ws/")

    @property
    def sends(self) -> bool:
        """Its body is read."""
        return self.method != "GET"

    @property
    def ids(self) -> list[str]:
        """Parameters of the path that are UUIDs."""
        return [name for name in self.parameters if name == "id" or name.endswith("_id")]

    @property
    def parameters(self) -> list[str]:
        return [part.split("}")[0] for part in self.path.split("{")[1:]]


def read_document() -> dict[str, Any]:
    return json.loads(DOCUMENT.read_text())


def operations() -> list[Operation]:
    return list(_operations(read_document()))


def _operations(document: dict[str, Any]) -> Iterator[Operation]:
    for path, item in document["paths"].items():
        for method, what in item.items():
            parameters = [resolved(document, each) for each in what["parameters"]]
            content = what.get("requestBody", {}).get("content", {})
            body = content.get("application/json", {}).get("schema")
            answers = [answer for code, answer in what["responses"].items() if code < "300"]
            yield Operation(
                method=method.upper(),
                path=path,
                query={p["name"]: p["schema"] for p in parameters if p["in"] == "query"},
                needed={
                    p["name"]: NEEDED[p["name"]]
                    for p in parameters
                    if p["in"] == "query" and p.get("required")
                },
                body=None if body is None else resolved(document, body),
                # An empty way to sign in is the one of strangers.
                needs_token=bool(what["security"]) and {} not in what["security"],
                takes_headers=not path.startswith("/ws/") and path.startswith("/api/v1/"),
                answers_json="application/json" in answers[0].get("content", {}),
            )


def resolved(document: dict[str, Any], schema: dict[str, Any]) -> dict[str, Any]:
    """Without its outermost reference."""
    if "$ref" not in schema:
        return schema
    found: Any = document
    for step in schema["$ref"].removeprefix("#/").split("/"):
        found = found[step]
    return resolved(document, found)


def example(document: dict[str, Any], schema: dict[str, Any], name: str = "") -> Any:
    """A value that the schema takes; of objects the required members only."""
    schema = resolved(document, schema)
    if "anyOf" in schema:
        return example(document, schema["anyOf"][0], name)
    if "enum" in schema:
        return schema["enum"][0]
    kinds = schema.get("type", [])
    kind = kinds if isinstance(kinds, str) else next(each for each in kinds if each != "null")
    if kind == "object":
        members = schema.get("properties", {})
        return {
            member: example(document, members[member], member)
            for member in schema.get("required", [])
        }
    if kind == "array":
        return [example(document, schema["items"], name)]
    if kind == "string":
        return _text(schema, name)
    return {"integer": 1, "number": 1.5, "boolean": True}[kind]


def _text(schema: dict[str, Any], name: str) -> str:
    if "email" in name:
        return f"{uuid.uuid4().hex}@example.org"
    by_format = {
        "uuid": str(uuid.uuid4()),
        "date": "2026-11-20",
        "date-time": "2026-11-20T10:00:00Z" if "end" in name else "2026-11-20T09:00:00Z",
    }
    return by_format.get(schema.get("format", ""), "twelve characters and more")


class Place:
    """An organization with one of everything, for paths that lead somewhere."""

    def __init__(self, owner: Client) -> None:
        self.owner = owner
        project = make_project(owner)
        task = make_task(owner, project)
        template = make_template(owner)
        started = owner.post(f"/tasks/{task['id']}/time/start")
        self.project = project
        self.task = task
        event = owner.get("/events", params={"limit": 1})["events"][0]
        invitation = owner.post("/invitations", {"email": "new@example.org", "role": "viewer"})
        self._ids = {
            "tasks": task["id"],
            "projects": project["id"],
            "templates": template["id"],
            "time-logs": started["time_log_id"],
            "organizations": owner.organization["id"],
            "users": owner.user["id"],
            "timesheets": owner.user["id"],
            "events": event["id"],
            "parked": event["id"],
            "invitations": invitation["invitation"]["id"],
        }

    def path(self, operation: Operation, **values: str) -> str:
        """The path with ids of what is there. A parameter that nothing is known for stays a
        name that leads nowhere."""
        path = operation.path
        for name in operation.parameters:
            value = values.get(name) or self.id_under(operation.path, name) or "nothing"
            path = path.replace("{" + name + "}", value)
        return path

    def id_under(self, path: str, name: str) -> str | None:
        """The id of what is there that `{name}` in a path stands for; None if nothing is known."""
        parts = path.split("/")
        return self._ids.get(parts[parts.index("{" + name + "}") - 1])
