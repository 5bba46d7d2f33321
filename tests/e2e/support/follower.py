"""A client of the live feed that comes back after every crash, from where it was."""

import json
import threading
from typing import Any

import httpx
from websockets.exceptions import ConnectionClosed, WebSocketException

from support.client import Client
from support.feed import Feed


class Follower:
    """Follows an organization on a thread of its own. `messages` are the events that came."""

    def __init__(self, client: Client, after: str) -> None:
        self.messages: list[dict[str, Any]] = []
        self._client = client
        self._after = after
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def reached(self, position: str) -> bool:
        return self._after == position

    def close(self) -> None:
        self._ended.set()
        self._thread.join(30)

    def _run(self) -> None:
        while not self._ended.is_set():
            try:
                with Feed(self._client, after=self._after) as feed:
                    self._follow(feed)
            except AssertionError:
                # The ticket was refused: the token is too old, or a dependency is missing.
                self._ended.wait(0.1)
                self._sign_in()
            except (httpx.TransportError, OSError, WebSocketException, EOFError):
                self._ended.wait(0.05)

    def _follow(self, feed: Feed) -> None:
        while not self._ended.is_set():
            try:
                message = json.loads(feed.connection.recv(timeout=0.2))
            except TimeoutError:
                continue
            except ConnectionClosed:
                return
            if not message["type"].startswith("feed."):
                self.messages.append(message)
                self._after = message["position"]

    def _sign_in(self) -> None:
        try:
            self._client.login(self._client.user["email"])
        except (httpx.TransportError, AssertionError):
            pass
