"""The live feed over WebSocket, as a test reads it."""

import json
from contextlib import ExitStack
from typing import Any, Callable
from urllib.parse import urlencode

from websockets.sync.client import ClientConnection, connect

from support.client import Client


class Feed:
    """/ws/events of one user. Every message received stays in `messages`."""

    def __init__(self, client: Client, topics: str = "", after: str = "") -> None:
        query = {"ticket": client.ticket(), "topics": topics, "after": after}
        address = client.url.replace("http://", "ws://", 1) + "/ws/events?"
        self.messages: list[dict[str, Any]] = []
        self._open = ExitStack()
        self.connection: ClientConnection = self._open.enter_context(connect(
            address + urlencode({name: value for name, value in query.items() if value}),
            open_timeout=10, compression=None,
        ))
        self.ready = self.next(lambda message: message["type"] == "feed.ready")

    def __enter__(self) -> "Feed":
        return self

    def __exit__(self, *_: object) -> None:
        self._open.close()

    def receive(self, within: float = 10.0) -> dict[str, Any]:
        message = json.loads(self.connection.recv(timeout=within))
        self.messages.append(message)
        return message

    def next(
        self, wanted: Callable[[dict[str, Any]], bool] | str, within: float = 10.0
    ) -> dict[str, Any]:
        """The next message that fits: of this type, or for which the function says so."""
        while True:
            message = self.receive(within)
            if message["type"] == wanted if isinstance(wanted, str) else wanted(message):
                return message

    @property
    def events(self) -> list[dict[str, Any]]:
        return [m for m in self.messages if not m["type"].startswith("feed.")]
