"""A user who knows several gateways and goes to another one when the first does not serve."""

import random
import time
from typing import Any, Callable, TypeVar

import httpx

from support.client import Client, Unexpected

T = TypeVar("T")

#: A gateway that is paused or cut off answers when it is back; what is slower is at fault.
PATIENCE = 90.0


class Roaming(Client):
    def __init__(self, urls: list[str], seed: int) -> None:
        self._random = random.Random(seed)
        self._urls = urls
        super().__init__(self._random.choice(urls))
        self.http.close()
        limits = httpx.Timeout(10, read=PATIENCE)
        self._ways = {url: httpx.Client(base_url=url, timeout=limits) for url in urls}
        self.http = self._ways[self.url]

    def send(self, method: str, path: str, body: Any = None, **options: Any) -> httpx.Response:
        """As ever; but a repeated answer tells an old position, and what was seen stays seen."""
        before = self.position
        answer = super().send(method, path, body, **options)
        if offset(self.position) < offset(before):
            self.position = before
        return answer

    def move_on(self) -> None:
        self.url = self._random.choice([url for url in self._urls if url != self.url] or [self.url])
        self.http = self._ways[self.url]

    def close(self) -> None:
        for way in self._ways.values():
            way.close()

    def twin(self) -> "Roaming":
        """The same user at another device."""
        other = Roaming(self._urls, self._random.randrange(1 << 30))
        other.user, other.organization = self.user, self.organization
        patiently(lambda: other.login(self.user["email"]), other)
        return other

    def newcomer(self, role: str = "member") -> "Roaming":
        """Another user of the same organization."""
        plain = patiently(lambda: self.colleague(role), self)
        plain.close()
        other = Roaming(self._urls, self._random.randrange(1 << 30))
        other.user, other.organization = plain.user, plain.organization
        patiently(lambda: other.login(plain.user["email"]), other)
        return other


def offset(position: str) -> int:
    """Of an organization, whose commands all write one partition; -1 before the first."""
    own, _, more = position.partition(",")
    return int(own.split("@")[1]) if own and not more else -1


def patiently(action: Callable[[], T], client: Client, within: float = 90.0) -> T:
    """Does it where it can be done: a 503 says that nothing was done."""
    deadline = time.monotonic() + within
    while True:
        try:
            return action()
        except (Unexpected, httpx.TransportError) as failure:
            known = isinstance(failure, Unexpected) and failure.answer.status_code not in (503, 401)
            if known or time.monotonic() > deadline:
                raise
            time.sleep(0.1)
            if isinstance(failure, Unexpected) and failure.answer.status_code == 401:
                login_again(client)
            client.move_on()


def login_again(client: Client) -> None:
    try:
        client.login(client.user["email"])
    except (Unexpected, httpx.TransportError):
        pass


def ask(client: Client, path: str, **options: Any) -> httpx.Response:
    """A query that must be answered by some gateway."""
    def once() -> httpx.Response:
        answer = client.send("GET", path, **options)
        if answer.status_code != 200:
            raise Unexpected(answer, "200")
        return answer

    return patiently(once, client)
