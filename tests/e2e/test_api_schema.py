"""Made-up requests, good and bad, over every route of the OpenAPI document: whatever comes back is
what the document says, and never a fault of the server."""

import json
import os
import uuid
from typing import Any, Iterator

import httpx
import pytest
import schemathesis
from hypothesis import HealthCheck, settings
from schemathesis.checks import CHECKS, load_all_checks

from support.client import Client
from support.surface import DOCUMENT, Place, operations, read_document, resolved
from support.teamflow import Teamflow

load_all_checks()
EXAMPLES = int(os.environ.get("TEAMFLOW_SCHEMA_EXAMPLES", "25"))
CHECKED = CHECKS.get_by_names([
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_schema_conformance",
    "response_headers_conformance",
    "negative_data_rejection",
])

CONTRACT = read_document()
# What a ticket opens, beside a token.
STREAMS = (
    "/ws/events", "/api/v1/events", "/api/v1/admin/projections",
    "/api/v1/admin/projections/{name}/rebuild",
)
#: Headers that answers may have only where the document says so.
PROMISED = {
    "allow", "etag", "event-position", "idempotency-replayed", "location", "retry-after",
    "www-authenticate", "x-request-id",
}

# A WebSocket is no exchange of documents.
schema = schemathesis.openapi.from_path(DOCUMENT).exclude(path="/ws/events")


@pytest.fixture
def place(client: Client) -> Iterator[Place]:
    yield Place(client)


def test_the_document_served_is_the_one_tested(server: Teamflow) -> None:
    served = httpx.get(server.url + "/openapi.json").json()
    assert served == json.loads(DOCUMENT.read_text())


def lead_somewhere(case: schemathesis.Case, place: Place) -> None:
    """Made-up ids that are right become those of something that is there."""
    for name, value in (case.path_parameters or {}).items():
        if is_uuid(value):
            case.path_parameters[name] = place.id_under(case.operation.path, name) or value
    # What is no position is refused before all else, as test_bad_input.py shows.
    for name, value in {
        "Min-Position": place.owner.position, "Last-Event-ID": "", "If-Match": "*"
    }.items():
        if name in (case.headers or {}):
            case.headers[name] = value


def is_uuid(value: Any) -> bool:
    try:
        return str(uuid.UUID(value)) == value
    except (AttributeError, TypeError, ValueError):
        return False


@schema.parametrize()
@settings(
    max_examples=EXAMPLES,
    derandomize=True,
    deadline=None,
    database=None,
    suppress_health_check=list(HealthCheck),
)
def test_answers_are_as_documented(case: schemathesis.Case, place: Place) -> None:
    lead_somewhere(case, place)
    answer = case.call(
        base_url=place.owner.url, headers={"Authorization": f"Bearer {place.owner.token}"}
    )
    case.validate_response(answer, checks=CHECKED)
    if case.method != "OPTIONS":
        told = PROMISED & {name.lower() for name in answer.headers}
        assert told <= documented_headers(case, answer.status_code)


def documented_headers(case: schemathesis.Case, status: int) -> set[str]:
    if status == 405:
        answer = CONTRACT["components"]["responses"]["method_not_allowed"]
    else:
        what = CONTRACT["paths"][case.operation.path][case.method.lower()]
        answer = resolved(CONTRACT, what["responses"][str(status)])
    return set(map(str.lower, answer["headers"]))


def test_every_operation_has_the_headers_of_the_contract() -> None:
    """Whether they are there is tested above, whether they are documented here: api.md,
    Conventions."""
    for path, item in CONTRACT["paths"].items():
        for method, what in item.items():
            asked = {resolved(CONTRACT, each)["name"] for each in what["parameters"]}
            answers = {
                int(code): set(resolved(CONTRACT, answer)["headers"])
                for code, answer in what["responses"].items()
            }
            success = answers.pop(min(answers))
            name = f"{method} {path}"
            assert {"X-Request-ID", "traceparent"} <= asked, name
            assert "X-Request-ID" in success.intersection(*answers.values()), name
            assert all("Retry-After" in answers[code] for code in {429, 503} & set(answers)), name
            assert "WWW-Authenticate" in answers.get(401, {"WWW-Authenticate"}), name
            if "Idempotency-Key" in asked:
                assert {"ETag", "Event-Position", "Idempotency-Replayed"} <= success, name
                assert "ETag" in answers[412], name
                assert ("Location" in success) == ("201" in what["responses"]), name
            assert ("Min-Position" in asked) == ("Prefer" in asked), name
            if "Min-Position" in asked:
                assert "Event-Position" in success, name


def test_what_the_document_says_of_single_operations() -> None:
    paths = CONTRACT["paths"]
    for operation in operations():
        what = paths[operation.path][operation.method.lower()]
        if operation.body is not None:
            needed = bool(operation.body.get("required"))
            assert what["requestBody"]["required"] is needed, operation.name
        streams = operation.method == "GET" and operation.path in STREAMS
        assert ({"ticket": []} in what["security"]) is streams, operation.name
    week = paths["/api/v1/timesheets/{user_id}"]["get"]["parameters"]
    assert [each["name"] for each in week if each.get("required")] == ["user_id", "week"]
    assert paths["/api/v1/invitations/accept"]["post"]["security"] == [{}, {"bearer": []}]
    for path, codes in {
        "/api/v1/auth/login": ["401", "403"],
        "/api/v1/invitations/accept": ["401", "403"],
        "/ws/events": ["426"],
    }.items():
        answers = paths[path]["get" if path == "/ws/events" else "post"]["responses"]
        assert set(codes) <= answers.keys(), path
    for path in ("/health/ready", "/readyz"):
        answers = paths[path]["get"]["responses"]
        assert answers["503"]["content"] == answers["200"]["content"] and "429" not in answers
    last_seen = {"$ref": "#/components/parameters/Last-Event-ID"}
    assert last_seen in paths["/api/v1/events"]["get"]["parameters"]
    assert CONTRACT["components"]["securitySchemes"]["ticket"]["in"] == "query"
    assert "Allow" in CONTRACT["components"]["responses"]["method_not_allowed"]["headers"]
