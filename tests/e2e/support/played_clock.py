"""The time that a test build decides commands by (infra/test_clock.hpp)."""

import mmap
import struct
from datetime import datetime
from pathlib import Path


class PlayedClock:
    """Shared with the program through a file. Not set, it is the machine's."""

    def __init__(self, path: Path) -> None:
        self.path = path
        path.write_bytes(bytes(8))
        with path.open("r+b") as file:
            self._memory = mmap.mmap(file.fileno(), 8)

    @property
    def environment(self) -> dict[str, str]:
        return {"TEAMFLOW_TEST_CLOCK": str(self.path)}

    def set(self, time: datetime) -> None:
        # One aligned store: the program never sees half of it.
        memoryview(self._memory).cast("q")[0] = milliseconds(time)

    def close(self) -> None:
        self._memory.close()


def milliseconds(time: datetime) -> int:
    return int(time.timestamp()) * 1000 + time.microsecond // 1000
