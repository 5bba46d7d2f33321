"""A thin client of the HTTP API that speaks in terms of api.md."""

import itertools
import uuid
from typing import Any, Iterable, Iterator

import httpx

PASSWORD = "correct horse battery staple"
_numbers = itertools.count(1)


class Unexpected(AssertionError):
    """The answer has another status than the test expects."""

    def __init__(self, answer: httpx.Response, expected: str) -> None:
        request = answer.request
        super().__init__(
            f"{request.method} {request.url}\n{request.content[:1000]!r}\n"
            f"expected {expected}, got {answer.status_code}\n{answer.text[:2000]}"
        )
        self.answer = answer


class Client:
    """One user at one server. Queries see the user's own earlier commands: the newest
    Event-Position goes along as Min-Position unless the call names another."""

    def __init__(self, url: str, token: str = "") -> None:
        self.url = url
        self.http = httpx.Client(base_url=url, timeout=30.0)
        self.position = ""
        self.user: dict[str, Any] = {}
        self.organization: dict[str, Any] = {}
        self.refresh_token = ""
        self.token = token

    def __enter__(self) -> "Client":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        self.http.close()

    def move_to(self, url: str) -> None:
        """The same user at another address, such as after a restart on another port."""
        self.http.close()
        self.url = url
        self.http = httpx.Client(base_url=url, timeout=30.0)

    def move_on(self) -> None:
        """After a refusal or a broken connection: to another address, if it knows any."""

    # --- identity

    def register(self, **fields: Any) -> dict[str, Any]:
        """A new user, owner of a new organization; logged in afterwards."""
        number = f"{next(_numbers)}-{uuid.uuid4().hex[:8]}"
        body = {
            "organization_name": f"Organization {number}",
            "email": f"user-{number}@example.org",
            "name": f"User {number}",
            "password": PASSWORD,
            **fields,
        }
        return self._take_session(self.post("/auth/register", body, expect=201))

    def login(self, email: str, password: str = PASSWORD, **fields: Any) -> dict[str, Any]:
        body = {"email": email, "password": password, **fields}
        return self._take_session(self.post("/auth/login", body, expect=200))

    def refresh(self, **fields: Any) -> dict[str, Any]:
        body = {"refresh_token": self.refresh_token, **fields}
        return self._take_session(self.post("/auth/refresh", body, expect=200))

    def ticket(self, kind: str = "ws") -> str:
        return self.post("/auth/tickets", {"kind": kind})["ticket"]

    def colleague(self, role: str = "member") -> "Client":
        """Another user of the same organization, who accepted an invitation."""
        email = f"colleague-{uuid.uuid4().hex[:12]}@example.org"
        invitation = self.post("/invitations", {"email": email, "role": role}, expect=201)
        other = Client(self.url)
        accepted = {"token": invitation["token"], "name": "A colleague", "password": PASSWORD}
        other._take_session(other.post("/invitations/accept", accepted))
        return other

    def _take_session(self, answer: dict[str, Any]) -> dict[str, Any]:
        self.token = answer["access_token"]
        self.refresh_token = answer["refresh_token"]
        self.user = answer["user"]
        self.organization = answer["organization"]
        return answer

    # --- requests; paths without the /api/v1 that they all share

    def send(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        headers: dict[str, str] | None = None,
        key: str = "",
        if_match: str = "",
        min_position: str | None = None,
        base: str = "/api/v1",
        **options: Any,
    ) -> httpx.Response:
        """Any request, any answer. `body` goes as JSON; raw bytes go as `content=`."""
        all_headers = {}
        if self.token:
            all_headers["Authorization"] = f"Bearer {self.token}"
        if key:
            all_headers["Idempotency-Key"] = key
        if if_match:
            all_headers["If-Match"] = if_match
        wanted = self.position if min_position is None else min_position
        if method == "GET" and wanted:
            all_headers["Min-Position"] = wanted
        if body is not None:
            options["json"] = body
        answer = self.http.request(
            method, base + path, headers={**all_headers, **(headers or {})}, **options
        )
        if method != "GET" and answer.is_success:
            self.position = answer.headers.get("Event-Position", self.position)
        return answer

    def call(
        self, method: str, path: str, body: Any = None, expect: int = 0, **options: Any
    ) -> Any:
        """A request that must succeed, with `expect` if that is given: the JSON of its answer."""
        answer = self.send(method, path, body, **options)
        if answer.status_code != expect if expect else not answer.is_success:
            raise Unexpected(answer, str(expect or "success"))
        if not answer.content:
            return None
        is_json = answer.headers.get("Content-Type", "").startswith("application/json")
        return answer.json() if is_json else answer.text

    def get(self, path: str, **options: Any) -> Any:
        return self.call("GET", path, **options)

    def post(self, path: str, body: Any = None, **options: Any) -> Any:
        return self.call("POST", path, body, **options)

    def put(self, path: str, body: Any = None, **options: Any) -> Any:
        return self.call("PUT", path, body, **options)

    def patch(self, path: str, body: Any = None, **options: Any) -> Any:
        return self.call("PATCH", path, body, **options)

    def delete(self, path: str, **options: Any) -> Any:
        return self.call("DELETE", path, **options)

    def refused(
        self,
        status: int,
        error: str,
        method: str,
        path: str,
        body: Any = None,
        *,
        fields: Iterable[str] | None = None,
        **options: Any,
    ) -> dict[str, Any]:
        """A request that must be refused so; `fields` are the bad fields that must be named, all
        of them and no other. Returns the problem."""
        return check_problem(self.send(method, path, body, **options), status, error, fields)

    def pages(self, path: str, name: str, limit: int = 50, **query: Any) -> Iterator[Any]:
        """The entries of a list over all its pages, by cursor."""
        cursor = ""
        for _ in range(10_000):
            parameters = {"limit": limit, **query, **({"cursor": cursor} if cursor else {})}
            page = self.get(path, params=parameters)
            yield from page[name]
            cursor = page["next_cursor"]
            if cursor is None:
                return
        raise AssertionError(f"{path} has no last page")


def check_problem(
    answer: httpx.Response, status: int, error: str, fields: Iterable[str] | None = None
) -> dict[str, Any]:
    """Asserts that the answer is a whole RFC 9457 problem with this status and code."""
    if answer.status_code != status:
        raise Unexpected(answer, f"{status} {error}")
    assert answer.headers["Content-Type"].startswith("application/problem+json"), answer.headers
    problem = answer.json()
    assert problem["error"] == error, problem
    assert problem["status"] == status, problem
    assert {"type", "title", "detail", "message"} <= problem.keys(), problem
    assert problem["request_id"] == answer.headers["X-Request-ID"], problem
    if fields is not None:
        assert sorted(entry["field"] for entry in problem["errors"]) == sorted(fields), problem
    return problem
