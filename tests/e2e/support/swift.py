"""Many requests at once: an HTTP/1.1 client that does no more than the API needs, because a load
of tens of thousands of commands is to measure the program, not its client."""

import asyncio
import json
from typing import Any, AsyncIterator, Awaitable, Callable, Iterable, NamedTuple, TypeVar
from urllib.parse import urlencode, urlsplit

T = TypeVar("T")


class Answer(NamedTuple):
    status: int
    #: Names in lower case.
    headers: dict[str, str]
    content: bytes

    def json(self) -> Any:
        return json.loads(self.content)


class Connection:
    """One kept-alive connection, for one request at a time."""

    def __init__(self, url: str) -> None:
        address = urlsplit(url)
        assert address.hostname is not None and address.port is not None, url
        self._place = (address.hostname, address.port)
        self._host = address.netloc
        self._reader: asyncio.StreamReader | None = None
        self._writer: asyncio.StreamWriter | None = None

    async def send(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        token: str = "",
        headers: dict[str, str] | None = None,
    ) -> Answer:
        """Any request, any answer; `path` without the /api/v1 that all share."""
        content = b"" if body is None else json.dumps(body).encode()
        lines = [f"{method} /api/v1{path} HTTP/1.1", f"Host: {self._host}"]
        if token:
            lines.append(f"Authorization: Bearer {token}")
        if body is not None:
            lines += ["Content-Type: application/json", f"Content-Length: {len(content)}"]
        lines += [f"{name}: {value}" for name, value in (headers or {}).items()]
        if self._writer is None:
            self._reader, self._writer = await asyncio.open_connection(*self._place)
        self._writer.write("\r\n".join([*lines, "", ""]).encode() + content)
        async with asyncio.timeout(30):
            return await self._receive()

    async def _receive(self) -> Answer:
        assert self._reader is not None
        head = (await self._reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        fields = (line.split(":", 1) for line in head[1:] if line)
        headers = {name.lower(): value.strip() for name, value in fields}
        length = int(headers.get("content-length", 0))
        content = await self._reader.readexactly(length) if length else b""
        return Answer(int(head[0].split()[1]), headers, content)

    async def call(self, method: str, path: str, body: Any = None, **options: Any) -> Answer:
        """A request that must succeed."""
        answer = await self.send(method, path, body, **options)
        assert 200 <= answer.status < 300, (method, path, body, answer)
        return answer

    async def pages(
        self, path: str, name: str, *, limit: int = 200, token: str = "", **query: Any
    ) -> AsyncIterator[Any]:
        """The entries of a list over all its pages, by cursor."""
        cursor: str | None = ""
        while cursor is not None:
            parameters = {"limit": limit, **query, **({"cursor": cursor} if cursor else {})}
            answer = await self.call("GET", f"{path}?{urlencode(parameters)}", token=token)
            page = answer.json()
            for entry in page[name]:
                yield entry
            cursor = page["next_cursor"]

    def close(self) -> None:
        if self._writer is not None:
            self._writer.close()
            self._writer = None


async def for_each(
    url: str,
    entries: Iterable[T],
    act: Callable[[Connection, T], Awaitable[None]],
    connections: int = 32,
) -> None:
    """Acts on all entries, in their order, over so many connections at once. The first failure
    ends it all."""
    left = iter(entries)

    async def work() -> None:
        connection = Connection(url)
        try:
            for entry in left:
                await act(connection, entry)
        finally:
            connection.close()

    async with asyncio.TaskGroup() as group:
        for _ in range(connections):
            group.create_task(work())
