"""Waiting for a condition, never for a time."""

import time
from typing import Callable, TypeVar

T = TypeVar("T")


def until(condition: Callable[[], T], within: float = 10.0, what: str = "a condition") -> T:
    """Calls `condition` until it gives something true, and returns that. Raises TimeoutError after
    `within` seconds. The condition must hold for ever once it holds, or a test is a matter of luck.
    """
    deadline = time.monotonic() + within
    pause = 0.002
    while not (result := condition()):
        if time.monotonic() >= deadline:
            raise TimeoutError(f"waited {within} s for {what}")
        time.sleep(pause)
        pause = min(pause * 1.5, 0.05)
    return result
