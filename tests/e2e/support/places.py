"""Where things are, and which ports are free."""

import os
import random
import socket
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
DEV = Path(os.environ.get("TEAMFLOW_DEV", ROOT / "dev"))
BINARY = Path(os.environ.get("TEAMFLOW_BINARY", ROOT / "build" / "test" / "teamflow"))


_given: set[int] = set()


def free_port() -> int:
    """A port of loopback that nobody listens on, below the range that clients are given; another
    one each time."""
    for port in random.sample(sorted(set(range(15000, 32000)) - _given), 500):
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            _given.add(port)
            return port
    raise RuntimeError("no free port")
