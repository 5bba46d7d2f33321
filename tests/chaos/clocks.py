"""Wall clocks of single processes that jump, by libfaketime. Monotonic ones go on."""

import os
from pathlib import Path

from support.places import BINARY

#: What a sanitizer puts before everything else does not go together with it.
SANITIZERS = (b"__asan_init", b"__tsan_init")


class Clocks:
    """A file for each process that says by how much its clock is wrong; it is read every second."""

    def __init__(self, directory: Path, library: Path) -> None:
        self._directory = directory
        self._library = library
        directory.mkdir(parents=True, exist_ok=True)

    @classmethod
    def made(cls, directory: Path) -> "Clocks | None":
        """None where libfaketime is not there, or the program was built with a sanitizer."""
        found = sorted(Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1"))
        program = BINARY.read_bytes()
        if not found or any(each in program for each in SANITIZERS):
            return None
        return cls(directory, found[0])

    def environment(self, process: str) -> dict[str, str]:
        self.set(process, 0)
        return {
            "LD_PRELOAD": str(self._library),
            "FAKETIME_TIMESTAMP_FILE": str(self._directory / process),
            "FAKETIME_CACHE_DURATION": "1",
            "FAKETIME_DONT_FAKE_MONOTONIC": "1",
        }

    def set(self, process: str, seconds: int) -> None:
        """It is never seen half written."""
        fresh = self._directory / f"{process}.new"
        fresh.write_text(f"{seconds:+d}\n")
        os.replace(fresh, self._directory / process)
