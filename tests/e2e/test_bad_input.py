"""Whatever is sent to whichever route: the code that api.md promises, as a problem, with all bad
fields at once; never a fault of the server, and never an effect."""

import json
import re
import uuid
from typing import Any, Callable, Iterator
from urllib.parse import urlencode

import httpx
import pytest

from support import bad_values
from support.client import Client
from support.operators import make_operator
from support.raw import Answer, RawClient
from support.surface import DOCUMENT, METHODS, Operation, Place, operations
from support.teamflow import Teamflow
from support.waiting import until

OPERATIONS = operations()
JSON = ("Content-Type", "application/json")
MEBIBYTE = 1024 * 1024


class Prober:
    """Sends to every operation as an owner, or as an operator where those are asked for, and
    collects what is not as it should be."""

    def __init__(self, server: Teamflow, owner: Client, operator: Client) -> None:
        self.place = Place(owner)
        self.token = owner.token
        self.operator_token = operator.token
        self.raw = RawClient(server.url)
        self.complaints: list[str] = []
        self.sent = 0

    def send(
        self,
        operation: Operation,
        what: str,
        body: bytes | None = None,
        headers: list[tuple[str, Any]] | None = None,
        *,
        query: str = "",
        token: str | None = None,
        **path_values: str,
    ) -> Answer:
        target = self.place.path(operation, **path_values) + (f"?{query}" if query else "")
        own = self.operator_token if "/admin/" in operation.path else self.token
        authorization = f"Bearer {own}" if token is None else token
        fields = [("Authorization", authorization)] if authorization else []
        answer = self.raw.send(operation.method, target, body, fields + (headers or []))
        self.sent += 1
        if answer.status >= 500:
            self.complaints.append(f"{operation.name} with {what}: {answer}")
        return answer

    def expect(self, operation: Operation, what: str, complaint: str) -> None:
        if complaint:
            self.complaints.append(f"{operation.name} with {what}: {complaint}")

    def expect_fields(
        self, operation: Operation, what: str, answer: Answer, fields: list[str]
    ) -> None:
        """422 that names exactly these."""
        complaint = answer.complaint(422, "validation_failed")
        if not complaint and answer.fields() != sorted(fields):
            complaint = f"names {answer.fields()}, not {sorted(fields)}"
        self.expect(operation, what, complaint)


@pytest.fixture(scope="module")
def lonely(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Teamflow]:
    """Nobody else writes here, so that an effect would be seen."""
    with Teamflow(tmp_path_factory.mktemp("lonely") / "data") as server:
        yield server


@pytest.fixture(scope="module")
def established(lonely: Teamflow) -> Iterator[Prober]:
    with Client(lonely.url) as owner, make_operator(lonely) as operator:
        owner.register()
        yield Prober(lonely, owner, operator)


@pytest.fixture
def prober(lonely: Teamflow, established: Prober) -> Iterator[Prober]:
    """Fails the test whose requests were answered otherwise or had an effect."""
    established.complaints.clear()
    established.sent = 0
    before = effects(lonely)
    yield established
    assert established.sent > 0
    wrong = established.complaints
    assert not wrong, f"{len(wrong)} of {established.sent}:\n" + "\n".join(wrong[:40])
    assert effects(lonely) == before
    assert lonely.alive()


def effects(server: Teamflow) -> dict[str, int]:
    """What a command leaves behind: events, accounts, sessions."""
    tables = {
        "events": "teamflow.log_records where kind = 1",
        "credentials": "identity_private.credentials",
        "sessions": "identity_private.refresh_families where revoked_at is null",
        "person_keys": "identity_private.person_keys",
    }
    with server.database() as connection:
        rows = (
            (name, connection.execute(f"select count(*) from {table}").fetchone())
            for name, table in tables.items()
        )
        return {name: row[0] for name, row in rows if row is not None}


def those(choose: Callable[[Operation], bool]) -> list[Operation]:
    chosen = [operation for operation in OPERATIONS if choose(operation)]
    assert chosen
    return chosen


SENDING = those(lambda operation: operation.sends)
WITH_BODY = those(lambda operation: operation.body is not None)
LISTS = those(lambda operation: "cursor" in operation.query)


def test_the_routes_tested_are_those_served(lonely: Teamflow) -> None:
    assert httpx.get(lonely.url + "/openapi.json").json() == json.loads(DOCUMENT.read_text())


# --- bodies


@pytest.mark.parametrize("what", bad_values.MALFORMED_JSON)
def test_a_body_that_is_no_usable_json(prober: Prober, what: str) -> None:
    for operation in SENDING:
        answer = prober.send(operation, what, bad_values.MALFORMED_JSON[what], [JSON])
        prober.expect(operation, what, answer.complaint(400, "malformed_json"))


def test_a_body_that_is_no_object(prober: Prober) -> None:
    for operation in SENDING:
        for body in bad_values.NO_OBJECTS:
            answer = prober.send(operation, repr(body), body, [JSON])
            prober.expect_fields(operation, repr(body), answer, [""])


def test_all_bad_fields_at_once(prober: Prober) -> None:
    """Every field of a wrong type and one that there is none of; what comes from the path or the
    server may not be set either."""
    for operation in SENDING:
        schema = operation.body or {"properties": {}}
        body = {
            name: bad_values.wrong_for(field) for name, field in schema["properties"].items()
        }
        for name in ("no_such_field", "organization_id", "created_at", "version"):
            body.setdefault(name, 1)
        answer = prober.send(operation, "wrong types", json.dumps(body).encode(), [JSON])
        prober.expect_fields(operation, "wrong types", answer, list(body))


def test_fields_that_are_required(prober: Prober) -> None:
    for operation in WITH_BODY:
        required = (operation.body or {}).get("required", [])
        if required:
            for body in (b"{}", None):
                answer = prober.send(operation, f"body {body!r}", body, [JSON] if body else [])
                prober.expect_fields(operation, f"body {body!r}", answer, required)


@pytest.mark.parametrize(
    "value",
    [10**30, -(2**63) - 1, 2**63, 1e308, -1e308, 0.1, -1, "", " ", "x" * 20_000, "\x7f\x1b",
     "\u202e", "\ufffe", "0000-00-00", "9999-99-99T99:99:99Z", [None] * 1000, {"a": {}}, True,
     None],
    ids=lambda value: repr(value)[:20],
)
def test_absurd_values(prober: Prober, value: Any) -> None:
    """In each field alone, with nothing else: some other field is missing, or this one is wrong,
    or no command is left. Never a fault, whatever it is."""
    for operation in WITH_BODY:
        for name in (operation.body or {})["properties"]:
            body = json.dumps({name: value, "no_such_field": 1}).encode()
            answer = prober.send(operation, f"{name} = {value!r:.40}", body, [JSON])
            complaint = answer.complaint(422, "validation_failed")
            if not complaint and "no_such_field" not in answer.fields():
                complaint = f"names {answer.fields()} only"
            prober.expect(operation, f"{name} = {value!r:.40}", complaint)


def test_bodies_of_other_types(prober: Prober) -> None:
    for operation in SENDING:
        for media_type in bad_values.WRONG_TYPES:
            answer = prober.send(operation, media_type, b"{}", [("Content-Type", media_type)])
            prober.expect(operation, media_type, answer.complaint(415, "unsupported_media_type"))
        answer = prober.send(operation, "no type", b"{}")
        prober.expect(operation, "no type", answer.complaint(415, "unsupported_media_type"))
        answer = prober.send(operation, "two types", b"{}", [JSON, ("Content-Type", "text/plain")])
        prober.expect(operation, "two types", answer.complaint(400, "bad_header"))


def test_the_type_of_json_may_be_written_otherwise(prober: Prober) -> None:
    for operation in WITH_BODY:
        for media_type in bad_values.RIGHT_TYPES:
            body = b'{"no_such_field":1}'
            answer = prober.send(operation, media_type, body, [("Content-Type", media_type)])
            complaint = answer.complaint(422, "validation_failed")
            prober.expect(operation, media_type, complaint)


def test_compressed_bodies(prober: Prober) -> None:
    for operation in SENDING:
        for coding in ("gzip", "deflate", "br", "x"):
            headers = [JSON, ("Content-Encoding", coding)]
            answer = prober.send(operation, coding, b"\x1f\x8b\x08\x00", headers)
            prober.expect(operation, coding, answer.complaint(415, "unsupported_media_type"))


def test_bodies_at_their_limit(prober: Prober) -> None:
    for operation in SENDING:
        blanks = b" " * (MEBIBYTE - len(b'{"no_such_field":1}'))
        answer = prober.send(operation, "1 MiB", b'{"no_such_field":1}' + blanks, [JSON])
        prober.expect_fields(
            operation, "1 MiB", answer,
            ["no_such_field", *(operation.body or {}).get("required", [])],
        )
        answer = prober.send(operation, "more than 1 MiB", b"{" + b" " * MEBIBYTE + b"}", [JSON])
        prober.expect(operation, "more than 1 MiB", answer.complaint(413, "body_too_large"))
    operation = WITH_BODY[0]
    headers = [JSON, ("Content-Length", str(10**18))]
    answer = prober.send(operation, "a length beyond reason", None, headers)
    prober.expect(operation, "a length beyond reason", answer.complaint(413, "body_too_large"))


def test_bodies_cut_off(prober: Prober) -> None:
    """The peer goes away in the middle of a body: nothing is done."""
    for operation in SENDING:
        head = (
            f"{operation.method} {prober.place.path(operation)} HTTP/1.1\r\nHost: x\r\n"
            f"Authorization: Bearer {prober.token}\r\nContent-Type: application/json\r\n"
        ).encode()
        for rest in (
            b"Content-Length: 100\r\n\r\n{}",
            b"Transfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n",
            b"Transfer-Encoding: chunked\r\n\r\n2\r\n{",
            b"Content-Length: 2\r\n",
        ):
            received = prober.raw.exchange(head + rest)
            prober.sent += 1
            complaint = "" if received[:12] in (b"", b"HTTP/1.1 400") else repr(received[:200])
            prober.expect(operation, repr(rest), complaint)


# --- the rest of a request


def test_headers(prober: Prober) -> None:
    for operation in those(lambda operation: operation.takes_headers):
        for name, value, error in bad_values.BAD_HEADERS:
            what = f"{name}: {value[:40]!r}"
            answer = prober.send(operation, what, headers=[(name, value)])
            prober.expect(operation, what, answer.complaint(400, error))
        for name, value in (
            ("Idempotency-Key", "a"), ("If-Match", '"1"'), ("Min-Position", "0@0"),
        ):
            answer = prober.send(operation, f"{name} twice", headers=[(name, value)] * 2)
            prober.expect(operation, f"{name} twice", answer.complaint(400, "bad_header"))


def test_headers_of_every_request(prober: Prober) -> None:
    for operation in OPERATIONS:
        for value in (b"", b"x" * 129, b"two words", "ü".encode()):
            answer = prober.send(operation, repr(value), headers=[("X-Request-ID", value)])
            prober.expect(operation, repr(value), answer.complaint(400, "bad_header"))
        answer = prober.send(operation, "long header", headers=[("X-Long", "x" * 9000)])
        prober.expect(operation, "long header", answer.complaint(431, "headers_too_large"))
        answer = prober.send(operation, "many headers", headers=[("X", "x")] * 101)
        prober.expect(operation, "many headers", answer.complaint(431, "headers_too_large"))
        answer = prober.send(operation, "long target", query="x" * 5000)
        prober.expect(operation, "long target", answer.complaint(414, "target_too_long"))


def test_tokens(prober: Prober) -> None:
    user = prober.place.owner.user["id"]
    tokens = list(bad_values.bad_tokens(prober.token, user))
    assert len(tokens) > 60
    bodies = set()
    for operation in those(lambda operation: operation.needs_token and not operation.is_websocket):
        for what, authorization in [("no header", ""), *tokens]:
            answer = prober.send(operation, what, token=authorization)
            prober.expect(operation, what, answer.complaint(401, "unauthenticated"))
            if answer.headers.get("WWW-Authenticate") != "Bearer":
                prober.expect(operation, what, "does not say WWW-Authenticate")
            bodies.add(json.loads(answer.content)["detail"])
    assert len(bodies) == 1, "the answer tells why a token is refused"


def test_ids_in_paths(prober: Prober) -> None:
    for operation in those(lambda operation: bool(operation.ids)):
        for value, status in bad_values.BAD_IDS.items():
            # Of a body that is right as far as fields go, the path is what is wrong.
            if operation.body and operation.body.get("required") and status == 404:
                if value in (bad_values.UNKNOWN_ID, str(uuid.UUID(int=0))):
                    continue
            body = b"{}" if operation.sends else None
            query = urlencode(operation.needed)
            answer = prober.send(
                operation, f"id {value:.50}", body, [JSON] if body else [], query=query,
                **{operation.ids[0]: value},
            )
            error = "not_found" if status == 404 else "bad_request"
            complaint = answer.complaint(status, error)
            # Stopping a timer of a task that is not there: there is no such timer.
            if answer.status == 404 and b'"no_active_timer"' in answer.content:
                complaint = ""
            prober.expect(operation, f"id {value:.50}", complaint)


def test_pages_of_lists(prober: Prober) -> None:
    for operation in LISTS:
        for query, fields in bad_values.BAD_PAGES:
            answer = prober.send(operation, query, query=query)
            prober.expect_fields(operation, query, answer, [f"query.{name}" for name in fields])
        answer = prober.send(operation, "a far page", query="limit=200&offset=1000000")
        if answer.status != 200 or json.loads(answer.content)["next_cursor"] is not None:
            prober.expect(operation, "a far page", repr(answer))


def test_query_parameters(prober: Prober) -> None:
    """Every parameter with values that it cannot have, and one that there is none of."""
    for operation in those(lambda op: not op.is_root):
        answer = prober.send(operation, "unheard", query="unheard=1")
        body_fields = (operation.body or {}).get("required", [])
        required = [f"query.{name}" for name in operation.needed]
        prober.expect_fields(
            operation, "unheard", answer, ["query.unheard", *required, *body_fields]
        )
        for query in bad_values.MALFORMED_QUERIES:
            answer = prober.send(operation, query, query=query)
            prober.expect(operation, query, answer.complaint(400, "malformed_query"))
        for name in operation.query:
            for value in ("%20", "%7F", "'", "%F0%9F%98%80", "-1", "1e9", "x" * 3000, "[]", "null"):
                what = f"{name}={value}"
                answer = prober.send(operation, what, query=what)
                if answer.status not in (200, 400, 422):
                    prober.expect(operation, what, repr(answer))


def test_methods_that_are_not_there(prober: Prober) -> None:
    for path in {operation.path for operation in OPERATIONS}:
        there = {operation.method for operation in OPERATIONS if operation.path == path}
        operation = next(operation for operation in OPERATIONS if operation.path == path)
        for method in [name.upper() for name in METHODS] + ["TRACE", "PROPFIND", "get"]:
            if method in there or (method == "HEAD" and "GET" in there):
                continue
            answer = prober.raw.send(method, prober.place.path(operation))
            prober.sent += 1
            # A method that nobody knows is no method of this server (RFC 9110, 15.6.2).
            known = method in {name.upper() for name in METHODS}
            what = f"method {method}"
            if known:
                prober.expect(operation, what, answer.complaint(405, "method_not_allowed"))
            elif answer.status not in (400, 405, 501):
                prober.expect(operation, what, repr(answer))
            if answer.status == 405:
                allowed = {name.strip() for name in answer.headers["Allow"].split(",")}
                if not there <= allowed or method in allowed:
                    prober.expect(operation, what, f"Allow: {answer.headers['Allow']}")


def test_paths_that_are_not_there(prober: Prober) -> None:
    for operation in OPERATIONS:
        path = prober.place.path(operation)
        for target in (path + "/", path + "/x", "/" + path, path.upper(), path + ";a=b"):
            answer = prober.raw.send(operation.method, target)
            prober.sent += 1
            if answer.status not in (404, 405, 401):
                prober.expect(operation, target, repr(answer))


def test_what_comes_back_on_a_wrong_frame(prober: Prober) -> None:
    """Refused, and the connection ends: where the next request begins is not known."""
    line = b"POST /api/v1/projects HTTP/1.1\r\n"
    frames = {
        "no host": line + b"\r\n",
        "two hosts": line + b"Host: a\r\nHost: b\r\n\r\n",
        "a length twice": line + b"Host: x\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\n{} ",
        "a negative length": line + b"Host: x\r\nContent-Length: -1\r\n\r\n",
        "a length with a sign": line + b"Host: x\r\nContent-Length: +2\r\n\r\n{}",
        "length and chunks": line
        + b"Host: x\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        "an unknown coding": line + b"Host: x\r\nTransfer-Encoding: gzip\r\n\r\n",
        "a folded field": line + b"Host: x\r\nA: b\r\n c\r\n\r\n",
        "a blank before the colon": line + b"Host : x\r\n\r\n",
        "a bare newline": b"GET /healthz HTTP/1.1\nHost: x\n\n",
        "a NUL": line + b"Host: x\r\nA: \x00\r\n\r\n",
        "HTTP/2": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        "HTTP/9": b"GET /healthz HTTP/9.9\r\nHost: x\r\n\r\n",
        "no HTTP": b"hello\r\n\r\n",
        "TLS": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"\x00" * 64 + b"\r\n\r\n",
        "a chunk of no size": line + b"Host: x\r\nTransfer-Encoding: chunked\r\n\r\nx\r\n\r\n",
        "a huge chunk": line
        + b"Host: x\r\nTransfer-Encoding: chunked\r\n\r\nffffffffffffffff\r\n\r\n",
    }
    for what, sent in frames.items():
        received = prober.raw.exchange(sent + b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")
        prober.sent += 1
        statuses = re.findall(rb"^HTTP/1\.1 (\d)", received, re.MULTILINE)
        if statuses != [b"4"]:
            prober.complaints.append(f"{what}: {received!r}")


def test_websockets(prober: Prober) -> None:
    key = ("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ==")
    right = [
        ("Upgrade", "websocket"), ("Connection", "Upgrade"), key, ("Sec-WebSocket-Version", "13")
    ]
    for operation in those(lambda operation: operation.is_websocket):
        for what, headers, status, error in (
            ("no upgrade", right[1:], 426, "upgrade_required"),
            ("no connection", [right[0], *right[2:]], 426, "upgrade_required"),
            ("an old version", [*right[:3], ("Sec-WebSocket-Version", "8")], 426,
             "upgrade_required"),
            ("no key", [*right[:2], right[3]], 400, "bad_header"),
            ("a short key", [*right[:2], (key[0], "AAAA"), right[3]], 400, "bad_header"),
            ("a foreign page", [*right, ("Origin", "https://evil.example")], 403, "forbidden"),
        ):
            answer = prober.send(operation, what, headers=headers)
            prober.expect(operation, what, answer.complaint(status, error))
        for query, status, error in (
            ("after=x", 400, "bad_position"),
            ("after=0@99999999999999999999", 400, "bad_position"),
            ("topics=unheard", 422, "validation_failed"),
            ("topics=timers,,", 422, "validation_failed"),
            ("unheard=1", 422, "validation_failed"),
            ("x=%zz", 400, "malformed_query"),
        ):
            answer = prober.send(operation, query, headers=right, query=query)
            prober.expect(operation, query, answer.complaint(status, error))
        for what, token in bad_values.bad_tokens(prober.token, prober.place.owner.user["id"]):
            answer = prober.send(operation, what, headers=right, token=token)
            prober.expect(operation, what, answer.complaint(401, "unauthenticated"))
        answer = prober.send(operation, "a bad ticket", headers=right, query="ticket=x", token="")
        prober.expect(operation, "a bad ticket", answer.complaint(401, "unauthenticated"))


def test_secrets_stay_where_they_are(lonely: Teamflow) -> None:
    """Sent rightly and wrongly, in every place that a client may confuse, they come back in no
    answer to others and stand in no log, metric or event."""
    canary = "canary-" + uuid.uuid4().hex
    raw = RawClient(lonely.url)
    answers = []
    with Client(lonely.url) as user:
        user.register(password=canary + "-password")
        secrets = [canary, user.token, user.refresh_token, user.token.split(".")[2]]
        ticket = user.ticket()
        secrets.append(ticket)
        body = {"email": user.user["email"], "password": canary + "-wrong"}
        for sent in (body, {**body, "unheard": canary}, {"email": canary, "password": [canary]}):
            content = json.dumps(sent).encode()
            for path in ("login", "register"):
                answers.append(raw.send("POST", f"/api/v1/auth/{path}", content, [JSON]))
        answers.append(raw.send("POST", "/api/v1/auth/login", f'{{"{canary}'.encode(), [JSON]))
        refresh = json.dumps({"refresh_token": canary}).encode()
        answers.append(raw.send("POST", "/api/v1/auth/refresh", refresh, [JSON]))
        for token in (f"Bearer {canary}", f"Basic {canary}", f"Bearer {user.token}x"):
            answers.append(raw.send("GET", "/api/v1/me", None, [("Authorization", token)]))
        for query in (f"ticket={canary}", f"ticket={ticket}", f"token={user.token}"):
            answers.append(raw.send("GET", f"/ws/events?{query}"))
            answers.append(raw.send("GET", f"/api/v1/events?{query}"))
        change = {"old_password": canary + "-wrong", "new_password": canary + "-new-password"}
        user.send("POST", "/me/password", change)
    raw.close()
    with lonely.database() as connection:
        events = connection.execute("select t::text from teamflow.log_records as t").fetchall()
    places = {
        "answers": b"".join(answer.content for answer in answers).decode(),
        "the log": lonely.output.read_text(),
        "metrics": httpx.get(lonely.url + "/metrics").text,
        "events": "\n".join(row[0] for row in events),
    }
    for secret in secrets:
        for place, text in places.items():
            # An unknown field and an address are named to who sent them; they are no secrets.
            if place != "answers" or secret != canary:
                assert secret not in text, (place, secret)
            assert secret.encode().hex() not in text, (place, secret)


def test_nothing_of_all_this_was_a_fault(lonely: Teamflow, established: Prober) -> None:
    """The server's own count of 5xx, and its log."""
    metrics = httpx.get(lonely.url + "/metrics").text
    faults = [
        line for line in metrics.splitlines() if 'status="5' in line and not line.endswith(" 0")
    ]
    assert not faults
    assert '"level":"error"' not in lonely.output.read_text()
    until(lambda: httpx.get(lonely.url + "/readyz").status_code == 200, 10, "readiness")
    assert established.place.owner.get("/timers")["total"] == 1
