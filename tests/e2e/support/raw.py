"""Requests that a well-behaved client would not send: nothing is checked, corrected or encoded on
the way."""

import http.client
import json
import socket
from typing import Any, NamedTuple
from urllib.parse import urlsplit


class Answer(NamedTuple):
    status: int
    headers: http.client.HTTPMessage
    content: bytes

    def complaint(self, status: int, error: str) -> str:
        """What is wrong with it as this problem; empty if nothing is."""
        if self.status != status:
            return f"expected {status} {error}, got {self.status} {self.content[:300]!r}"
        kind = self.headers.get("Content-Type", "")
        if not kind.startswith("application/problem+json"):
            return f"{self.status} is no problem but {kind!r}"
        problem = json.loads(self.content)
        if problem["error"] != error:
            return f"expected {status} {error}, got {problem}"
        if problem["status"] != status or problem["request_id"] != self.headers["X-Request-ID"]:
            return f"contradicts itself: {problem}"
        if not {"type", "title", "detail", "message", "errors"} <= problem.keys():
            return f"lacks members: {problem}"
        return ""

    def fields(self) -> list[str]:
        """The bad fields that a problem names."""
        return sorted(entry["field"] for entry in json.loads(self.content)["errors"])


class RawClient:
    """One kept-alive connection to a server, opened again when the server has closed it."""

    def __init__(self, url: str) -> None:
        address = urlsplit(url)
        self._place = (address.hostname or "", address.port or 0)
        self._connection = http.client.HTTPConnection(*self._place, timeout=30)

    def close(self) -> None:
        self._connection.close()

    def send(
        self,
        method: str,
        target: str,
        body: bytes | None = None,
        headers: dict[str, Any] | list[tuple[str, Any]] | None = None,
    ) -> Answer:
        """`headers` as they are, besides Host and Content-Length."""
        pairs = list(headers.items() if isinstance(headers, dict) else headers or [])
        self._connection.putrequest(method, target, skip_accept_encoding=True)
        for name, value in pairs:
            self._connection.putheader(name, value)
        if body is not None:
            self._connection.putheader("Content-Length", str(len(body)))
        try:
            self._connection.endheaders(body)
        except (BrokenPipeError, ConnectionResetError):
            pass  # Refused before all was sent; the answer is there.
        answer = self._connection.getresponse()
        return Answer(answer.status, answer.headers, answer.read())

    def exchange(self, sent: bytes) -> bytes:
        """All that comes back on a connection of its own, which is closed for writing after
        `sent`. The server must close it in the end."""
        with socket.create_connection(self._place, timeout=30) as connection:
            try:
                connection.sendall(sent)
                connection.shutdown(socket.SHUT_WR)
            except (BrokenPipeError, ConnectionResetError, OSError):
                pass
            received = b""
            try:
                while piece := connection.recv(65536):
                    received += piece
            except ConnectionResetError:
                pass
            return received
