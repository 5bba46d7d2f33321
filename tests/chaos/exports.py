"""Exports of a whole history that are read through while work goes on."""

import hashlib
import json
import threading
import time
from typing import Any, Callable, Iterable

import httpx

from support.client import Client

from chaos.history import History
from chaos.roaming import PATIENCE, login_again, offset


class Exporter:
    """Asks for everything again and again, on a thread of its own, at any gateway. `newest` tells
    the position up to which it must reach. Broken ones are begun anew."""

    #: Seconds between two, and how many times as long as the last one took.
    pause, share = 2.0, 5.0

    def __init__(self, client: Client, newest: Callable[[], str], history: History) -> None:
        self._client = client
        self._newest = newest
        self._history = history
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def close(self) -> None:
        self._ended.set()
        self._thread.join(PATIENCE + 30)
        self._client.close()

    def _run(self) -> None:
        while not self._ended.is_set():
            begin = time.monotonic()
            try:
                self._read()
            except (httpx.HTTPError, httpx.StreamError):
                self._client.move_on()
            self._ended.wait(max(self.pause, self.share * (time.monotonic() - begin)))
            self._client.move_on()

    def _read(self) -> None:
        due, place, begin = self._newest(), self._client.url, time.time()
        answer = self._client.send(
            "GET", "/events", headers={"Accept": "application/x-ndjson"}, min_position=due)
        if answer.status_code == 401:
            login_again(self._client)
        if answer.status_code != 200:
            return
        # Not splitlines(): a text may hold separators of other alphabets.
        events = [json.loads(line) for line in answer.content.split(b"\n") if line]
        self._history.write(
            "export", organization=self._client.organization["id"], place=place, begin=begin,
            end=time.time(), due=offset(due), events=len(events), digest=digest(events),
        )


def digest(events: Iterable[Any]) -> str:
    """Equal for equal events in equal order."""
    sums = hashlib.sha256()
    for event in events:
        sums.update(json.dumps(event, sort_keys=True).encode() + b"\n")
    return sums.hexdigest()


def check(exports: Iterable[dict[str, Any]], history: list[dict[str, Any]]) -> list[str]:
    """An export that came to its end is the history up to some moment, and has at least what was
    acknowledged before it began."""
    faults = []
    for export in exports:
        count = export["events"]
        if digest(history[:count]) != export["digest"]:
            faults.append(f"an export of {count} events from {export['place']} is another history")
        elif (history[count - 1]["offset"] if count else -1) < export["due"]:
            faults.append(f"an export from {export['place']} ends before {export['due']}")
    return faults
