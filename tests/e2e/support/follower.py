"""Clients of the live feeds that come back after every break, from where they were."""

import json
import threading
import time
from typing import Any

import httpx
from websockets.exceptions import ConnectionClosed, WebSocketException

from support.client import Client
from support.feed import Feed


class Follower:
    """Follows an organization by WebSocket on a thread of its own. `messages` are the events that
    came."""

    #: A feed speaks every 15 s. One that does not for so long is at an end, whatever TCP says.
    silence = 40.0

    def __init__(self, client: Client, after: str) -> None:
        self.messages: list[dict[str, Any]] = []
        self.connections = 0
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
            self.connections += 1
            try:
                self._follow()
            except AssertionError:
                # It was refused: the token is too old, or a dependency is missing.
                self._ended.wait(0.1)
                self._sign_in()
            except (httpx.TransportError, OSError, WebSocketException, EOFError):
                self._ended.wait(0.05)
            self._client.move_on()

    def _follow(self) -> None:
        """From where it was until the connection breaks."""
        with Feed(self._client, after=self._after) as feed:
            heard = time.monotonic()
            while not self._ended.is_set() and time.monotonic() - heard < self.silence:
                try:
                    message = json.loads(feed.connection.recv(timeout=0.2))
                except TimeoutError:
                    continue
                except ConnectionClosed:
                    return
                heard = time.monotonic()
                if not message["type"].startswith("feed."):
                    self._take(message["position"], message["type"])

    def _take(self, position: str, kind: str) -> None:
        self.messages.append({"position": position, "type": kind})
        self._after = position

    def _sign_in(self) -> None:
        try:
            self._client.login(self._client.user["email"])
        except (httpx.TransportError, AssertionError):
            pass


class StreamFollower(Follower):
    """The same by server-sent events."""

    def _follow(self) -> None:
        headers = {
            "Authorization": f"Bearer {self._client.token}", "Accept": "text/event-stream",
            "Last-Event-ID": self._after,
        }
        limits = httpx.Timeout(10, read=25)
        with self._client.http.stream(
            "GET", "/api/v1/events", headers=headers, timeout=limits
        ) as answer:
            assert answer.status_code == 200, answer.status_code
            position = ""
            for line in answer.iter_lines():
                if self._ended.is_set():
                    return
                if line.startswith("id: "):
                    position = line[4:]
                elif line.startswith("data: "):
                    self._take(position, json.loads(line[6:])["type"])
