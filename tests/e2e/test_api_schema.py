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
from support.surface import DOCUMENT, Place
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
